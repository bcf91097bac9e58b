"""Reading one attempt of a series: from its raw points while they are few, else from the coarsest rollups that are fine enough.

Owns the SELECTs on points and rollups for charts. What it gives are printed points, never averages.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from scraper.model import COUNT, EPOCH, SAMPLES
from scraper.query.catalog import NO_CUT, Cut, SeriesRow
from scraper.query.values import restore
from scraper.store.rollups import LEVELS, WIDTH

if TYPE_CHECKING:
    from scraper.query.database import Database

# position, step, epoch, time, value; a step range or cut is judged by the step, or the epoch where there is none
Fact: TypeAlias = tuple[int, int | None, float | None, float | None, float]

ENOUGH = 500  # columns: beyond, a third fewer is hardly seen, and each costs 8 microseconds
_POINT = "at, step, epoch, time, value, kind"
_PLACES = ("first", "last", "min", "max")
_SHOWN = (
    "COALESCE(step, epoch, 0) BETWEEN :low AND :high AND CASE step_kind "
    f"WHEN {COUNT} THEN 1 WHEN {EPOCH} THEN epoch IS NULL OR epoch < :cut_epoch "
    f"WHEN {SAMPLES} THEN step < :cut_samples ELSE step IS NULL OR step < :cut_step END"
)


class Part(NamedTuple):
    """What is to be read of one attempt."""

    row: SeriesRow
    cut: Cut
    low: float  # bounds of the step, or of the epoch where there is no step
    high: float
    step_kind: int  # of its last point

    @property
    def whole(self) -> bool:
        """Whether every point of the attempt is asked for."""
        return self.cut == NO_CUT and self.low == -math.inf and self.high == math.inf

    def shows(self, step: float | None, epoch: float | None) -> bool:
        """Whether a point with this step and epoch is asked for."""
        where = step if step is not None else epoch if epoch is not None else 0
        return self.low <= where <= self.high and self.cut.shows(step, epoch, EPOCH if step is None else self.step_kind)

    @property
    def parameters(self) -> dict[str, Any]:
        """The values that _SHOWN binds."""
        limits = {"cut_step": self.cut.step, "cut_samples": self.cut.samples, "cut_epoch": self.cut.epoch}
        return {"series": self.row.id, "low": self.low, "high": self.high, **limits}


def step_kind_at(db: Database, row: SeriesRow) -> int:
    """Return how the last point of a series got its step (index into STEP_KINDS)."""
    found = db.rows("SELECT step_kind FROM points WHERE series_id = ? AND at = ?", [row.id, row.last_at])
    return int(found[0][0]) if found else EPOCH if row.last_step is None else 0


def facts_of(db: Database, part: Part, columns: int | None) -> tuple[list[Fact], bool]:
    """Return points of the part in printed order, and whether any were left out.

    `columns` None asks for every point kept; a number for at least M4 of that many stretches of it.
    """
    low, high = buckets_of(db, part)
    level = 0 if columns is None else level_for(high - low + 1, columns)
    if level == 0 or columns is None:
        return _raw_and_thinned(db, part, low, high)
    return _in_order([*_from_rollups(db, part, level, columns, low, high), *_non_finite(db, part, columns)]), True


def _in_order(facts: list[Fact]) -> list[Fact]:
    """Return the facts by position, each once; of two at one position the later one."""
    kept = {fact[0]: fact for fact in facts}
    return list(map(kept.__getitem__, sorted(kept)))


def buckets_of(db: Database, part: Part) -> tuple[int, int]:
    """Return level-1 buckets between which (both included) every point asked for lies."""
    everything = part.whole or not part.row.ordered or part.row.count <= WIDTH
    return (0, (part.row.count - 1) // WIDTH) if everything else _bracket(db, part)


def level_for(buckets: int, columns: int) -> int:
    """Return the coarsest level that has two thirds of `columns` where level 1 has `buckets`; 0: read the raw points.

    A third fewer columns is hardly seen, and the next finer level costs up to 64 times as much.
    """
    return max((level for level in range(1, LEVELS + 1) if 3 * buckets >= 2 * columns * WIDTH ** (level - 1)), default=0)


def _top_level(count: int) -> int:
    """Return the level that covers a series of `count` points with at most 64 buckets, as far as there are levels."""
    return next((level for level in range(1, LEVELS) if (count - 1) // WIDTH**level < WIDTH), LEVELS)


def _bracket(db: Database, part: Part) -> tuple[int, int]:
    """Return level-1 buckets between which (both included) every point asked for lies, going down from the top.

    Within an attempt steps do not go back (that would begin another attempt). The outermost two lie outside by their finite values,
    which are all that a bucket tells of, and may still end or begin with a NaN that is asked for.
    """
    last = max(0, part.row.count - 1) // WIDTH
    level = _top_level(part.row.count)
    low, high = 0, last // WIDTH ** (level - 1)
    while True:
        low, high = _outside(db, part, level, low, high)
        if level == 1:
            return low, high
        level, low, high = level - 1, low * WIDTH, min(high * WIDTH + WIDTH - 1, last // WIDTH ** (level - 2))


def _outside(db: Database, part: Part, level: int, low: int, high: int) -> tuple[int, int]:
    """Return the nearest buckets of a level, of `low` to `high`, on both sides of what is asked for; the ends where there is none."""
    place = "COALESCE({0}_step, {0}_epoch, 0)"
    bucket = "FROM rollups WHERE series_id = ? AND level = ? AND first_at IS NOT NULL AND bucket BETWEEN ? AND ?"
    limit = {EPOCH: part.cut.epoch, SAMPLES: part.cut.samples, COUNT: math.inf}.get(part.step_kind, part.cut.step)
    before = f"SELECT MAX(bucket) {bucket} AND {place.format('last')} < ?"
    after = f"SELECT MIN(bucket) {bucket} AND ({place.format('first')} > ? OR {place.format('first')} >= ?)"
    given = [part.row.id, level]
    one = db.rows(before, [*given, low, min(high, low + 2 * WIDTH), part.low])[0][0]
    other = db.rows(after, [*given, max(low, high - 2 * WIDTH), high, part.high, limit])[0][0]
    return low if one is None else int(one), high if other is None else int(other)


def _inside(db: Database, part: Part, low: int, high: int) -> tuple[int, int]:
    """Return the first and last bucket between `low` and `high` that may lie across a bound: the nearest with a finite value."""
    bucket = "FROM rollups WHERE series_id = ? AND level = 1 AND first_at IS NOT NULL AND bucket > ? AND bucket < ? ORDER BY bucket"
    first = db.rows(f"SELECT bucket {bucket} LIMIT 1", [part.row.id, low, high])
    last = db.rows(f"SELECT bucket {bucket} DESC LIMIT 1", [part.row.id, low, high])
    return (first[0][0], last[0][0]) if first and last else (high, low)


def _raw_and_thinned(db: Database, part: Part, low: int, high: int) -> tuple[list[Fact], bool]:
    """Return the raw points of a part, with the level-1 facts of whatever retention has removed among them."""
    raw = raw_points(db, part, low, high)
    if part.row.raw_from == 0 or (part.row.ordered and low * WIDTH >= part.row.raw_from):
        return raw, False
    last = min(high, part.row.raw_from // WIDTH - 1) if part.row.ordered else high
    return _in_order(_bucket_facts(db, part, 1, low, last) + raw), True


def raw_points(db: Database, part: Part, low: int, high: int) -> list[Fact]:
    """Return the raw points asked for that lie in level-1 buckets `low` to `high`."""
    if part.whole:
        rows = db.rows(f"SELECT {_POINT} FROM points WHERE series_id = ? ORDER BY at", [part.row.id])
    else:
        after, before = _positions(db, part, low, high)
        query = f"SELECT {_POINT} FROM points WHERE series_id = :series AND at > :after AND at < :before AND {_SHOWN} ORDER BY at"
        rows = db.rows(query, {**part.parameters, "after": after, "before": before})
    return [_fact(row) for row in rows]


def _positions(db: Database, part: Part, low: int, high: int) -> tuple[int, int]:
    """Return positions between which (both excluded) all raw points of level-1 buckets `low` to `high` lie."""
    everywhere = (-1, 2**63 - 1)
    if not part.row.ordered:
        return everywhere
    query = "SELECT (SELECT last_at FROM rollups WHERE series_id = ?1 AND level = 1 AND bucket = ?2), "
    query += "(SELECT first_at FROM rollups WHERE series_id = ?1 AND level = 1 AND bucket = ?3)"
    after, before = db.rows(query, [part.row.id, low - 1, high + 1])[0]
    return everywhere[0] if after is None else after, everywhere[1] if before is None else before


def _fact(row: tuple[Any, ...]) -> Fact:
    """Return a row of _POINT with its value restored."""
    at, step, epoch, time, value, kind = row
    return at, step, epoch, time, restore(value, kind) if kind else value


def _from_rollups(db: Database, part: Part, level: int, columns: int, low: int, high: int) -> list[Fact]:
    """Return M4 facts of the level-1 buckets `low` to `high`, from `level` where it fits; the buckets at a cut or bound are read raw."""
    if part.whole:
        scale = WIDTH ** (level - 1)
        return _span_facts(db, part, (level, low // scale, high // scale), columns)
    first, last = _inside(db, part, low, high)
    if last - first < 2:
        return _raw_and_thinned(db, part, low, high)[0]
    found = _raw_and_thinned(db, part, low, first)[0] + _raw_and_thinned(db, part, last, high)[0]
    for span in spans(first + 1, last - 1, level):
        found += _span_facts(db, part, span, columns)
    return found


def spans(low: int, high: int, top: int) -> list[tuple[int, int, int]]:
    """Return level-1 buckets `low` to `high` as few (level, first, last) of levels up to `top` that cover them exactly."""
    found = []
    level = 1
    while level < top and low <= high:
        if low % WIDTH:
            found.append((level, low, min(high, low | (WIDTH - 1))))
            low = (low | (WIDTH - 1)) + 1
        if low <= high and (high + 1) % WIDTH:
            found.append((level, max(low, high & -WIDTH), high))
            high = (high & -WIDTH) - 1
        level, low, high = level + 1, low // WIDTH, (high + 1) // WIDTH - 1
    return [*found, (level, low, high)] if low <= high else found


def _span_facts(db: Database, part: Part, span: tuple[int, int, int], columns: int) -> list[Fact]:
    """Return the facts of a span of buckets: of each, or of groups of them where they are many more than the columns."""
    level, low, high = span
    if high - low + 1 <= 2 * columns:
        return _bucket_facts(db, part, level, low, high)
    size = -(-(high - low + 1) // (columns if columns <= ENOUGH else max(ENOUGH, 2 * columns // 3)))
    rows = db.rows(_GROUPED, {"series": part.row.id, "level": level, "low": low, "high": high, "size": size})
    odd = [row for row in rows if row[2] is None or row[7] is None]  # the bucket at an end of the group has no finite value
    found = _expand(part, [row[2:] for row in (rows if not odd else [row for row in rows if row not in odd])])
    for row in odd:
        found += _bucket_facts(db, part, level, row[0], row[1])
    return found


def _bucket_facts(db: Database, part: Part, level: int, low: int, high: int) -> list[Fact]:
    """Return the facts of each bucket of a level from `low` to `high`."""
    columns = _facts("rollups", *_PLACES)
    query = f"SELECT {columns} FROM rollups WHERE series_id = ? AND level = ? AND bucket BETWEEN ? AND ? ORDER BY bucket"
    return _expand(part, db.rows(query, [part.row.id, level, low, high]))


def _facts(table: str, *places: str) -> str:
    """Return the columns of these places of a bucket, each in the order of a Fact."""
    return ", ".join(f"{table}.{place}_{column}" for place in places for column in ("at", "step", "epoch", "time", "value"))


def _join(place: str, bucket: str) -> str:
    """Return the join with the bucket of a group in which `place` is."""
    one = f"{place}_one"
    return f"LEFT JOIN rollups {one} ON {one}.series_id = :series AND {one}.level = :level AND {one}.bucket = {bucket}"


def _extreme(chosen: str) -> str:
    """Return the query for the bucket of a group with an extreme; a bare column is that row's where one min() or max() stands beside it."""
    within = "series_id = :series AND level = :level AND bucket BETWEEN groups.low AND groups.high"
    return f"(SELECT bucket FROM (SELECT bucket, {chosen} FROM rollups WHERE {within}))"


# One row a group of :size buckets: the database compares, not Python. Half the time goes into the two passes over the buckets.
_GROUPED = (
    "WITH RECURSIVE groups(low, high) AS (SELECT :low, MIN(:low + :size - 1, :high) UNION ALL "
    "SELECT high + 1, MIN(high + :size, :high) FROM groups WHERE high < :high) SELECT groups.low, groups.high, "
    + ", ".join(_facts(f"{place}_one", place) for place in _PLACES)
    + " FROM groups "
    + " ".join(map(_join, _PLACES, ("groups.low", "groups.high", _extreme("min(min_value)"), _extreme("max(max_value)"))))
)


def _expand(part: Part, rows: list[tuple[Any, ...]]) -> list[Fact]:
    """Return the facts of bucket rows that are asked for; a bucket without a finite value has none."""
    columns = list(zip(*(row for row in rows if row[0] is not None), strict=True))
    facts: list[Fact] = [fact for i in range(0, len(columns), 5) for fact in zip(*columns[i : i + 5], strict=True)]
    return facts if part.whole else [fact for fact in facts if part.shows(fact[1], fact[2])]


# From the top level down through the buckets that hold some. Buckets know how many of their points are not finite, but only where the
# finite ones were printed: so look between the nearest finite neighbours of each.
_NON_FINITE = (
    "WITH RECURSIVE b(level, bucket) AS (SELECT level, bucket FROM rollups WHERE series_id = :series AND level = :top AND non_finite > 0 "
    "UNION ALL SELECT r.level, r.bucket FROM b CROSS JOIN rollups r ON r.series_id = :series AND r.level = b.level - 1 "
    f"AND r.bucket BETWEEN b.bucket * {WIDTH} AND b.bucket * {WIDTH} + {WIDTH - 1} WHERE r.non_finite > 0) "
    "SELECT DISTINCT p.at, p.step, p.epoch, p.time, p.value, p.kind FROM b CROSS JOIN points p ON p.series_id = :series "
    "AND p.at > COALESCE((SELECT last_at FROM rollups WHERE series_id = :series AND level = 1 AND bucket < b.bucket "
    "AND last_at IS NOT NULL ORDER BY bucket DESC LIMIT 1), -1) "
    "AND p.at < COALESCE((SELECT first_at FROM rollups WHERE series_id = :series AND level = 1 AND bucket > b.bucket "
    "AND first_at IS NOT NULL ORDER BY bucket LIMIT 1), 9223372036854775807) "
    f"WHERE b.level = 1 AND kind <> 0 AND {_SHOWN}"
)


def _non_finite(db: Database, part: Part, columns: int) -> list[Fact]:
    """Return every non-finite point asked for; beyond 4 a column, the first and last of each kind in each stretch of the log."""
    if not part.row.non_finite:
        return []
    if part.row.non_finite <= 4 * columns and part.row.ordered:
        return [_fact(row) for row in db.rows(_NON_FINITE, {**part.parameters, "top": _top_level(part.row.count)})]
    where = f"series_id = :series AND kind <> 0 AND {_SHOWN}"
    if part.row.non_finite <= 4 * columns:
        return [_fact(row) for row in db.rows(f"SELECT {_POINT} FROM points WHERE {where}", part.parameters)]
    stretch = "CAST((at - :from) * :columns / :length AS INTEGER)"
    ends = f"SELECT MIN(at) AS one, MAX(at) AS other FROM points WHERE {where} GROUP BY kind, {stretch}"
    chosen = "SELECT one FROM ends UNION SELECT other FROM ends"
    length = float(part.row.last_at - part.row.first_at + 1)
    given = {**part.parameters, "from": part.row.first_at, "columns": columns, "length": length}
    query = f"WITH ends AS ({ends}) SELECT {_POINT} FROM points WHERE series_id = :series AND at IN ({chosen})"
    return [_fact(row) for row in db.rows(query, given)]


def lowest(db: Database, part: Part, *, highest: bool = False) -> Fact | None:
    """Return the lowest (or highest) finite point asked for; None when there is none. Reads the part from end to end."""
    order = "value DESC, at" if highest else "value, at"
    query = f"SELECT {_POINT} FROM points WHERE series_id = :series AND kind = 0 AND {_SHOWN} ORDER BY {order} LIMIT 1"
    found = [_fact(row) for row in db.rows(query, part.parameters)]
    if part.row.raw_from:
        found += _bucket_facts(db, part, 1, 0, part.row.count // WIDTH)
    sign = -1 if highest else 1
    return min(found, key=lambda fact: (sign * fact[4], fact[0]), default=None)
