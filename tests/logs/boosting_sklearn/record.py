"""The boosting libraries as scikit-learn's estimators with two evaluation sets and early stopping, each in its turn in one log."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings
from typing import Any

import tables
from capture import Truth, record

STOP = 6


def _xgboost(truth: Truth, fit: Any, sets: list[Any]) -> None:
    import xgboost

    settings = {"n_estimators": 60, "max_depth": 3, "learning_rate": 0.4, "n_jobs": 1}
    model = xgboost.XGBClassifier(**settings, early_stopping_rounds=STOP, eval_metric=["error", "logloss"])
    model.fit(*fit, eval_set=[fit, *sets], verbose=True)
    for data, metrics in model.evals_result().items():
        for metric, values in metrics.items():
            for number, value in enumerate(values):
                truth.add(f"{data}-{metric}", number, value)


def _lightgbm(truth: Truth, fit: Any, sets: list[Any]) -> None:
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=60, num_leaves=8, learning_rate=0.3, n_jobs=1, random_state=21, verbose=-1)
    calls = [lightgbm.log_evaluation(1), lightgbm.early_stopping(STOP, first_metric_only=True)]
    model.fit(*fit, eval_set=sets, eval_metric=["auc", "binary_logloss"], callbacks=calls)
    done = len(model.evals_result_["valid_0"]["auc"])
    for iteration in range(1, done + 1):  # the best one's line is printed once more at the end
        for data, metrics in model.evals_result_.items():
            for metric, values in metrics.items():
                truth.add(f"{data}'s {metric}", iteration, values[iteration - 1])


def _catboost(truth: Truth, fit: Any, sets: list[Any]) -> None:
    import catboost

    model = catboost.CatBoostClassifier(
        iterations=60, learning_rate=0.3, depth=3, random_seed=21, thread_count=1, od_type="Iter", od_wait=STOP, eval_metric="AUC",
        allow_writing_files=False,
    )  # fmt: skip
    model.fit(*fit, eval_set=sets)
    results = model.get_evals_result()
    for iteration, value in enumerate(results["validation_1"]["AUC"]):
        truth.add("test", iteration, results["validation_0"]["AUC"][iteration])
        truth.add("test1", iteration, value)
        truth.sometimes("best", iteration, max(results["validation_1"]["AUC"][: iteration + 1]))  # an earlier test value, said again


def train(truth: Truth) -> None:
    """Fit the three one after the other; the truth is what each keeps of its evaluations."""
    warnings.simplefilter("ignore")
    x, y = tables.classes(900, 21)
    fit, sets = (x[:600], y[:600]), [(x[600:750], y[600:750]), (x[750:], y[750:])]
    for learn in (_xgboost, _lightgbm, _catboost):
        learn(truth, fit, sets)


if __name__ == "__main__":
    record(__file__, train, ("xgboost", "lightgbm", "catboost", "scikit-learn"))
