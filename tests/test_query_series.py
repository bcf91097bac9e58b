"""Series read back: every attempt's part of the stitched view, and what downsampling must keep, against brute force."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_helpers import STARTED, fill, point

import scraper
from scraper.model import COUNT, EPOCH, SAMPLES, Point
from scraper.query import Run, Series
from scraper.query.m4 import m4
from scraper.query.parts import spans

VALUES = st.one_of(st.floats(-100, 100), st.sampled_from([math.nan, math.inf, -math.inf]))
EXAMPLES = settings(max_examples=60, deadline=None)


@contextmanager
def stored(points: list[Point], **how: Any) -> Iterator[Run]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "store.db"
        which = fill(path, points, **how)
        with scraper.open(path) as db:
            yield db.run(which)


@st.composite
def restarted(draw: st.DrawFn) -> list[Point]:
    """Two metrics of a run that was resumed up to three times, each time a step that was there before."""
    points: list[Point] = []
    at, start = 0, 0
    for attempt in range(draw(st.integers(1, 4))):
        length = draw(st.integers(1, 150))
        stride = draw(st.integers(1, 3))
        for i in range(length):
            at += 10
            step = start + i * stride
            points.append(point(at, draw(VALUES) if i % 7 == 0 else math.sin(at), step=step, attempt=attempt, time=STARTED + at))
            if step % 5 == 0:
                points.append(point(at, float(step), "val/loss", step=step, attempt=attempt))
        start = draw(st.integers(0, start + length * stride))
    return points


def shown(points: list[Point], metric: str) -> list[Point]:
    """The stitched view, by brute force: an attempt's points are shown below the first step of every later attempt."""
    begun: dict[int, int] = {}
    for p in points:
        begun.setdefault(p.attempt, p.step or 0)
    mine = [p for p in points if p.metric == metric]
    return [p for p in mine if all((p.step or 0) < begun[later] for later in begun if later > p.attempt)]


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def assert_points(series: Series, expected: list[Point]) -> None:
    assert series.positions == [p.at for p in expected]
    assert series.steps == [p.step for p in expected]
    assert all(map(same, series.values, [p.value for p in expected]))


@EXAMPLES
@given(restarted(), st.integers(1, 200))
def test_the_stitched_view_is_every_attempt_up_to_the_next(points: list[Point], chunk: int) -> None:
    with stored(points, chunk=chunk) as run:
        for metric in {p.metric for p in points}:
            assert_points(run.series(metric), shown(points, metric))
            assert_points(run.series(metric, attempt="all"), [p for p in points if p.metric == metric])
        assert_points(run.series("loss", attempt=0), [p for p in points if p.metric == "loss" and p.attempt == 0])


@EXAMPLES
@given(restarted(), st.integers(0, 300), st.integers(0, 300))
def test_a_step_range_bounds_the_stitched_view(points: list[Point], low: int, length: int) -> None:
    with stored(points) as run:
        expected = [p for p in shown(points, "loss") if low <= (p.step or 0) <= low + length]
        assert_points(run.series("loss", min_step=low, max_step=low + length), expected)


def test_a_nan_just_below_a_cut_is_shown() -> None:
    """A bucket tells where its finite values lie; the NaN at its edge lies beyond them."""
    first = [point(10 * i, math.nan if i == 0 else 1.0, step=i) for i in range(200)]
    with stored([*first, point(5000, 2.0, step=1, attempt=1)]) as run:
        assert run.series("loss").positions == [0, 5000]
    nans = [point(10 * i, math.nan if 60 <= i <= 70 or i >= 190 else 1.0, step=i) for i in range(200)]
    with stored(nans) as run:
        assert run.series("loss", min_step=65, max_step=69).steps == [65, 66, 67, 68, 69]
        assert run.series("loss", min_step=195).steps == [195, 196, 197, 198, 199]


def assert_downsampled(series: Series, exact: Series, max_points: int, *, few: bool) -> None:
    """Every point is a printed one; ends and extremes are exact, and the non-finite ones where they are `few`."""
    printed = {(at, repr(value)) for at, value in zip(exact.positions, exact.values, strict=True)}
    got = set(zip(series.positions, map(repr, series.values), strict=True))
    assert got <= printed
    assert series.positions == sorted(series.positions)
    finite = [value for value in exact.values if math.isfinite(value)]
    kept = [value for value in series.values if math.isfinite(value)]
    assert len(kept) <= max(4, max_points)
    if finite:
        assert (kept[0], kept[-1], min(kept), max(kept)) == (finite[0], finite[-1], min(finite), max(finite))
    if few:
        assert {pair for pair in printed if pair[1] in ("nan", "inf", "-inf")} <= got


@EXAMPLES
@given(restarted(), st.integers(1, 40), st.integers(0, 300), st.integers(0, 300))
def test_downsampling_keeps_ends_extremes_and_every_nan(points: list[Point], max_points: int, low: int, length: int) -> None:
    with stored(points, chunk=97) as run:
        few = all(sum(not math.isfinite(p.value) for p in points if p.attempt == a) <= 4 for a in {p.attempt for p in points})
        for bounds in ({}, {"min_step": low, "max_step": low + length}):
            exact = run.series("loss", **bounds)
            series = run.series("loss", max_points=max_points, **bounds)
            assert_downsampled(series, exact, max_points, few=few)
            assert series.method == ("m4" if series.downsampled else "none")


@EXAMPLES
@given(st.lists(VALUES, min_size=65, max_size=700), st.integers(1, 60), st.randoms(use_true_random=False))
def test_points_that_arrived_late_are_read_as_printed(values: list[float], max_points: int, random: Any) -> None:
    points = [point(10 * i, value) for i, value in enumerate(values)]
    late = sorted(points, key=lambda p: p.at + random.randint(0, 300))
    with stored(late, chunk=50) as run:
        assert_points(run.series("loss"), points)
        exact = run.series("loss", min_step=20, max_step=400)
        assert_points(exact, points[20:401])
        few = sum(not math.isfinite(value) for value in values) <= 4
        series = run.series("loss", max_points=max_points)
        kept = [value for value in series.values if math.isfinite(value)]
        finite = [value for value in values if math.isfinite(value)]
        assert not finite or (min(kept), max(kept)) == (min(finite), max(finite))
        assert not few or sum(not math.isfinite(v) for v in series.values) == sum(not math.isfinite(v) for v in values)


def test_a_long_series_is_read_from_its_rollups() -> None:
    values = [math.sin(i / 500) for i in range(30_000)]
    values[777], values[12_345], values[20_000] = 9.0, math.nan, -9.0
    with stored([point(10 * i, value) for i, value in enumerate(values)], chunk=5000) as run:
        exact = run.series("loss")
        for max_points in (4, 40, 400, 2000, 8000):
            for bounds in ({}, {"min_step": 3, "max_step": 29_000}, {"min_step": 12_000, "max_step": 12_400}, {"min_step": 29_999}):
                part = run.series("loss", **bounds)
                assert_downsampled(run.series("loss", max_points=max_points, **bounds), part, max_points, few=True)
        assert len(exact) == 30_000
        assert not exact.downsampled
        thin = run.series("loss", max_points=400)
        assert (thin.downsampled, thin.method, thin.raw_count) == (True, "m4", 30_000)
        assert len(thin) > 200  # two points a column where the curve only rises or falls


def test_a_diverged_run_keeps_the_ends_of_its_nans() -> None:
    values = [1.0 / (i + 1) for i in range(2000)] + [math.nan] * 4000
    with stored([point(10 * i, value) for i, value in enumerate(values)]) as run:
        series = run.series("loss", max_points=100)
        nans = [step for step, value in zip(series.steps, series.values, strict=True) if math.isnan(value)]
        assert (nans[0], nans[-1]) == (2000, 5999)
        assert len(series) <= 100 + 2 * 26


def test_a_group_of_buckets_that_ends_in_nans_keeps_its_finite_points() -> None:
    diverged = {*range(64 * 20), *range(64 * 39, 64 * 41), *range(64 * 98, 64 * 100)}
    values = [math.nan if i in diverged else math.sin(i) for i in range(64 * 100)]
    finite = [i for i, value in enumerate(values) if math.isfinite(value)]
    with stored([point(10 * i, value) for i, value in enumerate(values)]) as run:
        series = run.series("loss", max_points=40)
        drawn = [step for step, value in zip(series.steps, series.values, strict=True) if math.isfinite(value)]
        assert len(drawn) <= 40
        assert (drawn[0], drawn[-1]) == (finite[0], finite[-1])
        assert {min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)} <= set(drawn)
        for gap in pairwise(drawn):
            assert gap[1] - gap[0] < 64 * 40


def test_thinned_points_are_replaced_by_their_summaries_and_said_so() -> None:
    values = [math.sin(i / 100) for i in range(3000)]
    values[100], values[200] = 5.0, math.nan
    points = [point(10 * i, value) for i, value in enumerate(values)]
    with stored(points, raw_budget=512, chunk=500) as run:
        series = run.series("loss")
        assert series.thinned > 1000
        assert (series.downsampled, series.method) == (True, "m4")
        assert (series.values[0], series.values[-1], max(series.values)) == (values[0], values[-1], 5.0)
        assert sum(map(math.isnan, series.values)) == 1
        assert max(b - a for a, b in pairwise(series.positions)) <= 10 * 128
        assert "m4" in series.note
        assert run.series("loss", min_step=2900, max_step=2950).values == values[2900:2951]


def test_where_no_step_is_known_the_epoch_stands_in_and_is_named() -> None:
    points = [point(10 * i, i / 3, step=None, step_kind=EPOCH, epoch=i / 2, time=STARTED + i) for i in range(6)]
    with stored(points) as run:
        series = run.series("loss")
        assert (series.x, series.asked_x, series.xs, series.step_kind) == ("epoch", "step", [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], "epoch")
        assert "epoch stands in" in series.note
        assert run.series("loss", min_step=1, max_step=2).xs == [1.0, 1.5, 2.0]


def test_attempts_without_steps_are_cut_by_epoch() -> None:
    one = [point(10 * i, float(i), step=None, step_kind=EPOCH, epoch=float(i)) for i in range(6)]
    two = [point(1000 + 10 * i, 10.0 + i, step=None, step_kind=EPOCH, epoch=float(i), attempt=1) for i in range(4, 8)]
    with stored([*one, *two]) as run:
        assert run.series("loss").epochs == [0, 1, 2, 3, 4, 5, 6, 7]
        assert run.series("loss").attempts == [0, 0, 0, 0, 1, 1, 1, 1]


def test_samples_and_batches_do_not_cut_each_other() -> None:
    points = [point(10 * i, 1.0, "seen", step=i * 64, step_kind=SAMPLES) for i in range(10)]
    points += [point(10 * i + 1, 1.0, "loss", step=i) for i in range(10)]
    points += [point(1000 + i, 2.0, "loss", step=i, attempt=1) for i in range(5, 10)]
    points += [point(2000 + i, 2.0, "seen", step=i * 64, step_kind=SAMPLES, attempt=1) for i in range(5, 10)]
    with stored(points) as run:
        assert run.series("seen").steps == [i * 64 for i in range(10)]
        assert run.series("loss").attempts == [0] * 5 + [1] * 5


def test_counted_points_are_never_cut() -> None:
    points = [point(10 * i, float(i), step=i, step_kind=COUNT, attempt=i // 5) for i in range(10)]
    with stored(points) as run:
        series = run.series("loss")
        assert len(series) == 10
        assert "count the values" in series.note


def test_time_axes() -> None:
    points = [point(10 * i, float(i), time=None if i == 3 else STARTED + 60 + i, epoch=i / 10) for i in range(6)]
    with stored(points) as run:
        series = run.series("loss", x="relative")
        assert (series.xs, series.unplaced) == ([60.0, 61.0, 62.0, 64.0, 65.0], 1)
        assert run.series("loss", x="time").xs[0] == STARTED + 60
        assert run.series("loss", x="epoch").xs == [i / 10 for i in range(6)]


def test_an_axis_that_is_not_known_is_an_error_that_says_what_to_do() -> None:
    with stored([point(0, 1.0)]) as run:
        with pytest.raises(scraper.NotFoundError, match="prints no timestamps"):
            run.series("loss", x="time")
        with pytest.raises(scraper.NotFoundError, match="use x='step'"):
            run.series("loss", x="epoch")
        with pytest.raises(scraper.UsageError, match="no axis"):
            run.series("loss", x="wall")  # type: ignore[arg-type]
        with pytest.raises(scraper.UsageError, match="at least 1"):
            run.series("loss", max_points=0)
        with pytest.raises(scraper.UsageError, match="no attempt 3; give one of 0"):
            run.series("loss", attempt=3)


@given(st.lists(st.tuples(st.floats(-50, 50), VALUES), max_size=200), st.integers(1, 20))
def test_m4_is_first_last_lowest_and_highest_of_each_column(points: list[tuple[float, float]], columns: int) -> None:
    xs, values = [x for x, _ in points], [value for _, value in points]
    kept = m4(xs, values, columns)
    assert kept == sorted(set(kept))
    finite = [i for i in range(len(xs)) if math.isfinite(values[i])]
    assert {i for i in range(len(xs)) if i not in finite} <= set(kept)
    assert len([i for i in kept if i in finite]) <= 4 * columns
    if finite:
        start, width = min(xs), max(xs) - min(xs)
        for column in range(columns):
            inside = [i for i in finite if (min(int((xs[i] - start) / width * columns), columns - 1) if width else 0) == column]
            extremes = {choose(inside, key=lambda i: values[i]) for choose in (min, max) if inside}
            assert {i for i in kept if i in inside} == extremes | {*inside[:1], *inside[-1:]}


@given(st.integers(0, 20_000), st.integers(0, 300_000), st.integers(1, 4))
def test_spans_cover_a_range_of_buckets_exactly(low: int, length: int, top: int) -> None:
    covered = sorted((b0 * 64 ** (level - 1), (b1 + 1) * 64 ** (level - 1) - 1) for level, b0, b1 in spans(low, low + length, top))
    assert covered[0][0] == low
    assert covered[-1][1] == low + length
    assert all(one[1] + 1 == other[0] for one, other in pairwise(covered))
    assert spans(5, 4, 3) == []


def test_points_that_are_left_half_read_do_not_mind_the_store_closing() -> None:
    with stored([point(10 * i, 0.5) for i in range(9)]) as run:
        reading = run.points()
        next(reading)
    assert isinstance(reading, Generator)
    reading.close()
