"""torchrun with a role, as torchtitan's script starts it: `[rank0]:` before every line, here of two of four gloo workers, and warnings between."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import logging
import subprocess
from typing import Any

from capture import Truth, record

WORKERS, STEPS, EVERY = 4, 40, 5


def _work() -> None:
    """Be one worker: fit a line to this rank's own data, logging colored fields on standard error and a bar-less print on the other."""
    import warnings

    import torch
    import torch.distributed as dist

    logging.basicConfig(format="[worker] %(asctime)s - %(name)s - %(levelname)s - %(message)s", level=logging.INFO)
    dist.init_process_group("gloo")
    rank, kept = dist.get_rank(), []
    make = torch.Generator().manual_seed(200 + rank)
    torch.manual_seed(19)
    model: Any = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    logging.info("Training starts at step 1, with local batch size 16, global batch size 64, total steps 40 (warmup 0)")
    for step in range(1, STEPS + 1):
        x = torch.randn(16, 3, generator=make)
        loss = torch.nn.functional.mse_loss(model(x), x.sum(1, keepdim=True) + 0.3 * torch.randn(16, 1, generator=make))
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % EVERY == 0:
            logging.info(f"\033[31mstep: {step:2}  \033[32mloss: {loss.item():7.4f}  \033[38;2;180;60;0mgrad_norm: {norm.item():7.4f}\033[39m")
            kept += [(f"loss rank {rank}", step, loss.item()), (f"grad_norm rank {rank}", step, norm.item())]
        if step == STEPS // 2:
            warnings.warn("halfway", stacklevel=2)
    Path(f"rank{rank}.json").write_text(json.dumps(kept), encoding="utf-8")
    logging.info("Training completed")
    dist.destroy_process_group()


def train(truth: Truth) -> None:
    """Run four workers, whose output goes to files, but for two whose lines are shown, too; the truth is what those kept."""
    options = ["--standalone", f"--nproc_per_node={WORKERS}", "--role", "rank", "--local-ranks-filter", "0,2", "--redirects", "3", "--tee", "3"]
    subprocess.run([sys.executable, "-m", "torch.distributed.run", *options, "--log-dir", "logs", __file__, "--worker"], check=True)
    for rank in (0, 2):
        for metric, step, value in json.loads(Path(f"rank{rank}.json").read_text(encoding="utf-8")):
            truth.add(metric, step, value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        _work()
    else:
        record(__file__, train, ("torch",))
