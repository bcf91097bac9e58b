"""What a chart costs out of short and long series, beside reading every point. Prints; asserts nothing about time.

Run with: pytest -m benchmark -s tests/benchmarks/bench_charts.py
"""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from goals import goal

import scraper
from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

IDENTITY = FileIdentity(1, 1, "00", 0)
BATCH = 20_000


def long_run(path: Path, count: int) -> None:
    """Store one series that falls, with noise and five NaNs."""
    noise = random.Random(1).gauss
    with Writer(path) as writer:
        source = writer.open_source(writer.create_run(NewRun(name="bench")).key, "train.log", IDENTITY)
        for start in range(0, count, BATCH):
            steps = range(start, min(count, start + BATCH))
            values = [math.nan if i % (count // 5) == 7 else 3 * math.exp(-3 * i / count) + noise(0, 0.1) for i in steps]
            points = [Point(i * 60, "loss", (), 0, i, 0, None, None, value) for i, value in zip(steps, values, strict=True)]
            writer.commit([Batch(source.id, SourceMark(steps[-1] * 60 + 60, steps[-1] + 1, "", IDENTITY, b"", {}), Points(points))])


def milliseconds(work: Callable[[], object], times: int = 15) -> float:
    """Return the median wall time of `work`."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


@pytest.mark.benchmark
@pytest.mark.parametrize("count", [20_000, 1_000_000, 10_000_000])
def test_a_chart_against_reading_every_point(tmp_path: Path, count: int) -> None:
    path = tmp_path / "store.db"
    long_run(path, count)
    with scraper.open(path) as db:
        run = db.run()
        everything = milliseconds(lambda: run.series("loss"), times=3)
        print(f"\n{count:,} points; every point {everything:.0f} ms")
        for max_points in (1000, 4000):
            whole = milliseconds(lambda wanted=max_points: run.series("loss", max_points=wanted))
            zoom = milliseconds(lambda wanted=max_points: run.series("loss", max_points=wanted, min_step=count * 0.3, max_step=count * 0.6))
            if max_points == 1000:
                goal(f"chart 1,000 wide of {count:,} points: ms", [whole], most={20_000: 5, 1_000_000: 8, 10_000_000: 10}[count])
            print(f"  {max_points} points wanted: whole {whole:.1f} ms (1/{everything / whole:.0f}), a third of it {zoom:.1f} ms")
        print(f"  summary {milliseconds(run.summary):.2f} ms, best {milliseconds(lambda: run.best('loss')):.2f} ms")
