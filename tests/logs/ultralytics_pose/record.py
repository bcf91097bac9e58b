"""Ultralytics' key points: scores of boxes and of points in a row whose header the terminal cuts, and a row a class, some with small scores."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ultralytics_training
from capture import Truth, record

NAMES = ("cat", "traffic light")
EPOCHS = 3
SCORES = [f"{score}({task})" for task in "BP" for score in ("precision", "recall", "mAP50", "mAP50-95")]


def _with_points(line: str) -> str:
    """Return a line of a label file with three points on the rectangle: its centre, and the middles of its left and right edge."""
    kind, *place = line.split()
    x, y, w, _ = map(float, place)
    points = " ".join(f"{at:.5f} {y:.5f} 2" for at in (x, x - w / 2, x + w / 2))
    return f"{kind} {' '.join(place)} {points}\n"


def train(truth: Truth) -> None:
    """Train 3 epochs of 4 batches; the evaluation of the best weights has a row a class."""
    ultralytics_training.draw(NAMES, {"train": 16, "val": 8}, 17, _with_points, "kpt_shape: [3, 3]\n")
    validator = ultralytics_training.train(truth, "yolo11n-pose.yaml", "shapes.yaml", epochs=EPOCHS, seed=17, mosaic=0.0)
    for i, kind in enumerate(validator.metrics.ap_class_index):
        for score, value in zip(SCORES, validator.metrics.class_result(i), strict=True):
            truth.add(f"best/metrics/{NAMES[kind]}/{score}", EPOCHS, value)


if __name__ == "__main__":
    record(__file__, train, ("ultralytics", "torch"))
