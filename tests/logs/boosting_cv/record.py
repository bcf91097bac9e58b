"""Cross-validation by the boosting libraries: means over the folds with their deviations, each in its turn in one log."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings
from typing import Any

import tables
from capture import Truth, record

ROUNDS, EVERY = 30, 5


def _xgboost(truth: Truth, x: Any, y: Any) -> None:
    import xgboost

    settings = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "max_depth": 3, "eta": 0.3, "nthread": 1}
    table = xgboost.cv(settings, xgboost.DMatrix(x, y), ROUNDS, nfold=3, seed=22, verbose_eval=EVERY, show_stdv=True)
    for number in (*range(0, ROUNDS, EVERY), ROUNDS - 1):
        for column in table.columns:
            name, _, kind = column.rpartition("-")
            if kind == "mean":
                truth.add(name, number, table[column][number])


def _lightgbm(truth: Truth, x: Any, y: Any) -> None:
    import lightgbm

    settings = {"objective": "binary", "metric": ["auc", "binary_logloss"], "num_leaves": 8, "num_threads": 1, "seed": 22, "verbose": -1}
    calls = [lightgbm.log_evaluation(EVERY)]
    table = lightgbm.cv(settings, lightgbm.Dataset(x, y), ROUNDS, nfold=3, seed=22, callbacks=calls, eval_train_metric=True)
    for number in range(EVERY, ROUNDS + 1, EVERY):
        for column, values in table.items():
            name, _, kind = column.rpartition("-")
            if kind == "mean":
                truth.add(name.replace(" ", "'s ", 1), number, values[number - 1])


def train(truth: Truth) -> None:
    """Validate the two one after the other; the truth is the table that each returns."""
    warnings.simplefilter("ignore")
    x, y = tables.classes(600, 22)
    for validate in (_xgboost, _lightgbm):
        validate(truth, x, y)


if __name__ == "__main__":
    record(__file__, train, ("xgboost", "lightgbm", "pandas"))
