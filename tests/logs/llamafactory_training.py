"""A small Llama under LLaMA-Factory's `sft`, for the recordings of what it prints and of the file of JSON lines that it writes."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import random
import sys
import warnings
from pathlib import Path
from typing import Any

WORDS = [*"the a sun moon sea sky is was red blue cold warm and or what . ?".split(), "<pad>", "<unk>", "<eos>"]
SETTINGS = {
    "stage": "sft",
    "do_train": True,
    "model_name_or_path": "base",
    "dataset": "mine",
    "dataset_dir": "data",
    "template": "default",
    "finetuning_type": "lora",
    "cutoff_len": 32,
    "val_size": 0.2,
    "preprocessing_num_workers": None,
    "output_dir": "out",
    "logging_steps": 5,
    "eval_strategy": "steps",
    "eval_steps": 20,
    "save_steps": 30,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 2,
    "learning_rate": 0.05,
    "num_train_epochs": 3.0,
    "lr_scheduler_type": "cosine",
    "report_to": "none",
    "seed": 72,
    "use_cpu": True,
    "dataloader_num_workers": 0,
}


def write_inputs(count: int) -> None:
    """Write a tokenizer, a model to begin with, and questions with their answers."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", eos_token="<eos>").save_pretrained("base")
    torch.manual_seed(72)
    shape = {"vocab_size": len(WORDS), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(**shape, max_position_embeddings=64, eos_token_id=19, pad_token_id=17)).save_pretrained("base")
    make = random.Random(72)
    rows = []
    for _ in range(count):
        thing = make.choice(WORDS[2:6])
        rows.append({"instruction": f"what is the {thing} ?", "input": "", "output": f"the {thing} is {make.choice(WORDS[8:12])} ."})
    Path("data").mkdir()
    Path("data/mine.json").write_text(json.dumps(rows), encoding="utf-8")
    Path("data/dataset_info.json").write_text(json.dumps({"mine": {"file_name": "mine.json"}}), encoding="utf-8")


def train() -> list[dict[str, Any]]:
    """Train 3 epochs of 20 steps, a row every 5, an evaluation every 20; return the trainer's own log_history but its last row.

    That is of an evaluation after the training, which is printed in a table only and written to no file.
    """
    sys.path.remove(str(Path(__file__).parent))  # whose folders would be taken for packages that are not installed
    import datasets

    if importlib.util.find_spec("torchaudio") is None:  # which LLaMA-Factory imports for sounds, and PyPI has for a GPU only
        sys.modules["torchaudio"] = importlib.util.module_from_spec(importlib.machinery.ModuleSpec("torchaudio", None))
    from llamafactory.train.tuner import run_exp
    from transformers import TrainerCallback

    history: list[dict[str, Any]] = []

    class Kept(TrainerCallback):
        def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            history.append(dict(state.log_history[-1]))

    warnings.simplefilter("ignore")
    datasets.disable_progress_bars()
    write_inputs(200)
    run_exp(SETTINGS, [Kept()])
    return history[:-1]
