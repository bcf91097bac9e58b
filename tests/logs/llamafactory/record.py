"""LLaMA-Factory: what `llamafactory-cli train` prints: logs and dicts between redraws of the bar, tables of the results at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
import llamafactory_training
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train; the truth is the trainer's log_history."""
    hf_training.note(truth, llamafactory_training.train())


if __name__ == "__main__":
    record(__file__, train, ("llamafactory", "transformers", "peft", "torch"), hf_training.CLOCKS)
