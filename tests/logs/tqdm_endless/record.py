"""tqdm over batches whose number it does not know, described by epoch and loss; a message is written above the bar now and then."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record
from tqdm import tqdm
from tqdm_training import Training

EPOCHS, BATCHES = 3, 60


def train(truth: Truth) -> None:
    """Train; the truth is every loss that the loop put into the bar's description, which is drawn with each."""
    training = Training(BATCHES, 9)
    for epoch in range(EPOCHS):
        bar = tqdm(enumerate(training.batches))
        for number, batch in bar:
            loss = training.step(batch)
            bar.set_description(f"Epoch {epoch} | loss {loss:.4f}")
            truth.add("loss", epoch * BATCHES + number + 1, loss)
            if number % 25 == 20:
                tqdm.write(f"looked at {number + 1} batches")


if __name__ == "__main__":
    record(__file__, train, ("tqdm",))
