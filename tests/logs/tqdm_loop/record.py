"""tqdm: a bar over the batches of each epoch, faster than it counts; a bar that is wiped off over a validation; the epoch's line below both."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record
from tqdm import tqdm
from tqdm_training import Training

EPOCHS, BATCHES = 3, 60


def train(truth: Truth) -> None:
    """Train; the truth is every loss that the loop put into the bar, which draws each."""
    training, checks = Training(BATCHES, 7), Training(10, 8)
    step = 0
    for epoch in range(1, EPOCHS + 1):
        bar = tqdm(training.batches)
        for batch in bar:
            loss = training.step(batch)
            step += 1
            bar.set_postfix(loss=f"{loss:.4f}")
            truth.add("loss", step, loss)
        checks.weights = training.weights
        held_out = [checks.loss(batch) for batch in tqdm(checks.batches, desc="validating", leave=False)]
        val_loss = sum(held_out) / len(held_out)
        print(f"Epoch {epoch}/{EPOCHS} val_loss: {val_loss:.5f}", flush=True)
        truth.add("val_loss", epoch, val_loss)


if __name__ == "__main__":
    record(__file__, train, ("tqdm",))
