"""A script in the manner of diffusers' on accelerate: a bar of steps, and a logger whose lines stand behind it where a state is saved."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
from typing import Any

import tables
from capture import Truth, record

STEPS, BATCH, SAVED = 30, 16, 6


def _loop(truth: Truth, accelerator: Any, logger: Any) -> None:
    import torch
    from tqdm.auto import tqdm

    x, y = tables.classes(STEPS * BATCH, 41)
    data = torch.utils.data.TensorDataset(torch.tensor(x).float(), torch.tensor(y))
    model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.SiLU(), torch.nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), 0.02)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    model, optimizer, loader = accelerator.prepare(model, optimizer, torch.utils.data.DataLoader(data, BATCH))
    bar = tqdm(range(STEPS), desc="Steps", disable=not accelerator.is_local_main_process)
    for done, (inputs, targets) in enumerate(loader, 1):
        loss = torch.nn.functional.cross_entropy(model(inputs), targets)
        accelerator.backward(loss)
        optimizer.step()
        rate.step()
        optimizer.zero_grad()
        bar.update(1)
        if done % SAVED == 0:
            accelerator.save_state(f"checkpoint-{done}")
            logger.info("Saved state to checkpoint-%d", done)
        values = {"loss": loss.item(), "lr": rate.get_last_lr()[0]}
        bar.set_postfix(**values)
        for name, value in values.items():
            truth.add(name, done, value)
    bar.close()


def train(truth: Truth) -> None:
    """Train 30 steps; every sixth is saved between the bar's two drawings of its count."""
    from accelerate import Accelerator
    from accelerate.logging import get_logger
    from accelerate.utils import set_seed

    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt="%m/%d/%Y %H:%M:%S", level=logging.INFO)
    set_seed(41)
    _loop(truth, Accelerator(cpu=True), get_logger(__name__))


if __name__ == "__main__":
    record(__file__, train, ("accelerate", "tqdm", "torch"))
