"""torchvision's training script for classification: medians and means of values a few batches, a test an epoch, of the averaged weights too.

The scripts are torchvision's and not kept here: put `references/classification` of its repository, of the version in VERSION.txt, beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ultralytics_training
from capture import Truth, record

UPDATES, TESTS, EVERY = 12, 4, 5
ARGUMENTS = (
    f"--data-path colours --model resnet18 --device cpu -b 8 -j 0 --epochs 3 --lr 0.02 --lr-step-size 1 --lr-gamma 0.5 --print-freq {EVERY} "
    "--output-dir . --train-crop-size 32 --val-crop-size 32 --val-resize-size 32 --model-ema --model-ema-steps 1"
)


def _pictures() -> None:
    import numpy as np

    make = np.random.default_rng(70)
    for part, count in (("train", UPDATES), ("val", TESTS)):
        for kind in range(8):
            for i in range(count):
                image, _ = ultralytics_training.picture(make, [kind % 2])
                ultralytics_training.save(image, Path("colours", part, f"kind{kind}", f"{i}.png"))


def train(truth: Truth) -> None:
    """Train 3 epochs of 12 updates; the truth is what the script's own meters held when it printed them."""
    import random
    import warnings

    import torch

    warnings.simplefilter("ignore")
    _pictures()
    torch.manual_seed(70)
    random.seed(70)
    given, path = sys.argv, str(Path(__file__).with_name("classification"))
    sys.path.insert(0, path)
    import train
    import utils

    now = {"epoch": "0"}

    def values(meters: utils.MetricLogger, prefix: str, place: str) -> None:
        for name, meter in meters.meters.items():
            if name in ("lr", "img/s"):
                truth.add(prefix + name, place, meter.value)
            else:
                truth.add(prefix + name, place, meter.median)
                truth.add(f"{prefix}{name}_avg", place, meter.global_avg)

    inner = utils.MetricLogger.log_every

    def log_every(self: utils.MetricLogger, loader: object, every: int, header: str) -> object:
        if header.startswith("Epoch"):
            now["epoch"] = header[8:-1]
        for i, batch in enumerate(inner(self, loader, every, header)):
            yield batch
            if i % every == 0:
                test = {"E": "", "T": "Test "}[header[0]] + ("EMA " if "EMA" in header else "")
                values(self, test, f"{now['epoch']}:{i}" if not test else now["epoch"])

    utils.MetricLogger.log_every = log_every
    evaluate = train.evaluate

    def evaluated(model: object, criterion: object, loader: object, device: object, print_freq: int = 100, log_suffix: str = "") -> float:
        kept: list[utils.MetricLogger] = []
        made = utils.MetricLogger.synchronize_between_processes
        utils.MetricLogger.synchronize_between_processes = lambda self: (kept.append(self), made(self))[1]
        result = evaluate(model, criterion, loader, device, print_freq, log_suffix)
        utils.MetricLogger.synchronize_between_processes = made
        for name, meter in (("Acc@1", kept[0].acc1), ("Acc@5", kept[0].acc5)):
            truth.add(f"Test {log_suffix} {name}".replace("  ", " "), now["epoch"], meter.global_avg)
        return result

    train.evaluate = evaluated
    sys.argv = ["train.py", *ARGUMENTS.split()]
    train.main(train.get_args_parser().parse_args())
    sys.argv = given


if __name__ == "__main__":
    record(__file__, train, ("torchvision", "torch"), ("img/s",))
