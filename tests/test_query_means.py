"""The mean curve of a long series: true means, whatever it was read from, and no more of them than asked for."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, point

import scraper


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of 40,000 points that alternate between 0 and 2 with a spike of 1,000 in every 500: whole, thinned, and restarted at 30,000."""
    path = tmp_path_factory.mktemp("means") / "store.db"
    values = [1000.0 if i % 500 == 7 else math.nan if i == 11 else 2.0 * (i % 2) for i in range(40_000)]
    points = [point(i * 10, value, step=i, time=STARTED + i) for i, value in enumerate(values)]
    fill(path, points, name="whole", chunk=20_000)
    fill(path, points, name="thinned", chunk=10_000, raw_budget=5000)
    again = [point(400_000 + i * 10, 5.0, step=30_000 + i, attempt=1) for i in range(10_000)]
    fill(path, points + again, name="restarted", chunk=20_000)
    return path


@pytest.mark.parametrize("name", ["whole", "thinned"])
def test_means_are_those_of_all_points_and_not_of_the_drawn_extremes(store: Path, name: str) -> None:
    with scraper.open(store) as db:
        means = db.run(name).means("loss", columns=100)
        assert 50 <= len(means.xs) <= 100
        assert sum(means.counts) == 39_999
        assert statistics.fmean(means.values, means.counts) == pytest.approx(1 + 80 * 999 / 40_000, rel=0.01)
        drawn = db.run(name).series("loss", max_points=400).values
        assert statistics.fmean(value for value in drawn if math.isfinite(value)) > 20  # what smoothing must not start from
        assert means.xs == sorted(means.xs)


@pytest.mark.parametrize("name", ["whole", "thinned"])
def test_means_of_a_part_stay_in_it(store: Path, name: str) -> None:
    with scraper.open(store) as db:
        means = db.run(name).means("loss", columns=100, min_step=1000, max_step=9999)
        assert 1000 <= means.xs[0] <= 1200
        assert 9800 <= means.xs[-1] <= 9999
        assert 8700 <= sum(means.counts) <= 9000


def test_means_of_a_few_points_are_the_points(store: Path) -> None:
    with scraper.open(store) as db:
        means = db.run("whole").means("loss", columns=1000, min_step=9, max_step=13)
        assert (means.xs, means.values, means.counts) == ([9, 10, 12, 13], [2.0, 0.0, 0.0, 2.0], [1, 1, 1, 1])  # the NaN at 11 has none


def test_means_follow_the_stitched_view_and_other_axes(store: Path) -> None:
    with scraper.open(store) as db:
        means = db.run("restarted").means("loss", columns=200)
        assert means.xs == sorted(means.xs)
        assert set(means.values[-20:]) == {5.0}
        assert max(x for x, value in zip(means.xs, means.values, strict=True) if value != 5.0) < 30_000
        assert db.run("whole").means("loss", columns=100, x="relative") == db.run("whole").means("loss", columns=100)  # a step a second
