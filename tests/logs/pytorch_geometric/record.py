"""PyTorch Geometric: two small trainings that print through its own log(), one with the accuracies of three parts, and a summary of the model."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

from capture import Truth, record

EPOCHS = 12


def _say(truth: Truth, **values: Any) -> None:
    from torch_geometric.logging import log

    log(**values)
    epoch = values["Epoch"]
    for name, value in values.items():
        if name != "Epoch":
            truth.add(name, epoch, value)


def train(truth: Truth) -> None:
    """Train a graph network for 12 epochs, each with a line."""
    import torch
    from torch_geometric import seed_everything
    from torch_geometric.datasets import FakeDataset
    from torch_geometric.nn import GCNConv, summary
    from torch_geometric.transforms import RandomNodeSplit

    seed_everything(61)
    data = RandomNodeSplit(num_val=0.2, num_test=0.2)(FakeDataset(avg_num_nodes=240, avg_degree=6, num_channels=8, task="node", num_classes=4)[0])
    print(data)

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = GCNConv(8, 16), GCNConv(16, 4)

        def forward(self, x: Any, edges: Any) -> Any:
            return self.second(self.first(x, edges).relu(), edges)

    model = Network()
    print(summary(model, data.x, data.edge_index))
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    best = 0.0
    for epoch in range(1, EPOCHS + 1):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data.x, data.edge_index)[data.train_mask], data.y[data.train_mask])
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            right = model(data.x, data.edge_index).argmax(-1) == data.y
        parts = [right[mask].float().mean().item() for mask in (data.train_mask, data.val_mask, data.test_mask)]
        best = max(best, parts[1])
        _say(truth, Epoch=epoch, Loss=loss.item(), Train=parts[0], Val=parts[1], Test=parts[2])
    print(f"Best Val: {best:.4f}")
    truth.sometimes("Best Val", "-", best)


if __name__ == "__main__":
    record(__file__, train, ("torch_geometric", "torch"))
