"""One small Keras classifier of three classes, for the recordings of fit's two verbosities."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capture import Truth


def train(truth: Truth, *, epochs: int, batch: int, seed: int, verbose: int) -> None:
    """Fit and evaluate; the truth is History.history, at the epoch as it is printed (from 1)."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    import numpy as np

    keras.utils.set_random_seed(seed)
    make = np.random.default_rng(seed)
    x = make.normal(size=(640, 4)).astype("float32")
    y = (x @ make.normal(size=(4, 3)) + 0.3 * make.normal(size=(640, 3))).argmax(1)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(10, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    calls: list[Any] = [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.05 if epoch == epochs - 1 else rate * 0.8)]
    history = model.fit(x[:512], y[:512], batch, epochs, validation_data=(x[512:], y[512:]), verbose=verbose, callbacks=calls)
    for epoch, values in enumerate(zip(*history.history.values(), strict=True), 1):
        for name, value in zip(history.history, values, strict=True):
            truth.add(name, epoch, value)
    final = model.evaluate(x[512:], y[512:], batch, verbose=verbose, return_dict=True)
    for name, value in final.items():
        truth.sometimes(name, "-", value)  # evaluate's own line names no epoch, and means values the fit already gave other names
