"""A user's loop that logs through loguru, with colours on a terminal, a NaN and an infinity."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import math
import random

from capture import Truth, record


def train(truth: Truth) -> None:
    """Climb down a slope too fast for 40 steps, so that the loss overflows; a line every 4."""
    from loguru import logger

    make, x, rate = random.Random(5), 2.0, 0.4
    logger.info("Starting with rate {}", rate)
    for step in range(0, 44, 4):
        for _ in range(4):
            x -= rate * (2 * x + make.gauss(0, 0.01)) if step < 20 else -3e80 * x
        loss = x * x if abs(x) < 1e150 else math.inf
        change = loss - loss
        logger.info("step={} loss={:.4g} change={:.3f}", step, loss, change)
        truth.add("loss", step, loss)
        truth.add("change", step, change)
        if not math.isfinite(loss):
            logger.warning("Loss is {} at step {}", loss, step)
    logger.success("Done")


if __name__ == "__main__":
    record(__file__, train, ("loguru",))
