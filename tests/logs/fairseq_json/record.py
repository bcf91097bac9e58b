"""fairseq's lines of JSON behind its logger's front: every number as text, the updates among them, a number of epochs beside."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import fairseq_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 3 epochs of 10 updates."""
    fairseq_training.train(truth, "json")


if __name__ == "__main__":
    record(__file__, train, fairseq_training.DISTRIBUTIONS, fairseq_training.CLOCKS)
