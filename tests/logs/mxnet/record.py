"""MXNet's Module.fit: Speedometer's windows of batches, a line a metric at the end of each epoch, learning rates between."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

EVERY = 5


def train(truth: Truth) -> None:
    """Fit 4 epochs of 18 batches; the truth is what the metric holds when the callbacks are called."""
    import logging

    import mxnet as mx

    logging.basicConfig(level=logging.INFO)
    mx.random.seed(61)
    x, y = tables.classes(360, 61)
    parts = [mx.io.NDArrayIter(x[part], y[part], 16, label_name="softmax_label") for part in (slice(288), slice(288, 360))]
    layer = mx.sym.Activation(mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=12), act_type="tanh")
    model = mx.mod.Module(mx.sym.SoftmaxOutput(mx.sym.FullyConnected(layer, num_hidden=2), name="softmax"))
    last: dict[str, float] = {}

    def batch_end(state: object) -> None:
        if state.nbatch and state.nbatch % EVERY == 0:
            for name, value in state.eval_metric.get_name_value():
                truth.add(name, f"{state.epoch}:{state.nbatch}", value)
        last.update(state.eval_metric.get_global_name_value())

    def epoch_end(epoch: int, *_: object) -> None:
        for name, value in last.items():
            truth.add(f"Train-{name}", epoch, value)

    def eval_end(state: object) -> None:
        for name, value in state.eval_metric.get_name_value():
            truth.add(f"Validation-{name}", state.epoch, value)

    model.fit(
        *parts,
        eval_metric=["acc", "ce"],
        num_epoch=4,
        optimizer="sgd",
        optimizer_params={"learning_rate": 0.5, "lr_scheduler": mx.lr_scheduler.FactorScheduler(30, 0.5)},
        initializer=mx.init.Xavier(),
        batch_end_callback=[batch_end, mx.callback.Speedometer(16, EVERY)],
        epoch_end_callback=epoch_end,
        eval_end_callback=eval_end,
    )
    for change in range(1, (4 * 18 - 1) // 30 + 1):
        truth.add("lr", "-", 0.5 * 0.5**change)


if __name__ == "__main__":
    record(__file__, train, ("mxnet", "numpy"))
