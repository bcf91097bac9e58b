"""torchtuples: a line an epoch, the epoch from 0 in front of clocks and losses."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit a line for twelve epochs; the truth is the log that `fit` returns."""
    import numpy as np
    import torch
    import torchtuples

    make = np.random.default_rng(3)
    np.random.seed(3)
    torch.manual_seed(3)
    x = make.normal(size=(300, 4)).astype("float32")
    y = (2 * x[:, :1] + 0.1 * make.normal(size=(300, 1))).astype("float32")
    net = torchtuples.practical.MLPVanilla(4, [8], 1)
    model = torchtuples.Model(net, torch.nn.MSELoss(), torchtuples.optim.Adam(0.01), device="cpu")
    log = model.fit(x[:200], y[:200], 50, 12, verbose=True, val_data=(x[200:], y[200:]))
    for epoch, row in log.to_pandas().iterrows():
        for name in ("train_loss", "val_loss"):
            truth.add(name, int(epoch), row[name])


if __name__ == "__main__":
    record(__file__, train, ("torchtuples", "torch"))
