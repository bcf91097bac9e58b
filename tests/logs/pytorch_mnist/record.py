"""Handwritten digits learnt by a script in the manner of pytorch/examples mnist/main.py, whose lines are its formats."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

from capture import Truth, record

BATCH, EVERY, EPOCHS = 48, 6, 3


def _data() -> tuple[Any, Any]:
    """Return loaders of scikit-learn's 1,797 digits: 1,440 to train on, 357 to test."""
    import torch
    from sklearn.datasets import load_digits

    digits = load_digits()
    x, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    fit, held = (torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(1440), slice(1440, None)))
    return torch.utils.data.DataLoader(fit, BATCH, shuffle=True), torch.utils.data.DataLoader(held, 100)


def _epoch(truth: Truth, model: Any, loader: Any, optimizer: Any, epoch: int) -> None:
    """Train one epoch; the step in the truth is epoch:samples, as the line says both."""
    import torch

    for number, (x, y) in enumerate(loader):
        optimizer.zero_grad()
        loss = torch.nn.functional.nll_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if number % EVERY == 0:
            seen, total = number * len(x), len(loader.dataset)
            print(f"Train Epoch: {epoch} [{seen}/{total} ({100.0 * number / len(loader):.0f}%)]\tLoss: {loss.item():.6f}")
            truth.add("Loss", f"{epoch}:{seen}", loss.item())


def _test(truth: Truth, model: Any, loader: Any, epoch: int) -> None:
    import torch

    loss, right, total = 0.0, 0, len(loader.dataset)
    with torch.no_grad():
        for x, y in loader:
            output = model(x)
            loss += torch.nn.functional.nll_loss(output, y, reduction="sum").item()
            right += int((output.argmax(1) == y).sum())
    loss /= total
    print(f"\nTest set: Average loss: {loss:.4f}, Accuracy: {right}/{total} ({100.0 * right / total:.0f}%)\n")
    truth.add("Test Average loss", epoch, loss)
    truth.add("Test Accuracy", epoch, 100.0 * right / total)


def train(truth: Truth) -> None:
    """Train and test 3 epochs, numbered from 1; accuracy is in percent, as printed in brackets."""
    import torch

    torch.manual_seed(8)
    loader, held = _data()
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10), torch.nn.LogSoftmax(1))
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    for epoch in range(1, EPOCHS + 1):
        _epoch(truth, model, loader, optimizer, epoch)
        _test(truth, model, held, epoch)


if __name__ == "__main__":
    record(__file__, train, ("torch", "scikit-learn"))
