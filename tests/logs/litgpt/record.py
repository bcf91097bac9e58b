"""LitGPT's pretraining: iterations and steps on a line, the last validation's loss repeated in it, results in a frame at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import csv
from typing import Any

from capture import Truth, record

VOCABULARY, LENGTH, BATCH = 32, 16, 4


def _rows(count: int, seed: int) -> Any:
    """Return rows of tokens, each mostly three more than the one before."""
    import torch

    make = torch.Generator().manual_seed(seed)
    first = torch.randint(0, VOCABULARY, (count, 1), generator=make)
    noise = torch.randint(0, 2, (count, LENGTH + 1), generator=make)
    return (first + 3 * torch.arange(LENGTH + 1) + noise) % VOCABULARY


def _data() -> Any:
    from litgpt.data import DataModule
    from torch.utils.data import DataLoader

    class Rows(DataModule):
        def connect(self, *_: Any, **__: Any) -> None:
            """Take no tokenizer."""

        def train_dataloader(self) -> Any:
            return DataLoader(_rows(96, 74), batch_size=BATCH)

        def val_dataloader(self) -> Any:
            return DataLoader(_rows(16, 75), batch_size=BATCH)

    return Rows()


def train(truth: Truth) -> None:
    """Train 3 epochs of 24 iterations, two a step, with a validation every 12 steps; the truth is LitGPT's own CSV log."""
    import warnings

    from litgpt import Config
    from litgpt.args import EvalArgs, TrainArgs
    from litgpt.pretrain import setup

    warnings.simplefilter("ignore")
    config = Config(name="pythia-14m", block_size=LENGTH, padded_vocab_size=VOCABULARY, n_layer=1, n_head=2, n_embd=16, lm_head_bias=False)
    train_args = TrainArgs(
        save_interval=None, log_interval=4, global_batch_size=2 * BATCH, micro_batch_size=BATCH, max_tokens=72 * BATCH * LENGTH,
        max_norm=1.0, min_lr=1e-4, lr_warmup_steps=4, tie_embeddings=False,
    )  # fmt: skip
    given, sys.argv = sys.argv, ["litgpt", "pythia-14m"]  # which is read again where the settings are saved
    setup(
        "pythia-14m", config, Path("out"), "32-true", data=_data(), train=train_args,
        eval=EvalArgs(interval=12, max_iters=4, initial_validation=False),
        optimizer={"class_path": "torch.optim.AdamW", "init_args": {"lr": 0.02}}, devices=1, logger_name="csv", seed=74,
    )  # fmt: skip
    sys.argv = given
    with next(Path("out").rglob("metrics.csv")).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name, printed in (("loss", "loss train"), ("val_loss", "val loss")):
            if row[name]:
                truth.add(printed, int(row["step"]) + 1, row[name])
    last = next(row for row in reversed(rows) if row["val_loss"])
    for name in ("val_loss", "val_ppl"):  # of the evaluation after the training, which is the last one once more
        truth.add(f"final/{name}", int(last["step"]) + 1, last[name])


if __name__ == "__main__":
    record(__file__, train, ("litgpt", "lightning", "torch"))
