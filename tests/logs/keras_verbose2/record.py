"""Keras fit with one line an epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit 9 epochs of 16 batches."""
    keras_training.train(truth, epochs=9, batch=32, seed=4, verbose=2)


if __name__ == "__main__":
    record(__file__, train, ("keras", "jax"))
