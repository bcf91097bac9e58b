"""A ten-class problem learnt by a script in the manner of pytorch/examples imagenet/main.py, whose meters print value and mean."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import time
from dataclasses import dataclass
from typing import Any

from capture import Truth, record

EPOCHS, BATCH, EVERY = 3, 32, 8


@dataclass
class Meter:
    """A value and its mean weighted by samples; prints `name value (mean)`."""

    name: str
    form: str
    value: float = 0.0
    total: float = 0.0
    count: int = 0

    def update(self, value: float, weight: int = 1) -> None:
        self.value, self.total, self.count = value, self.total + value * weight, self.count + weight

    @property
    def mean(self) -> float:
        return self.total / self.count

    def __str__(self) -> str:
        return f"{self.name} {self.value:{self.form}} ({self.mean:{self.form}})"


def _top(output: Any, target: Any, best: int) -> float:
    """Return the percentage of rows whose class is among the `best` highest."""
    return (output.topk(best).indices == target[:, None]).any(1).float().mean().item() * 100


def _through(truth: Truth, model: Any, loader: Any, optimizer: Any, prefix: str, names: tuple[str, int]) -> dict[str, Meter]:
    """Go through `loader` once, training if there is an optimizer; display every 8th batch, counted from 1."""
    import torch

    kind, epoch = names
    meters = {n: Meter(n, f) for n, f in (("Time", "6.3f"), ("Data", "6.3f"), ("Loss", ".4e"), ("Acc@1", "6.2f"), ("Acc@5", "6.2f"))}
    if optimizer is None:
        del meters["Data"]
    digits, end = len(str(len(loader))), time.time()
    for number, (x, y) in enumerate(loader):
        if optimizer is not None:
            meters["Data"].update(time.time() - end)
        with torch.set_grad_enabled(optimizer is not None):
            output = model(x)
            loss = torch.nn.functional.cross_entropy(output, y)
        for name, value in (("Loss", loss.item()), ("Acc@1", _top(output, y, 1)), ("Acc@5", _top(output, y, 5))):
            meters[name].update(value, len(x))
        if optimizer is not None:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        meters["Time"].update(time.time() - end)
        end = time.time()
        if number % EVERY == 0:
            print("\t".join([f"{prefix}[{number + 1:{digits}d}/{len(loader)}]", *map(str, meters.values())]))
            for name, meter in meters.items():
                truth.add(f"{kind} {name}", f"{epoch}:{number + 1}", meter.value)
                truth.sometimes(f"{kind} {name} mean", f"{epoch}:{number + 1}", meter.mean) if name not in ("Time", "Data") else None
    return meters


def train(truth: Truth) -> None:
    """Train and test 3 epochs, numbered from 0; ` * Acc@1` closes each with the means."""
    import torch

    torch.manual_seed(19)
    x = torch.randn(1440, 20)
    y = (x @ torch.randn(20, 10) + 2 * torch.randn(1440, 10)).argmax(1)
    fit, held = (torch.utils.data.TensorDataset(x[part], y[part]) for part in (slice(1120), slice(1120, None)))
    loader, tests = torch.utils.data.DataLoader(fit, BATCH, shuffle=True), torch.utils.data.DataLoader(held, BATCH)
    model = torch.nn.Sequential(torch.nn.Linear(20, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), 0.3, momentum=0.9)
    print("=> creating model 'perceptron'")
    for epoch in range(EPOCHS):
        _through(truth, model, loader, optimizer, f"Epoch: [{epoch}]", ("train", epoch))
        meters = _through(truth, model, tests, None, "Test: ", ("test", epoch))
        print(f" * Acc@1 {meters['Acc@1'].mean:.3f} Acc@5 {meters['Acc@5'].mean:.3f}")
        for name in ("Acc@1", "Acc@5"):
            truth.add(f"final {name}", epoch, meters[name].mean)


if __name__ == "__main__":
    record(__file__, train, ("torch",), ("* Time", "* Data"))
