"""RLlib's PPO on CartPole as its documentation prints it: each result by pretty_print, the last by pprint with the configuration in it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import contextlib
import io
import logging
from pprint import pprint
from typing import Any

from capture import Truth, record

CLOCKS = ("*timer*", "*throughput*", "*_s", "*_sec*", "perf/*", "*/sample", "*/connectors/*", "*time_between*", "timers/*")
ASIDE = ("config", "pid", "timestamp", "iterations_since_restore", "time_since_restore")  # bookkeeping


def _note(truth: Truth, step: int, part: Any, names: tuple[str, ...] = ()) -> None:
    """Note the numbers of a nested result under the names that Tune gives them elsewhere."""
    for name, value in part.items():
        if isinstance(value, dict):
            _note(truth, step, value, (*names, str(name)))
        elif not isinstance(value, (bool, str, list, tuple)) and value is not None:
            truth.add("/".join((*names, str(name))), step, value)


def train(truth: Truth) -> None:
    """Train three iterations and evaluate after the second; the truth is the results themselves."""
    import ray
    from ray.rllib.algorithms.ppo import PPOConfig
    from ray.tune.logger import pretty_print

    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.CRITICAL)
    logging.getLogger("ray.rllib").setLevel(logging.ERROR)
    logging.getLogger("ray").setLevel(logging.ERROR)
    settings = PPOConfig().environment("CartPole-v1").env_runners(num_env_runners=0).debugging(seed=1)
    settings = settings.training(train_batch_size=200, minibatch_size=100, num_epochs=1).evaluation(evaluation_interval=2, evaluation_duration=2)
    algorithm = settings.build_algo()
    for last in (False, False, True):
        result = algorithm.train()
        _note(truth, result["training_iteration"], {k: v for k, v in result.items() if k not in ASIDE and k != "training_iteration"})
        if last:
            pprint(result)
        else:
            print(pretty_print(result))
    ray.shutdown()


if __name__ == "__main__":
    record(__file__, train, ("ray", "gymnasium", "torch"), CLOCKS)
