"""transformers 4 Trainer with disable_tqdm: dict lines of bare numbers, without a step."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 50 steps of 2 epochs, logging every 10 steps and evaluating every 25."""
    hf_training.train(
        truth, examples=400, hidden=16, per_device_train_batch_size=16, max_steps=50, learning_rate=8e-3, logging_steps=10,
        eval_strategy="steps", eval_steps=25, disable_tqdm=True, seed=41,
    )


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
