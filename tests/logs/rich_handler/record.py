"""A user's loop that logs through rich's handler: lines wider than the console go on below."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
import random

from capture import Truth, record


def train(truth: Truth) -> None:
    """Climb down a slope for three epochs of four batches; each is told in one long line, with its validation in one or several."""
    from rich.logging import RichHandler

    logging.basicConfig(level="INFO", format="%(message)s", datefmt="[%X]", handlers=[RichHandler(enable_link_path=False)])
    log = logging.getLogger("trainer")
    make, x, step = random.Random(7), 2.0, 0
    log.info("Training for 3 epochs of 4 batches, with a rate of 0.1 that is halved after each, and checkpoints in runs/one/checkpoints")
    for epoch in range(1, 4):
        for batch in range(1, 5):
            step += 1
            slope = 2 * x + make.gauss(0, 0.01)
            x -= 0.1 * slope
            said = {"train_loss": x * x, "train_grad_norm": abs(slope), "lr": 0.1 / epoch}
            told = ", ".join(f"{name}: {value:.4f}" for name, value in said.items())
            log.info("Epoch [%d/3], Step [%d/4], %s", epoch, batch, told)
            for name, value in said.items():
                truth.add(name, step, value)
        found = {"loss": x * x + 0.01, "accuracy": 1 - x * x / 8, "f1": 1 - x * x / 6, "auc": 1 - x * x / 9, "precision": 1 - x * x / 5}
        log.info("Epoch %d finished, %s", epoch, ", ".join(f"val_{name}: {value:.4f}" for name, value in found.items()))
        for name, value in found.items():
            truth.add(f"val_{name}", step, value)
        log.warning("The model of epoch %d was written to runs/one/checkpoints/epoch-%d.pt and the older ones were removed", epoch, epoch)


if __name__ == "__main__":
    record(__file__, train, ("rich",))
