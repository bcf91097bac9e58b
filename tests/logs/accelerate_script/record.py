"""A no_trainer script on accelerate: a bar over all epochs whose postfix has the loss, and a printed dict an epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import tables
from capture import Truth, record

EPOCHS, BATCH = 4, 24


def _loaders(accelerator: Any) -> tuple[Any, Any]:
    import torch

    x, y = tables.classes(600, 33)
    sets = [torch.utils.data.TensorDataset(torch.tensor(x[p]).float(), torch.tensor(y[p])) for p in (slice(480), slice(480, None))]
    return tuple(accelerator.prepare(torch.utils.data.DataLoader(s, BATCH, shuffle=i == 0)) for i, s in enumerate(sets))


def train(truth: Truth) -> None:
    """Train 4 epochs of 20 steps; the bar is drawn for every step, twice: the last drawing of a count is right."""
    import torch
    from accelerate import Accelerator
    from accelerate.utils import set_seed
    from tqdm.auto import tqdm

    set_seed(33)
    accelerator = Accelerator(cpu=True)
    loader, held = _loaders(accelerator)
    model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    model, optimizer = accelerator.prepare(model, torch.optim.AdamW(model.parameters(), 0.02))
    bar, done = tqdm(total=EPOCHS * len(loader), desc="Steps"), 0
    for epoch in range(EPOCHS):
        total = 0.0
        for x, y in loader:
            loss = torch.nn.functional.cross_entropy(model(x), y)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            total, done = total + loss.item(), done + 1
            bar.update(1)
            bar.set_postfix(step_loss=loss.item())
            truth.add("step_loss", done, loss.item())
        with torch.no_grad():
            right = sum(int((model(x).argmax(1) == y).sum()) for x, y in held)
        values = {"accuracy": right / 120, "train_loss": total / len(loader)}
        accelerator.print(f"epoch {epoch}: {values}")
        for name, value in values.items():
            truth.add(name, epoch, value)
    bar.close()


if __name__ == "__main__":
    record(__file__, train, ("accelerate", "tqdm", "torch"))
