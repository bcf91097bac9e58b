"""stable-baselines3 DQN: a box every few episodes, with an exploration rate."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

import sb3_training
from capture import Truth, record


def _make() -> Any:
    from stable_baselines3 import DQN

    return DQN(
        "MlpPolicy", "CartPole-v1", learning_starts=200, train_freq=4, target_update_interval=150, exploration_fraction=0.4, seed=21, verbose=1, device="cpu"
    )


def train(truth: Truth) -> None:
    """Learn for 1,500 steps, a box every 8 episodes, an evaluation every 500 steps."""
    sb3_training.train(truth, _make, 1500, log_interval=8, evaluate_every=500)


if __name__ == "__main__":
    record(__file__, train, ("stable_baselines3", "gymnasium", "torch"), sb3_training.CLOCKS)
