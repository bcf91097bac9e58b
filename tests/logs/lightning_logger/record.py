"""Lightning with a logger and metrics per step and per epoch: v_num, the suffixes, a bar an epoch, and the table of a test."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import tables
from capture import Truth, record

BATCH = 20


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
            self.log("loss", loss, prog_bar=True, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            loss, right = self._both(batch)
            self.log_dict({"val/loss": loss, "val/acc": right}, prog_bar=True)

        def test_step(self, batch: Any, _: int) -> None:
            self.log_dict(dict(zip(("test/loss", "test/acc"), self._both(batch), strict=True)))

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), 0.02)

    return Classifier()


def _scribe(truth: Truth) -> Any:
    import lightning

    class Scribe(lightning.Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            truth.add("loss_step", trainer.global_step, trainer.callback_metrics["loss_step"].item())

        def on_train_epoch_end(self, trainer: Any, *_: Any) -> None:
            for name in ("val/loss", "val/acc"):
                truth.add(name, trainer.global_step, trainer.callback_metrics[name].item())

    return Scribe()


def _epochs(truth: Truth) -> Any:
    """Return a bar that notes the epoch's mean loss when it draws it: it exists only once the epoch's hooks are done."""
    from lightning.pytorch.callbacks import TQDMProgressBar

    class Bar(TQDMProgressBar):
        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            super().on_train_epoch_end(trainer, module)
            shown = self.get_metrics(trainer, module)
            if "loss_epoch" in shown:
                truth.sometimes("loss_epoch", trainer.global_step, shown["loss_epoch"])  # 120 columns cut it off

    return Bar(leave=True)


def train(truth: Truth) -> None:
    """Train 3 epochs of 22 steps, then test; the test's table names no step."""
    import warnings

    import lightning
    import torch
    from lightning.pytorch.loggers import CSVLogger

    warnings.simplefilter("ignore")
    lightning.seed_everything(27)
    x, y = tables.classes(640, 27)
    sets = [torch.utils.data.TensorDataset(torch.tensor(x[p]).float(), torch.tensor(y[p])) for p in (slice(440), slice(440, 540), slice(540, None))]
    fit, held, test = (torch.utils.data.DataLoader(s, BATCH) for s in sets)
    trainer = lightning.Trainer(
        max_epochs=3, accelerator="cpu", logger=CSVLogger("logs"), enable_checkpointing=False, log_every_n_steps=1, callbacks=[_epochs(truth), _scribe(truth)]
    )
    module = _module()
    trainer.fit(module, fit, held)
    for name, value in trainer.test(module, test)[0].items():
        truth.add(name, "-", value)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "tqdm", "rich", "torch"))
