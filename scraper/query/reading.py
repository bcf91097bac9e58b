"""Answering for one metric along one axis: which series rows, which axis, how many points. Owns the shape of the answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from scraper.errors import NotFoundError, UsageError
from scraper.model import STEP_KINDS
from scraper.query.catalog import NO_CUT, SeriesRow, cuts
from scraper.query.m4 import m4
from scraper.query.parts import Fact, Part, facts_of, step_kind_at
from scraper.query.values import Series

if TYPE_CHECKING:
    from scraper.query.run import Run

_Placed: TypeAlias = tuple[float, Fact, int]  # place on the axis, point, attempt
AXES = ("step", "epoch", "time", "relative")


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
    axis, place = _axis(run, rows, x)
    parts = _parts(run, rows, bounds, stitched=attempt is None)
    total = sum(row.count for row in rows)
    columns = None if max_points is None or total <= max_points else max(1, max_points // 4)
    facts, reduced = _gathered(run, parts, columns, total)
    placed = [(where, fact, number) for fact, number in facts if (where := place(fact)) is not None]
    kept = placed if columns is None else _reduced(placed, columns, max_points or 0)
    reduced |= len(kept) < len(placed)
    return Series(
        run=run.id,
        metric=metric,
        labels=rows[0].label_set,
        x=axis,
        **_lists(kept),
        step_kind=STEP_KINDS[parts[-1].step_kind],
        downsampled=reduced,
        method="m4" if reduced else "none",
        raw_count=total,
        thinned=sum(row.thinned for row in rows),
        unplaced=len(facts) - len(placed),
        asked_x=x,
    )


def _gathered(run: Run, parts: Sequence[Part], columns: int | None, total: int) -> tuple[list[tuple[Fact, int]], bool]:
    """Return the facts of every attempt with its number, and whether points were left out; each attempt has its share of the columns."""
    facts: list[tuple[Fact, int]] = []
    reduced = False
    for part in parts:
        share = None if columns is None else max(1, columns * part.row.count // total)
        found, less = facts_of(run.db, part, share)
        facts += [(fact, part.row.attempt) for fact in found]
        reduced |= less
    return facts, reduced


def _reduced(placed: list[_Placed], columns: int, max_points: int) -> list[_Placed]:
    """Return M4 of the points where more of them are finite than were asked for."""
    if _finite(placed) <= max_points:
        return placed
    return [placed[i] for i in m4([point[0] for point in placed], [point[1][4] for point in placed], columns)]


def _lists(kept: Sequence[_Placed]) -> dict[str, Any]:
    """Return the points as the lists of a Series."""
    return {
        "xs": [where for where, _, _ in kept],
        "positions": [fact[0] for _, fact, _ in kept],
        "steps": [fact[1] for _, fact, _ in kept],
        "epochs": [fact[2] for _, fact, _ in kept],
        "times": [fact[3] for _, fact, _ in kept],
        "values": [fact[4] for _, fact, _ in kept],
        "attempts": [number for _, _, number in kept],
    }


def _finite(placed: Sequence[_Placed]) -> int:
    """Return how many of the points have a finite value."""
    return sum(math.isfinite(point[1][4]) for point in placed)


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


def _parts(run: Run, rows: list[SeriesRow], bounds: tuple[float | None, float | None], *, stitched: bool) -> list[Part]:
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


def _axis(run: Run, rows: list[SeriesRow], asked: str) -> tuple[str, Callable[[Fact], float | None]]:
    """Return the axis to use and how a fact finds its place on it."""
    steps = any(row.first_step is not None or row.last_step is not None for row in rows)
    epochs = any(row.first_epoch is not None or row.last_epoch is not None for row in rows)
    times = any(row.first_time is not None or row.last_time is not None for row in rows)
    if asked == "step" and (steps or not epochs):
        return "step", lambda fact: fact[1]
    if asked in ("step", "epoch") and epochs:
        return "epoch", lambda fact: fact[2]
    if asked in ("time", "relative") and times:
        origin = 0.0 if asked == "time" else _started(run, rows)
        return asked, lambda fact: None if fact[3] is None else fact[3] - origin
    missing = "epochs" if asked == "epoch" else "times (its log was read afterwards and prints no timestamps)"
    raise NotFoundError(f"metric {rows[0].metric!r} of run {run.id} has no {missing}; use x='step'")


def _started(run: Run, rows: list[SeriesRow]) -> float:
    """Return when the run started, as far as its times tell."""
    query = "SELECT MIN(first_time) FROM series WHERE run_key = ?"  # of any metric, so that the curves of one run fit each other
    known = [time for row in rows for time in (row.first_time, row.last_time) if time is not None]
    return min([*known, *(time for time in (run.started, run.db.rows(query, [run.key])[0][0]) if time is not None)])
