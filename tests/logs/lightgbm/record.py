"""LightGBM train with log_evaluation and early_stopping, whose last line repeats an earlier iteration."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

EVERY = 4


def train(truth: Truth) -> None:
    """Train up to 200 rounds; the truth is record_evaluation, for the iterations (from 1) that are printed."""
    import lightgbm

    x, y = tables.classes(800, 29)
    fit = lightgbm.Dataset(x[:600], y[:600])
    settings = {"objective": "binary", "metric": ["auc", "binary_logloss"], "num_leaves": 12, "learning_rate": 0.12, "num_threads": 1, "seed": 29, "verbose": 1}
    results: dict[str, dict[str, list[float]]] = {}
    calls = [lightgbm.log_evaluation(EVERY), lightgbm.early_stopping(10), lightgbm.record_evaluation(results)]
    booster = lightgbm.train(settings, fit, 200, [fit, fit.create_valid(x[600:], y[600:])], ["train", "held_out"], callbacks=calls)
    done = len(results["train"]["auc"])
    for iteration in [*range(EVERY, done + 1, EVERY), booster.best_iteration]:
        for data, metrics in results.items():
            for metric, values in metrics.items():
                truth.add(f"{data}'s {metric}", iteration, values[iteration - 1])


if __name__ == "__main__":
    record(__file__, train, ("lightgbm",))
