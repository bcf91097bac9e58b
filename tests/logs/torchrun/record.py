"""torchrun --tee 3 with two gloo workers: every line begins with the worker it came from."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import subprocess
from typing import Any

from capture import Truth, record

WORKERS, EPOCHS, BATCHES, EVERY = 2, 2, 30, 6


def _work() -> None:
    """Be one worker: fit a line to this rank's own data, averaging gradients over the ranks, and keep what was printed."""
    import torch
    import torch.distributed as dist

    dist.init_process_group("gloo")
    rank, kept = dist.get_rank(), []
    make = torch.Generator().manual_seed(100 + rank)
    torch.manual_seed(9)
    model: Any = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    for epoch in range(EPOCHS):
        total = torch.zeros(1)
        for batch in range(BATCHES):
            x = torch.randn(16, 3, generator=make)
            loss = torch.nn.functional.mse_loss(model(x), x.sum(1, keepdim=True) + 0.3 * torch.randn(16, 1, generator=make))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
            if batch % EVERY == 0:
                step = epoch * BATCHES + batch
                print(f"epoch {epoch} step {step}: loss={loss.item():.5f} lr={optimizer.param_groups[0]['lr']:.2e}", flush=True)
                kept += [(f"loss rank {rank}", step, loss.item()), (f"lr rank {rank}", step, optimizer.param_groups[0]["lr"])]
        dist.all_reduce(total)
        if rank == 0:
            print(f"epoch {epoch} mean_loss={total.item() / BATCHES / WORKERS:.5f}", flush=True)
            kept.append(("mean_loss rank 0", epoch, total.item() / BATCHES / WORKERS))
    Path(f"rank{rank}.json").write_text(json.dumps(kept), encoding="utf-8")
    dist.destroy_process_group()


def train(truth: Truth) -> None:
    """Run two workers; the truth is what each kept, its rank in the metric's name. Lines of the two interleave as they come."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={WORKERS}", "--tee", "3", __file__, "--worker"]
    subprocess.run(launch, check=True)
    for rank in range(WORKERS):
        for metric, step, value in json.loads(Path(f"rank{rank}.json").read_text(encoding="utf-8")):
            truth.add(metric, step, value)


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        _work()
    else:
        record(__file__, train, ("torch",))
