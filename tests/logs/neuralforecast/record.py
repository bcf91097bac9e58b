"""neuralforecast: Lightning under steps instead of epochs, with its rich bar too narrow for the losses of step, epoch and validation."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings
from typing import Any

from capture import Truth, record

STEPS, EVERY, BATCHES = 36, 12, 3


def train(truth: Truth) -> None:
    """Fit 12 epochs of 3 steps, a validation every 12 steps; the truth is what the model keeps of its trajectories, at the steps that are done."""
    warnings.simplefilter("ignore")
    import numpy as np
    import pandas as pd
    from neuralforecast import NeuralForecast
    from neuralforecast.models import NHITS

    make = np.random.default_rng(62)
    times = pd.date_range("2020-01-01", periods=120, freq="D")
    parts: list[Any] = [
        pd.DataFrame({"unique_id": f"s{i}", "ds": times, "y": np.sin(np.arange(120) / 5 + i) + 0.1 * make.normal(size=120)}) for i in range(6)
    ]
    small = {"mlp_units": 3 * [[8, 8]], "batch_size": 2, "windows_batch_size": 32}
    model = NHITS(
        h=7, input_size=14, max_steps=STEPS, val_check_steps=EVERY, random_seed=62, accelerator="cpu", logger=False, enable_checkpointing=False,
        **small,
    )  # fmt: skip
    forecast = NeuralForecast([model], freq="D")
    forecast.fit(pd.concat(parts), val_size=14)
    kept = forecast.models[0]
    for step, value in kept.train_trajectories:
        truth.sometimes("train_loss_step", step + 1, value)
        if step + 1 == STEPS:
            truth.add("train_loss_step", STEPS, value)
    for epoch in range(STEPS // BATCHES):  # a pipe shows the last drawing alone, a terminal those that come at the right moment
        losses = [value for step, value in kept.train_trajectories if step // BATCHES == epoch]
        (truth.add if epoch == STEPS // BATCHES - 1 else truth.sometimes)("train_loss_epoch", epoch, sum(losses) / BATCHES)
        known = [value for step, value in kept.valid_trajectories if 0 < step <= (epoch + 1) * BATCHES]
        if known:
            (truth.add if (epoch + 1) * BATCHES == STEPS else truth.sometimes)("valid_loss", epoch, known[-1])


if __name__ == "__main__":
    record(__file__, train, ("neuralforecast", "lightning", "torch"))
