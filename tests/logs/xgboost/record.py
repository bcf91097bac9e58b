"""XGBoost train with two evaluation sets, printing every third round and the last."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

ROUNDS, EVERY = 32, 3


def train(truth: Truth) -> None:
    """Train 32 rounds; the truth is evals_result, for the rounds that verbose_eval prints."""
    import xgboost

    x, y = tables.classes(900, 17, kinds=3)
    fit, held = xgboost.DMatrix(x[:700], y[:700]), xgboost.DMatrix(x[700:], y[700:])
    settings = {"objective": "multi:softprob", "num_class": 3, "eval_metric": ["mlogloss", "merror"], "max_depth": 3, "eta": 0.4, "nthread": 1, "seed": 17}
    results: dict[str, dict[str, list[float]]] = {}
    xgboost.train(settings, fit, ROUNDS, evals=[(fit, "train"), (held, "eval")], evals_result=results, verbose_eval=EVERY)
    for number in range(ROUNDS):
        if number % EVERY == 0 or number == ROUNDS - 1:
            for data, metrics in results.items():
                for metric, values in metrics.items():
                    truth.add(f"{data}-{metric}", number, values[number])


if __name__ == "__main__":
    record(__file__, train, ("xgboost",))
