"""Lightning with its tqdm bar and a loss that is logged once an epoch: every step of the next one is drawn with it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lightning_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 4 epochs of 24 steps."""
    from lightning.pytorch.callbacks import TQDMProgressBar

    lightning_training.train(truth, TQDMProgressBar(), rate=0.01, seed=6, of_epoch=True)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "tqdm", "torch"))
