"""Raw points: grouped by series, checked against what is stored, inserted and thinned. Works inside a transaction its caller holds."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache
from itertools import chain, compress, islice, repeat
from operator import itemgetter, lt
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from scraper.model import FINITE, NAN, NEG_INF, POS_INF, SOURCE_SHIFT, Labels
from scraper.store.packing import is_one, pack
from scraper.store.rollups import Columns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from scraper.points import Points, Rows

Name: TypeAlias = tuple[str, Labels, int]  # metric, labels, attempt
ROWS: Final = 100  # rows an INSERT; 100 and 500 were equally fast, 1 half as fast
_LARGEST: Final = (1 << 63) - 1  # what an INTEGER of SQLite holds
_COLUMNS: Final = 6  # of a row, behind its series
_VARYING: Final = (0, 4)  # position and value differ from point to point; other columns are often one value throughout


def group(points: Points) -> dict[Name, list[tuple[Rows, int]]]:
    """Return where the points of each series are: in which rows, and in which of their columns."""
    groups: defaultdict[Name, list[tuple[Rows, int]]] = defaultdict(list)
    for (metrics, labels, attempt), rows in points.kinds():
        for number, metric in enumerate(metrics):
            groups[metric, labels, attempt].append((rows, number))
    return groups


def _kind(value: float) -> int:
    if math.isfinite(value):
        return FINITE
    return NAN if math.isnan(value) else POS_INF if value > 0 else NEG_INF


def size(parts: Sequence[tuple[Rows, int]]) -> int:
    """Return the number of points of one series."""
    return sum(len(rows.at) for rows, _ in parts)


def columns(parts: Sequence[tuple[Rows, int]], ordinal: int) -> Columns | None:
    """Return the points of one series and source as columns, by position where several kinds of line have it; None: none can be stored."""
    rows, number = parts[0]
    found = Columns(rows.at, rows.steps, rows.epochs, rows.times, rows.values[number], (), rows.step_kinds)
    if len(parts) > 1:
        found = _joined(parts)
    if not _all_fit(found.at, found.steps):
        fitting = [_fits(at, step) for at, step in zip(found.at, found.steps, strict=True)]
        kept: list[list[Any]] = [list(compress(column, fitting)) for column in found]
        found = Columns(*kept)
        if not found.at:
            return None
    if ordinal:
        base = ordinal << SOURCE_SHIFT
        found = found._replace(at=[base + offset for offset in found.at])
    values: Sequence[float] = found.values  # type: ignore[assignment] # no column was made for SQL yet
    if all(map(math.isfinite, values)):
        return found._replace(kinds=[FINITE] * len(values))
    kinds = list(map(_kind, values))
    return found._replace(values=[None if kind else value for value, kind in zip(values, kinds, strict=True)], kinds=kinds)


def _joined(parts: Sequence[tuple[Rows, int]]) -> Columns:
    """Return the points of several kinds of line by position; at one position the first part comes first."""
    all_rows = [
        row for rows, n in parts for row in zip(rows.at, rows.steps, rows.epochs, rows.times, rows.values[n], rows.step_kinds, strict=True)
    ]
    at, steps, epochs, times, values, step_kinds = zip(*sorted(all_rows, key=itemgetter(0)), strict=True)
    return Columns(at, steps, epochs, times, values, (), step_kinds)


def _fits(at: int, step: int | None) -> bool:
    return 0 <= at < 1 << SOURCE_SHIFT and (step is None or -_LARGEST <= step <= _LARGEST)


def _all_fit(at: Sequence[int], steps: Sequence[int | None]) -> bool:
    """Tell whether every position and step can be stored."""
    if min(at) < 0 or max(at) >= 1 << SOURCE_SHIFT:
        return False
    known: Sequence[Any] = [step for step in steps if step is not None] if None in steps else steps
    return not known or (min(known) >= -_LARGEST and max(known) <= _LARGEST)


def is_increasing(at: Sequence[int]) -> bool:
    """Tell whether each position is behind the one before it."""
    return all(map(lt, at, islice(at, 1, None)))


def fresh(connection: sqlite3.Connection, series_id: int, new: Columns, thinned_below: int | None) -> Columns | None:
    """Return, in order of position, the points of `new` (of one source) that are not stored yet; None when all of them are.

    Positions of the same source below `thinned_below` were stored, and may have been thinned since.
    """
    rows = dict(zip(reversed(new.at), reversed(list(zip(*new, strict=True))), strict=True))  # of two at one position the first counts
    low, high = min(rows), max(rows)
    for (at,) in connection.execute("SELECT at FROM point_rows WHERE series_id = ? AND at BETWEEN ? AND ?", (series_id, low, high)):
        rows.pop(at, None)
    if thinned_below is not None and low >> SOURCE_SHIFT == thinned_below >> SOURCE_SHIFT:
        rows = {at: row for at, row in rows.items() if at >= thinned_below}
    return Columns(*zip(*(rows[at] for at in sorted(rows)), strict=True)) if rows else None


@lru_cache(maxsize=256)
def _insert(shared: tuple[int, ...], rows: int) -> str:
    """Return an INSERT of `rows` rows; the columns numbered in `shared` are bound once, after the series, the others row by row."""
    varying = _COLUMNS - len(shared)
    texts = []
    for row in range(rows):
        number, names = 2 + len(shared) + row * varying, ["?1"]
        for column in range(_COLUMNS):
            if column in shared:
                names.append(f"?{2 + shared.index(column)}")
            else:
                names.append(f"?{number}")
                number += 1
        texts.append(f"({', '.join(names)})")
    return f"INSERT INTO point_rows (series_id, at, step, epoch, time, value, kinds) VALUES {', '.join(texts)}"


def insert(connection: sqlite3.Connection, series_id: int, time_base: int | None, new: Columns) -> None:
    """Insert points that are not stored yet. Binding a column of one value once a statement makes this 1.2 times as fast."""
    packed, count = pack(new, time_base), len(new.at)
    if count < ROWS:
        connection.executemany(_insert((), 1), zip(repeat(series_id), *packed))
        return
    shared = tuple(number for number, column in enumerate(packed) if number not in _VARYING and is_one(column))
    once = [series_id, *(packed[number][0] for number in shared)]
    varying = [column for number, column in enumerate(packed) if number not in shared]
    whole = count - count % ROWS
    for start in range(0, whole, ROWS):
        part = zip(*(column[start : start + ROWS] for column in varying), strict=True)
        connection.execute(_insert(shared, ROWS), [*once, *chain.from_iterable(part)])
    if whole < count:
        rest = zip(*(column[whole:] for column in varying), strict=True)
        connection.executemany(_insert(shared, 1), [[*once, *row] for row in rest])


def thin(connection: sqlite3.Connection, series_id: int, *, keep: Sequence[int], number: int, start: int | None) -> tuple[int, int | None]:
    """Delete the finite points among the `number` oldest ones, except those at the positions `keep`.

    `start` is the position where earlier thinning ended, behind which all points are still there; None looks from the beginning again,
    as a series needs whose points do not arrive in order, and then counts only points that may go. Returns how many points were deleted
    and the position from which all are kept (None: nothing was done as there are too few points).
    """
    may_go = f"kinds & 3 = {FINITE} AND at NOT IN ({', '.join(f'{at:d}' for at in keep)})"
    edge = connection.execute(
        f"SELECT at FROM point_rows WHERE series_id = ? AND at >= ? AND {may_go if start is None else 'true'} ORDER BY at LIMIT 1 OFFSET ?",
        (series_id, start or 0, number),
    ).fetchone()
    if edge is None:
        return 0, None
    where = (series_id, start or 0, edge[0])
    gone = connection.execute(f"DELETE FROM point_rows WHERE series_id = ? AND at >= ? AND at < ? AND {may_go}", where)
    return gone.rowcount, int(edge[0])
