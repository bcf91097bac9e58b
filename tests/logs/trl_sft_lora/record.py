"""TRL's SFTTrainer with LoRA adapters of PEFT, gradients accumulated over four batches, and the count of trainable parameters above."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random
from typing import Any

import hf_training
from capture import Truth, record
from trl_training import WORDS, model, tokenizer


def _answers(count: int, seed: int) -> Any:
    from datasets import Dataset

    make = random.Random(seed)
    said = [(make.choice(WORDS[2:6]), make.choice(WORDS[8:12])) for _ in range(count)]
    return Dataset.from_list([{"prompt": f"the {thing} is ", "completion": f"{color} and {color} ."} for thing, color in said])


def train(truth: Truth) -> None:
    """Train 2 epochs of 15 steps on 237 examples."""
    import datasets
    from peft import LoraConfig
    from transformers import set_seed
    from trl import SFTConfig, SFTTrainer

    datasets.disable_progress_bars()
    set_seed(64)
    settings = SFTConfig(
        output_dir="out", report_to="none", save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, dataloader_pin_memory=False,
        num_train_epochs=2, per_device_train_batch_size=4, gradient_accumulation_steps=4, learning_rate=2e-2, warmup_steps=3, logging_steps=2,
        logging_first_step=True, eval_strategy="epoch", max_length=24, seed=64,
    )
    adapters = LoraConfig(r=4, lora_alpha=8, target_modules=["c_attn", "c_proj"], task_type="CAUSAL_LM", fan_in_fan_out=True)
    trainer = SFTTrainer(
        model=model(), args=settings, train_dataset=_answers(237, 64), eval_dataset=_answers(40, 65), processing_class=tokenizer(), peft_config=adapters
    )
    trainer.model.print_trainable_parameters()
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)


if __name__ == "__main__":
    record(__file__, train, ("trl", "peft", "transformers", "torch"), hf_training.CLOCKS)
