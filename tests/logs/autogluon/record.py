"""AutoGluon's TabularPredictor: a block of indented results a model, after pages of what it does with the data."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit five models and the ensemble of them; the truth is the leaderboard, in the order in which they were fitted."""
    import warnings

    import pandas as pd
    from autogluon.tabular import TabularPredictor

    warnings.simplefilter("ignore")
    x, y = tables.classes(600, 51)
    table = pd.DataFrame(x, columns=list("abcdef")).assign(y=y)
    models = {"GBM": {}, "XGB": {}, "CAT": {}, "RF": {}, "LR": {}}
    predictor = TabularPredictor("y", path="models").fit(table, hyperparameters=models, num_cpus=1, num_gpus=0)
    for score in predictor.leaderboard().sort_values("fit_order")["score_val"]:
        truth.add("validation_score", "-", score)


if __name__ == "__main__":
    record(__file__, train, ("autogluon.tabular", "lightgbm", "xgboost", "catboost", "scikit-learn"))
