"""pytorch-tabnet: one line an epoch, counted from 0, with a name and a value between bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit up to 9 epochs; the truth is clf.history."""
    import warnings

    import torch
    from pytorch_tabnet.tab_model import TabNetClassifier

    warnings.simplefilter("ignore")
    x, y = tables.classes(600, 61)
    clf = TabNetClassifier(n_d=4, n_a=4, n_steps=2, seed=61, optimizer_params={"lr": 0.05}, device_name="cpu")
    torch.set_num_threads(1)
    clf.fit(
        x[:450], y[:450], eval_set=[(x[:450], y[:450]), (x[450:], y[450:])], eval_name=["fit", "held"], eval_metric=["accuracy", "logloss"],
        max_epochs=9, patience=5, batch_size=64, virtual_batch_size=32,
    )
    for name in ("loss", "fit_accuracy", "fit_logloss", "held_accuracy", "held_logloss"):
        for epoch, value in enumerate(clf.history[name]):
            truth.add(name, epoch, value)


if __name__ == "__main__":
    record(__file__, train, ("pytorch-tabnet", "torch"))
