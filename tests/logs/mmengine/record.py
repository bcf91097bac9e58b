"""MMEngine's LoggerHook and LogProcessor: epoch and iteration in brackets, two blanks between names and values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import warnings
from typing import Any

import tables
from capture import Truth, record


def _parts(truth: Truth) -> dict[str, Any]:
    """Return the model, the metric and the hook that notes what the runner's message hub holds when a line is logged."""
    import torch
    from mmengine.evaluator import BaseMetric
    from mmengine.hooks import Hook
    from mmengine.model import BaseModel

    class Classifier(BaseModel):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(6, 12), torch.nn.ReLU(), torch.nn.Linear(12, 2))

        def forward(self, x: Any, y: Any, mode: str) -> Any:
            output = self.net(x)
            return {"loss": torch.nn.functional.cross_entropy(output, y)} if mode == "loss" else (output, y)

    class Accuracy(BaseMetric):
        def process(self, data_batch: Any, data_samples: Any) -> None:
            output, y = data_samples
            self.results.append((int((output.argmax(1) == y).sum()), len(y)))

        def compute_metrics(self, results: list[tuple[int, int]]) -> dict[str, float]:
            return {"top1": 100.0 * sum(r for r, _ in results) / sum(n for _, n in results)}

    class Scribe(Hook):
        priority = "VERY_LOW"  # after the logger has printed, so the hub holds the same values

        def after_train_iter(self, runner: Any, batch_idx: int, **_: Any) -> None:
            if (batch_idx + 1) % 6 == 0:
                scalars = runner.message_hub.log_scalars
                place = f"{runner.epoch + 1}:{batch_idx + 1}"
                truth.add("lr", place, scalars["train/lr"].current())
                truth.add("loss", place, scalars["train/loss"].mean(10))  # LogProcessor's default window

        def after_val_epoch(self, runner: Any, metrics: dict[str, float] | None = None) -> None:
            for name, value in (metrics or {}).items():
                truth.add(f"val/{name}", runner.epoch, value)  # the line says Epoch(val)

    return {"model": Classifier(), "metric": Accuracy(prefix="accuracy"), "hook": Scribe()}


def train(truth: Truth) -> None:
    """Train 4 epochs of 18 iterations, a line every 6; epochs and iterations count from 1."""
    import torch
    from mmengine.runner import Runner

    warnings.simplefilter("ignore")
    torch.manual_seed(44)
    x, y = tables.classes(432, 44)
    fit, held = (
        torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.tensor(x[part]).float(), torch.tensor(y[part])), batch_size=16)
        for part in (slice(288), slice(288, None))
    )
    parts = _parts(truth)

    class QuietRunner(Runner):
        def _log_env(self, _: dict[str, Any]) -> None:
            """Leave out the environment: torch's build settings name folders of the machine it was built on."""

    runner = QuietRunner(
        parts["model"], "out", fit, held, train_cfg={"by_epoch": True, "max_epochs": 4}, val_cfg={}, val_evaluator=[parts["metric"]],
        optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.2}}, param_scheduler={"type": "ExponentialLR", "gamma": 0.7},
        default_hooks={"logger": {"type": "LoggerHook", "interval": 6}, "checkpoint": {"type": "CheckpointHook", "interval": 2}},
        custom_hooks=[parts["hook"]], randomness={"seed": 44}, experiment_name="moons",
    )
    runner.train()


if __name__ == "__main__":
    record(__file__, train, ("mmengine", "torch"))
