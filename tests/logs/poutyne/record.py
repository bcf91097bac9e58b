"""Poutyne: a bar that has no bar's brackets, with each batch's values, and the epoch's on a line of its own; an evaluation of a third set."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import tables
from capture import Truth, record

PLACED = ("epoch", "time", "batch", "size")


def _scribe(truth: Truth) -> Any:
    from poutyne import Callback

    class Scribe(Callback):
        """Notes what the model hands to its callbacks."""

        epoch = 0

        def on_epoch_begin(self, epoch_number: int, logs: dict[str, Any]) -> None:  # noqa: ARG002 - Poutyne's own signature
            self.epoch = epoch_number

        def on_train_batch_end(self, batch_number: int, logs: dict[str, Any]) -> None:
            self._note(f"{self.epoch}:{batch_number}", logs)

        def on_valid_batch_end(self, batch_number: int, logs: dict[str, Any]) -> None:
            self._note(f"{self.epoch}:{batch_number}", logs)

        def on_test_batch_end(self, batch_number: int, logs: dict[str, Any]) -> None:
            self._note(batch_number, logs)

        def on_epoch_end(self, epoch_number: int, logs: dict[str, Any]) -> None:
            self._note(epoch_number, {name if "fscore" in name else f"epoch {name}": value for name, value in logs.items() if name not in PLACED})

        def on_test_end(self, logs: dict[str, Any]) -> None:
            self._note("-", logs)

        @staticmethod
        def _note(place: int | str, logs: dict[str, Any]) -> None:
            for name, value in logs.items():
                if name not in PLACED:
                    truth.add(name, place, value)

    return Scribe()


def train(truth: Truth) -> None:
    """Train 3 epochs of 12 batches, then evaluate."""
    import torch
    from poutyne import Model, set_seeds

    set_seeds(8)
    x, y = tables.classes(560, 8)
    x = x.astype("float32")
    net = torch.nn.Sequential(torch.nn.Linear(6, 12), torch.nn.ReLU(), torch.nn.Linear(12, 2))
    model, scribe = Model(net, "adam", "cross_entropy", batch_metrics=["accuracy"], epoch_metrics=["f1"]), _scribe(truth)
    model.fit(x[:384], y[:384], validation_data=(x[384:480], y[384:480]), epochs=3, batch_size=32, callbacks=[scribe])
    model.evaluate(x[480:], y[480:], batch_size=32, callbacks=[scribe])


if __name__ == "__main__":
    record(__file__, train, ("Poutyne", "torch"))
