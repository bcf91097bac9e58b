"""pytorch-ignite's ProgressBar with a running loss, and an evaluation printed by the user's handler."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

from capture import Truth, record


def _loaders() -> tuple[Any, Any]:
    import torch

    x = torch.randn(416, 4)
    y = (x[:, :1] * x[:, 1:2] + 0.2 * torch.randn(416, 1)).tanh()
    sets = [torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(320), slice(320, None))]
    return tuple(torch.utils.data.DataLoader(s, 16) for s in sets)


def train(truth: Truth) -> None:
    """Train 3 epochs of 20 iterations; the bar shows the batch's loss after each, the handler each epoch's error."""
    import torch
    from ignite.engine import Engine, Events, create_supervised_evaluator
    from ignite.handlers import ProgressBar
    from ignite.metrics import MeanSquaredError

    torch.manual_seed(81)
    loader, held = _loaders()
    model = torch.nn.Sequential(torch.nn.Linear(4, 10), torch.nn.Tanh(), torch.nn.Linear(10, 1))
    optimizer = torch.optim.Adam(model.parameters(), 0.02)

    def step(engine: Engine, batch: Any) -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        truth.add("loss", engine.state.iteration, loss.item())
        return loss.item()

    trainer, evaluator = Engine(step), create_supervised_evaluator(model, {"mse": MeanSquaredError()})
    ProgressBar(persist=True).attach(trainer, output_transform=lambda loss: {"loss": loss})

    @trainer.on(Events.EPOCH_COMPLETED)
    def _evaluate(engine: Engine) -> None:
        evaluator.run(held)
        error = evaluator.state.metrics["mse"]
        print(f"Validation - Epoch: {engine.state.epoch} mse: {error:.5f}", flush=True)
        truth.add("Validation mse", engine.state.epoch, error)

    trainer.run(loader, max_epochs=3)


if __name__ == "__main__":
    record(__file__, train, ("pytorch-ignite", "tqdm", "torch"))
