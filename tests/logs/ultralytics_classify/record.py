"""Ultralytics' classifier: one loss in the table, accuracies under a heading of their own."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ultralytics_training
from capture import Truth, record


def _pictures() -> None:
    import numpy as np

    make = np.random.default_rng(92)
    for part, count in (("train", 24), ("val", 12)):
        for kind, name in enumerate(("blue", "orange")):
            for i in range(count):
                wrong = make.random() < 0.2
                image, _ = ultralytics_training.picture(make, [1 - kind if wrong else kind])
                ultralytics_training.save(image, Path("colours", part, name, f"{i}.png"))


def train(truth: Truth) -> None:
    """Train 7 epochs of 12 batches, some pictures in the wrong class."""
    _pictures()
    ultralytics_training.train(truth, "yolov8n-cls.yaml", str(Path("colours").resolve()), epochs=7, seed=92, dropout=0.1)


if __name__ == "__main__":
    record(__file__, train, ("ultralytics", "torch"))
