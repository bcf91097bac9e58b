"""MONAI's engines with StatsHandler: a line an iteration, a line of metrics an epoch, and the best value said again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
import warnings
from typing import Any

from capture import Truth, record


def _batches(count: int, seed: int) -> Any:
    import torch

    make = torch.Generator().manual_seed(seed)
    rows = torch.randn(count, 4, generator=make)
    return torch.utils.data.DataLoader([{"image": row, "label": row.sum()[None]} for row in rows], batch_size=16)


def train(truth: Truth) -> None:
    """Train 3 epochs of 5 iterations, each with an evaluation; the truth is what the engines keep."""
    warnings.simplefilter("ignore")
    import torch
    from ignite.engine import Events
    from monai.engines import SupervisedEvaluator, SupervisedTrainer
    from monai.handlers import MeanSquaredError, StatsHandler, ValidationHandler, from_engine

    logging.basicConfig(stream=sys.stdout, level=logging.INFO)
    torch.manual_seed(19)
    net, device = torch.nn.Linear(4, 1), torch.device("cpu")
    evaluator = SupervisedEvaluator(
        device, _batches(32, 20), net, val_handlers=[StatsHandler(name="val_log", output_transform=lambda _: None)],
        key_val_metric={"val_mse": MeanSquaredError(output_transform=from_engine(["pred", "label"]))},
    )  # fmt: skip
    stats = StatsHandler(name="train_log", tag_name="train_loss", output_transform=from_engine(["loss"], first=True))
    handlers = [ValidationHandler(1, evaluator), stats]
    optimizer = torch.optim.SGD(net.parameters(), 0.05)
    trainer = SupervisedTrainer(device, 3, _batches(80, 21), net, optimizer, torch.nn.MSELoss(), train_handlers=handlers)

    @trainer.on(Events.ITERATION_COMPLETED)
    def _(engine: Any) -> None:
        truth.add("train_loss", engine.state.iteration, engine.state.output[0]["loss"])

    @evaluator.on(Events.EPOCH_COMPLETED)
    def _(engine: Any) -> None:
        truth.add("val_mse", trainer.state.iteration, engine.state.metrics["val_mse"])

    trainer.run()


if __name__ == "__main__":
    record(__file__, train, ("monai", "pytorch-ignite", "torch"))
