"""CatBoost fit with an evaluation set: learn, test and best so far on a line, with the time spent and left."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

ROUNDS, EVERY = 90, 6


def train(truth: Truth) -> None:
    """Fit 90 trees; the truth is get_evals_result, for the iterations (from 0) that verbose prints."""
    import catboost

    x, y = tables.classes(700, 37)
    model = catboost.CatBoostClassifier(
        iterations=ROUNDS, learning_rate=0.1, depth=4, loss_function="Logloss", random_seed=37, thread_count=1, verbose=EVERY, allow_writing_files=False
    )
    model.fit(x[:500], y[:500], eval_set=(x[500:], y[500:]), use_best_model=False)
    results = model.get_evals_result()
    for iteration in range(ROUNDS):
        if iteration % EVERY == 0 or iteration == ROUNDS - 1:
            test = results["validation"]["Logloss"]
            truth.add("learn", iteration, results["learn"]["Logloss"][iteration])
            truth.add("test", iteration, test[iteration])
            truth.sometimes("best", iteration, min(test[: iteration + 1]))  # an earlier test value, said again
    truth.sometimes("bestTest", "-", model.get_best_score()["validation"]["Logloss"])  # the closing lines are a summary, not a series
    truth.sometimes("bestIteration", "-", model.get_best_iteration())


if __name__ == "__main__":
    record(__file__, train, ("catboost",))
