"""A character model trained by a script in the manner of karpathy/nanoGPT's train.py, whose lines are its formats."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import time
from typing import Any

from capture import Truth, record

WIDTH, CONTEXT, BATCH, STEPS, EVALUATE_EVERY, LOG_EVERY = 24, 16, 12, 120, 40, 4
TEXT = "the quick brown fox jumps over the lazy dog while seven wizards quietly bake a dozen extra pies. "


def _batch(data: Any, make: Any) -> tuple[Any, Any]:
    import torch

    starts = torch.randint(len(data) - CONTEXT - 1, (BATCH,), generator=make)
    return torch.stack([data[i : i + CONTEXT] for i in starts]), torch.stack([data[i + 1 : i + CONTEXT + 1] for i in starts])


def _loss(model: Any, batch: tuple[Any, Any]) -> Any:
    import torch

    return torch.nn.functional.cross_entropy(model(batch[0]).flatten(0, 1), batch[1].flatten())


def _estimate(model: Any, splits: dict[str, Any], make: Any) -> dict[str, float]:
    """Return the mean loss of 5 batches of each split."""
    import torch

    with torch.no_grad():
        return {name: sum(_loss(model, _batch(data, make)).item() for _ in range(5)) / 5 for name, data in splits.items()}


def _model(vocabulary: int) -> Any:
    import torch

    net = torch.nn.Sequential(torch.nn.Embedding(vocabulary, WIDTH), torch.nn.Linear(WIDTH, 2 * WIDTH), torch.nn.GELU(), torch.nn.Linear(2 * WIDTH, vocabulary))
    print(f"number of parameters: {sum(p.numel() for p in net.parameters()) / 1e6:.2f}M")
    return net


def train(truth: Truth) -> None:
    """Train 120 iterations; the loss of an evaluation and of the iteration are two numbers at one step."""
    import torch

    torch.manual_seed(13)
    make = torch.Generator().manual_seed(13)
    letters = sorted(set(TEXT))
    data = torch.tensor([letters.index(c) for c in TEXT * 20])
    splits = {"train": data[:1600], "val": data[1600:]}
    print(f"tokens per iteration will be: {BATCH * CONTEXT:,}")
    print(f"found vocab_size = {len(letters)} (inside data/pangram/meta.pkl)")
    print("Initializing a new model from scratch")
    model = _model(len(letters))
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    running, best, before = -1.0, 1e9, time.time()
    for step in range(STEPS + 1):
        if step % EVALUATE_EVERY == 0:
            losses = _estimate(model, splits, make)
            print(f"step {step}: train loss {losses['train']:.4f}, val loss {losses['val']:.4f}")
            truth.add("train loss", step, losses["train"])
            truth.add("val loss", step, losses["val"])
            if losses["val"] < best and step > 0:
                best = losses["val"]
                print("saving checkpoint to out-pangram")
        loss = _loss(model, _batch(splits["train"], make))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        now, spent, before = time.time(), time.time() - before, time.time()
        if step % LOG_EVERY == 0:
            flops = 6 * sum(p.numel() for p in model.parameters()) * BATCH * CONTEXT / spent
            if step >= 5 * LOG_EVERY:  # as there: the first ones say -100.00%
                running = flops / 312e12 if running == -1.0 else 0.9 * running + 0.1 * flops / 312e12
            print(f"iter {step}: loss {loss.item():.4f}, time {spent * 1000:.2f}ms, mfu {running * 100:.2f}%")
            truth.add("loss", step, loss.item())
            truth.add("time", step, spent * 1000)
            truth.add("mfu", step, running * 100)


if __name__ == "__main__":
    record(__file__, train, ("torch",), ("time", "mfu"))
