"""Answering for one metric along one axis: which series rows, which axis, how many points. Owns the shape of the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from scraper.errors import NotFoundError, UsageError
from scraper.model import STEP_KINDS
from scraper.query.catalog import NO_CUT, SeriesRow, cuts
from scraper.query.m4 import m4
from scraper.query.parts import Fact, Part, facts_of, step_kind_at
from scraper.query.values import Series

if TYPE_CHECKING:
    from scraper.query.run import Run

AXES = ("step", "epoch", "time", "relative")


class Points(NamedTuple):
    """Points as columns of equal length: those of a `Series`."""

    xs: list[float]
    positions: list[int]
    steps: list[int | None]
    epochs: list[float | None]
    times: list[float | None]
    values: list[float]
    attempts: list[int]

    def at(self, indices: Sequence[int]) -> Points:
        """Return the points with these indices."""
        return Points._make([column[i] for i in indices] for column in self)


def read_series(
    run: Run,
    metric: str,
    bounds: tuple[float | None, float | None],
    max_points: int | None,
    x: str,
    attempt: int | str | None,
    labels: Mapping[str, str] | None,
) -> Series:
    """Return the answer to `Run.series`."""
    _check(x, max_points)
    rows = attempts_asked(run.require(metric, labels), attempt)
    axis, place = axis_of(run, rows, x)
    parts = parts_of(run, rows, bounds, stitched=attempt is None)
    total = sum(row.count for row in rows)
    columns = None if max_points is None or total <= max_points else max(1, max_points // 4)
    found, reduced = _gathered(run, parts, columns, total)
    placed = _placed(found, place(found))
    kept = placed if columns is None else _reduced(placed, columns, max_points or 0)
    reduced |= len(kept.xs) < len(placed.xs)
    return Series(
        run=run.id,
        metric=metric,
        labels=rows[0].label_set,
        x=axis,
        **kept._asdict(),
        step_kind=STEP_KINDS[parts[-1].step_kind],
        downsampled=reduced,
        method="m4" if reduced else "none",
        raw_count=total,
        thinned=sum(row.thinned for row in rows),
        unplaced=len(found.values) - len(placed.values),
        asked_x=x,
    )


def _gathered(run: Run, parts: Sequence[Part], columns: int | None, total: int) -> tuple[Points, bool]:
    """Return the points of every attempt, and whether some were left out; each attempt has its share of the columns."""
    facts: list[Fact] = []
    attempts: list[int] = []
    reduced = False
    for part in parts:
        share = None if columns is None else max(1, columns * part.row.count // total)
        found, less = facts_of(run.db, part, share)
        facts += found
        attempts += [part.row.attempt] * len(found)
        reduced |= less
    columns_of = [list(column) for column in zip(*facts, strict=True)] or [[] for _ in range(5)]
    return Points._make([[], *columns_of, attempts]), reduced


def _placed(found: Points, places: Sequence[float | None]) -> Points:
    """Return the points at their places, without those that have none."""
    placed = found._replace(xs=cast("list[float]", places))
    return placed if None not in places else placed.at([i for i, x in enumerate(places) if x is not None])


def _reduced(placed: Points, columns: int, max_points: int) -> Points:
    """Return M4 of the points where more of them are finite than were asked for."""
    if sum(map(math.isfinite, placed.values)) <= max_points:
        return placed
    return placed.at(m4(placed.xs, placed.values, columns))


def _check(x: str, max_points: int | None) -> None:
    """UsageError for an axis or a size that does not exist."""
    if x not in AXES:
        raise UsageError(f"no axis {x!r}; give one of {', '.join(AXES)}")
    if max_points is not None and max_points < 1:
        raise UsageError(f"max_points must be at least 1, not {max_points}")


def attempts_asked(rows: list[SeriesRow], attempt: int | str | None) -> list[SeriesRow]:
    """Return the rows of the attempts asked for: all for None and "all". UsageError lists them where the number is not one."""
    if attempt is None or attempt == "all":
        return rows
    chosen = [row for row in rows if row.attempt == attempt]
    if not chosen:
        known = ", ".join(str(row.attempt) for row in rows)
        raise UsageError(f"metric {rows[0].metric!r} has no attempt {attempt!r}; give one of {known}, or all")
    return chosen


def parts_of(run: Run, rows: list[SeriesRow], bounds: tuple[float | None, float | None], *, stitched: bool) -> list[Part]:
    """Return what is to be read of each attempt."""
    limits = cuts(run.db, run.key) if stitched and len({row.attempt for row in run.series_rows()}) > 1 else {}
    low, high = bounds
    return [
        Part(
            row=row,
            cut=limits.get((row.labels, row.attempt), NO_CUT),
            low=-math.inf if low is None else low,
            high=math.inf if high is None else high,
            step_kind=step_kind_at(run.db, row),
        )
        for row in rows
    ]


def axis_of(run: Run, rows: list[SeriesRow], asked: str) -> tuple[str, Callable[[Points], Sequence[float | None]]]:
    """Return the axis to use and how points find their places on it; None for one that has none."""
    steps = any(row.first_step is not None or row.last_step is not None for row in rows)
    epochs = any(row.first_epoch is not None or row.last_epoch is not None for row in rows)
    times = any(row.first_time is not None or row.last_time is not None for row in rows)
    if asked == "step" and (steps or not epochs):
        return "step", lambda points: points.steps
    if asked in ("step", "epoch") and epochs:
        return "epoch", lambda points: points.epochs
    if asked in ("time", "relative") and times:
        origin = 0.0 if asked == "time" else _started(run, rows)
        return asked, lambda points: [None if time is None else time - origin for time in points.times]
    missing = "epochs" if asked == "epoch" else "times (its log was read afterwards and prints no timestamps)"
    raise NotFoundError(f"metric {rows[0].metric!r} of run {run.id} has no {missing}; use x='step'")


def _started(run: Run, rows: list[SeriesRow]) -> float:
    """Return when the run started, as far as its times tell."""
    query = "SELECT MIN(first_time) FROM series WHERE run_key = ?"  # of any metric, so that the curves of one run fit each other
    known = [time for row in rows for time in (row.first_time, row.last_time) if time is not None]
    return min([*known, *(time for time in (run.started, run.db.rows(query, [run.key])[0][0]) if time is not None)])
