"""paddle.Model with its bar: the evaluation after each epoch counts its steps as the training does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

BATCH = 16
TRAINED, TESTED = 20, 5  # batches


def train(truth: Truth) -> None:
    """Fit 3 epochs, a line every 5 batches; the truth is what a callback of ours was handed."""
    os.environ["GLOG_minloglevel"] = "3"
    import warnings

    warnings.filterwarnings("ignore")
    import numpy as np
    import paddle

    paddle.seed(8)
    make = np.random.default_rng(8)
    x = make.normal(size=(BATCH * (TRAINED + TESTED), 4)).astype("float32")
    y = (x @ make.normal(size=(4, 3))).argmax(1).astype("int64")[:, None]

    class Rows(paddle.io.Dataset):
        """Some rows of the table."""

        def __init__(self, begin: int, end: int) -> None:
            self.x, self.y = x[begin:end], y[begin:end]

        def __getitem__(self, i: int) -> Any:
            return self.x[i], self.y[i]

        def __len__(self) -> int:
            return len(self.x)

    class Reader(paddle.callbacks.Callback):
        """Notes what the progress bar is shown."""

        def __init__(self) -> None:
            super().__init__()
            self.epoch = 0

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            """Note the epoch, as it is printed."""
            del logs
            self.epoch = epoch + 1

        def on_train_batch_end(self, step: int, logs: Any = None) -> None:
            """Note the lines printed every 5 batches and at the end."""
            if (step + 1) % 5 == 0:
                self._note("", f"{self.epoch}:{step + 1}", logs)

        def on_eval_end(self, logs: Any = None) -> None:
            """Note the last line."""
            self._note("val/", "-", logs)

        @staticmethod
        def _note(prefix: str, place: str, logs: Any) -> None:
            for name in ("loss", "acc"):
                value = logs[name]
                truth.add(prefix + name, place, value[0] if isinstance(value, list) else value)

    layers = paddle.nn.Sequential(paddle.nn.Linear(4, 8), paddle.nn.Tanh(), paddle.nn.Linear(8, 3))
    model = paddle.Model(layers)
    model.prepare(paddle.optimizer.SGD(0.2, parameters=layers.parameters()), paddle.nn.CrossEntropyLoss(), paddle.metric.Accuracy())
    split = BATCH * TRAINED
    model.fit(Rows(0, split), Rows(split, len(x)), BATCH, 3, log_freq=5, shuffle=False, verbose=2, callbacks=[Reader()])


if __name__ == "__main__":
    record(__file__, train, ("paddlepaddle",))
