"""One small regression under a Lightning Trainer, for the recordings of its two bars."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capture import Truth

EPOCHS, BATCHES, BATCH = 4, 24, 16


def _data(count: int, seed: int) -> Any:
    import torch

    make = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 5, generator=make)
    y = (x[:, :1] - 0.5 * x[:, 1:2] * x[:, 2:3]).tanh() + 0.1 * torch.randn(count, 1, generator=make)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=BATCH)


def _module(rate: float, *, of_epoch: bool) -> Any:
    import lightning
    import torch

    class Regressor(lightning.LightningModule):
        """A perceptron that logs a value every step and one every epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(5, 12), torch.nn.GELU(), torch.nn.Linear(12, 1))

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.mse_loss(self.net(batch[0]), batch[1])
            self.log("train_loss", loss, prog_bar=True, on_step=not of_epoch, on_epoch=of_epoch)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            error = self.net(batch[0]) - batch[1]
            self.log_dict({"val_loss": (error**2).mean(), "val_mae": error.abs().mean()}, prog_bar=True)

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=rate)

    return Regressor()


def _scribe(truth: Truth, *, every_step: bool) -> Any:
    """Return a callback that notes what the trainer logged: the epoch's validation and last training loss, and each step's.

    Without `every_step` a bar draws by the clock, so the steps within an epoch are only sometimes shown.
    """
    import lightning

    class Scribe(lightning.Callback):
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            sure = every_step or trainer.global_step % BATCHES == 0
            (truth.add if sure else truth.sometimes)("train_loss", trainer.global_step, trainer.callback_metrics["train_loss"].item())

        def on_validation_epoch_end(self, trainer: Any, *_: Any) -> None:
            if not trainer.sanity_checking:
                for name in ("val_loss", "val_mae"):
                    truth.add(name, trainer.global_step, trainer.callback_metrics[name].item())

    return Scribe()


def epoch_scribe(truth: Truth, names: tuple[str, ...]) -> Any:
    """Return a callback that notes what the trainer logged by the end of each epoch, at its global_step."""
    import lightning

    class Scribe(lightning.Callback):
        def on_train_epoch_end(self, trainer: Any, *_: Any) -> None:
            for name in names:
                truth.add(name, trainer.global_step, trainer.callback_metrics[name].item())

    return Scribe()


def train(truth: Truth, bar: Any, rate: float, seed: int, *, every_step: bool = True, of_epoch: bool = False) -> None:
    """Train behind `bar`; steps are the trainer's global_step, 1-based once a step is done. `of_epoch`: log the epoch's mean loss alone."""
    import lightning

    warnings.simplefilter("ignore")
    lightning.seed_everything(seed)
    names = ("train_loss", "val_loss", "val_mae")
    callbacks = [bar, epoch_scribe(truth, names) if of_epoch else _scribe(truth, every_step=every_step)]
    quiet = {"logger": False, "enable_checkpointing": False, "enable_model_summary": False}
    trainer = lightning.Trainer(max_epochs=EPOCHS, accelerator="cpu", callbacks=callbacks, **quiet)
    trainer.fit(_module(rate, of_epoch=of_epoch), _data(BATCHES * BATCH, seed), _data(6 * BATCH, seed + 1))
