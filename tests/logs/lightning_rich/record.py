"""Lightning with its rich bar, which a pipe shows only when it stops."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lightning_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 4 epochs of 24 steps, one finished bar an epoch."""
    from lightning.pytorch.callbacks import RichProgressBar

    lightning_training.train(truth, RichProgressBar(leave=True), rate=0.03, seed=6, every_step=False)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "rich", "torch"))
