"""The form in which a point's numbers lie in `point_rows`, and the move of an older store's points into it. The view `points` undoes it.

A row of a live run is 26 to 31 bytes so, and would be 36 plainly; every number comes back exactly as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from scraper.store.rollups import Columns

MILLION: Final = 1e6
THOUSAND: Final = 1e3
LARGEST: Final = 1e12  # millionths of what is smaller fit an INTEGER of SQLite

# `time` and `value` have no declared type, so that an integer stays one and says that the number is packed.
POINTS: Final = """
CREATE TABLE point_rows (
    series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,                -- position of the printed line in the run's log
    step INTEGER, epoch REAL,
    time,                               -- an integer: milliseconds since the series' time_base; a real: seconds since the epoch
    value,                              -- an integer: millionths; a real: as it is; NULL when it is not finite
    kinds INTEGER NOT NULL DEFAULT 0,   -- kind + 4 * step_kind, see the view
    PRIMARY KEY (series_id, at)
) WITHOUT ROWID;
CREATE VIEW points AS                   -- what to read: one row a point
SELECT series_id, at, step, epoch,
       CASE typeof(time) WHEN 'integer' THEN ((SELECT time_base FROM series WHERE id = series_id) + time) / 1e3 ELSE time END AS time,
       CASE typeof(value) WHEN 'integer' THEN value / 1e6 ELSE value END AS value, -- NULL when kind is not 0
       kinds & 3 AS kind,               -- 0 finite, 1 NaN, 2 Infinity, 3 -Infinity
       kinds >> 2 AS step_kind          -- 0 explicit, 1 derived, 2 bar, 3 samples, 4 inherited, 5 epoch, 6 count
FROM point_rows;
CREATE VIEW metric_points AS
SELECT runs.id AS run, runs.name AS name, experiments.name AS experiment, series.metric AS metric, series.labels AS labels,
       series.attempt AS attempt, points.step AS step, points.epoch AS epoch, points.time AS time,
       CASE points.kind WHEN 0 THEN points.value WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' ELSE '-Infinity' END AS value,
       points.at AS at
FROM points
JOIN series ON series.id = points.series_id
JOIN runs ON runs.key = series.run_key
JOIN experiments ON experiments.id = runs.experiment_id;
"""

_REPACK: Final = """
INSERT INTO point_rows
SELECT p.series_id, p.at, p.step, p.epoch, packed_time(p.time, s.time_base), packed_value(p.value), p.kind + 4 * p.step_kind
FROM plain_points p JOIN series s ON s.id = p.series_id ORDER BY p.series_id, p.at
"""


def pack(new: Columns, base: int | None) -> tuple[Sequence[Any], ...]:
    """Return points of a series with this time base as the columns of `point_rows` behind `series_id`.

    Values are packed where times take room too: those of an old log stay below 32 bytes as they are, and packing them costs a tenth
    of what reading such a log takes.
    """
    values = new.values if base is None else _values(new.values)
    return new.at, new.steps, new.epochs, _times(new.times, base), values, _kinds(new.kinds, new.step_kinds)


def is_one(column: Sequence[Any]) -> bool:
    """Tell whether a column holds one value throughout."""
    return column[0] == column[-1] and column.count(column[0]) == len(column)


def base_of(times: Sequence[float | None]) -> int | None:
    """Return the time base of a series that begins with `times` (seconds since the epoch), in milliseconds; None when none is known."""
    return next((round(time * THOUSAND) for time in times if time is not None), None)


def _values(numbers: Sequence[float | None]) -> Sequence[float | None]:
    """Return values as they are stored: millionths where those are integers, which most printed numbers are."""
    if None in numbers:
        return [_value(number) for number in numbers]
    known: Sequence[float] = numbers  # type: ignore[assignment] # none is None
    if max(known) >= LARGEST or min(known) <= -LARGEST:
        return [_value(number) for number in known]
    return [packed if (packed := round(number * MILLION)) / MILLION == number else number for number in known]


def _value(number: float | None) -> float | None:
    if number is None or abs(number) >= LARGEST:
        return number
    packed = round(number * MILLION)
    return packed if packed / MILLION == number else number


def _times(seconds: Sequence[float | None], base: int | None) -> Sequence[float | None]:
    """Return times as they are stored: milliseconds from the base, or as they are where that would not be exact."""
    if is_one(seconds):
        return (_time(seconds[0], base),) * len(seconds)
    return [_time(time, base) for time in seconds]


def _time(time: float | None, base: int | None) -> float | None:
    if time is None or base is None:
        return time
    milliseconds = round(time * THOUSAND)
    return milliseconds - base if milliseconds / THOUSAND == time else time


def _kinds(kinds: Sequence[int], step_kinds: Sequence[int]) -> Sequence[int]:
    if is_one(kinds) and is_one(step_kinds):
        return (kinds[0] + 4 * step_kinds[0],) * len(kinds)
    return [kind + 4 * step_kind for kind, step_kind in zip(kinds, step_kinds, strict=True)]


def repack(connection: sqlite3.Connection, statements: Sequence[str]) -> None:
    """Move the points of a store of schema 1 into the tables that `statements` make, inside the caller's transaction."""
    connection.create_function("packed_value", 1, _value, deterministic=True)
    connection.create_function("packed_time", 2, _time, deterministic=True)
    connection.execute("DROP VIEW metric_points")
    connection.execute("ALTER TABLE points RENAME TO plain_points")
    connection.execute("ALTER TABLE series ADD COLUMN time_base INTEGER")
    connection.execute("UPDATE series SET time_base = CAST(round(first_time * 1000) AS INTEGER)")
    for statement in statements:
        connection.execute(statement)
    connection.execute(_REPACK)
    connection.execute("DROP TABLE plain_points")
