"""MosaicML's Composer with its console logger: blocks of values every few batches, evaluations between, the epoch in the header."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

EVERY = 5


def train(truth: Truth) -> None:
    """Train 3 epochs of 12 batches; the truth is what the logger is given to print."""
    import torch
    import torchmetrics
    from composer import Callback, Trainer
    from composer.loggers import ConsoleLogger
    from composer.models import ComposerClassifier
    from composer.optim import CosineAnnealingScheduler
    from composer.utils import reproducibility

    reproducibility.seed_all(65)
    x, y = tables.classes(480, 65)
    data = torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y))
    parts = [torch.utils.data.DataLoader(torch.utils.data.Subset(data, part), 32) for part in (range(384), range(384, 480))]
    net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
    inner = ConsoleLogger.log_to_console

    def log_to_console(self: ConsoleLogger, data: dict, state: object, prefix: str = "", is_train: bool = True) -> None:
        for name, value in data.items():
            truth.add(name, int(state.timestamp.batch) if is_train else int(state.timestamp.epoch), value)
        inner(self, data, state, prefix, is_train)

    ConsoleLogger.log_to_console = log_to_console

    class Rate(Callback):
        def batch_end(self, state: object, logger: object) -> None:
            logger.log_metrics({"lr/group0": state.optimizers[0].param_groups[0]["lr"]})

    Trainer(
        model=ComposerClassifier(net, num_classes=2),
        train_dataloader=parts[0],
        eval_dataloader=parts[1],
        optimizers=torch.optim.Adam(net.parameters(), 0.02),
        schedulers=CosineAnnealingScheduler(),
        max_duration="3ep",
        device="cpu",
        callbacks=[Rate()],
        progress_bar=False,
        log_to_console=True,
        console_log_interval=f"{EVERY}ba",
        console_stream="stdout",
        run_name="example",
        seed=65,
    ).fit()


if __name__ == "__main__":
    record(__file__, train, ("mosaicml", "torch"))
