"""Keras fit with its bar: redraws by carriage return and backspaces, the last of an epoch carries the epoch's values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit 6 epochs of 256 batches."""
    keras_training.train(truth, epochs=6, batch=2, seed=3, verbose=1)


if __name__ == "__main__":
    record(__file__, train, ("keras", "jax"))
