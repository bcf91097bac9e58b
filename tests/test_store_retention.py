"""A series over its budget loses its oldest raw points, except the non-finite, the first and the best ones; rollups keep all."""

from __future__ import annotations

import math
import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from store_helpers import IDENTITY, Model, batch, new_source, point, rows
from test_store_statistics import check_rollups

from scraper.store.writer import Writer

if TYPE_CHECKING:
    import sqlite3

    from scraper.model import Point


def wave(start: int, stop: int) -> list[Point]:
    chance = random.Random(start)
    return [point(i * 60, math.nan if i % 101 == 5 else chance.gauss(0, 1) + (1000 if i == 777 else 0)) for i in range(start, stop)]


def raw(connection: sqlite3.Connection) -> dict[int, float | None]:
    return dict(connection.execute("SELECT at, value FROM points ORDER BY at").fetchall())


def check_kept(connection: sqlite3.Connection, points: dict[int, Point], budget: int) -> dict[str, Any]:
    """What retention promises holds of a series whose points arrived in order."""
    (series,) = rows(connection, "SELECT * FROM series")
    kept = raw(connection)
    assert series["count"] == len(points)
    assert series["thinned"] == len(points) - len(kept)
    assert series["raw_from"] % 64 == 0
    edge = series["raw_from_at"] or 0
    assert sum(at < edge for at in points) == series["raw_from"]
    assert all(at in kept for at in points if at >= edge)
    assert all(at in kept for at, p in points.items() if not math.isfinite(p.value))
    assert {series["first_at"], series["last_at"], series["min_at"], series["max_at"]} <= kept.keys()
    assert min(budget, len(points)) <= len(points) - series["raw_from"] <= budget + budget // 64 + 64
    return series


def test_a_long_series_keeps_what_matters(tmp_path: Path) -> None:
    model, points, budget = Model(), {}, 1000
    with Writer(tmp_path / "store.db", raw_budget=budget) as writer:
        source = new_source(writer)
        for start in range(0, 9000, 300):
            new = wave(start, start + 300)
            points |= {p.at: p for p in new}
            model.commit(0, new)
            writer.commit([batch(source, new)])
            check_kept(writer.open(), points, budget)
        series = check_kept(writer.open(), points, budget)
        assert series["thinned"] > 7500
        assert 777 * 60 in raw(writer.open())  # the best one, thinned around
        check_rollups(writer.open(), series["id"], next(iter(model.series.values())))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=12), st.integers(1, 500))
def test_any_batches_and_budget(sizes: list[int], budget: int) -> None:
    with TemporaryDirectory() as directory, Writer(Path(directory) / "store.db", raw_budget=budget) as writer:
        source, points, start = new_source(writer), {}, 0
        for size in sizes:
            new = wave(start, start + size)
            start += size
            points |= {p.at: p for p in new}
            writer.commit([batch(source, new)])
        check_kept(writer.open(), points, budget)


def test_bytes_read_again_after_they_were_thinned_add_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", raw_budget=500) as writer:
        source = new_source(writer)
        writer.commit([batch(source, wave(0, 3000))])
        before = rows(writer.open(), "SELECT * FROM series"), raw(writer.open())
        assert writer.commit([batch(source, wave(0, 3000))]).points == 0
        assert (rows(writer.open(), "SELECT * FROM series"), raw(writer.open())) == before


def test_a_run_of_nothing_but_nan_stays_whole_and_cheap(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", raw_budget=200) as writer:
        source = new_source(writer)
        for start in range(0, 2000, 100):
            writer.commit([batch(source, [point(i * 60, math.nan) for i in range(start, start + 100)])])
        (series,) = rows(writer.open(), "SELECT * FROM series")
        assert (series["count"], series["thinned"], len(raw(writer.open()))) == (2000, 0, 2000)
        assert series["raw_from"] >= 1700  # passed over once, not looked at again and again


def test_two_files_that_feed_one_series_stay_bounded(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", raw_budget=500) as writer:
        first = new_source(writer)
        second = writer.open_source(first.run_key, "other.log", IDENTITY)
        for start in range(0, 5000, 100):
            for source in (first, second):
                writer.commit([batch(source, wave(start, start + 100))])
        (series,) = rows(writer.open(), "SELECT * FROM series")
        kept = raw(writer.open())
        assert (series["count"], series["ordered"]) == (10_000, 0)
        assert series["thinned"] == 10_000 - len(kept)
        assert len(kept) - sum(value is None for value in kept.values()) < 700
        assert {series["first_at"], series["last_at"], series["min_at"], series["max_at"]} <= kept.keys()


def test_thinned_room_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Writer(path, raw_budget=2000) as writer:
        source, sizes = new_source(writer), []
        for start in range(0, 40_000, 2000):
            writer.commit([batch(source, [point(i * 60, math.sin(i)) for i in range(start, start + 2000)])])
            writer.checkpoint()
            sizes.append(path.stat().st_size)
    rollups = 36_000 / 63 * 150  # bytes; what goes on growing
    assert sizes[-1] - sizes[3] < 1.5 * rollups
