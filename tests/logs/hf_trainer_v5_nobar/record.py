"""transformers 5 Trainer with disable_tqdm: dict lines alone, which carry the epoch and never the step."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 4 epochs of 15 steps, logging every 5 steps and evaluating every epoch."""
    hf_training.train(
        truth, examples=240, hidden=16, per_device_train_batch_size=16, num_train_epochs=4, learning_rate=6e-3, lr_scheduler_type="cosine",
        logging_steps=5, eval_strategy="epoch", disable_tqdm=True, seed=23,
    )


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
