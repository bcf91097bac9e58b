"""TRL's GRPOTrainer: dicts with two dozen keys, rewards and lengths of completions among them."""

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


def warmth(completions: list[str], **_: Any) -> list[float]:
    """Reward each completion by its share of the word `warm`."""
    return [text.split().count("warm") / max(1, len(text.split())) for text in completions]


def brevity(completions: list[str], **_: Any) -> list[float]:
    """Reward short completions."""
    return [1.0 - len(text.split()) / 8 for text in completions]


def train(truth: Truth) -> None:
    """Train 12 steps, a row every 2; four completions a prompt."""
    warnings.simplefilter("ignore")
    import datasets
    from datasets import Dataset
    from transformers import GPT2LMHeadModel, set_seed
    from trl import GRPOConfig, GRPOTrainer

    datasets.disable_progress_bars()
    set_seed(66)
    make = random.Random(66)
    prompts = Dataset.from_list([{"prompt": f"the {make.choice(WORDS[2:6])} is"} for _ in range(32)])
    trl_training.model().save_pretrained("base")
    model = GPT2LMHeadModel.from_pretrained("base")  # the trainer looks for the one to compare with where it came from
    settings = GRPOConfig(
        output_dir="out", report_to="none", save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, dataloader_pin_memory=False,
        max_steps=12, per_device_train_batch_size=8, num_generations=4, max_completion_length=8, learning_rate=2e-2, logging_steps=2, beta=0.02, seed=66,
    )  # fmt: skip
    trainer = GRPOTrainer(model=model, args=settings, train_dataset=prompts, reward_funcs=[warmth, brevity], processing_class=tokenizer(padding_side="left"))
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("trl", "transformers", "torch"), (*hf_training.CLOCKS, "step_time"))
