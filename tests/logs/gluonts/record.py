"""GluonTS' DeepAR: Lightning's bar over batches without end, which knows no total, and values of the epoch in it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings

import lightning_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 3 epochs of 10 batches."""
    warnings.simplefilter("ignore")
    import lightning
    import numpy as np
    import pandas as pd
    from gluonts.dataset.pandas import PandasDataset
    from gluonts.torch import DeepAREstimator
    from lightning.pytorch.callbacks import TQDMProgressBar

    lightning.seed_everything(8)
    values = np.sin(np.arange(200) / 6) + 0.1 * np.random.default_rng(8).normal(size=200)
    data = PandasDataset(pd.DataFrame({"target": values.astype("float32")}, index=pd.period_range("2020-01-01", periods=200, freq="D")))
    settings = {"max_epochs": 3, "accelerator": "cpu", "logger": False}
    callbacks = [TQDMProgressBar(), lightning_training.epoch_scribe(truth, ("train_loss", "val_loss"))]
    estimator = DeepAREstimator("D", 6, num_batches_per_epoch=10, batch_size=16, lr=0.02, trainer_kwargs={**settings, "callbacks": callbacks})
    estimator.train(data, validation_data=data)


if __name__ == "__main__":
    record(__file__, train, ("gluonts", "lightning", "torch"))
