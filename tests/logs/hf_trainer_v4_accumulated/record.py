"""transformers 4 Trainer that accumulates gradients: 6 steps an epoch, not the 5.75 of its fractions, and only the bar tells the step."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 4 epochs of 23 batches, 4 to a step, logging every step and evaluating every epoch, as `python -u` prints it."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    hf_training.train(
        truth,
        examples=354,
        hidden=24,
        per_device_train_batch_size=16,
        per_device_eval_batch_size=32,
        gradient_accumulation_steps=4,
        num_train_epochs=4,
        learning_rate=4e-3,
        warmup_steps=4,
        logging_steps=1,
        eval_strategy="epoch",
        seed=12,
    )


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
