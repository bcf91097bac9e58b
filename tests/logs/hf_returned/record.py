"""transformers 5 Trainer whose loss becomes NaN, and a script that prints what train() returned, and the same as a block."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import hf_training
from capture import Truth, record

BROKEN = 34  # the first batch whose loss is no number


def _breaking() -> Any:
    from transformers import TrainerCallback

    class Breaking(TrainerCallback):
        """Makes the model's bias NaN before a step."""

        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step + 1 == BROKEN:
                kwargs["model"].classifier.bias.data.fill_(float("nan"))

    return Breaking()


def train(truth: Truth) -> None:
    """Train 3 epochs of 14 steps, logging NaN as it is; the truth is the trainer's own log_history."""
    made = hf_training.trainer(
        examples=224, hidden=16, per_device_train_batch_size=16, num_train_epochs=3, learning_rate=6e-3, logging_steps=7, eval_strategy="epoch",
        logging_nan_inf_filter=False, seed=31,
    )
    made.add_callback(_breaking())
    result = made.train()
    print(result)
    made.log_metrics("train", result.metrics)
    hf_training.note(truth, made.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
