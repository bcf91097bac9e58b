"""Keras fit with slow batches and talking callbacks: the full bar is drawn, then a message, then the same bar with the evaluation."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import time
import warnings

from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit up to 8 epochs of 6 batches; the truth is History.history, at the epoch as it is printed (from 1)."""
    os.environ["KERAS_BACKEND"] = "jax"
    warnings.simplefilter("ignore")
    import keras
    import numpy as np

    class Slow(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            time.sleep(0.07)  # longer than what the bar waits between two drawings

    keras.utils.set_random_seed(31)
    make = np.random.default_rng(31)
    x = make.normal(size=(256, 4)).astype("float32")
    y = (x[:, 0] + 0.8 * make.normal(size=256) > 0).astype("float32")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(6, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC(name="auc")])
    calls = [
        Slow(),
        keras.callbacks.LearningRateScheduler(lambda _, rate: rate * 0.9, verbose=1),
        keras.callbacks.ReduceLROnPlateau(patience=1, verbose=1),
        keras.callbacks.EarlyStopping(patience=3, verbose=1, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True, verbose=1),
    ]
    history = model.fit(x[:192], y[:192], 32, 8, validation_data=(x[192:], y[192:]), verbose=1, callbacks=calls)
    for epoch, values in enumerate(zip(*history.history.values(), strict=True), 1):
        for name, value in zip(history.history, values, strict=True):
            truth.add(name, epoch, value)


if __name__ == "__main__":
    record(__file__, train, ("keras", "jax"))
