"""Gluon's Estimator: a line every few batches, and the results of the training and of the validation at the end of each epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

EVERY = 5


def train(truth: Truth) -> None:
    """Fit 3 epochs of 18 batches; the truth is what the metrics hold when the handlers are called."""
    import mxnet as mx
    from mxnet import gluon
    from mxnet.gluon.contrib.estimator import BatchEnd, EpochBegin, EpochEnd, Estimator, LoggingHandler

    mx.random.seed(62)
    x, y = tables.classes(360, 62)
    x = x.astype("float32")
    parts = [gluon.data.DataLoader(gluon.data.ArrayDataset(x[part], y[part].astype("float32")), 16) for part in (slice(288), slice(288, 360))]
    net = gluon.nn.Sequential()
    net.add(gluon.nn.Dense(12, activation="tanh"), gluon.nn.Dense(2))
    net.initialize(mx.init.Xavier())
    estimator = Estimator(
        net,
        gluon.loss.SoftmaxCrossEntropyLoss(),
        train_metrics=mx.metric.Accuracy(),
        trainer=gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.3}),
    )

    class Kept(EpochBegin, BatchEnd, EpochEnd):
        priority = 0
        epoch = batch = 0

        def epoch_begin(self, *_: object, **__: object) -> None:
            truth.add("current learning rate", self.epoch, estimator.trainer.learning_rate)

        def batch_end(self, *_: object, **__: object) -> None:
            if self.batch % EVERY == 0:
                for metric in estimator.train_metrics:
                    truth.add(metric.get()[0], f"{self.epoch}:{self.batch}", metric.get()[1])
            self.batch += 1

        def epoch_end(self, *_: object, **__: object) -> None:
            for metric in [*estimator.train_metrics, *estimator.val_metrics]:
                name, value = metric.get()
                truth.add(f"epoch {name}" if "training" in name else name, self.epoch, value)
            self.epoch += 1
            self.batch = 0

    estimator.fit(parts[0], parts[1], epochs=3, event_handlers=[LoggingHandler(EVERY, estimator.train_metrics), Kept()])


if __name__ == "__main__":
    record(__file__, train, ("mxnet", "numpy"))
