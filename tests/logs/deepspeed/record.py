"""DeepSpeed's engine on one rank: its own lines every few steps, among those of its loggers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import csv
import os
import socket

from capture import Truth, record

STEPS, EVERY, BATCH, MICRO = 40, 5, 16, 8
SETTINGS = {
    "train_batch_size": BATCH,
    "train_micro_batch_size_per_gpu": MICRO,
    "steps_per_print": EVERY,
    "gradient_clipping": 1.0,
    "optimizer": {"type": "Adam", "params": {"lr": 0.05, "torch_adam": True}},
    "scheduler": {"type": "WarmupDecayLR", "params": {"warmup_num_steps": 10, "total_num_steps": STEPS, "warmup_max_lr": 0.05}},
    "csv_monitor": {"enabled": True, "output_path": "monitored", "job_name": "job"},
}


def _alone() -> None:
    """Say that this is the only rank, at a port that is free."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, RANK="0", WORLD_SIZE="1", LOCAL_RANK="0", DS_ACCELERATOR="cpu")


def train(truth: Truth) -> None:
    """Train a line for 40 steps; the truth are the learning rates in the engine's own CSV monitor, which counts samples."""
    import warnings

    warnings.simplefilter("ignore")
    _alone()
    import deepspeed
    import torch

    for one in (deepspeed.utils.logger, *deepspeed.utils.logger.handlers):
        one.setLevel("INFO")  # as it is in older versions
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False  # else compiled for minutes, for ranks that share memory
    torch.manual_seed(73)
    model = torch.nn.Linear(8, 1)
    engine, _, _, _ = deepspeed.initialize(model=model, model_parameters=model.parameters(), config=SETTINGS)
    truth.add("lr rank 0", 0, engine.get_lr()[0])
    for _ in range(STEPS * BATCH // MICRO):
        x = torch.randn(MICRO, 8)
        loss = ((engine(x) - x.sum(1, keepdim=True)) ** 2).mean()
        engine.backward(loss)
        engine.step()
    with Path("monitored/job/Train_Samples_lr.csv").open(encoding="utf-8") as file:
        for samples, rate in list(csv.reader(file))[1:]:
            if int(samples) // BATCH % EVERY == 0:
                truth.add("lr rank 0", int(samples) // BATCH, rate)


if __name__ == "__main__":
    record(__file__, train, ("deepspeed", "torch"))
