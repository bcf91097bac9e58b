"""hyperopt's fmin: one bar whose postfix has the best loss so far, and lines that the objective prints between."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings
from typing import Any

import tables
from capture import Truth, record

TRIALS = 25


def train(truth: Truth) -> None:
    """Search 25 settings of a classifier; the truth is what the Trials keep."""
    warnings.simplefilter("ignore")
    import numpy as np
    from hyperopt import STATUS_OK, Trials, fmin, hp, tpe
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    x, y = tables.classes(300, 54)
    done: list[float] = []

    def objective(settings: dict[str, Any]) -> dict[str, Any]:
        model = LogisticRegression(C=settings["C"], max_iter=int(settings["max_iter"])).fit(x[:200], y[:200])
        loss = log_loss(y[200:], model.predict_proba(x[200:]))
        print(f"trial {len(done)}: loss={loss:.5f} accuracy={model.score(x[200:], y[200:]):.3f}")
        truth.add("loss", len(done), loss)
        truth.add("accuracy", len(done), model.score(x[200:], y[200:]))
        done.append(loss)
        return {"loss": loss, "status": STATUS_OK}

    space = {"C": hp.loguniform("C", -9, 2), "max_iter": hp.quniform("max_iter", 1, 30, 1)}
    trials = Trials()
    fmin(objective, space, tpe.suggest, TRIALS, trials=trials, rstate=np.random.default_rng(54))
    for number, best in enumerate(np.minimum.accumulate(trials.losses()), 1):
        truth.sometimes("best loss", number, best)


if __name__ == "__main__":
    record(__file__, train, ("hyperopt", "scikit-learn", "tqdm"))
