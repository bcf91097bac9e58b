"""stable-baselines3 PPO: boxes of rows under group names, the step in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import sb3_training
from capture import Truth, record


def _make() -> Any:
    from stable_baselines3 import PPO

    return PPO("MlpPolicy", "CartPole-v1", n_steps=200, batch_size=50, n_epochs=3, learning_rate=lambda left: 2e-3 * left, seed=12, verbose=1, device="cpu")


def train(truth: Truth) -> None:
    """Learn for 2,400 steps, an evaluation every 600."""
    sb3_training.train(truth, _make, 2400, log_interval=1, evaluate_every=600)


if __name__ == "__main__":
    record(__file__, train, ("stable_baselines3", "gymnasium", "torch"), sb3_training.CLOCKS)
