"""OLMo-core: blocks of values under a header with step and epoch, evaluations of language modelling between."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

EVERY, STEPS, EVALUATE, LENGTH = 5, 40, 20, 32


def train(truth: Truth) -> None:
    """Train 40 steps of a tiny model; the truth is what its callbacks are given."""
    import os

    os.environ["COLUMNS"] = "120"
    import numpy as np
    import torch
    from olmo_core.data import NumpyDataLoaderConfig, NumpyFSLDatasetConfig, NumpyPaddedFSLDatasetConfig, TokenizerConfig
    from olmo_core.nn.transformer import TransformerConfig
    from olmo_core.optim import AdamWConfig, CosWithWarmup
    from olmo_core.train import Duration, TrainerConfig, prepare_training_environment, teardown_training_environment
    from olmo_core.train.callbacks import Callback, ConsoleLoggerCallback, LMEvaluatorCallbackConfig
    from olmo_core.train.train_module import TransformerTrainModuleConfig

    make = np.random.default_rng(68)
    for name, count in (("train", 6000), ("valid", 1200)):
        values = np.where(np.arange(count) % 3 == 0, make.integers(1, 50, count), np.arange(count) % 50 + 1).astype(np.uint16)
        values.tofile(f"{name}.npy")
    prepare_training_environment(seed=68, backend=None)
    tokenizer = TokenizerConfig(vocab_size=64, eos_token_id=0, pad_token_id=0)
    model = TransformerConfig.llama_like(d_model=32, vocab_size=64, n_layers=2, n_heads=2).build(init_device="cpu")
    module = TransformerTrainModuleConfig(
        rank_microbatch_size=4 * LENGTH, max_sequence_length=LENGTH, optim=AdamWConfig(lr=0.01), max_grad_norm=1.0, scheduler=CosWithWarmup(warmup_steps=5)
    ).build(model)
    data = NumpyFSLDatasetConfig(paths=["train.npy"], sequence_length=LENGTH, tokenizer=tokenizer, work_dir="work").build()
    loader = NumpyDataLoaderConfig(global_batch_size=8 * LENGTH, seed=0, num_workers=0).build(data)

    class Kept(Callback):
        def log_metrics(self, step: int, metrics: dict[str, float]) -> None:
            if step == 1 or step % EVERY == 0:
                for name, value in metrics.items():
                    if name in ("train/CE loss", "train/PPL", "optim/total grad norm", "optim/LR (group 0)"):
                        truth.add(name, step, value)
            for name, value in metrics.items():
                if name.startswith("eval/"):
                    truth.add(name.replace("lm/", ""), 1, value)  # in the first epoch: the step is printed later

    evaluator = LMEvaluatorCallbackConfig(
        eval_dataset=NumpyPaddedFSLDatasetConfig(
            paths=["valid.npy"], metadata=[{"label": "made-validation"}], sequence_length=LENGTH, tokenizer=tokenizer, work_dir="work"
        ),
        eval_interval=EVALUATE,
        eval_duration=Duration.steps(4),
    )
    config = TrainerConfig(save_folder="out", save_overwrite=True, metrics_collect_interval=EVERY, max_duration=Duration.steps(STEPS), no_checkpoints=True)
    config = config.with_callback("console_logger", ConsoleLoggerCallback(log_interval=1, metrics_log_interval=EVERY)).with_callback("lm", evaluator)
    trainer = config.with_callback("kept", Kept()).build(module, loader)
    trainer.fit()
    teardown_training_environment()


if __name__ == "__main__":
    record(__file__, train, ("ai2-olmo-core", "torch"))
