"""SpeechBrain: a bar with the running mean of the loss, then the epoch's line of settings and of both sets' means; the test at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
from typing import Any

import tables
from capture import Truth, record

BATCHES = 16


def _brain(truth: Truth) -> Any:
    import speechbrain as sb
    import torch
    from speechbrain.utils.train_logger import FileTrainLogger

    class Classifier(sb.Brain):
        def compute_forward(self, batch: Any, stage: Any) -> Any:
            return self.modules.net(batch[0])

        def compute_objectives(self, predictions: Any, batch: Any, stage: Any) -> Any:
            self.right += int((predictions.argmax(-1) == batch[1]).sum())
            self.seen += len(batch[1])
            return torch.nn.functional.cross_entropy(predictions, batch[1])

        def fit_batch(self, batch: Any) -> Any:
            loss = super().fit_batch(batch)
            self.kept.append(float(loss))
            truth.sometimes("train_loss", f"{self.hparams.counter.current}:{len(self.kept)}", sum(self.kept) / len(self.kept))
            return loss

        def on_stage_start(self, stage: Any, epoch: int | None = None) -> None:
            self.right = self.seen = 0
            self.kept: list[float] = getattr(self, "kept", []) if stage == sb.Stage.VALID else []

        def on_stage_end(self, stage: Any, stage_loss: Any, epoch: int | None = None) -> None:
            stats = {"loss": float(stage_loss), "error": 1 - self.right / self.seen}
            if stage == sb.Stage.TRAIN:
                self.train_stats = {"loss": float(stage_loss)}
                return
            meta = {"epoch": epoch, "lr": self.optimizer.param_groups[0]["lr"]} if epoch else {"Epoch loaded": self.hparams.counter.current}
            parts = {"train": self.train_stats, "valid": stats} if epoch else {"test": stats}
            self.hparams.log.log_stats(meta, **{f"{part}_stats": values for part, values in parts.items()})
            place = self.hparams.counter.current
            for part, values in parts.items():
                for name, value in values.items():
                    truth.add(f"{part} {name}", place, value)
            if epoch:
                truth.add("lr", place, meta["lr"])

    torch.manual_seed(96)
    net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    counter = sb.utils.epoch_loop.EpochCounter(limit=4)
    return Classifier({"net": net}, lambda p: torch.optim.Adam(p, 0.02), {"counter": counter, "log": FileTrainLogger("train_log.txt")})


def _loader(count: int, seed: int) -> Any:
    import torch

    x, y = tables.classes(count, seed)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(y)), 16)


def train(truth: Truth) -> None:
    """Train 4 epochs of 16 batches; the truth is the stages' own means."""
    logging.basicConfig(level=logging.INFO, format="%(name)s - %(message)s")
    brain = _brain(truth)
    brain.fit(brain.hparams.counter, _loader(16 * BATCHES, 96), _loader(96, 97))
    brain.evaluate(_loader(96, 98))


if __name__ == "__main__":
    record(__file__, train, ("speechbrain", "torch"))
