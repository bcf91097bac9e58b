"""fastText learning to tell texts apart: a progress line drawn over and over, then what its `test` says at one and at two labels."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random

from capture import Truth, record

WORDS = {"cat": "purr whisker milk paw", "dog": "bark bone leash paw", "sea": "wave salt milk bark"}


def _texts(path: str, count: int, seed: int) -> str:
    """Write `count` labelled lines of twelve words, most of them of its own."""
    make = random.Random(seed)
    every = " ".join(WORDS.values()).split()
    with Path(path).open("w", encoding="utf-8") as file:
        for _ in range(count):
            label = make.choice(list(WORDS))
            words = [make.choice(WORDS[label].split() if make.random() < 0.7 else every) for _ in range(12)]
            file.write(f"__label__{label} {' '.join(words)}\n")
    return path


def train(truth: Truth) -> None:
    """Learn 2,000 lines with two threads, for one draws nothing before its end; the truth is what `test` returns, for the loss is kept nowhere."""
    import fasttext

    model = fasttext.train_supervised(_texts("train.txt", 2000, 1), epoch=500, lr=0.05, dim=50, thread=2, verbose=2)
    for k in (1, 2):
        count, precision, recall = model.test(_texts("test.txt", 200, 2), k)
        print(f"N\t{count}\nP@{k}\t{precision:.3f}\nR@{k}\t{recall:.3f}")
        truth.add(f"test P@{k}", "-", precision)
        truth.add(f"test R@{k}", "-", recall)


if __name__ == "__main__":
    record(__file__, train, ("fasttext-wheel",))
