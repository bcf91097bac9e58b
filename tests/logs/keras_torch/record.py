"""Keras on torch with two outputs, a summary above, batches without a known end, a validation every second epoch, and a second fit that goes on."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import warnings
from collections.abc import Iterator
from typing import Any

import tables
from capture import Truth, record

BATCH, BATCHES, FIRST, LAST = 16, 12, 4, 6


def _model(keras: Any) -> Any:
    inputs = keras.layers.Input((6,), name="features")
    hidden = keras.layers.Dense(12, "relu", name="hidden")(inputs)
    outputs = {"kind": keras.layers.Dense(2, "softmax", name="kind")(hidden), "size": keras.layers.Dense(1, name="size")(hidden)}
    model = keras.Model(inputs, outputs)
    losses = {"kind": "sparse_categorical_crossentropy", "size": "mse"}
    model.compile(keras.optimizers.Adam(0.02), losses, metrics={"kind": ["accuracy"], "size": ["mae"]})
    return model


def _batches(x: Any, y: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    for at in range(0, len(x), BATCH):
        part = slice(at, at + BATCH)
        yield x[part], {"kind": y[part], "size": x[part, :1] * x[part, 1:2]}


def _note(truth: Truth, history: dict[str, list[float]], first: int) -> None:
    """Note a history at its epochs, from 1; a validation's values stand at every second one."""
    for name, values in history.items():
        every = 2 if name.startswith("val_") else 1
        for number, value in enumerate(values, 1):
            truth.add(name, first + number * every, value)


def train(truth: Truth) -> None:
    """Fit 4 epochs of 12 batches from a generator that says no length, 2 more from a function of a dataset, then evaluate and predict."""
    os.environ["KERAS_BACKEND"] = "torch"
    warnings.simplefilter("ignore")
    import keras

    keras.utils.set_random_seed(51)
    x, y = tables.classes(BATCH * BATCHES + 64, 51)
    fit, held = (x[: BATCH * BATCHES].astype("float32"), y[: BATCH * BATCHES]), (x[-64:].astype("float32"), y[-64:])
    validation = (held[0], {"kind": held[1], "size": held[0][:, :1] * held[0][:, 1:2]})
    model = _model(keras)
    model.summary()

    def forever() -> Iterator[Any]:
        while True:
            yield from _batches(*fit)

    _note(truth, model.fit(forever(), steps_per_epoch=BATCHES, epochs=FIRST, validation_data=validation, validation_freq=2, verbose=2).history, 0)
    # the first epoch learns how many batches there are, the second knows it
    more = {"x": fit[0], "y": {"kind": fit[1], "size": fit[0][:, :1] * fit[0][:, 1:2]}, "batch_size": BATCH}
    _note(truth, model.fit(**more, initial_epoch=FIRST, epochs=LAST, verbose=1).history, FIRST)
    for name, value in model.evaluate(_batches(*held), verbose=1, return_dict=True).items():
        truth.add(f"evaluate/{name}", "-", value)
    model.predict(held[0], verbose=1)


if __name__ == "__main__":
    record(__file__, train, ("keras", "torch"))
