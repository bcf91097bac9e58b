"""Keras 2 fit with its bar, then one line of an evaluation and the two values it returned, as TensorFlow's first tutorial does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit 4 epochs of 64 batches; the truth is History.history, at the epoch as it is printed (from 1)."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import numpy as np

    keras.utils.set_random_seed(6)
    make = np.random.default_rng(6)
    x = make.normal(size=(640, 4)).astype("float32")
    y = (x @ make.normal(size=(4, 3)) + 0.3 * make.normal(size=(640, 3))).argmax(1)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(10, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x[:512], y[:512], 8, 4, validation_data=(x[512:], y[512:]))
    for epoch, values in enumerate(zip(*history.history.values(), strict=True), 1):
        for name, value in zip(history.history, values, strict=True):
            truth.add(name, epoch, value)
    loss, accuracy = model.evaluate(x[512:], y[512:], 8, verbose=2)
    truth.add("evaluate/loss", "-", loss)
    truth.add("evaluate/accuracy", "-", accuracy)
    print("Test loss:", loss)
    print("Test accuracy:", accuracy)
    truth.add("Test loss", "-", loss)
    truth.add("Test accuracy", "-", accuracy)


if __name__ == "__main__":
    record(__file__, train, ("tensorflow-cpu", "keras"))
