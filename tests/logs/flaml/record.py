"""FLAML searching for a classifier: an iteration's line, then the best error of its estimator and of all."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

TRIALS = 8


def train(truth: Truth) -> None:
    """Try eight settings of LightGBM; the truth is the framework's own history of losses in its log file."""
    import flaml
    from flaml.automl.data import get_output_from_log

    x, y = tables.classes(300, 7)
    search = flaml.AutoML()
    search.fit(
        x, y, task="classification", metric="log_loss", max_iter=TRIALS, time_budget=600, estimator_list=["lgbm"], eval_method="holdout",
        seed=7, n_jobs=1, log_file_name="search.log", log_type="all", verbose=3,
    )  # fmt: skip
    _, best, _, _, _ = get_output_from_log(filename="search.log", time_budget=600)
    for iteration, error in enumerate(best):
        truth.add("best_error", iteration, error)


if __name__ == "__main__":
    record(__file__, train, ("flaml", "lightgbm"))
