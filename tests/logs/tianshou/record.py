"""Tianshou's PPO on CartPole: a bar an epoch that counts the environment's steps, and a test after each, one before the first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

SEED, EPOCHS, STEPS, COLLECTED = 3, 3, 800, 160


def _algorithm(environment: Any) -> Any:
    from tianshou.algorithm import PPO
    from tianshou.algorithm.modelfree.reinforce import ProbabilisticActorPolicy
    from tianshou.algorithm.optim import AdamOptimizerFactory
    from tianshou.utils.net.common import Net
    from tianshou.utils.net.discrete import DiscreteActor, DiscreteCritic
    from tianshou.utils.space_info import SpaceInfo
    from torch.distributions import Categorical

    shape = SpaceInfo.from_env(environment).observation_info.obs_shape
    nets = (Net(state_shape=shape, hidden_sizes=[32]) for _ in range(2))
    actor = DiscreteActor(preprocess_net=next(nets), action_shape=2)
    policy = ProbabilisticActorPolicy(
        actor=actor, dist_fn=lambda logits: Categorical(logits=logits), action_space=environment.action_space, action_scaling=False
    )
    return PPO(policy=policy, critic=DiscreteCritic(preprocess_net=next(nets)), optim=AdamOptimizerFactory(lr=3e-3))


def _logger(truth: Truth) -> Any:
    from tianshou.utils.logger.logger_base import BaseLogger

    class Logger(BaseLogger):
        """Takes what the trainer would send to TensorBoard at each of the environment's steps."""

        episodes = updates = 0

        def prepare_dict_for_logging(self, log_data: dict[str, Any]) -> dict[str, Any]:
            return log_data

        def write(self, step_type: str, step: int, data: dict[str, Any]) -> None:
            if step_type.startswith("train"):
                self._collected(step, data)
            elif step_type.startswith("test"):
                truth.add("test_reward", step, data["returns_stat"]["mean"])
                truth.add("test_reward_std", step, data["returns_stat"]["std"])

        def _collected(self, step: int, data: dict[str, Any]) -> None:
            self.episodes, self.updates = self.episodes + data["n_collected_episodes"], self.updates + 1
            truth.add("env_episode", step, self.episodes)
            truth.sometimes("update_step", step, self.updates)  # stands last, where a terminal is too narrow
            truth.add("n_ep", step, data["n_collected_episodes"])
            truth.add("n_st", step, data["n_collected_steps"])
            if data["n_collected_episodes"]:
                truth.sometimes("rew", step, data["returns_stat"]["mean"])  # last but one
                truth.add("len", step, int(data["lens_stat"]["mean"]))

        def save_data(self, *_: Any, **__: Any) -> None:
            """Keep no checkpoint."""

        def restore_data(self) -> tuple[int, int, int]:
            return 0, 0, 0

        @staticmethod
        def restore_logged_data(log_path: str) -> dict[str, Any]:
            return {}

        def finalize(self) -> None:
            """Nothing is open."""

    return Logger(training_interval=0, test_interval=0)


def train(truth: Truth) -> None:
    """Train three epochs of 800 steps, 160 collected at a time; the truth is what the trainer hands to its logger."""
    import gymnasium
    import numpy as np
    import torch
    from tianshou.data import Collector, CollectStats, VectorReplayBuffer
    from tianshou.env import DummyVectorEnv
    from tianshou.trainer import OnPolicyTrainerParams

    torch.manual_seed(SEED)
    np.random.seed(SEED)  # the buffer is shuffled by it
    learned, tested = (DummyVectorEnv([lambda: gymnasium.make("CartPole-v1") for _ in range(4)]) for _ in range(2))
    learned.seed(SEED)
    tested.seed(SEED + 1)
    algorithm = _algorithm(gymnasium.make("CartPole-v1"))
    result = algorithm.run_training(
        OnPolicyTrainerParams(
            training_collector=Collector[CollectStats](algorithm, learned, VectorReplayBuffer(2000, 4)),
            test_collector=Collector[CollectStats](algorithm, tested),
            max_epochs=EPOCHS,
            epoch_num_steps=STEPS,
            collection_step_num_env_steps=COLLECTED,
            test_step_num_episodes=4,
            batch_size=64,
            update_step_num_repetitions=2,
            logger=_logger(truth),
            verbose=True,
            show_progress=True,
        )
    )
    print(result)


if __name__ == "__main__":
    record(__file__, train, ("tianshou", "gymnasium", "torch"))
