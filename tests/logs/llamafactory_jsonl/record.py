"""LLaMA-Factory: its file trainer_log.jsonl, as one would print it after the training."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os

import hf_training
import llamafactory_training
from capture import Truth, record

WRITTEN = {"loss": "loss", "eval_loss": "eval_loss", "learning_rate": "lr"}


def train(truth: Truth) -> None:
    """Train in silence and print the file; the truth is the trainer's log_history."""
    kept = [os.dup(number) for number in (1, 2)]
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
    rows = llamafactory_training.train()
    sys.stdout.flush()
    for number, was in zip((1, 2), kept, strict=True):
        os.dup2(was, number)
    print(Path("out/trainer_log.jsonl").read_text(encoding="utf-8"), end="")
    for row in rows:
        for name, written in WRITTEN.items():
            if name in row:
                truth.add(written, row["step"], row[name])


if __name__ == "__main__":
    record(__file__, train, ("llamafactory", "transformers", "peft", "torch"), hf_training.CLOCKS)
