"""transformers Trainer with two named evaluation sets, early stopping and the best checkpoint loaded again."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hf_training
from capture import record

if __name__ == "__main__":
    record(__file__, hf_training.train_with_eval_sets, ("transformers", "accelerate", "torch"), (*hf_training.CLOCKS, "*tokens_per_second*"))
