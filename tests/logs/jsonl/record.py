"""Records of one JSON object a line, as a logging handler for machines writes them, with a NaN and a nested group."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import math
import random

from capture import Truth, record


def _say(**fields: object) -> None:
    print(json.dumps({"level": "info", **fields}))


def train(truth: Truth) -> None:
    """Fit a line by SGD for 60 steps, a record every 4, an evaluation every 20, and one step whose gradient is not a number."""
    make = random.Random(77)
    slope, rate = 0.0, 0.05
    _say(event="config", seed=77, settings={"rate": rate, "steps": 60})
    for step in range(1, 61):
        x = make.uniform(-1, 1)
        error = slope * x - (1.7 * x + make.gauss(0, 0.1))
        gradient = math.nan if step == 28 else 2 * error * x
        slope -= 0.0 if math.isnan(gradient) else rate * gradient
        if step % 4 == 0:
            _say(event="step", global_step=step, train={"loss": error**2, "grad": gradient}, lr=rate)
            truth.add("train/loss", step, error**2)
            truth.add("train/grad", step, gradient)
            truth.add("lr", step, rate)
        if step % 20 == 0:
            rate /= 2
            _say(event="evaluation", global_step=step, **{"eval/slope_error": abs(slope - 1.7)})
            truth.add("eval/slope_error", step, abs(slope - 1.7))
    _say(event="done", exit_code=0)


if __name__ == "__main__":
    record(__file__, train, ())
