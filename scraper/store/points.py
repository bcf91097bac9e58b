"""Raw points: grouped by series, checked against what is stored, inserted and thinned. Works inside a transaction its caller holds."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import lru_cache
from itertools import compress, islice, repeat
from operator import itemgetter, lt
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from scraper.model import FINITE, NAN, NEG_INF, POS_INF, SOURCE_SHIFT, Labels
from scraper.store.packing import is_one, pack
from scraper.store.rollups import Columns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from scraper.points import Points, Rows

Name: TypeAlias = tuple[str, Labels, int]  # metric, labels, attempt
ROWS: Final = 100  # rows an INSERT; 100 and 500 were equally fast, 1 half as fast
_LARGEST: Final = (1 << 63) - 1  # what an INTEGER of SQLite holds
_COLUMNS: Final = 6  # of a row, behind its series
_VARYING: Final = (0, 4)  # position and value differ from point to point; other columns are often one value throughout


class Group(NamedTuple):
    """The points of one series in a batch, and whether each is behind the one before it; `refused` of them cannot be stored."""

    columns: Columns
    ordered: bool
    refused: int


def group(points: Points, ordinal: int) -> Iterator[tuple[Name, Group]]:
    """Yield the points of each series, of the source with this ordinal number in its run."""
    groups: defaultdict[Name, list[Group]] = defaultdict(list)
    for (metrics, labels, attempt), rows in points.kinds():
        for metric, one in zip(metrics, _groups(rows, ordinal), strict=True):
            groups[metric, labels, attempt].append(one)
    for name, parts in groups.items():
        yield name, parts[0] if len(parts) == 1 else _joined(parts)


def _groups(rows: Rows, ordinal: int) -> Iterator[Group]:
    """Yield the points of every metric of lines of one kind, which share all but the values: what is true of those is found out once."""
    shared: list[list[Any]] = [rows.at, rows.steps, rows.epochs, rows.times, rows.step_kinds]
    fitting = None if _all_fit(rows.at, rows.steps) else [_fits(at, step) for at, step in zip(rows.at, rows.steps, strict=True)]
    if fitting is not None:
        shared = [list(compress(column, fitting)) for column in shared]
    at, steps, epochs, times, step_kinds = shared
    if ordinal:
        base = ordinal << SOURCE_SHIFT
        at = [base + offset for offset in at]
    ordered = is_increasing(at)
    for column in rows.values:
        values = column if fitting is None else list(compress(column, fitting))
        numbers, kinds = _numbers(values)
        yield Group(Columns(at, steps, epochs, times, numbers, kinds, step_kinds), ordered, len(column) - len(values))


def _numbers(values: list[float]) -> tuple[Sequence[float | None], Sequence[int]]:
    """Return values as SQL knows them, and what kind each is."""
    if math.isfinite(sum(values)) or all(map(math.isfinite, values)):
        return values, [FINITE] * len(values)
    kinds = list(map(_kind, values))
    return [None if kind else value for value, kind in zip(values, kinds, strict=True)], kinds


def _kind(value: float) -> int:
    if math.isfinite(value):
        return FINITE
    return NAN if math.isnan(value) else POS_INF if value > 0 else NEG_INF


def _joined(parts: Sequence[Group]) -> Group:
    """Return the points of several kinds of line by position; at one position the first part comes first."""
    rows = sorted((row for part in parts for row in zip(*part.columns, strict=True)), key=itemgetter(0))
    columns = Columns(*zip(*rows, strict=True)) if rows else parts[0].columns
    return Group(columns, is_increasing(columns.at), sum(part.refused for part in parts))


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
    width, whole = len(varying), count - count % ROWS
    flat: list[Any] = [None] * (whole * width)  # row by row
    for number, column in enumerate(varying):
        flat[number::width] = column[:whole]
    for start in range(0, whole * width, ROWS * width):
        connection.execute(_insert(shared, ROWS), [*once, *flat[start : start + ROWS * width]])
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
