"""Optuna studies: a line a trial, with its value and parameters, and the best so far."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record


def train(truth: Truth) -> None:
    """Minimise a bowl in 12 trials; the truth is each trial's value."""
    import optuna

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=71), study_name="bowl")

    def objective(trial: optuna.Trial) -> float:
        rate, depth = trial.suggest_float("rate", 1e-3, 1.0, log=True), trial.suggest_int("depth", 1, 6)
        return (rate - 0.1) ** 2 + 0.05 * (depth - 3) ** 2

    study.optimize(objective, n_trials=12)
    for trial in study.trials:
        truth.add("value", trial.number, trial.value)
        for name, value in trial.params.items():
            truth.sometimes(name, trial.number, value)  # what was tried, not what came out
        best = min((t for t in study.trials[: trial.number + 1]), key=lambda t: t.value)
        truth.sometimes("best value", trial.number, best.value)


if __name__ == "__main__":
    record(__file__, train, ("optuna",))
