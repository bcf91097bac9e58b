"""TRL's DPOTrainer: dicts whose names have slashes, with gradient accumulation and an evaluation an epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random
import warnings
from typing import Any

import hf_training
import trl_training
from capture import Truth, record
from trl_training import WORDS, tokenizer


def _choices(count: int, seed: int) -> Any:
    from datasets import Dataset

    make = random.Random(seed)
    rows = []
    for _ in range(count):
        thing, good, bad = make.choice(WORDS[2:6]), make.choice(WORDS[8:10]), make.choice(WORDS[10:12])
        rows.append({"prompt": f"the {thing} is", "chosen": f" {good} .", "rejected": f" {bad} ."})
    return Dataset.from_list(rows)


def train(truth: Truth) -> None:
    """Train 3 epochs of 10 steps, a row every 5, an evaluation an epoch."""
    warnings.simplefilter("ignore")
    import datasets
    from transformers import GPT2LMHeadModel, set_seed
    from trl import DPOConfig, DPOTrainer

    datasets.disable_progress_bars()
    set_seed(64)
    trl_training.model().save_pretrained("base")
    model = GPT2LMHeadModel.from_pretrained("base")  # the trainer looks for the one to compare with where it came from
    settings = DPOConfig(
        output_dir="out", report_to="none", save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, dataloader_pin_memory=False,
        num_train_epochs=3, per_device_train_batch_size=4, gradient_accumulation_steps=2, learning_rate=8e-3, logging_steps=5, eval_strategy="epoch",
        max_length=24, seed=64,
    )  # fmt: skip
    trainer = DPOTrainer(
        model=model, args=settings, train_dataset=_choices(80, 64), eval_dataset=_choices(16, 65), processing_class=tokenizer()
    )
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("trl", "transformers", "torch"), hf_training.CLOCKS)
