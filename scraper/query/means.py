"""The mean curve of a long series. It is what to smooth: the extremes that a chart draws would pull an average towards the spikes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from scraper.query.parts import Fact, Part, buckets_of, level_for, raw_points
from scraper.query.reading import Points, attempts_asked, axis_of, parts_of
from scraper.query.values import Means
from scraper.store.rollups import WIDTH

if TYPE_CHECKING:
    from scraper.query.database import Database
    from scraper.query.run import Run

_Place: TypeAlias = tuple[int | None, float | None, float | None]  # step, epoch, time


class _Stretch(NamedTuple):
    """Some consecutive points of an attempt."""

    finite: int  # how many of the values are
    mean: float
    first: _Place
    last: _Place


def read_means(
    run: Run,
    metric: str,
    columns: int,
    bounds: tuple[float | None, float | None],
    x: str,
    attempt: int | str | None,
    labels: Mapping[str, str] | None,
) -> Means:
    """Return the answer to `Run.means`."""
    rows = attempts_asked(run.require(metric, labels), attempt)
    _, place = axis_of(run, rows, x)
    total = sum(row.count for row in rows)
    parts = parts_of(run, rows, bounds, stitched=attempt is None)
    found = [one for part in parts for one in _stretches(run.db, part, max(1, columns * part.row.count // total))]
    ends = zip(place(_points([one.first for one in found])), place(_points([one.last for one in found])), strict=True)
    placed = [((low + high) / 2, one) for (low, high), one in zip(ends, found, strict=True) if low is not None and high is not None]
    return Means([where for where, _ in placed], [one.mean for _, one in placed], [one.finite for _, one in placed])


def _points(places: Sequence[_Place]) -> Points:
    """Return places as points of which nothing else is known."""
    steps, epochs, times = ([place[i] for place in places] for i in range(3))
    return Points([], [], steps, epochs, times, [], [])  # type: ignore[arg-type] # each column has its own type


def _stretches(db: Database, part: Part, columns: int) -> list[_Stretch]:
    """Return at most `columns` stretches of a part that hold a finite value; those that lie across a cut or bound are left out.

    They are taken from rollups where these give a quarter of the columns, or where retention has thinned the points.
    """
    low, high = buckets_of(db, part)
    level = max(level_for(high - low + 1, max(1, columns // 4)), int(low * WIDTH < part.row.raw_from))
    if level == 0:
        return _of_points(raw_points(db, part, low, high), columns)
    scale = WIDTH ** (level - 1)
    first, last = low // scale, high // scale
    size = -(-(last - first + 1) // columns)
    rows = db.rows(_ROLLED_UP, [part.row.id, level, first, last, size])
    found = [_Stretch(row[0], row[1] / row[0], row[2:5], row[5:]) for row in rows]
    return found if part.whole else [one for one in found if part.shows(*one.first[:2]) and part.shows(*one.last[:2])]


# Within an attempt places do not go back, so the lowest is the first.
_ROLLED_UP = (
    "SELECT SUM(count - non_finite) AS finite, SUM(sum), MIN(first_step), MIN(first_epoch), MIN(first_time), "
    "MAX(last_step), MAX(last_epoch), MAX(last_time) FROM rollups WHERE series_id = ? AND level = ? AND bucket BETWEEN ? AND ? "
    "GROUP BY bucket / ? HAVING finite > 0 ORDER BY bucket"
)


def _of_points(facts: Sequence[Fact], columns: int) -> list[_Stretch]:
    """Return at most `columns` stretches of equal numbers of points."""
    finite = [fact for fact in facts if math.isfinite(fact[4])]
    size = max(1, -(-len(finite) // columns))
    parted = [finite[i : i + size] for i in range(0, len(finite), size)]
    return [_Stretch(len(some), math.fsum(fact[4] for fact in some) / len(some), some[0][1:4], some[-1][1:4]) for some in parted]
