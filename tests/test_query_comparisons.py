"""Runs side by side: common axes, differences of configuration, pace, best epochs, and what well-known metrics mean."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_helpers import STARTED, fill, point

import scraper
from scraper.errors import NotFoundError, UsageError
from scraper.model import MetricDefinition
from scraper.query.align import arguments
from scraper.query.glossary import TASKS, known
from scraper.query.smoothing import debiased_ema, moving_average


def test_curves_meet_on_every_printed_place_and_on_the_line_between(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(i, float(i), step=i) for i in (0, 10, 20)], name="a")
    fill(path, [point(i, 2.0 * i, step=i) for i in (5, 10, 30)] + [point(40, math.nan, step=25)], name="b")
    fill(path, [point(0, 1.0, "other")], name="c")
    with scraper.open(path) as db:
        found = db.align(["a", "b", "c"], "loss")
        assert found.xs == (0, 5, 10, 20, 30)
        assert found.values == ((0, 5, 10, 20, None), (None, 10, 20, 40, 60), (None,) * 5)
        assert (found.interpolated, found.downsampled, found.x) == (True, False, "step")
        with pytest.raises(NotFoundError, match="no metric"):
            db.align(["a", "b"], "nix")


def test_long_curves_get_places_evenly_apart(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(10 * i, float(i), step=i) for i in range(5000)], name="a")
    with scraper.open(path) as db:
        found = db.align(["a"], "loss", points=11)
        assert found.xs == (0, 500, 1000, 1500, 2000, 2500, 2999, 3499, 3999, 4499, 4999)
        assert found.values[0] == pytest.approx(found.xs)
        assert (found.interpolated, found.downsampled) == (True, True)


def test_runs_without_a_common_axis_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(0, 1.0)], name="steps")
    fill(path, [point(0, 1.0, step=None, step_kind=5, epoch=1.0)], name="epochs")
    with scraper.open(path) as db, pytest.raises(UsageError, match="no common axis"):
        db.align(["steps", "epochs"], "loss")


def test_configurations_differ_by_argument(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [], name="a", command=("python", "train.py", "--lr", "0.1", "--amp"), hardware={"gpus": ["A100"]}, git_commit="aaa")
    fill(path, [], name="b", command=("python", "train.py", "--lr=-0.2"), hardware={"gpus": ["H100"]}, git_commit="aaa", pid=7)
    with scraper.open(path) as db:
        found = {fact.name: fact.values for fact in db.diff(["a", "b"])}
        assert found == {"args.lr": ("0.1", "-0.2"), "args.amp": ("true", None), "hardware.gpus": (["A100"], ["H100"])}
        assert db.diff(["a", "a"]) == []
        with pytest.raises(UsageError, match="at least two"):
            db.diff(["a"])


def test_arguments_of_a_command() -> None:
    command = ["python", "t.py", "-c", "x.yaml", "--lr", "-1", "--", "--flag", "--a=b=c", "model.depth=3", "data"]
    assert arguments(command) == {"c": "x.yaml", "lr": "-1", "flag": "true", "a": "b=c", "model.depth": "3"}
    assert arguments([]) == {}


def test_pace_counts_the_time_an_attempt_ran_and_no_pause(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = [point(10 * i, 1.0, step=i, time=STARTED + i) for i in range(11)]
    second = [point(1000 + 10 * i, 1.0, step=5 + i, time=STARTED + 9000 + i, attempt=1) for i in range(11)]
    fill(path, [*first, *second, point(1, 2.0, "untimed")])
    with scraper.open(path) as db:
        loss, untimed = db.run().metrics()
        assert (loss.duration, loss.rate) == (20.0, 1.0)
        assert (untimed.duration, untimed.rate) == (None, None)


def test_the_best_epoch_is_on_the_line_or_the_last_printed_before(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    epochs = [point(100 * i, 9.0 - i, "val_loss", epoch=float(i)) for i in range(5)]
    fill(path, [*epochs, point(250, 0.5, "loss"), point(10, 0.9, "loss")], name="a")
    fill(path, [point(0, 1.0)], name="b")
    with scraper.open(path) as db:
        assert db.run("a").best_epoch("val_loss") == 4.0
        assert db.run("a").best_epoch("loss") == 2.0
        with pytest.raises(NotFoundError, match="prints no epoch"):
            db.run("b").best_epoch("loss")


def test_the_glossary_knows_names_in_every_spelling() -> None:
    for name in ("val/loss", "val_loss", "loss/val", "Validation Loss"):
        found = known(name)
        assert found is not None
        assert (found.metric, found.label, found.higher_is_better, found.tier) == (name, "Validation loss", False, "primary")
    assert known("metrics/mAP50(B)").label == "mAP 50"  # type: ignore[union-attr]
    assert known("rollout/ep_rew_mean").higher_is_better is True  # type: ignore[union-attr]
    assert known("test/mse").label == "Test mean squared error"  # type: ignore[union-attr]
    assert known("val/mAP").label == "Validation mAP 50-95"  # type: ignore[union-attr]
    assert (known("foo"), known("")) == (None, None)
    names = [name for entries in TASKS.values() for entry in entries for name in entry.names.split()]
    assert len(names) == len(set(names))
    tasks = {"classification", "detection", "segmentation", "pose", "language modelling", "reinforcement learning", "regression"}
    assert tasks < set(TASKS)


def test_a_definition_wins_over_the_glossary_field_by_field(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(0, 50.0, "acc")], definitions=[MetricDefinition("acc", format="percent", unit="%", tier="custom")])
    with scraper.open(path) as db:
        metric = db.run().metrics()[0]
        assert (metric.label, metric.format, metric.higher_is_better, metric.tier) == ("Accuracy", "percent", True, "primary")
        assert db.definition("lr").higher_is_better is None


@given(st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=40), st.integers(1, 9))
def test_averages_against_brute_force(values: list[float], window: int) -> None:
    finite = [value for value in values if math.isfinite(value)]
    windows = [finite[max(0, i - window + 1) : i + 1] for i in range(len(finite))]
    means = iter([math.fsum(some) / len(some) for some in windows])
    assert repr(moving_average(values, window)) == repr([next(means) if math.isfinite(value) else value for value in values])
    weight = 1 - 1 / window
    weighted = [[weight ** (i - j) for j in range(i + 1)] for i in range(len(finite))]
    expected = [sum(w * v for w, v in zip(ws, finite, strict=False)) / sum(ws) for ws in weighted]
    got = [value for value in debiased_ema(values, weight) if math.isfinite(value)]
    assert got == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_averages_refuse_what_makes_no_sense() -> None:
    with pytest.raises(UsageError, match="below 1"):
        debiased_ema([1.0], 1.0)
    with pytest.raises(UsageError, match="at least 1"):
        moving_average([1.0], 0)
