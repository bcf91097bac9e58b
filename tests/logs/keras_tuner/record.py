"""Keras Tuner: a fit a trial with one line an epoch, a table of hyperparameters above, the trial's score below."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import warnings
from typing import Any

import tables
from capture import Truth, record

EPOCHS, TRIALS = 3, 4


def train(truth: Truth) -> None:
    """Try 4 sets of hyperparameters for 3 epochs; the truth is each fit's history, which the subclassed model keeps."""
    os.environ["KERAS_BACKEND"] = "torch"
    warnings.simplefilter("ignore")
    import keras
    import keras_tuner

    x, y = tables.classes(400, 53)
    x = x.astype("float32")
    keras.utils.set_random_seed(53)

    class Model(keras_tuner.HyperModel):
        def build(self, hp: Any) -> Any:
            units, rate = hp.Int("units", 4, 16, step=4), hp.Float("learning_rate", 1e-3, 1e-1, sampling="log")
            model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(2, "softmax")])
            model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
            return model

        def fit(self, hp: Any, model: Any, *args: Any, **options: Any) -> Any:
            history = super().fit(hp, model, *args, **options)
            for name, values in history.history.items():
                for epoch, value in enumerate(values, 1):
                    truth.add(name, epoch, value)
            return history

    tuner = keras_tuner.RandomSearch(Model(), objective="val_accuracy", max_trials=TRIALS, seed=53, directory="tuned", project_name="small")
    tuner.search(x[:320], y[:320], epochs=EPOCHS, batch_size=32, validation_data=(x[320:], y[320:]), verbose=2)
    best = 0.0
    for number in range(TRIALS):
        score = tuner.oracle.trials[str(number)].score
        best = max(best, score)
        truth.add("trial/val_accuracy", number + 1, score)
        truth.add("best/val_accuracy", number + 1, best)
    tuner.results_summary(2)


if __name__ == "__main__":
    record(__file__, train, ("keras-tuner", "keras", "torch"))
