"""stable-baselines3 A2C, then SAC with a rich progress bar below the boxes and an evaluation that stops the training."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json
import warnings
from typing import Any

from capture import Truth, record
from sb3_training import CLOCKS


def _note(truth: Truth, folder: str) -> None:
    for line in Path(folder, "progress.json").read_text(encoding="utf-8").splitlines():
        box = json.loads(line)
        step = box["time/total_timesteps"]
        for name, value in box.items():
            (truth.sometimes if name == "time/total_timesteps" else truth.add)(name, step, value)
        if "eval/mean_reward" in box:
            truth.sometimes("episode_reward", step, box["eval/mean_reward"])
            truth.sometimes("Episode length", step, box["eval/mean_ep_length"])


def _learn(truth: Truth, model: Any, name: str, steps: int, **options: Any) -> None:
    from stable_baselines3.common.logger import configure

    model.set_logger(configure(name, ["stdout", "json"]))
    model.learn(steps, **options)
    _note(truth, name)


def train(truth: Truth) -> None:
    """Learn 1,000 steps of A2C, a box every 50 updates, then SAC on a pendulum with an evaluation every 500 steps."""
    warnings.simplefilter("ignore")
    import gymnasium
    from stable_baselines3 import A2C, SAC
    from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnNoModelImprovement
    from stable_baselines3.common.monitor import Monitor

    a2c = A2C("MlpPolicy", "CartPole-v1", seed=13, verbose=1, device="cpu")
    _learn(truth, a2c, "a2c", 1000, log_interval=50)
    held = Monitor(gymnasium.make("Pendulum-v1"))
    held.reset(seed=98)
    stop = StopTrainingOnNoModelImprovement(max_no_improvement_evals=1, min_evals=2, verbose=1)
    check = EvalCallback(held, eval_freq=500, n_eval_episodes=2, log_path=None, callback_after_eval=stop)
    sac = SAC("MlpPolicy", "Pendulum-v1", policy_kwargs={"net_arch": [8, 8]}, train_freq=4, learning_starts=200, seed=13, verbose=1, device="cpu")
    _learn(truth, sac, "sac", 3000, log_interval=2, callback=check, progress_bar=True)


if __name__ == "__main__":
    record(__file__, train, ("stable_baselines3", "gymnasium", "tqdm", "rich", "torch"), CLOCKS)
