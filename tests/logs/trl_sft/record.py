"""TRL's SFTTrainer: the Trainer's dicts with a dozen keys, on a language model and a tokenizer made on the spot."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import hf_training
from capture import Truth, record
from trl_training import WORDS, model, tokenizer


def _texts(count: int, seed: int) -> Any:
    import random

    from datasets import Dataset

    make = random.Random(seed)
    said = [f"the {make.choice(WORDS[2:6])} {make.choice(WORDS[6:8])} {make.choice(WORDS[8:12])} ." for _ in range(3 * count)]
    return Dataset.from_list([{"text": " ".join(said[3 * i : 3 * i + 3])} for i in range(count)])


def train(truth: Truth) -> None:
    """Train 60 steps, a row every 6, an evaluation every 20."""
    import datasets
    from transformers import set_seed
    from trl import SFTConfig, SFTTrainer

    datasets.disable_progress_bars()
    set_seed(63)
    settings = SFTConfig(
        output_dir="out", report_to="none", save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, dataloader_pin_memory=False,
        max_steps=60, per_device_train_batch_size=8, learning_rate=8e-3, logging_steps=6, eval_strategy="steps", eval_steps=20, max_length=24, seed=63,
    )
    trainer = SFTTrainer(model=model(), args=settings, train_dataset=_texts(240, 63), eval_dataset=_texts(48, 64), processing_class=tokenizer())
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("trl", "transformers", "torch"), hf_training.CLOCKS)
