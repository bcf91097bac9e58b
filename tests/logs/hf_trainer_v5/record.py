"""transformers 5 Trainer with its bars: the dict line comes before the bar is redrawn with the step of its values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 3 epochs of 28 steps, logging every 6 steps and evaluating every 21."""
    hf_training.train(
        truth, examples=448, hidden=24, per_device_train_batch_size=16, per_device_eval_batch_size=8, num_train_epochs=3, learning_rate=4e-3,
        warmup_steps=8, logging_steps=6, logging_first_step=True, eval_strategy="steps", eval_steps=21, seed=11,
    )


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
