"""mlx-lm's LoRA trainer of a tiny Llama: a table that has a row of the training or of a validation, over bars drawn by rich, and a test at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import types
from typing import Any

from capture import Truth, record

WORDS = [first + last for first in "bdgklmnprstv" for last in ("a", "e", "in", "or", "un")]
TEXTS = {"train": 60, "valid": 12, "test": 12}


def _write_model() -> None:
    """Write a fresh model, its tokenizer and what it learns from: made-up words in turn."""
    import random

    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(6)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(["<end>", *WORDS])}, unk_token="<end>"))  # noqa: S106 - a token, no secret
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>").save_pretrained("model")  # noqa: S106
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(WORDS) + 1, tie_word_embeddings=False, bos_token_id=0, eos_token_id=0, **sizes)).save_pretrained("model")
    make = random.Random(6)
    Path("data").mkdir()
    for part, count in TEXTS.items():
        starts = [make.randrange(len(WORDS)) for _ in range(count)]
        lines = (json.dumps({"text": " ".join(WORDS[(start + 7 * i) % len(WORDS)] for i in range(make.randint(6, 24)))}) for start in starts)
        Path("data", f"{part}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _follow(truth: Truth) -> None:
    """Note what the trainer hands to the table and what the test returns."""
    import math

    from mlx_lm import lora
    from mlx_lm.cli_ui import TrainUI

    train, val, evaluate = TrainUI.report_train, TrainUI.report_val, lora.evaluate

    def report_train(ui: Any, iteration: int, loss: float, rate: float, tokens: int) -> None:
        truth.add("train_loss", iteration, loss)
        truth.add("tok/s", iteration, rate)
        train(ui, iteration, loss, rate, tokens)

    def report_val(ui: Any, iteration: int, loss: float, took: float) -> None:
        truth.add("val_loss", iteration, loss)
        val(ui, iteration, loss, took)

    def test(*args: Any, **kwargs: Any) -> float:
        loss: float = evaluate(*args, **kwargs)
        truth.add("Test loss", "-", loss)
        truth.add("Test ppl", "-", math.exp(loss))
        return loss

    TrainUI.report_train, TrainUI.report_val, lora.evaluate = report_train, report_val, test


def train(truth: Truth) -> None:
    """Train 40 iterations, a row every five, a validation every ten."""
    from mlx_lm import lora

    _write_model()
    _follow(truth)
    settings: dict[str, Any] = {
        "model": "model", "data": "data", "train": True, "test": True, "iters": 40, "steps_per_report": 5, "steps_per_eval": 10, "val_batches": 2,
        "test_batches": 3, "batch_size": 4, "num_layers": 2, "max_seq_length": 32, "learning_rate": 1e-2, "save_every": 20, "adapter_path": "adapters", "seed": 6,
    }  # fmt: skip
    lora.run(types.SimpleNamespace(**(lora.CONFIG_DEFAULTS | settings)))


if __name__ == "__main__":
    record(__file__, train, ("mlx-lm", "mlx", "rich", "transformers"), ("tok/s",))
