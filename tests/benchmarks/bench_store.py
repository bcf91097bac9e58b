"""Points a second and bytes a point of the store, beside a bare `executemany` into the same tables. Prints; asserts nothing about time.

Run with: pytest -m benchmark -s tests/benchmarks/bench_store.py
"""

from __future__ import annotations

import random
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest
from goals import goal

from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.schema import connect
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

POINTS = 1_000_000
BATCH = 20_000
IDENTITY = FileIdentity(1, 1, "00", 0)
METRICS = ("loss", "lr", "grad_norm")


def training(count: int, *, live: bool) -> list[Point]:
    """Return what a nanoGPT-like log gives: three values a line of 60 bytes; with times when it is read as it grows."""
    noise = random.Random(1).gauss
    return [
        Point(i // 3 * 60, METRICS[i % 3], (), 0, i // 3, 0, None, 1.79e9 + i * 1e-3 if live else None, 1 / (1 + i / 9e4) + noise(0, 0.05))
        for i in range(count)
    ]


def batches(source_id: int, points: list[Point]) -> list[Batch]:
    found = []
    for start in range(0, len(points), BATCH):
        part = points[start : start + BATCH]
        offset = part[-1].at + 60
        found.append(Batch(source_id, SourceMark(offset, offset // 60, "00", IDENTITY, b"{}", {"lines": offset // 60}), Points(part)))
    return found


def commit_all(path: Path, points: list[Point]) -> tuple[float, float]:
    """Return the seconds of wall and of processor that committing `points` took."""
    with Writer(path) as writer:
        run = writer.create_run(NewRun(name="bench"))
        parts = batches(writer.open_source(run.key, "train.log", IDENTITY).id, points)
        wall, cpu = time.perf_counter(), time.process_time()
        for batch in parts:
            writer.commit([batch])
        return time.perf_counter() - wall, time.process_time() - cpu


def bare(path: Path, points: list[Point]) -> float:
    """Return the seconds a bare `executemany` of the same points takes, without statistics, rollups and marks."""
    rows = [(METRICS.index(p.metric) + 1, p.at, p.step, p.epoch, p.time, p.value, 0) for p in points]
    connection = connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    start = time.perf_counter()
    for first in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO point_rows VALUES (?, ?, ?, ?, ?, ?, ?)", rows[first : first + BATCH])
        connection.execute("COMMIT")
    taken = time.perf_counter() - start
    connection.close()
    return taken


def sizes(path: Path) -> dict[str, int]:
    """Return the bytes of the pages each table fills, and of the whole file; tables alone cannot be told apart without dbstat."""
    connection = sqlite3.connect(path)
    try:
        found = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    except sqlite3.OperationalError:  # this SQLite was built without dbstat
        found = {}
    connection.close()
    return found | {"file": path.stat().st_size}


@pytest.mark.benchmark
@pytest.mark.parametrize("live", [False, True], ids=["old log", "live"])
def test_bulk_commit(tmp_path: Path, *, live: bool) -> None:
    points = training(POINTS, live=live)
    floor = bare(tmp_path / "bare.db", points)
    raw: list[float] = []
    for attempt in range(3):
        path = tmp_path / f"{attempt}.db"
        wall, cpu = commit_all(path, points)
        filled = sizes(path)
        raw.append(filled.get("point_rows", filled["file"]) / POINTS)
        size = {name: f"{bytes_ / POINTS:.2f}" for name, bytes_ in filled.items() if name in ("point_rows", "rollups", "file")}
        print(
            f"\n{'live' if live else 'old log'}: {POINTS / wall:,.0f} points/s wall, {POINTS / cpu:,.0f} of processor,"
            f" {floor / wall:.2f} of a bare executemany's {POINTS / floor:,.0f}; bytes a point: {size}",
            end="",
        )
    goal(f"bytes of a raw point, {'live' if live else 'old log'}", raw, most=34)


@pytest.mark.benchmark
@pytest.mark.parametrize("series", [3, 100])
def test_trickle(tmp_path: Path, series: int) -> None:
    """One point a series and commit, as a live run gives: milliseconds a commit."""
    with Writer(tmp_path / "store.db") as writer:
        run = writer.create_run(NewRun(name="trickle"))
        source = writer.open_source(run.key, "train.log", IDENTITY)
        taken = []
        for step in range(300):
            points = [Point(step * 60, f"m{i}", (), 0, step, 0, None, 1.79e9 + step, 0.5 * step) for i in range(series)]
            batch = Batch(source.id, SourceMark(step * 60 + 60, step, "00", IDENTITY, b"{}", {}), Points(points))
            start = time.perf_counter()
            writer.commit([batch])
            taken.append(time.perf_counter() - start)
    taken.sort()
    print(f"\n{series} series: commit {taken[150] * 1e3:.2f} ms median, {taken[297] * 1e3:.2f} ms p99", end="")


@pytest.mark.benchmark
def test_retention(tmp_path: Path) -> None:
    """The same with a budget of a tenth: what thinning costs, and what it leaves."""
    points = [Point(i * 60, "loss", (), 0, i, 0, None, None, random.Random(i).random()) for i in range(POINTS // 2)]
    path = tmp_path / "store.db"
    with Writer(path, raw_budget=50_000) as writer:
        run = writer.create_run(NewRun(name="bench"))
        parts = batches(writer.open_source(run.key, "train.log", IDENTITY).id, points)
        start = time.perf_counter()
        thinned = sum(writer.commit([batch]).thinned for batch in parts)
        taken = time.perf_counter() - start
    size = path.stat().st_size
    print(f"\nbudget 50,000 of {len(points):,}: {len(points) / taken:,.0f} points/s, {thinned:,} thinned, file {size:,} bytes", end="")
