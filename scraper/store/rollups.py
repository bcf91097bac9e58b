"""The base-64 pyramid of M4 summaries over a series, and the thinning of its raw points. Keeps up both in its caller's transaction."""

from __future__ import annotations

import sys
from functools import reduce
from itertools import compress, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from scraper.model import FINITE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

LEVELS: Final = 5
SHIFT: Final = 6  # a bucket of level k covers 64^k = 1 << 6k points
WIDTH: Final = 1 << SHIFT  # points of a bucket of level 1, and buckets of one of the next
SPARE: Final = 64  # retention runs when a series is over its budget by one part in so many, so that its cost is shared by many points
_LARGEST: Final = sys.float_info.max
_VALUE: Final = itemgetter(4)  # of a mark
_NAMES: Final = [f"{mark}_{fact}" for mark in ("first", "last", "min", "max") for fact in ("at", "step", "epoch", "time", "value")]
_FACTS: Final = ", ".join(["count", "non_finite", *_NAMES, "sum"])
_SELECT: Final = f"SELECT {_FACTS} FROM rollups WHERE series_id = ? AND level = ? AND bucket = ?"
_MARKS: Final = ", ".join("?" * (len(_NAMES) + 6))
_REPLACE: Final = f"INSERT OR REPLACE INTO rollups (series_id, level, bucket, {_FACTS}) VALUES ({_MARKS})"

Mark: TypeAlias = tuple[int, int | None, float | None, float | None, float]  # at, step, epoch, time, value
NO_MARK: Final = (None,) * 5


class Columns(NamedTuple):
    """New points of one series, column by column, in order of position."""

    at: Sequence[int]  # position in the run's log
    steps: Sequence[int | None]
    epochs: Sequence[float | None]
    times: Sequence[float | None]
    values: Sequence[float | None]  # None where kind is not finite
    kinds: Sequence[int]  # index into VALUE_KINDS
    step_kinds: Sequence[int]


class Facts(NamedTuple):
    """What a bucket says of its points; marks and sum over the finite ones. Associative: `merge` of the parts is the fact of the whole."""

    size: int  # points
    non_finite: int
    first: Mark | None
    last: Mark | None
    low: Mark | None  # of equal values the first by position
    high: Mark | None
    total: float


def add(one: float, other: float) -> float:
    """Return the sum of two finite numbers, held at the largest double where it would overflow."""
    return min(max(one + other, -_LARGEST), _LARGEST)


def merge(one: Facts, other: Facts) -> Facts:
    """Return the facts of two sets of points together, whatever their order."""
    size, non_finite = one.size + other.size, one.non_finite + other.non_finite
    if one.first is None or one.last is None or one.low is None or one.high is None:
        return Facts(size, non_finite, *other[2:])
    if other.first is None or other.last is None or other.low is None or other.high is None:
        return Facts(size, non_finite, *one[2:])
    low, low_too, high, high_too = one.low, other.low, one.high, other.high
    return Facts(
        size,
        non_finite,
        one.first if one.first[0] < other.first[0] else other.first,
        one.last if one.last[0] > other.last[0] else other.last,
        low if (low[4], low[0]) <= (low_too[4], low_too[0]) else low_too,
        high if (-high[4], high[0]) <= (-high_too[4], high_too[0]) else high_too,
        add(one.total, other.total),
    )


def _join(parts: Sequence[Facts]) -> Facts:
    """Return the facts of sets of points together, each of them behind the one before it."""
    if len(parts) == 1:
        return parts[0]
    size, non_finite = sum(part.size for part in parts), sum(part.non_finite for part in parts)
    lows = [part.low for part in parts if part.low is not None]
    if not lows:
        return Facts(size, non_finite, None, None, None, None, 0.0)
    first = next(part.first for part in parts if part.first is not None)
    last = next(part.last for part in reversed(parts) if part.last is not None)
    high = max((part.high for part in parts if part.high is not None), key=_VALUE)  # of equal ones the first, as of the lows
    return Facts(size, non_finite, first, last, min(lows, key=_VALUE), high, reduce(add, [part.total for part in parts]))


def summarise(columns: Columns, start: int, stop: int) -> Facts:
    """Return the facts of the points number `start` to `stop` (excluded), at least one."""
    kinds = columns.kinds[start:stop]
    non_finite = len(kinds) - kinds.count(FINITE)
    if non_finite == len(kinds):
        return Facts(len(kinds), non_finite, None, None, None, None, 0.0)
    if non_finite:
        finite = [kind == FINITE for kind in kinds]
        kept: list[list[Any]] = [list(compress(column[start:stop], finite)) for column in columns]
        return summarise(Columns(*kept), 0, len(kept[0]))._replace(size=len(kinds), non_finite=non_finite)
    at, steps, epochs, times, values, _, _ = columns
    numbers: Sequence[float] = values[start:stop]  # type: ignore[assignment] # all finite, so none is None
    low, high = min(numbers), max(numbers)
    i, j, last = start + numbers.index(low), start + numbers.index(high), stop - 1
    return Facts(
        stop - start,
        0,
        (at[start], steps[start], epochs[start], times[start], numbers[0]),
        (at[last], steps[last], epochs[last], times[last], numbers[-1]),
        (at[i], steps[i], epochs[i], times[i], low),
        (at[j], steps[j], epochs[j], times[j], high),
        add(sum(numbers), 0.0),
    )


def _lowest(columns: Columns, number: int) -> list[tuple[int, Facts]]:
    """Return (bucket, facts) of level 1 for new points, the first of which has this ordinal number in its series."""
    found, start, count = [], 0, len(columns.at)
    while start < count:
        stop = min(count, start + WIDTH - (number + start) % WIDTH)
        found.append(((number + start) >> SHIFT, summarise(columns, start, stop)))
        start = stop
    return found


def _above(buckets: Sequence[tuple[int, Facts]]) -> list[tuple[int, Facts]]:
    """Return the buckets of the next level, each made of those below it."""
    if len(buckets) == 1:
        return [(buckets[0][0] >> SHIFT, buckets[0][1])]
    groups = groupby(buckets, key=lambda numbered: numbered[0] >> SHIFT)
    return [(bucket, _join([facts for _, facts in below])) for bucket, below in groups]


def exists(level: int, count: int) -> bool:
    """Tell whether a series of `count` points has this level: one that would be a copy of the level below is left out."""
    return count > (1 << SHIFT * (level - 1) if level > 1 else 0)


def _load(connection: sqlite3.Connection, series_id: int, level: int, bucket: int) -> Facts:
    row: tuple[Any, ...] = connection.execute(_SELECT, (series_id, level, bucket)).fetchone()
    if row[2] is None:
        return Facts(row[0], row[1], None, None, None, None, row[22])
    return Facts(row[0], row[1], row[2:7], row[7:12], row[12:17], row[17:22], row[22])


def _open_bucket(connection: sqlite3.Connection, series_id: int, level: int, count: int) -> Facts | None:
    """Return what the bucket that the next point falls in holds, in a series of `count` points; None when that bucket is new."""
    if count & ((1 << SHIFT * level) - 1) == 0:
        return None
    while not exists(level, count):  # the whole series is in bucket 0 of a lower level
        level -= 1
    return _load(connection, series_id, level, count >> SHIFT * level if exists(level + 1, count) else 0)


def _row(facts: Facts) -> tuple[Any, ...]:
    """Return facts as the columns of a bucket hold them."""
    size, non_finite, first, last, low, high, total = facts
    return (size, non_finite, *(first or NO_MARK), *(last or NO_MARK), *(low or NO_MARK), *(high or NO_MARK), total)


def extend(connection: sqlite3.Connection, series_id: int, count: int, columns: Columns) -> Facts:
    """Add new points to the pyramid of a series that had `count`, and return the facts of the new points alone."""
    buckets, rows = _lowest(columns, count), []
    for level in range(1, LEVELS + 1):
        if not exists(level, count + len(columns.at)):
            break
        before = _open_bucket(connection, series_id, level, count)
        for number, (bucket, facts) in enumerate(buckets):
            whole = merge(before, facts) if before and not number else facts
            rows.append((series_id, level, bucket, *_row(whole)))
        buckets = _above(buckets)
    connection.executemany(_REPLACE, rows)
    return _join([facts for _, facts in buckets])
