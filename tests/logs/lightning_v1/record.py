"""Lightning 1.4's tqdm bar: it counts batches of training and validation together, beside a running mean of the loss."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

EPOCHS, BATCHES, CHECKS, BATCH = 4, 12, 4, 16


def _data(count: int, seed: int) -> Any:
    import torch

    make = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 5, generator=make)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x[:, :1] - 0.5 * x[:, 1:2]), batch_size=BATCH)


def train(truth: Truth) -> None:
    """Train 4 epochs of 12 batches and 4 of a validation, behind a check of 2."""
    import pytorch_lightning as pl
    import torch

    class Regressor(pl.LightningModule):
        """A perceptron that logs a value every step and two every epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))

        def training_step(self, batch: Any, _: int) -> Any:
            error = self.net(batch[0]) - batch[1]
            self.log("train_mae", error.abs().mean(), prog_bar=True)
            return (error**2).mean()

        def validation_step(self, batch: Any, _: int) -> None:
            error = self.net(batch[0]) - batch[1]
            self.log_dict({"val_loss": (error**2).mean(), "val_mae": error.abs().mean()}, prog_bar=True)

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=0.02)

    class Scribe(pl.Callback):
        """Notes what the trainer has for its bar, at the bar's count through all epochs."""

        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int, dataloader_idx: int) -> None:
            step = trainer.current_epoch * (BATCHES + CHECKS) + batch_idx + 1
            for name in ("loss", "train_mae"):
                truth.add(name, step, trainer.progress_bar_dict[name])

        def on_validation_end(self, trainer: Any, module: Any) -> None:
            if not trainer.sanity_checking:
                for name in ("val_loss", "val_mae"):
                    truth.add(name, (trainer.current_epoch + 1) * (BATCHES + CHECKS), trainer.callback_metrics[name].item())

    warnings.simplefilter("ignore")
    pl.seed_everything(5)
    quiet = {"logger": False, "checkpoint_callback": False, "weights_summary": None}
    trainer = pl.Trainer(max_epochs=EPOCHS, callbacks=[Scribe()], default_root_dir=".", **quiet)
    trainer.fit(Regressor(), _data(BATCHES * BATCH, 5), _data(CHECKS * BATCH, 6))


if __name__ == "__main__":
    record(__file__, train, ("pytorch_lightning", "tqdm", "torch"))
