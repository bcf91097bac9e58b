"""torchtune: its own recipe for one device on a small Llama, a bar an epoch over the lines of StdoutLogger."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import random
from typing import Any

from capture import Truth, record

WORDS = "the a sun moon sea sky is was red blue cold warm and or . <pad> <unk> <eos>".split()
SHAPE = {"vocab_size": len(WORDS), "num_layers": 1, "num_heads": 2, "num_kv_heads": 2, "embed_dim": 16, "max_seq_len": 32}
SETTINGS = {
    "output_dir": "out",
    "seed": 71,
    "shuffle": True,
    "batch_size": 8,
    "epochs": 3,
    "max_steps_per_epoch": None,
    "gradient_accumulation_steps": 2,
    "clip_grad_norm": 1.0,
    "optimizer_in_bwd": False,
    "compile": False,
    "resume_from_checkpoint": False,
    "device": "cpu",
    "dtype": "fp32",
    "log_every_n_steps": 1,
    "log_peak_memory_stats": True,
    "enable_activation_checkpointing": False,
    "enable_activation_offloading": False,
    "tokenizer": {"_component_": "torchtune_parts.tokenizer"},
    "model": {"_component_": "torchtune.models.llama2.llama2", **SHAPE},
    "dataset": {"_component_": "torchtune.datasets.text_completion_dataset", "source": "json", "data_files": "texts.json", "split": "train"},
    "checkpointer": {
        "_component_": "torchtune.training.FullModelTorchTuneCheckpointer",
        "checkpoint_dir": "base",
        "checkpoint_files": ["model.pt"],
        "model_type": "LLAMA2",
        "output_dir": "out",
    },
    "optimizer": {"_component_": "torch.optim.AdamW", "lr": 0.01},
    "lr_scheduler": {"_component_": "torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup", "num_warmup_steps": 5},
    "loss": {"_component_": "torchtune.modules.loss.CEWithChunkedOutputLoss"},
    "metric_logger": {"_component_": "torchtune_parts.logger"},
}


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from torchtune.modules.transforms.tokenizers import HuggingFaceBaseTokenizer

    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.save("tokenizer.json")
    Path("tokenizer_config.json").write_text(json.dumps({"bos_token": "<eos>", "eos_token": "<eos>"}), encoding="utf-8")
    tokenizer = HuggingFaceBaseTokenizer("tokenizer.json", tokenizer_config_json_path="tokenizer_config.json")
    tokenizer.pad_id, tokenizer.max_seq_len = WORDS.index("<pad>"), SHAPE["max_seq_len"]
    return tokenizer


def _write_inputs(count: int) -> None:
    """Write sentences, and a model to begin with."""
    import torch
    from torchtune.models.llama2 import llama2

    make = random.Random(71)
    said = [f"the {make.choice(WORDS[2:6])} {make.choice(WORDS[6:8])} {make.choice(WORDS[8:12])} ." for _ in range(3 * count)]
    Path("texts.json").write_text(json.dumps([{"text": " ".join(said[3 * i : 3 * i + 3])} for i in range(count)]), encoding="utf-8")
    torch.manual_seed(71)
    Path("base").mkdir()
    torch.save(llama2(**SHAPE).state_dict(), "base/model.pt")


def train(truth: Truth) -> None:
    """Train 3 epochs of 10 steps; the truth is what the recipe gives its metric logger, whose loss the bar shows too."""
    import runpy
    import types
    import warnings

    import datasets
    import torchtune
    import yaml
    from torchtune.training.metric_logging import StdoutLogger

    class Logger(StdoutLogger):
        def log_dict(self, payload: Any, step: int) -> None:
            super().log_dict(payload, step)
            for name, value in payload.items():
                truth.add(name, step, value)
            truth.add("Loss", step, payload["loss"])

    datasets.disable_progress_bars()
    warnings.simplefilter("ignore")  # of torch, which name folders
    parts = types.ModuleType("torchtune_parts")
    parts.tokenizer, parts.logger = _tokenizer, Logger  # type: ignore[attr-defined]
    sys.modules["torchtune_parts"] = parts
    _write_inputs(160)
    Path("mine.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    recipe = Path(torchtune.__file__).parents[1] / "recipes" / "full_finetune_single_device.py"
    arguments, sys.argv = sys.argv, ["tune", "--config", "mine.yaml"]
    try:
        runpy.run_path(str(recipe), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    sys.argv = arguments


if __name__ == "__main__":
    record(__file__, train, ("torchtune", "torchao", "torch"), ("tokens_per_second_per_gpu",))
