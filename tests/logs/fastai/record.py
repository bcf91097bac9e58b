"""fastai: a table that grows by a row an epoch, below bars that are wiped away; then lists without names, when there are no bars."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
from typing import Any

import tables
from capture import Truth, record


def _loaders() -> Any:
    import torch
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader

    x, y = tables.classes(640, 94)
    rows = list(zip(torch.tensor(x, dtype=torch.float32), torch.tensor(y), strict=True))
    return DataLoaders(DataLoader(rows[:512], bs=32, shuffle=True, num_workers=0), DataLoader(rows[512:], bs=64, num_workers=0))


def _note(truth: Truth, learner: Any, names: tuple[str, ...]) -> None:
    for epoch, values in enumerate(learner.recorder.values):
        for name, value in zip(names, values, strict=False):
            truth.add(name, epoch, value)


def train(truth: Truth) -> None:
    """Fit 5 epochs with bars and 2 without; the truth is the recorder's values."""
    import fastai.callback.progress
    import fastai.callback.schedule  # noqa: F401 - gives the learner its methods
    import torch
    from fastai.learner import Learner
    from fastai.metrics import accuracy, error_rate
    from fastai.torch_core import set_seed

    os.environ["COLUMNS"] = "120"
    set_seed(94, reproducible=True)
    model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    learner = Learner(_loaders(), model, loss_func=torch.nn.CrossEntropyLoss(), metrics=[accuracy, error_rate])
    learner.fit_one_cycle(5, 0.02)
    _note(truth, learner, ("train_loss", "valid_loss", "accuracy", "error_rate"))
    with learner.no_bar():
        learner.fit(2, 0.01)
    _note(truth, learner, ("train_loss", "valid_loss"))  # the list does not say what else it holds


if __name__ == "__main__":
    record(__file__, train, ("fastai", "fastprogress", "torch"))
