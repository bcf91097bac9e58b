"""timm's train.py: updates that count from 0 within each epoch, tests that count their own batches, values of a batch beside means.

The script is timm's and not kept here: put `train.py` of the repository's release, of the version in VERSION.txt, beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import csv
import runpy
from typing import Any

import ultralytics_training
from capture import Truth, record

UPDATES, TESTS, EVERY = 12, 4, 5
ARGUMENTS = (
    "--data-dir colours --model test_resnet --num-classes 2 --img-size 96 --batch-size 8 --epochs 3 --warmup-epochs 0 --sched step --decay-epochs 1 "
    f"--decay-rate 0.5 --lr 0.05 --log-interval {EVERY} --workers 1 --no-prefetcher --seed 93 --model-ema --model-ema-decay 0.9 "
    "--output out --experiment e --device cpu"
)


def _pictures() -> None:
    import numpy as np

    make = np.random.default_rng(93)
    for part, count in (("train", UPDATES * 4), ("validation", TESTS * 4)):
        for kind, name in enumerate(("blue", "orange")):
            for i in range(count):
                image, _ = ultralytics_training.picture(make, [1 - kind if make.random() < 0.2 else kind])
                ultralytics_training.save(image, Path("colours", part, name, f"{i}.png"))


def _watched(meters: dict[str, list[Any]]) -> Any:
    """Return timm's meter, which also keeps its values, and is known by the function that made it."""
    from timm import utils

    class Meter(utils.AverageMeter):
        def __init__(self) -> None:
            super().__init__()
            self.kept: list[tuple[float, float]] = []
            meters.setdefault(sys._getframe(1).f_code.co_name, []).append(self)

        def update(self, val: float, n: int = 1) -> None:
            super().update(val, n)
            self.kept.append((float(self.val), float(self.avg)))

    return Meter


def _note(truth: Truth, prefix: str, names: tuple[str, ...], meters: list[Any], places: list[tuple[int, str]]) -> None:
    for index, place in places:
        for name, meter in zip(names, meters, strict=True):
            value, mean = meter.kept[index]
            truth.add(prefix + name, place, value)
            truth.add(f"{prefix}{name} mean", place, mean)


def train(truth: Truth) -> None:
    """Train 3 epochs of 12 updates; the truth is what the script's own meters held, and its summary.csv."""
    from timm import utils

    _pictures()
    meters: dict[str, list[Any]] = {}
    utils.AverageMeter = _watched(meters)
    given, sys.argv = sys.argv, ["train.py", *ARGUMENTS.split()]
    runpy.run_path(str(Path(__file__).with_name("train.py")), run_name="__main__")
    sys.argv = given
    rates = [float(row["lr"]) for row in csv.DictReader(Path("out", "e", "summary.csv").open(encoding="utf-8"))]
    shown = [i for i in range(UPDATES) if i % EVERY == 0 or i == UPDATES - 1]
    for epoch, rate in enumerate(rates):
        _, data, losses = meters["train_one_epoch"][3 * epoch : 3 * epoch + 3]
        _note(truth, "", ("Loss", "Data"), [losses, data], [(i, f"{epoch}:{i}") for i in shown])
        for i in shown:
            truth.add("LR", f"{epoch}:{i}", rate)
        for test, prefix in enumerate(("Test ", "Test (EMA) ")):
            made = meters["validate"][8 * epoch + 4 * test : 8 * epoch + 4 * test + 4]
            _note(truth, prefix, ("Time", "Loss", "Acc@1", "Acc@5"), made, [(i, str(epoch)) for i in (0, TESTS - 1)])


if __name__ == "__main__":
    record(__file__, train, ("timm", "torch"), ("*Time*", "Data*"))
