"""ms-swift: the Trainer's dicts with step and clocks in them, between redraws of bars with names."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import warnings

import hf_training
import llamafactory_training
from capture import Truth, record

SETTINGS = {
    "model": "base",
    "model_type": "llama",
    "template": "dummy",
    "dataset": ["rows.jsonl"],
    "split_dataset_ratio": 0.1,
    "tuner_type": "lora",
    "num_train_epochs": 2,
    "per_device_train_batch_size": 4,
    "gradient_accumulation_steps": 2,
    "learning_rate": 0.05,
    "logging_steps": 5,
    "eval_steps": 10,
    "save_steps": 10,
    "output_dir": "out",
    "report_to": ["none"],
    "torch_dtype": "float32",
    "max_length": 64,
    "dataset_num_proc": 1,
    "dataloader_num_workers": 0,
    "use_cpu": True,
}


def train(truth: Truth) -> None:
    """Train 2 epochs of 9 steps with an evaluation every 10; the truth is the log_history at the end of ms-swift's logging.jsonl."""
    warnings.simplefilter("ignore")
    sys.path.remove(str(Path(__file__).resolve().parents[1]))  # whose folders would be taken for packages that are not installed
    llamafactory_training.write_inputs(80)
    rows = json.loads(Path("data/mine.json").read_text(encoding="utf-8"))
    talks = [[{"role": "user", "content": row["instruction"]}, {"role": "assistant", "content": row["output"]}] for row in rows]
    Path("rows.jsonl").write_text("".join(json.dumps({"messages": talk}) + "\n" for talk in talks), encoding="utf-8")
    from swift.arguments import SftArguments
    from swift.pipelines import sft_main

    sft_main(SftArguments(**SETTINGS))
    written = next(Path("out").rglob("logging.jsonl")).read_text(encoding="utf-8").splitlines()
    hf_training.note(truth, json.loads(written[-1])["log_history"])


if __name__ == "__main__":
    record(__file__, train, ("ms-swift", "transformers", "peft", "torch"), hf_training.CLOCKS)
