"""Ray Tune through both of its reporters: each result in a frame between tables of the trials; then, as in Ray 1, some results as YAML."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import contextlib
import io
import logging
from typing import Any

from capture import Truth, record

CLOCKS = ("time_this_iter_s", "time_total_s")
REPORTS = 6
METRICS = ("loss", "accuracy", "stage", "scores/f1", *CLOCKS)


def descend(config: dict[str, Any]) -> None:
    """Walk down a parabola and report where it is."""
    from ray import tune

    x = 3.0
    for i in range(REPORTS):
        x -= 2 * config["rate"] * x
        tune.report({"loss": x * x, "accuracy": 1 / (1 + abs(x)), "scores": {"f1": 1 / (2 + abs(x))}, "stage": i // 2})


def _tune(truth: Truth, *, framed: bool) -> None:
    """Try two rates one after the other; the truth is each trial's own table of results."""
    from ray import tune

    os.environ["RAY_AIR_NEW_OUTPUT"] = str(int(framed))
    tuner = tune.Tuner(
        descend,
        param_space={"rate": tune.grid_search([0.1, 0.3])},
        tune_config=tune.TuneConfig(metric="loss", mode="min", max_concurrent_trials=1),
        run_config=tune.RunConfig(name=f"parabola_{framed}", storage_path=str(Path("results").resolve()), verbose=2 if framed else 3),
    )
    for result in tuner.fit():
        for row in result.metrics_dataframe.to_dict("records"):
            if framed or row["training_iteration"] in (1, REPORTS):  # what comes less than five seconds later is left out, but for the end
                for name in METRICS:
                    truth.add(name, row["training_iteration"], row[name])


def train(truth: Truth) -> None:
    """Tune twice."""
    import ray

    with contextlib.redirect_stderr(io.StringIO()):
        ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.CRITICAL)
    _tune(truth, framed=True)
    _tune(truth, framed=False)
    ray.shutdown()


if __name__ == "__main__":
    record(__file__, train, ("ray",), CLOCKS)
