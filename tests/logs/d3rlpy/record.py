"""d3rlpy learning from a made-up set of transitions: structlog's colours, and a dict of means an epoch."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record


def train(truth: Truth) -> None:
    """Imitate for four epochs of twenty steps without a bar, whose state depends on the clock; the truth is what `fit` returns."""
    import d3rlpy
    import numpy as np

    d3rlpy.seed(1)
    make, size = np.random.default_rng(1), 300
    ends = np.zeros(size)
    ends[29::30] = 1
    data = d3rlpy.dataset.MDPDataset(
        make.normal(size=(size, 3)).astype("float32"), make.integers(0, 2, (size, 1)), make.normal(size=size).astype("float32"), ends
    )
    learner = d3rlpy.algos.DiscreteBCConfig(batch_size=16).create(device="cpu:0")
    evaluators = {"match": d3rlpy.metrics.DiscreteActionMatchEvaluator()}
    for epoch, means in learner.fit(data, n_steps=80, n_steps_per_epoch=20, evaluators=evaluators, show_progress=False):
        for name, value in means.items():
            truth.add(name, epoch * 20, value)


if __name__ == "__main__":
    record(__file__, train, ("d3rlpy", "torch"), ("time_*",))
