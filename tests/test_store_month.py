"""A month of one step a second stays within the bound that ARCHITECTURE.md states, with the default budget or in proportion to it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from store_helpers import batch, new_source, point

from scraper.config import resolve
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

MONTH = 30 * 86_400  # seconds, and steps
LINE = 24 * 100  # bytes of a printed line of a hundred metrics
RAW_BYTES, ROLLUP_BYTES = 38, 2.6  # a raw point within the budget, and every point ever stored
BUDGET = int(resolve(environ={})["raw_budget"])


def bound(metrics: int, steps: int, budget: int) -> float:
    """Return the bytes that a store may take: 63/64 of the time a series holds less than 1/64 more than its budget."""
    return metrics * (budget * (1 + 1 / 64) * RAW_BYTES + steps * ROLLUP_BYTES) + 200_000


def store_a_month(path: Path, metrics: int, part: int, minutes: int) -> tuple[int, int]:
    """Store the month of a run in commits of some minutes, a `part` of its steps against that part of the budget.

    Times and positions are those of the whole month. Returns the size of the store in bytes, and its raw points.
    """
    chance = random.Random(1)
    names = [f"metric{number}" for number in range(metrics)]
    steps, every = MONTH // part, max(minutes * 60 // part, 1)
    with Writer(path, raw_budget=BUDGET // part, clock=lambda: 1.79e9) as writer:
        source = new_source(writer)
        for start in range(0, steps, every):
            points = [
                point(step * LINE, round(chance.gauss(2, 0.5), 4), name, step=step, time=1.79e9 + step + 0.125)
                for step in range(start * part, min(start + every, steps) * part, part)
                for name in names
            ]
            writer.commit([batch(source, points)])
        raw: int = writer.open().execute("SELECT count(*) FROM point_rows").fetchone()[0]
    return path.stat().st_size, raw


@pytest.mark.parametrize(
    ("metrics", "part"),
    [
        (2, 1000),
        pytest.param(1, 1, marks=pytest.mark.slow),
        pytest.param(100, 100, marks=pytest.mark.slow),
    ],
)
def test_a_month_stays_within_its_bound(tmp_path: Path, metrics: int, part: int) -> None:
    size, raw = store_a_month(tmp_path / "store.db", metrics, part, minutes=60 * part)
    print(f"\n{metrics} metrics, 1/{part} of a month: {size:,} bytes, {raw:,} raw points of {metrics * MONTH // part:,}")
    assert raw <= metrics * (BUDGET // part * (1 + 1 / 64) + 64)
    assert size <= bound(metrics, MONTH // part, BUDGET // part)
