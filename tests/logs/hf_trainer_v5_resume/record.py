"""transformers 5 Trainer stopped after a checkpoint and resumed from it, in one log: the step goes back."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import hf_training
from capture import Truth, record

SETTINGS: dict[str, Any] = {
    "examples": 320, "hidden": 16, "per_device_train_batch_size": 16, "num_train_epochs": 3, "learning_rate": 4e-3, "logging_steps": 5,
    "save_strategy": "steps", "save_steps": 20, "seed": 53,
}


def train(truth: Truth) -> None:
    """Train to step 30, then from the checkpoint at 20 to step 60; rows 25 and 30 are printed twice, each time as new facts."""
    from transformers import TrainerCallback

    class StopAt30(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            control.should_training_stop = state.global_step >= 30

    first = hf_training.trainer(**SETTINGS)
    first.add_callback(StopAt30())
    first.train()
    hf_training.note(truth, first.state.log_history)
    print("Resuming from out/checkpoint-20", flush=True)
    second = hf_training.trainer(**SETTINGS)
    second.train(resume_from_checkpoint="out/checkpoint-20")
    hf_training.note(truth, [row for row in second.state.log_history if row["step"] > 20])


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
