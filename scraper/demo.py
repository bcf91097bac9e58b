"""A small real training: a two-layer perceptron learns to tell three noisy spirals apart, and prints as training scripts do.

Standard library only, and it knows nothing of the rest of the package: `scraper demo` wraps it as it would any command.
Every printed number is computed; the same seed prints the same losses.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Sample: TypeAlias = tuple[float, float, int]  # x, y, class
Matrix: TypeAlias = list[list[float]]

CLASSES = 3
BLOCKS = " ▏▎▍▌▋▊▉█"  # eighths of a cell
REDRAW_SECONDS = 0.1  # a bar is drawn at most this often, besides its first and last state


@dataclass(frozen=True)
class Settings:
    """What one training is; printed in its banner."""

    epochs: int
    train: int  # points
    validation: int  # points
    hidden: int  # units
    batch: int  # points
    rate: float  # learning rate before its cosine decay
    momentum: float
    seed: int


FULL = Settings(epochs=40, train=2400, validation=400, hidden=48, batch=40, rate=0.06, momentum=0.9, seed=7)
FAST = Settings(epochs=10, train=1200, validation=200, hidden=32, batch=30, rate=0.1, momentum=0.9, seed=7)


def spirals(count: int, rng: random.Random) -> list[Sample]:
    """Return `count` points in the plane, on one noisy arm a class."""
    samples = []
    for i in range(count):
        label = i % CLASSES
        along = rng.random()
        angle = 2 * math.pi * (label / CLASSES + 0.9 * along) + rng.gauss(0, 0.12)
        samples.append((2 * along * math.cos(angle), 2 * along * math.sin(angle), label))
    rng.shuffle(samples)
    return samples


def softmax(scores: list[float]) -> list[float]:
    """Return the probabilities that `scores` stand for."""
    top = max(scores)
    exps = [math.exp(s - top) for s in scores]
    total = sum(exps)
    return [e / total for e in exps]


@dataclass
class Perceptron:
    """tanh units between a point and the class probabilities; a row of weights a unit, its bias last."""

    first: Matrix  # hidden x 3
    second: Matrix  # classes x (hidden + 1)
    speed_first: Matrix = field(default_factory=list)
    speed_second: Matrix = field(default_factory=list)

    @classmethod
    def fresh(cls, hidden: int, rng: random.Random) -> Perceptron:
        """Return a perceptron with random weights and no momentum."""
        first = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(hidden)]
        second = [[rng.gauss(0, 1 / math.sqrt(hidden)) for _ in range(hidden + 1)] for _ in range(CLASSES)]
        return cls(first, second, [[0.0] * 3 for _ in first], [[0.0] * (hidden + 1) for _ in second])

    def parameters(self) -> int:
        """Return how many numbers are learnt."""
        return sum(len(row) for row in self.first + self.second)

    def forward(self, x: float, y: float) -> tuple[list[float], list[float]]:
        """Return the hidden units' values (with a closing 1 for the bias) and the class probabilities."""
        hidden = [math.tanh(a * x + b * y + c) for a, b, c in self.first]
        hidden.append(1.0)
        return hidden, softmax([sum(map(float.__mul__, row, hidden)) for row in self.second])

    def gradients(self, batch: list[Sample]) -> tuple[float, Matrix, Matrix]:
        """Return the mean cross-entropy of `batch` and its gradients by the weights of both layers."""
        loss = 0.0
        by_first = [[0.0] * 3 for _ in self.first]
        by_second = [[0.0] * len(row) for row in self.second]
        for x, y, label in batch:
            hidden, chances = self.forward(x, y)
            loss -= math.log(max(chances[label], 1e-12))
            errors = [chance - (k == label) for k, chance in enumerate(chances)]
            for k, error in enumerate(errors):
                by_second[k] = [g + error * h for g, h in zip(by_second[k], hidden, strict=True)]
            backs = [sum(map(float.__mul__, errors, column)) for column in zip(*self.second, strict=True)]
            for row, h, back in zip(by_first, hidden, backs, strict=False):  # the bias has no row
                delta = back * (1 - h * h)
                row[0] += delta * x
                row[1] += delta * y
                row[2] += delta
        scale = 1 / len(batch)
        return loss * scale, _scaled(by_first, scale), _scaled(by_second, scale)

    def learn(self, batch: list[Sample], rate: float, momentum: float) -> float:
        """Take one step of gradient descent with momentum on `batch`; return its mean loss before the step."""
        loss, by_first, by_second = self.gradients(batch)
        _descend(self.first, self.speed_first, by_first, rate, momentum)
        _descend(self.second, self.speed_second, by_second, rate, momentum)
        return loss

    def evaluate(self, samples: list[Sample]) -> tuple[float, float]:
        """Return the mean cross-entropy and the share of right answers, 0 to 1."""
        loss, right = 0.0, 0
        for x, y, label in samples:
            chances = self.forward(x, y)[1]
            loss -= math.log(max(chances[label], 1e-12))
            right += chances[label] == max(chances)
        return loss / len(samples), right / len(samples)


def _scaled(matrix: Matrix, scale: float) -> Matrix:
    return [[v * scale for v in row] for row in matrix]


def _descend(weights: Matrix, speeds: Matrix, gradients: Matrix, rate: float, momentum: float) -> None:
    """Move `weights` against `gradients`, keeping `momentum` of the last move; both matrices change in place."""
    for row, speed, gradient in zip(weights, speeds, gradients, strict=True):
        for i, slope in enumerate(gradient):
            speed[i] = momentum * speed[i] - rate * slope
            row[i] += speed[i]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


class Bar:
    """A progress bar on standard error in tqdm's notation, redrawn in place."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.count = title, total, 0
        self.began = self.drawn = time.monotonic()
        self._draw("")

    def advance(self, postfix: str) -> None:
        """Count one more, and draw it if the last drawing is old enough or this is the end."""
        self.count += 1
        now = time.monotonic()
        if self.count == self.total or now - self.drawn >= REDRAW_SECONDS:
            self.drawn = now
            self._draw(postfix)
        if self.count == self.total:
            sys.stderr.write("\n")

    def _draw(self, postfix: str) -> None:
        """Write the bar over its previous state."""
        share = self.count / self.total
        eighths = int(share * 80)
        cells = "█" * (eighths // 8) + (BLOCKS[eighths % 8] if share < 1 else "")
        spent, pace = time.monotonic() - self.began, "00:00<?, ?it/s"
        if self.count:
            pace = f"{_clock(spent)}<{_clock(spent / self.count * (self.total - self.count))}, {self.count / spent:.2f}it/s"
        comma = ", " if postfix else ""
        sys.stderr.write(f"\r{self.title}: {share:4.0%}|{cells:<10}| {self.count}/{self.total} [{pace}{comma}{postfix}]")
        sys.stderr.flush()


def save(model: Perceptron, step: int, folder: Path) -> Path:
    """Write the weights as JSON and return the file."""
    path = folder / f"demo-ckpt-{step}.json"
    path.write_text(json.dumps({"step": step, "first": model.first, "second": model.second}), encoding="utf-8")
    return path


def _say(text: str) -> None:
    """Print a line at once, also where standard output is a pipe."""
    print(text, flush=True)  # noqa: T201 - printing is what this script is for


def _banner(model: Perceptron, settings: Settings) -> None:
    _say(f"Three spirals: {settings.train} points to train on, {settings.validation} to validate, seed {settings.seed}")
    _say(f"Model: 2 -> {settings.hidden} tanh -> {CLASSES} softmax ({model.parameters()} parameters)")
    _say(f"SGD with momentum {settings.momentum}, batches of {settings.batch}, {settings.epochs} epochs, cosine decay from {settings.rate}")


def _train_epoch(model: Perceptron, samples: list[Sample], rate: float, settings: Settings, title: str) -> float:
    """Learn from every sample once, in batches, behind a bar; return the mean training loss."""
    batches = [samples[i : i + settings.batch] for i in range(0, len(samples), settings.batch)]
    bar, total = Bar(title, len(batches)), 0.0
    for batch in batches:
        loss = model.learn(batch, rate, settings.momentum)
        total += loss
        bar.advance(f"loss={loss:.3f}")
    return total / len(batches)


def train(settings: Settings, folder: Path) -> Perceptron:
    """Run the whole training, printing as it goes; checkpoints go to `folder`."""
    rng = random.Random(settings.seed)  # noqa: S311 - weights and data, no secrets
    train_set, held_out = spirals(settings.train, rng), spirals(settings.validation, rng)
    model = Perceptron.fresh(settings.hidden, rng)
    _banner(model, settings)
    step = 0
    for epoch in range(1, settings.epochs + 1):
        rate = settings.rate * 0.5 * (1 + math.cos(math.pi * (epoch - 1) / settings.epochs))
        rng.shuffle(train_set)
        train_loss = _train_epoch(model, train_set, rate, settings, f"Epoch {epoch}/{settings.epochs}")
        step += math.ceil(settings.train / settings.batch)
        val_loss, val_acc = model.evaluate(held_out)
        _say(
            f"epoch {epoch}/{settings.epochs} | step {step} | train_loss {train_loss:.4f} | val_loss {val_loss:.4f} "
            f"| val_acc {val_acc:.4f} | lr {rate:.1e}"
        )
        if epoch % (settings.epochs // 4) == 0:
            _say(f"Saved checkpoint to {save(model, step, folder)}")
    return model


def main(arguments: list[str] | None = None) -> None:
    """Train as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m scraper.demo", description="Train a tiny classifier, printing as training scripts do.")
    parser.add_argument("--fast", action="store_true", help="about a second instead of about six")
    parser.add_argument("--checkpoints", type=Path, metavar="DIR", help="where to save the weights [default: a new temporary directory]")
    given = parser.parse_args(arguments)
    folder = given.checkpoints or Path(tempfile.mkdtemp(prefix="scraper-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    train(FAST if given.fast else FULL, folder)


if __name__ == "__main__":
    main()
