"""A training by hand, for the loops that people draw with tqdm: logistic regression by stochastic gradient descent, in batches of a few milliseconds."""

from __future__ import annotations

import math

import tables

SIZE = 64
_PASSES = 12  # over each batch, so that it takes a while


class Training:
    """A model, its data in batches, and the losses it had."""

    def __init__(self, batches: int, seed: int) -> None:
        x, y = tables.classes(SIZE * batches, seed)
        rows = [([float(v) for v in row], int(label)) for row, label in zip(x, y, strict=True)]
        self.batches = [rows[i : i + SIZE] for i in range(0, len(rows), SIZE)]
        self.weights = [0.0] * (len(rows[0][0]) + 1)

    def step(self, batch: list[tuple[list[float], int]]) -> float:
        """Learn from one batch; return its mean loss before that."""
        losses = [self._descend(batch) for _ in range(_PASSES)]
        return losses[0]

    def loss(self, batch: list[tuple[list[float], int]]) -> float:
        """Return the mean loss of a batch."""
        return sum(-math.log(max(1e-12, p if label else 1 - p)) for p, label in self._predicted(batch)) / len(batch)

    def _predicted(self, batch: list[tuple[list[float], int]]) -> list[tuple[float, int]]:
        return [(1 / (1 + math.exp(-sum(w * v for w, v in zip(self.weights, (*row, 1.0), strict=True)))), label) for row, label in batch]

    def _descend(self, batch: list[tuple[list[float], int]], rate: float = 0.005) -> float:
        before = self.loss(batch)
        for (p, label), (row, _) in zip(self._predicted(batch), batch, strict=True):
            for i, value in enumerate((*row, 1.0)):
                self.weights[i] -= rate * (p - label) * value / _PASSES
        return before
