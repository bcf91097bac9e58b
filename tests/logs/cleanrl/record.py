"""CleanRL's ppo.py: a line an episode, the rate of steps on a line of its own.

The script is CleanRL's and not kept here: put `cleanrl/ppo.py` of the repository's version 2.0.0b1 beside this file.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import runpy
import warnings

from capture import Truth, record

ARGUMENTS = "--total-timesteps 5000 --num-steps 64 --seed 3 --no-cuda"


def train(truth: Truth) -> None:
    """Train on CartPole; the truth is what the script writes for TensorBoard."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    warnings.simplefilter("ignore")
    given, sys.argv = sys.argv, ["ppo.py", *ARGUMENTS.split()]
    runpy.run_path(str(Path(__file__).with_name("ppo.py")), run_name="__main__")
    sys.argv = given
    events = EventAccumulator(str(next(Path("runs").iterdir())), size_guidance={"scalars": 0})
    events.Reload()
    for tag in ("charts/episodic_return", "charts/SPS"):
        for scalar in events.Scalars(tag):
            truth.add(tag.partition("/")[2], scalar.step, scalar.value)


if __name__ == "__main__":
    record(__file__, train, ("gymnasium", "tensorboard", "torch"), ("SPS",))
