"""Lightning with a check every second epoch, names that end in their data, and a bar that goes on to show the last check's value."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

from capture import Truth, record

BATCHES, BATCH, EPOCHS = 12, 16, 6


def _module() -> Any:
    import lightning
    import torch

    class Regressor(lightning.LightningModule):
        """A line through noise; a step's loss, and one of each check."""

        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Linear(5, 1)

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.huber_loss(self.net(batch[0]), batch[1])
            self.log("loss/train", loss, prog_bar=True)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("loss/val", torch.nn.functional.huber_loss(self.net(batch[0]), batch[1]), prog_bar=True)

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), 0.02, momentum=0.5)

    return Regressor()


def _scribe(truth: Truth) -> Any:
    import lightning

    class Scribe(lightning.Callback):
        """Notes each step's loss, and a check's at the end of its epoch."""

        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            truth.add("loss/train", trainer.global_step, trainer.callback_metrics["loss/train"].item())

        def on_validation_end(self, trainer: Any, *_: Any) -> None:
            if not trainer.sanity_checking:
                truth.add("loss/val", trainer.global_step, trainer.callback_metrics["loss/val"].item())

    return Scribe()


def train(truth: Truth) -> None:
    """Train 6 epochs of 12 batches; the checks are those of epochs 1, 3 and 5."""
    import warnings

    import lightning
    import torch
    from lightning.pytorch.callbacks import TQDMProgressBar

    warnings.simplefilter("ignore")
    lightning.seed_everything(19)
    x = torch.randn(2 * BATCHES * BATCH, 5)
    data = torch.utils.data.TensorDataset(x, x[:, :1] - x[:, 1:2] + 0.3 * torch.randn(len(x), 1))
    fit, held = (torch.utils.data.DataLoader(torch.utils.data.Subset(data, range(a, a + BATCHES * BATCH)), BATCH) for a in (0, BATCHES * BATCH))
    quiet: dict[str, Any] = {"logger": False, "enable_checkpointing": False, "enable_model_summary": False, "num_sanity_val_steps": 0}
    trainer = lightning.Trainer(max_epochs=EPOCHS, accelerator="cpu", check_val_every_n_epoch=2, callbacks=[TQDMProgressBar(), _scribe(truth)], **quiet)
    trainer.fit(_module(), fit, held)


if __name__ == "__main__":
    record(__file__, train, ("lightning", "tqdm", "torch"))
