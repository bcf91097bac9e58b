"""Lightning's ddp strategy with two gloo processes and its own defaults (rich bar, summary of the model), a check every second epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import subprocess
from typing import Any

import tables
from capture import Truth, record

BATCH, EPOCHS = 16, 4


def _module() -> Any:
    import lightning
    import torch

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(6, 12), torch.nn.ReLU(), torch.nn.Linear(12, 2))

        def _loss(self, batch: Any) -> Any:
            return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def training_step(self, batch: Any, _: int) -> Any:
            loss = self._loss(batch)
            self.log("train_loss", loss, prog_bar=True, on_step=False, on_epoch=True, sync_dist=True)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("val_loss", self._loss(batch), prog_bar=True, sync_dist=True)

        def test_step(self, batch: Any, _: int) -> None:
            self.log("test_loss", self._loss(batch), sync_dist=True)

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), 0.02)

    return Classifier()


def _scribe(kept: list[tuple[str, Any, float]]) -> Any:
    import lightning

    class Scribe(lightning.Callback):
        def on_train_epoch_end(self, trainer: Any, *_: Any) -> None:
            for name in ("train_loss", "val_loss"):  # the bar shows a check's value until the next one
                if name in trainer.callback_metrics:
                    kept.append((name, trainer.current_epoch, trainer.callback_metrics[name].item()))

    return Scribe()


def _work() -> None:
    """Be the program that the first process starts once more for each other rank."""
    import warnings

    import lightning
    import torch

    warnings.simplefilter("ignore")
    lightning.seed_everything(29)
    x, y = tables.classes(448, 29)
    sets = [torch.utils.data.TensorDataset(torch.tensor(x[p]).float(), torch.tensor(y[p])) for p in (slice(320), slice(320, None))]
    fit, held = (torch.utils.data.DataLoader(s, BATCH) for s in sets)
    kept: list[tuple[str, Any, float]] = []
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, accelerator="cpu", devices=2, strategy="ddp", logger=False, enable_checkpointing=False, check_val_every_n_epoch=2, callbacks=[_scribe(kept)]
    )
    module = _module()
    trainer.fit(module, fit, held)
    results = trainer.test(module, held)[0]
    if trainer.is_global_zero:
        kept += [(name, "-", value) for name, value in results.items()]
        Path("kept.json").write_text(json.dumps(kept), encoding="utf-8")


def train(truth: Truth) -> None:
    """Train 4 epochs of 10 steps in two processes; the truth is what rank 0 kept."""
    subprocess.run([sys.executable, __file__, "--worker"], check=True)
    for metric, epoch, value in json.loads(Path("kept.json").read_text(encoding="utf-8")):
        last = epoch in (EPOCHS - 1, "-")  # of earlier epochs a pipe shows nothing
        (truth.add if last else truth.sometimes)(metric, epoch, value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        _work()
    else:
        record(__file__, train, ("lightning", "rich", "torch"))
