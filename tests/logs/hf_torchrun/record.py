"""transformers Trainer in two processes under torchrun --tee: a worker's prefix before every line, dicts and bars among them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import subprocess

import hf_training
from capture import Truth, record


def _work() -> None:
    """Be one process: train 4 epochs of 14 steps; the first writes down what it logged."""
    trainer = hf_training.trainer(
        examples=448, hidden=16, per_device_train_batch_size=16, per_device_eval_batch_size=16, num_train_epochs=4, learning_rate=1e-2, logging_steps=5,
        eval_strategy="epoch", save_strategy="epoch", save_total_limit=1, use_cpu=True, ddp_backend="gloo", seed=16,
    )  # fmt: skip
    trainer.train()
    if trainer.is_world_process_zero():
        Path("history.json").write_text(json.dumps(trainer.state.log_history), encoding="utf-8")


class _First:
    """Notes what rank 0 said."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth

    def add(self, metric: str, step: float, value: object) -> None:
        self.truth.add(f"{metric} rank 0", step, value)


def train(truth: Truth) -> None:
    """Run two workers; the truth is the first one's log_history."""
    options = ["--standalone", "--nproc_per_node=2", "--tee", "3"]
    subprocess.run([sys.executable, "-m", "torch.distributed.run", *options, __file__, "--worker"], check=True)
    hf_training.note(_First(truth), json.loads(Path("history.json").read_text(encoding="utf-8")))  # type: ignore[arg-type]


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        _work()
    else:
        record(__file__, train, ("transformers", "accelerate", "torch"), hf_training.CLOCKS + tuple(f"{clock} rank 0" for clock in hf_training.CLOCKS))
