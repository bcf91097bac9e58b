"""Vowpal Wabbit's table of progress: a row at each power of two, and the loss at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record


def train(truth: Truth) -> None:
    """Learn 600 examples of two classes, one by one, and ask for the sum of losses where a row is printed."""
    import random

    import vowpalwabbit

    chance = random.Random(15)
    learner = vowpalwabbit.Workspace("--loss_function logistic --random_seed 15", quiet=False)
    before, since = 0.0, 0
    for n in range(1, 601):
        x = chance.uniform(-1, 1)
        learner.learn(f"{1 if x + chance.gauss(0, 0.2) > 0 else -1} | x:{x:.4f} z:{chance.uniform(-1, 1):.4f}")
        if n & (n - 1) == 0:
            total = learner.get_sum_loss()
            truth.add("average loss", n, total / n)
            truth.add("loss since last", n, (total - before) / (n - since))
            before, since = total, n
    truth.add("final average loss", "-", learner.get_sum_loss() / 600)
    learner.finish()


if __name__ == "__main__":
    record(__file__, train, ("vowpalwabbit",))
