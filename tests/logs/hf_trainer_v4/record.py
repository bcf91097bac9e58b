"""transformers 4 Trainer with its bars; its dicts hold bare numbers where version 5 quotes them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 3 epochs of 20 steps, logging every 4 steps and evaluating every epoch."""
    hf_training.train(
        truth, examples=320, hidden=24, per_device_train_batch_size=16, num_train_epochs=3, learning_rate=5e-3, weight_decay=0.01,
        logging_steps=4, eval_strategy="epoch", seed=31,
    )


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
