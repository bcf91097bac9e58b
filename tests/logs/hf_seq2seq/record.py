"""Seq2SeqTrainer that generates, as the translation scripts run it: the log level info, an evaluation before the training, blocks at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
import random
from typing import Any

import hf_training
from capture import Truth, record
from trl_training import WORDS, tokenizer

LENGTH = 8


def _turned(count: int, seed: int) -> list[dict[str, Any]]:
    """Return sentences whose translation is the same words backwards."""
    make = random.Random(seed)
    lines = [[make.randrange(1, 14) for _ in range(LENGTH)] for _ in range(count)]
    return [{"input_ids": [*line, 17], "attention_mask": [1] * (LENGTH + 1), "labels": [*line[::-1], 17]} for line in lines]


def _metrics(prediction: Any) -> dict[str, float]:
    answers, labels = prediction.predictions[:, 1 : LENGTH + 1], prediction.label_ids[:, :LENGTH]
    same = [(a[: len(b)] == b[: len(a)]).mean() for a, b in zip(answers, labels, strict=True)]
    return {"word_accuracy": 100 * sum(same) / len(same), "gen_len": float((prediction.predictions != 15).sum(1).mean())}


def train(truth: Truth) -> None:
    """Train 3 epochs of 20 steps, evaluate, predict; the closing blocks repeat the rows but for the prediction, which has no step."""
    from transformers import BartConfig, BartForConditionalGeneration, DataCollatorForSeq2Seq, Seq2SeqTrainer, Seq2SeqTrainingArguments, set_seed, utils

    settings = Seq2SeqTrainingArguments(
        output_dir="out", report_to="none", save_strategy="epoch", save_total_limit=1, dataloader_pin_memory=False, use_cpu=True, seed=45,
        per_device_train_batch_size=16, per_device_eval_batch_size=16, num_train_epochs=3, learning_rate=6e-3, logging_steps=8, log_level="info",
        eval_strategy="epoch", eval_on_start=True, predict_with_generate=True, generation_max_length=LENGTH + 2, label_smoothing_factor=0.1,
    )  # fmt: skip
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt="%m/%d/%Y %H:%M:%S", level=logging.INFO)
    utils.logging.set_verbosity_info()
    utils.logging.enable_default_handler()
    utils.logging.enable_explicit_format()
    logging.getLogger(__name__).info("Training/evaluation parameters %s", settings)
    set_seed(45)
    sizes = {f"{side}_{what}": size for side in ("encoder", "decoder") for what, size in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 32))}
    special = {"pad_token_id": 15, "bos_token_id": 17, "eos_token_id": 17, "decoder_start_token_id": 17, "forced_eos_token_id": 17}
    model = BartForConditionalGeneration(BartConfig(vocab_size=len(WORDS), d_model=24, max_position_embeddings=16, **sizes, **special))
    words = tokenizer()
    trainer = Seq2SeqTrainer(
        model=model, args=settings, train_dataset=_turned(320, 45), eval_dataset=_turned(48, 46), processing_class=words,
        data_collator=DataCollatorForSeq2Seq(words, model), compute_metrics=_metrics,
    )  # fmt: skip
    done = {"train": trainer.train().metrics}
    hf_training.note(truth, trainer.state.log_history)
    done["eval"], done["predict"] = trainer.evaluate(), trainer.predict(_turned(32, 47), metric_key_prefix="predict").metrics
    for kind, metrics in done.items():
        trainer.log_metrics(kind, metrics)
        trainer.save_metrics(kind, metrics)
    for name, value in done["predict"].items():
        if not name.endswith("_runtime"):  # a clock, as h:mm:ss
            truth.add(name, "-", value)


if __name__ == "__main__":
    record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS)
