"""Ultralytics' detector: a header for each epoch, a row that is drawn over its bar, and the validation's header and row below it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ultralytics_training
from capture import Truth, record

NAMES = ("box", "traffic light")
EPOCHS = 8


def train(truth: Truth) -> None:
    """Train 8 epochs of 12 batches; the evaluation of the best weights has a row a class."""
    ultralytics_training.draw(NAMES, {"train": 48, "val": 12}, 91)
    validator = ultralytics_training.train(truth, "yolov8n.yaml", "shapes.yaml", epochs=EPOCHS, seed=91, mosaic=0.0)
    for i, kind in enumerate(validator.metrics.ap_class_index):
        for score, value in zip(("precision(B)", "recall(B)", "mAP50(B)", "mAP50-95(B)"), validator.metrics.class_result(i), strict=True):
            truth.add(f"best/metrics/{NAMES[kind]}/{score}", EPOCHS, value)


if __name__ == "__main__":
    record(__file__, train, ("ultralytics", "torch"))
