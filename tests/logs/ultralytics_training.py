"""Pictures of coloured rectangles for the recordings of Ultralytics, and what its trainer keeps of each epoch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from capture import Truth

COLOURS = ((0, 120, 255), (255, 80, 0))
SIDE = 96  # pixels
SETTINGS = {
    "imgsz": SIDE, "batch": 4, "nbs": 4, "workers": 0, "device": "cpu", "plots": False, "project": "runs",
    "optimizer": "AdamW", "lr0": 0.002, "warmup_epochs": 0,
}  # fmt: skip


def picture(make: Any, kinds: list[int]) -> tuple[Any, list[str]]:
    """Return a noisy picture with one rectangle of each of `kinds`, and their places as lines of a label file."""
    image = make.integers(0, 60, (SIDE, SIDE, 3)).astype("uint8")
    lines = []
    for kind in kinds:
        (w, h), (x, y) = make.integers(24, 40, 2), make.integers(0, 56, 2)
        image[y : y + h, x : x + w] = COLOURS[kind]
        lines.append(f"{kind} {(x + w / 2) / SIDE:.5f} {(y + h / 2) / SIDE:.5f} {w / SIDE:.5f} {h / SIDE:.5f}\n")
    return image, lines


def save(image: Any, path: Path) -> None:
    """Write a picture, and the folders that its path names."""
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


def draw(names: Sequence[str], counts: Mapping[str, int], seed: int, label: Callable[[str], str] = str, more: str = "") -> None:
    """Write `shapes.yaml` and its pictures, each with two rectangles, as many as `counts` says of each part.

    `label` makes a line of a label file of a rectangle's, and `more` is what else the file says of the data.
    """
    import numpy as np

    make = np.random.default_rng(seed)
    for part, count in counts.items():
        for i in range(count):
            image, lines = picture(make, [int(kind) for kind in make.integers(0, 2, 2)])
            save(image, Path("shapes", "images", part, f"{i}.png"))
            labels = Path("shapes", "labels", part, f"{i}.txt")
            labels.parent.mkdir(parents=True, exist_ok=True)
            labels.write_text("".join(map(label, lines)), encoding="utf-8")
    listed = "".join(f"  {i}: {name}\n" for i, name in enumerate(names))
    where = f"path: {Path('shapes').resolve()}\ntrain: images/train\nval: images/val\n{more}"
    Path("shapes.yaml").write_text(f"{where}names:\n{listed}", encoding="utf-8")


def train(truth: Truth, model: str, data: str, **settings: Any) -> Any:
    """Train a fresh model; its trainer's means of the losses and its validator's scores after each epoch are the truth.

    The last call comes from the evaluation of the best weights. Returns the validator.
    """
    os.environ.update(YOLO_OFFLINE="true", YOLO_CONFIG_DIR="settings")
    from ultralytics import YOLO

    epochs = settings["epochs"]

    def note(trainer: Any) -> None:
        final = trainer.epoch == epochs
        if not final:
            losses = trainer.label_loss_items(trainer.tloss)
            for name, value in losses.items():
                truth.add(name, trainer.epoch + 1, value)
        for name, value in trainer.validator.metrics.results_dict.items():
            if name.startswith("metrics/"):
                truth.add(f"best/{name}" if final else name, epochs if final else trainer.epoch + 1, value)

    made = YOLO(model)
    made.add_callback("on_fit_epoch_end", note)
    made.train(data=data, **SETTINGS, **settings)
    return made.trainer.validator
