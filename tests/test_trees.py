from __future__ import annotations

import math

import pytest

from scraper.config import resolve
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

PACKS = PackSet(builtin_packs())
SETTINGS = resolve(environ={})
YAML = """date: 2026-01-02_03-04-05
done: false
env_runners:
  agent_return:
    default_agent: .nan
  episode_lengths: [13, 33, 15,
    11, 20]
  episode_return_mean: 20.5
timers:
  training_iteration: 0.25
training_iteration: 7

"""
DICT = """{'config': {'lr': 5e-05, 'spaces': [1.0, {'low': 2.0}],
            'model': <class 'a.B'>, 'gamma': 0.99},
 'date': '2026-01-02_03-04-05',
 'env_runners': {'agent_return': {'default_agent': nan},
                 'episode_return_mean': np.float64(20.5)},
 'timers': {'training_iteration': 0.25},
 'training_iteration': 7,
 'trial_id': 'default: 3, not 4'}
"""
POINTS = {"env_runners/agent_return/default_agent": math.nan, "env_runners/episode_return_mean": 20.5, "timers/training_iteration": 0.25}


@pytest.mark.parametrize("front", ["", "0: ", "[default0]:", "(PPO pid=12345) ", "[2026-01-02 03:04:05,678][INFO] "])
@pytest.mark.parametrize("printed", [YAML, DICT])
def test_nested_results_are_read_whole_behind_any_prefix(printed: str, front: str) -> None:
    log = "".join(front + line for line in printed.splitlines(keepends=True))
    parser = Parser(PACKS, SETTINGS)
    points = [*parser.feed(log.encode(), None).points, *parser.flush(None).points]
    assert repr({p.metric: p.value for p in points}) == repr(POINTS)  # by its text, since NaN is not equal to itself
    assert {p.step for p in points} == {7}


@pytest.mark.parametrize("printed", [YAML, DICT])
def test_a_restart_at_any_byte_changes_nothing(printed: str) -> None:
    log = printed.encode()
    for cut in range(len(log)):
        first = Parser(PACKS, SETTINGS)
        points = [*first.feed(log[:cut], None).points]
        again = Parser(PACKS, SETTINGS, first.save())
        points += [*again.feed(log[again.consumed :], None).points, *again.flush(None).points]
        assert repr({p.metric: p.value for p in points}) == repr(POINTS), cut


METRICS = """Epoch 1 loss 0.75
INFO:root:{'accuracy': 0.25,
 'learning_rate': 1e-05,
 'loss': tensor(0.5, device='cuda:0'),
 'step': 10}
{
  "epoch": 2,
  "loss": 0.125
}
Epoch 3 loss 0.0625
"""


def test_a_dict_of_metrics_over_several_lines_is_placed_by_the_step_that_comes_last_wherever_it_is_cut() -> None:
    log = METRICS.encode()
    for cut in range(len(log)):
        first = Parser(PACKS, SETTINGS)
        points = [*first.feed(log[:cut], None).points]
        again = Parser(PACKS, SETTINGS, first.save())
        points += [*again.feed(log[again.consumed :], None).points, *again.flush(None).points]
        assert [(p.metric, p.step, p.epoch, p.value) for p in points] == [
            ("loss", None, 1, 0.75), ("accuracy", 10, 1, 0.25), ("learning_rate", 10, 1, 1e-05), ("loss", 10, 1, 0.5),
            ("loss", None, 2, 0.125), ("loss", None, 3, 0.0625),
        ], cut  # fmt: skip


def test_a_dict_of_metrics_may_hold_a_dict_for_each_data() -> None:
    printed = '{\n  "epoch": 2,\n  "train": {\n    "loss": 0.5\n  },\n  "val": {\n    "loss": 0.75\n  },\n  "lr": 0.1\n}\n'
    parser = Parser(PACKS, SETTINGS)
    points = [*parser.feed(printed.encode(), None).points, *parser.flush(None).points]
    assert [(p.metric, p.epoch, p.value) for p in points] == [("train/loss", 2, 0.5), ("val/loss", 2, 0.75), ("lr", 2, 0.1)]


@pytest.mark.parametrize(
    "printed",
    [
        '{\n  "epoch": 2,\n  "train": {\n    "loss": 0.5,\n    "optimizer": "adam"\n  }\n}\n',
        '{\n  "epoch": 2,\n  "model": {\n    "loss": 0.5\n  }\n}\n',
        "{'loss_weight': 0.5,\n 'lr': 0.1,\n 'step': 10}\n",  # settings
        "{'name': 'bert',\n 'loss': {'ce': 0.5},\n 'step': 10}\n",
        '{\n  "accuracy": 0.5,\n  "tokens": ["a"]\n}\n',
    ],
)
def test_a_dict_of_settings_gives_nothing_and_the_line_below_is_read(printed: str) -> None:
    parser = Parser(PACKS, SETTINGS)
    points = [*parser.feed((printed + "step 3: loss 0.5\n").encode(), None).points, *parser.flush(None).points]
    assert [(p.metric, p.step, p.value) for p in points] == [("loss", 3, 0.5)]


def test_a_bracket_alone_swallows_no_line() -> None:
    parser = Parser(PACKS, SETTINGS)
    points = [*parser.feed(b"{\nstep 3: loss 0.5\nstep 4: loss 0.25\n", None).points, *parser.flush(None).points]
    assert [(p.step, p.value) for p in points] == [(3, 0.5), (4, 0.25)]


def test_a_result_without_its_iteration_gives_nothing_and_ends_at_the_first_other_line() -> None:
    parser = Parser(PACKS, SETTINGS)
    points = [*parser.feed(b"date: 2026-01-02_03-04-05\nloss: 0.5\n - x\nEpoch 3: loss 0.25\n", None).points, *parser.flush(None).points]
    assert [(p.metric, p.epoch, p.value) for p in points] == [("loss", 3, 0.25)]
    assert parser.matcher.block is None


def test_what_never_ends_is_given_up() -> None:
    parser = Parser(PACKS, SETTINGS)
    parser.feed(b"date: 2026-01-02_03-04-05\n" + b"x: 1\n" * 10_000, None)
    assert parser.matcher.block is None


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_a_result_that_its_first_line_ends_wrongly_is_none_and_the_lines_below_are_read(cut: int) -> None:
    printed = b"{'config': )'lr': 5e-05,\n   \" 'stamp': 17 9527120.5\nstep 3: loss 0.5\n"
    reader = Parser(PACKS, SETTINGS)
    found = [point for at in range(0, len(printed), cut) for point in reader.feed(printed[at : at + cut], None).points]
    assert [(point.metric, point.step, point.value) for point in [*found, *reader.flush(None).points]] == [("loss", 3, 0.5)]
