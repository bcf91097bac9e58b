"""Series and their running statistics: one row says what a summary needs. Works inside a transaction its caller holds."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from scraper.store import packing, points, rollups
from scraper.store.runs import plain
from scraper.text import shown

if TYPE_CHECKING:
    import sqlite3

    from scraper.store.rollups import Columns, Facts, Mark

Key: TypeAlias = tuple[int, str, str, int]  # run key, metric, labels as JSON, attempt


@dataclass(slots=True)
class Series:
    """One row of `series`, as it is changed by a commit; the fields are the columns."""

    id: int
    count: int = 0
    non_finite: int = 0
    thinned: int = 0
    raw_from: int = 0
    raw_from_at: int | None = None
    ordered: int = 1
    first_at: int | None = None
    first_step: int | None = None
    first_epoch: float | None = None
    first_time: float | None = None
    first_value: float | None = None
    first_kind: int | None = None
    last_at: int | None = None
    last_step: int | None = None
    last_epoch: float | None = None
    last_time: float | None = None
    last_value: float | None = None
    last_kind: int | None = None
    min_at: int | None = None
    min_step: int | None = None
    min_epoch: float | None = None
    min_value: float | None = None
    max_at: int | None = None
    max_step: int | None = None
    max_epoch: float | None = None
    max_value: float | None = None
    sum: float = 0.0
    time_base: int | None = None


_FIELDS: Final = [field.name for field in fields(Series)]
_SELECT: Final = f"SELECT {', '.join(_FIELDS)} FROM series WHERE run_key = ? AND metric = ? AND labels = ? AND attempt = ?"
_UPDATE: Final = f"UPDATE series SET {', '.join(f'{name} = ?' for name in _FIELDS[1:])} WHERE id = ?"
_values: Final = attrgetter(*_FIELDS[1:], "id")  # in the order of _UPDATE


def metric_name(printed: str) -> str:
    r"""Return a metric's name as the store keeps it: what could steer a terminal or end a line is spelt out (\x1b), as it is shown."""
    return plain(shown(printed))


def find(connection: sqlite3.Connection, key: Key) -> Series | None:
    """Return the series of this key; None when there is none."""
    row = connection.execute(_SELECT, key).fetchone()
    return Series(*row) if row else None


def create(connection: sqlite3.Connection, key: Key) -> Series:
    """Insert an empty series."""
    return Series(connection.execute("INSERT INTO series (run_key, metric, labels, attempt) VALUES (?, ?, ?, ?)", key).lastrowid or 0)


def _save(connection: sqlite3.Connection, series: Series) -> None:
    connection.execute(_UPDATE, _values(series))


def _note_ends(series: Series, new: Columns) -> None:
    """Take the first and the last point by position, non-finite ones too."""
    if series.first_at is None or new.at[0] < series.first_at:
        series.first_at, series.first_step, series.first_epoch, series.first_time = new.at[0], new.steps[0], new.epochs[0], new.times[0]
        series.first_value, series.first_kind = new.values[0], new.kinds[0]
    if series.last_at is None or new.at[-1] > series.last_at:
        series.last_at, series.last_step, series.last_epoch, series.last_time = new.at[-1], new.steps[-1], new.epochs[-1], new.times[-1]
        series.last_value, series.last_kind = new.values[-1], new.kinds[-1]


def _note_extremes(series: Series, low: Mark, high: Mark) -> None:
    """Take the smallest and the largest finite value; of equal ones the first by position."""
    at, step, epoch, _, value = low
    if series.min_value is None or series.min_at is None or (value, at) < (series.min_value, series.min_at):
        series.min_at, series.min_step, series.min_epoch, series.min_value = at, step, epoch, value
    at, step, epoch, _, value = high
    if series.max_value is None or series.max_at is None or (-value, at) < (-series.max_value, series.max_at):
        series.max_at, series.max_step, series.max_epoch, series.max_value = at, step, epoch, value


def _note(series: Series, new: Columns, facts: Facts) -> None:
    """Bring the statistics up to date with points that are stored now."""
    if series.last_at is not None and new.at[0] < series.last_at:
        series.ordered = 0
    _note_ends(series, new)
    if facts.low is not None and facts.high is not None:
        _note_extremes(series, facts.low, facts.high)
    series.count += facts.size
    series.non_finite += facts.non_finite
    series.sum = rollups.add(series.sum, facts.total)


def _retain(connection: sqlite3.Connection, series: Series, budget: int) -> int:
    """Thin a series that is over its budget of raw points; return how many points that removed."""
    if series.count - series.raw_from <= budget + budget // rollups.SPARE:
        return 0
    target = (series.count - budget) // rollups.WIDTH * rollups.WIDTH
    keep = [at for at in (series.first_at, series.min_at, series.max_at) if at is not None]
    start = (series.raw_from_at or 0) if series.ordered else None
    deleted, edge = points.thin(connection, series.id, keep=keep, number=target - series.raw_from, start=start)
    series.raw_from = target
    if edge is not None:
        series.raw_from_at = edge
        series.thinned += deleted
    return deleted


def extend(connection: sqlite3.Connection, series: Series, group: points.Group, budget: int) -> tuple[int, int]:
    """Store points of one source in a series, statistics, rollups and retention with them.

    A point whose position is stored already adds nothing. Returns how many points were stored and how many older ones were thinned.
    """
    new = group.columns
    if not group.ordered or (series.last_at is not None and new.at[0] <= series.last_at):
        unseen = points.fresh(connection, series.id, new, series.raw_from_at)
        if unseen is None:
            return 0, 0
        new = unseen
    if series.time_base is None:
        series.time_base = packing.base_of(new.times)
    points.insert(connection, series.id, series.time_base, new)
    facts = rollups.extend(connection, series.id, series.count, new)
    _note(series, new, facts)
    thinned = _retain(connection, series, budget)
    _save(connection, series)
    return len(new.at), thinned


def number(connection: sqlite3.Connection, run_key: int) -> int:
    """Return how many series a run has."""
    count: int = connection.execute("SELECT count(*) FROM series WHERE run_key = ?", (run_key,)).fetchone()[0]
    return count
