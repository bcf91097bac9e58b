"""Coqui's Trainer: a block a few steps with each value beside its mean, and the evaluation of each epoch beside its change."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 3 epochs of 12 steps; the truth is what the console's logger is given."""
    from dataclasses import dataclass

    import torch
    from trainer import Trainer, TrainerArgs, TrainerConfig, TrainerModel
    from trainer.logging.console_logger import ConsoleLogger

    torch.manual_seed(63)
    x, y = tables.classes(480, 63)
    data = [{"x": torch.tensor(row, dtype=torch.float32), "y": kind} for row, kind in zip(x, y, strict=True)]
    parts = {False: data[:384], True: data[384:]}

    class Model(TrainerModel):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.net(x)

        def train_step(self, batch: dict[str, torch.Tensor], criterion: torch.nn.Module) -> tuple[dict, dict]:
            logits, y = self(batch["x"]), batch["y"]
            return {"model_outputs": logits}, {"loss": criterion(logits, y), "accuracy": (logits.argmax(1) == y).float().mean()}

        eval_step = train_step

        def get_criterion(self) -> torch.nn.Module:
            return torch.nn.CrossEntropyLoss()

        def get_data_loader(self, config: TrainerConfig, *, is_eval: bool = False, **_: object) -> object:
            return torch.utils.data.DataLoader(parts[is_eval], batch_size=config.batch_size)

    class Kept(ConsoleLogger):
        def print_train_step(self, batch_steps: int, step: int, global_step: int, loss_dict: dict, avg_loss_dict: dict) -> None:
            super().print_train_step(batch_steps, step, global_step, loss_dict, avg_loss_dict)
            for name, value in loss_dict.items():
                truth.add(name, global_step, value)
                if f"avg_{name}" in avg_loss_dict:
                    truth.add(f"{name}_avg", global_step, avg_loss_dict[f"avg_{name}"])
            self.step = global_step

        def print_eval_step(self, step: int, loss_dict: dict, avg_loss_dict: dict) -> None:
            super().print_eval_step(step, loss_dict, avg_loss_dict)
            for name, value in loss_dict.items():
                truth.add(f"eval {name}", self.step, value)
                truth.add(f"eval {name}_avg", self.step, avg_loss_dict[f"avg_{name}"])

        def print_epoch_end(self, epoch: int, avg_loss_dict: dict) -> None:
            super().print_epoch_end(epoch, avg_loss_dict)
            for name, value in avg_loss_dict.items():
                truth.add(f"eval {name}", epoch, value)

    config = TrainerConfig(epochs=3, batch_size=32, eval_batch_size=32, print_step=5, print_eval=True, lr=0.02, optimizer="Adam", save_step=1000, save_best_after=1000, training_seed=63)
    Trainer(TrainerArgs(), config, output_path="out", model=Model(), c_logger=Kept()).fit()


if __name__ == "__main__":
    record(__file__, train, ("coqui-tts-trainer", "torch"), ("*time*",))
