"""skorch's PrintLog: a table that grows by a row an epoch, its best values in colour."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit 8 epochs; the truth is net.history."""
    import torch
    from skorch import NeuralNetClassifier
    from skorch.dataset import ValidSplit

    torch.manual_seed(51)
    x, y = tables.classes(500, 51)
    module = torch.nn.Sequential(torch.nn.Linear(6, 12), torch.nn.Tanh(), torch.nn.Linear(12, 2), torch.nn.Softmax(1))
    split = ValidSplit(5, stratified=True)
    net = NeuralNetClassifier(module, criterion=torch.nn.NLLLoss, max_epochs=8, lr=0.3, batch_size=32, train_split=split)
    net.fit(x.astype("float32"), y.astype("int64"))
    for row in net.history:
        for name in ("train_loss", "valid_acc", "valid_loss", "dur"):
            truth.add(name, row["epoch"], row[name])


if __name__ == "__main__":
    record(__file__, train, ("skorch", "torch"), ("dur",))
