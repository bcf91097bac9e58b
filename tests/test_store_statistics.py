"""Whatever batches arrive in whatever order, statistics and rollups equal those of a brute-force model."""

from __future__ import annotations

import json
import math
import sqlite3
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_helpers import IDENTITY, MARKS, Model, batch, expected_marks, finite, new_source, point, rows

from scraper.model import FINITE, NAN, NEG_INF, POS_INF, Point
from scraper.store.writer import Writer

VALUES = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False),
    st.sampled_from([0.0, -1.0, 1.0, math.nan, math.inf, -math.inf, 1.7e308, -1.7e308, 5e-324]),
)
POINTS = st.builds(
    Point,
    at=st.integers(0, 400).map(lambda n: n * 7),
    metric=st.sampled_from(["loss", "val/loss"]),
    labels=st.sampled_from([(), (("rank", "1"),)]),
    attempt=st.integers(0, 1),
    step=st.one_of(st.none(), st.integers(0, 10**12)),
    step_kind=st.integers(0, 6),
    epoch=st.one_of(st.none(), st.floats(0, 100)),
    time=st.one_of(st.none(), st.floats(0, 2e9)),
    value=VALUES,
)
COMMITS = st.lists(st.tuples(st.integers(0, 1), st.lists(POINTS, max_size=90)), min_size=1, max_size=6)


def kind(value: float) -> int:
    return FINITE if math.isfinite(value) else NAN if math.isnan(value) else POS_INF if value > 0 else NEG_INF


def null(value: float) -> float | None:
    return value if math.isfinite(value) else None


def check_points(connection: sqlite3.Connection, key: int, stored: list[tuple[int, Point]]) -> None:
    """The raw points are those of the model, in order of position."""
    found = connection.execute("SELECT at, step, epoch, time, value, kind, step_kind FROM points WHERE series_id = ? ORDER BY at", (key,))
    assert found.fetchall() == [
        (at, p.step, p.epoch, p.time, null(p.value), kind(p.value), p.step_kind) for at, p in sorted(stored, key=lambda pair: pair[0])
    ]


def check_series(row: dict[str, Any], stored: list[tuple[int, Point]]) -> None:
    """The series' statistics are those of the model."""
    placed = sorted(stored, key=lambda pair: pair[0])
    assert (row["count"], row["non_finite"], row["thinned"]) == (len(stored), len(stored) - len(finite(stored)), 0)
    for name, (at, p) in (("first", placed[0]), ("last", placed[-1])):
        names = [f"{name}_{fact}" for fact in ("at", "step", "epoch", "time", "value", "kind")]
        assert [row[n] for n in names] == [at, p.step, p.epoch, p.time, null(p.value), kind(p.value)]
    marks = expected_marks(stored)
    for name in ("min", "max"):
        at, step, epoch, _, value = marks[name]
        assert [row[f"{name}_{fact}"] for fact in ("at", "step", "epoch", "value")] == [at, step, epoch, value]
    assert row["ordered"] == all(one[0] < other[0] for one, other in pairwise(stored))


def check_sum(found: float, stored: list[tuple[int, Point]]) -> None:
    values = [p.value for _, p in finite(stored)]
    if max(map(abs, values), default=0.0) < 1e300:  # near the largest double the sum is held there, and order decides
        assert found == pytest.approx(math.fsum(values), rel=1e-9, abs=1e-6)
    assert math.isfinite(found)


def check_rollups(connection: sqlite3.Connection, key: int, stored: list[tuple[int, Point]]) -> None:
    """Each level that is more than a copy of the one below it has a bucket for each 64^level points, partial ones too."""
    found = {(row["level"], row["bucket"]): row for row in rows(connection, "SELECT * FROM rollups WHERE series_id = ?", key)}
    wanted = {
        (level, bucket)
        for level in range(1, 6)
        if level == 1 or len(stored) > 64 ** (level - 1)
        for bucket in range(math.ceil(len(stored) / 64**level))
    }
    assert found.keys() == wanted
    for (level, bucket), row in found.items():
        part = stored[bucket * 64**level : (bucket + 1) * 64**level]
        assert (row["count"], row["non_finite"]) == (len(part), len(part) - len(finite(part)))
        for name, facts in expected_marks(part).items():
            assert tuple(row[f"{name}_{fact}"] for fact in ("at", "step", "epoch", "time", "value")) == facts
        check_sum(row["sum"], part)


def check_store(connection: sqlite3.Connection, model: Model) -> None:
    stored = {name: points for name, points in model.series.items() if points}
    found = {(r["metric"], tuple(json.loads(r["labels"]).items()), r["attempt"]): r for r in rows(connection, "SELECT * FROM series")}
    assert found.keys() == stored.keys()
    for name, row in found.items():
        check_points(connection, row["id"], stored[name])
        check_series(row, stored[name])
        check_sum(row["sum"], stored[name])
        check_rollups(connection, row["id"], stored[name])


@settings(max_examples=60, deadline=None)
@given(COMMITS)
def test_any_batches_of_two_files_of_a_run(commits: list[tuple[int, list[Point]]]) -> None:
    model = Model()
    with TemporaryDirectory() as directory, Writer(Path(directory) / "store.db") as writer:
        first = new_source(writer)
        sources = [first, writer.open_source(first.run_key, "train.log.1", IDENTITY)]
        for which, points in commits:
            result = writer.commit([batch(sources[which], points)])
            new = model.commit(which, points)
            assert result.points == new
            assert sum(result.refused.values()) == len(points) - new
        check_store(writer.open(), model)


@pytest.mark.parametrize("sizes", [[63, 1, 1], [64, 64], [65, 4031, 1, 5000], [9000, 1, 200], [1] * 70, [4096, 4096]])
def test_every_level_grows_at_its_edge(tmp_path: Path, sizes: list[int]) -> None:
    model, at = Model(), 0
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        for size in sizes:
            points = [point((at + i) * 60, math.nan if (at + i) % 97 == 0 else math.sin(at + i), time=1e9 + i) for i in range(size)]
            at += size
            model.commit(0, points)
            writer.commit([batch(source, points)])
        check_store(writer.open(), model)


@pytest.mark.slow
def test_the_third_level_too(tmp_path: Path) -> None:
    model = Model()
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        for start in range(0, 300_000, 50_001):
            points = [point(i * 60, math.sin(i * i)) for i in range(start, min(start + 50_001, 300_000))]
            model.commit(0, points)
            writer.commit([batch(source, points)])
        check_store(writer.open(), model)


def test_a_second_reading_adds_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        points = [point(i * 60, i / 3) for i in range(500)]
        writer.commit([batch(source, points)])
        before = rows(writer.open(), "SELECT * FROM series")
        again = writer.commit([batch(source, points[100:400])])
        assert (again.points, again.refused) == (0, {"store_duplicate": 300})
        assert rows(writer.open(), "SELECT * FROM series") == before
        assert writer.run_sources(source.run_key)[0].counters == {"store_duplicate": 300}


def test_a_record_that_was_held_arrives_behind_later_ones(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        writer.commit([batch(source, [point(60, 1.0), point(180, 3.0)])])
        writer.commit([batch(source, [point(120, 9.0), point(0, 5.0)])])
        (row,) = rows(writer.open(), "SELECT * FROM series")
        assert (row["count"], row["first_at"], row["last_at"], row["max_at"], row["ordered"]) == (4, 0, 180, 120, 0)


def test_what_a_non_finite_value_was_is_kept(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        writer.commit([batch(source, [point(at, value) for at, value in enumerate([1.5, math.nan, math.inf, -math.inf])])])
        values = [row[0] for row in writer.open().execute("SELECT value FROM metric_points ORDER BY at")]
        assert values == [1.5, "NaN", "Infinity", "-Infinity"]
        (row,) = rows(writer.open(), "SELECT * FROM series")
        assert (row["non_finite"], row["last_value"], row["last_kind"], row["sum"]) == (3, None, NEG_INF, 1.5)


def test_numbers_sqlite_cannot_hold_are_counted_and_the_others_stored(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        wrong = [point(60, 2.0, step=10**30), point(1 << 40, 3.0), point(0, 5.0, "lr", step=1 << 64)]
        points = [point(0, 1.0), *wrong, point(120, 4.0, step=None)]
        result = writer.commit([batch(source, points, offset=180)])
        assert (result.points, result.refused) == (2, {"store_out_of_range": 3})
        assert writer.open().execute("SELECT count(*) FROM points").fetchone() == (2,)


def test_more_series_than_allowed_and_names_too_long_are_counted(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", max_series=3, max_name_length=20) as writer:
        source = new_source(writer)
        points = [point(i, 1.0, f"m{i}") for i in range(5)] + [point(9, 1.0, "x" * 21), point(9, 1.0, labels=(("y" * 21, "1"),))]
        result = writer.commit([batch(source, points)])
        assert (result.points, result.series) == (3, 3)
        assert result.refused == {"store_series_limit": 2, "store_name_too_long": 2}
        writer.commit([batch(source, [point(99, 1.0, "m0"), point(99, 1.0, "new")])])
        assert writer.run_sources(source.run_key)[0].counters == {"store_series_limit": 3, "store_name_too_long": 2}


def test_a_name_is_stored_on_one_line(tmp_path: Path) -> None:
    names = {"a\nb": r"a\x0ab", "\x1b[31mc": r"\x1b[31mc", "d\0": r"d\x00", "\ud800": r"\ud800", "\xe9": "é"}
    with Writer(tmp_path / "store.db") as writer:
        writer.commit([batch(new_source(writer), [point(at, 1.0, name) for at, name in enumerate(names)])])
        stored = rows(writer.open(), "SELECT metric FROM series ORDER BY id")
    assert [row["metric"] for row in stored] == list(names.values())


def test_labels_of_a_file_lie_under_those_of_its_points(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer, labels=(("node", "a"), ("rank", "0")))
        writer.commit([batch(source, [point(0, 1.0), point(0, 2.0, labels=(("rank", "7"),))])])
        labels = [json.loads(row["labels"]) for row in rows(writer.open(), "SELECT labels FROM series ORDER BY id")]
        assert labels == [{"node": "a", "rank": "0"}, {"node": "a", "rank": "7"}]


def test_marks_are_named_as_the_schema_names_them(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        names = {row[1] for row in writer.open().execute("PRAGMA table_info(rollups)")}
    assert {f"{name}_{fact}" for name in MARKS for fact in ("at", "step", "epoch", "time", "value")} < names
