"""CartPole under stable-baselines3, whose own progress.json is the truth for the boxes it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capture import Truth

CLOCKS = ("time/fps", "time/time_elapsed")


def train(truth: Truth, make: Callable[[], Any], steps: int, log_interval: int, evaluate_every: int) -> None:
    """Learn for `steps`; every box is at its time/total_timesteps, and the evaluation's box at the step it was made."""
    import gymnasium
    from stable_baselines3.common.callbacks import EvalCallback
    from stable_baselines3.common.logger import configure
    from stable_baselines3.common.monitor import Monitor

    model = make()
    model.set_logger(configure("progress", ["stdout", "json"]))
    environment = Monitor(gymnasium.make("CartPole-v1"))
    environment.reset(seed=99)
    model.learn(steps, log_interval=log_interval, callback=EvalCallback(environment, eval_freq=evaluate_every, n_eval_episodes=3, log_path=None))
    for line in Path("progress/progress.json").read_text(encoding="utf-8").splitlines():
        box = json.loads(line)
        step = box["time/total_timesteps"]
        for name, value in box.items():
            (truth.sometimes if name == "time/total_timesteps" else truth.add)(name, step, value)  # the step itself, as a value
        if "eval/mean_reward" in box:  # said once more in a sentence above the box
            truth.sometimes("episode_reward", step, box["eval/mean_reward"])
            truth.sometimes("Episode length", step, box["eval/mean_ep_length"])
