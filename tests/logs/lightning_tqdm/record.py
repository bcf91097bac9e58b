"""Lightning with its tqdm bar: every step is redrawn, first with the values of the step before, then with its own."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lightning_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 4 epochs of 24 steps."""
    from lightning.pytorch.callbacks import TQDMProgressBar

    lightning_training.train(truth, TQDMProgressBar(), rate=0.02, seed=5, every_step=True)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "tqdm", "torch"))
