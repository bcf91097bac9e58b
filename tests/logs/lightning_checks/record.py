"""Lightning checking twice an epoch with two validation sets, between accumulated batches, then tables of two data loaders each."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import tables
from capture import Truth, record

BATCH, BATCHES = 20, 24
LOADERS = ("a", "b")


def _module() -> Any:
    import lightning
    import torch

    class Classifier(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(6, 14), torch.nn.ReLU(), torch.nn.Linear(14, 2))

        def _both(self, batch: Any) -> tuple[Any, Any]:
            output = self.net(batch[0])
            return torch.nn.functional.cross_entropy(output, batch[1]), (output.argmax(1) == batch[1]).float().mean()

        def training_step(self, batch: Any, _: int) -> Any:
            loss, _right = self._both(batch)
            self.log("train/loss", loss, prog_bar=True)
            return loss

        def validation_step(self, batch: Any, _: int, dataloader_idx: int = 0) -> None:
            loss, right = self._both(batch)
            name = f"val_{LOADERS[dataloader_idx]}"
            self.log(f"{name}/loss", loss, prog_bar=True, add_dataloader_idx=False)
            self.log(f"{name}/acc", right, add_dataloader_idx=False)

        def test_step(self, batch: Any, _: int, dataloader_idx: int = 0) -> None:  # noqa: ARG002 - its presence asks for several loaders
            self.log_dict(dict(zip(("test_loss", "test_acc"), self._both(batch), strict=True)))

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), 0.02)

    return Classifier()


def _scribe(truth: Truth) -> Any:
    """Return a callback that notes each batch's loss and each check's, at the batch of the epoch it came after."""
    import lightning

    class Scribe(lightning.Callback):
        def on_train_batch_end(self, trainer: Any, _module: Any, _out: Any, _batch: Any, number: int) -> None:
            truth.add("train/loss", f"{trainer.current_epoch}:{number + 1}", trainer.callback_metrics["train/loss"].item())

        def on_validation_end(self, trainer: Any, *_: Any) -> None:
            if trainer.state.fn == "fit" and not trainer.sanity_checking:
                for name, value in trainer.callback_metrics.items():
                    if name.startswith("val_") and name.endswith("/loss"):
                        truth.add(name, f"{trainer.current_epoch}:{trainer.fit_loop.batch_idx + 1}", value.item())

    return Scribe()


def train(truth: Truth) -> None:
    """Train 2 epochs of 24 batches, two batches a step, a check after 12; the tables at the end name no step."""
    import warnings

    import lightning
    import torch
    from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, TQDMProgressBar

    warnings.simplefilter("ignore")
    lightning.seed_everything(28)
    x, y = tables.classes(760, 28)
    fit, near, far = (
        torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(x[p]).float(), torch.tensor(y[p])), BATCH)
        for p in (slice(BATCHES * BATCH), slice(480, 620), slice(620, None))
    )
    calls = [
        TQDMProgressBar(leave=True),
        _scribe(truth),
        EarlyStopping("val_a/loss", verbose=True),
        ModelCheckpoint("checks", monitor="val_a/loss", verbose=True),
    ]
    trainer = lightning.Trainer(max_epochs=2, accelerator="cpu", logger=False, val_check_interval=0.5, accumulate_grad_batches=2, callbacks=calls)
    module = _module()
    trainer.fit(module, fit, [near, far])
    for run in (trainer.validate, trainer.test):
        for results in run(module, [near, far]):
            for name, value in results.items():
                truth.add(name, "-", value)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "tqdm", "rich", "torch"))
