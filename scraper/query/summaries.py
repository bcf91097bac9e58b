"""What a run or several came to: metrics with first, last, lowest and highest, the best, coverage. Owns which direction is better."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

from scraper.errors import NotFoundError, UsageError
from scraper.model import MetricDefinition
from scraper.query.catalog import NO_CUT, Cut, SeriesRow, cuts, fits, main_rows
from scraper.query.definitions import Meanings
from scraper.query.parts import Part, lowest, step_kind_at
from scraper.query.reading import attempts_asked
from scraper.query.values import Best, Comparison, ComparisonRow, Coverage, Extreme, Metric, RunSummary, restore
from scraper.text import discarded

if TYPE_CHECKING:
    from scraper.query.database import Database
    from scraper.query.run import Run

Cuts = Mapping[tuple[str, int], Cut]


def metrics(run: Run, patterns: Sequence[str]) -> list[Metric]:
    """Return the answer to `Run.metrics`."""
    rows = [row for row in run.series_rows() if not patterns or fits(row.metric, patterns)]
    known = Meanings(run.db, run.key)
    limits = limits_of(run, rows)
    order = {key: i for i, key in reversed(list(enumerate((row.metric, row.labels) for row in rows)))}
    rows.sort(key=lambda row: (order[row.metric, row.labels], row.attempt))
    groups = groupby(rows, key=lambda row: (row.metric, row.labels))
    return [_metric(run.db, list(group), known.of(name)[0], limits) for (name, _), group in groups]


def limits_of(run: Run, rows: Sequence[SeriesRow]) -> Cuts:
    """Return where attempts end; nothing is asked of the store while there is only one."""
    return cuts(run.db, run.key) if any(row.attempt for row in rows) else {}


def _metric(db: Database, rows: list[SeriesRow], said: MetricDefinition, limits: Cuts) -> Metric:
    """Return the attempts of one metric and set of labels as one."""
    first, last = rows[0], rows[-1]
    duration, rate = _pace(rows)
    finite = sum(row.count - row.non_finite for row in rows)
    return Metric(
        name=first.metric,
        labels=first.label_set,
        count=sum(row.count for row in rows),
        non_finite=sum(row.non_finite for row in rows),
        thinned=sum(row.thinned for row in rows),
        attempts=tuple(row.attempt for row in rows),
        first=Extreme(restore(first.first_value, first.first_kind), first.first_step, first.first_epoch, first.first_at, first.attempt),
        last=last_of(last),
        minimum=extreme(db, rows, limits, "min"),
        maximum=extreme(db, rows, limits, "max"),
        mean=sum(row.sum for row in rows) / finite if finite else None,
        label=said.label,
        format=said.format,
        unit=said.unit,
        higher_is_better=said.higher_is_better,
        tier=said.tier,
        description=said.description,
        duration=duration,
        rate=rate,
    )


def last_of(row: SeriesRow) -> Extreme:
    """Return the last value of an attempt, finite or not."""
    return Extreme(restore(row.last_value, row.last_kind), row.last_step, row.last_epoch, row.last_at, row.attempt)


def _pace(rows: Sequence[SeriesRow]) -> tuple[float | None, float | None]:
    """Return the seconds the attempts took from their first to their last point, and the steps they made in a second."""
    spans = [(row, row.last_time - row.first_time) for row in rows if row.first_time is not None and row.last_time is not None]
    if not spans:
        return None, None
    taken = sum(seconds for _, seconds in spans)
    steps = [row.last_step - row.first_step for row, _ in spans if row.first_step is not None and row.last_step is not None]
    return taken, sum(steps) / taken if taken > 0 and steps else None


def extreme(db: Database, rows: Sequence[SeriesRow], limits: Cuts, side: Literal["min", "max"]) -> Extreme | None:
    """Return the lowest ("min") or highest finite value that the attempts show; the earliest of equals; None when there is none."""
    found = [at for row in rows if (at := _of_attempt(db, row, limits.get((row.labels, row.attempt), NO_CUT), side)) is not None]
    if not found:
        return None
    sign = 1 if side == "min" else -1
    return min(found, key=lambda it: (sign * it.value, it.at))


def _of_attempt(db: Database, row: SeriesRow, cut: Cut, side: Literal["min", "max"]) -> Extreme | None:
    """Return the extreme of one attempt: the stored one, or one looked for where the stored one is cut off."""
    lowest_stored = (row.min_value, row.min_step, row.min_epoch, row.min_at)
    highest_stored = (row.max_value, row.max_step, row.max_epoch, row.max_at)
    value, step, epoch, at = lowest_stored if side == "min" else highest_stored
    if value is None or at is None:
        return None
    if cut != NO_CUT:
        part = Part(row, cut, -math.inf, math.inf, step_kind_at(db, row))
        if not part.shows(step, epoch):
            found = lowest(db, part, highest=side == "max")
            return None if found is None else Extreme(found[4], found[1], found[2], found[0], row.attempt)
    return Extreme(value, step, epoch, at, row.attempt)


def best(run: Run, metric: str, labels: Mapping[str, str] | None, attempt: int | str | None, higher: bool | None) -> Best:
    """Return the answer to `Run.best`."""
    rows = attempts_asked(run.require(metric, labels), attempt)
    up, because = _direction(run, metric, higher)
    limits = limits_of(run, run.series_rows()) if attempt is None else {}
    found = extreme(run.db, rows, limits, "max" if up else "min")
    if found is None:
        raise NotFoundError(f"metric {metric!r} of run {run.id} has no finite value yet")
    return Best(metric, rows[0].label_set, found.value, found.step, found.epoch, found.at, found.attempt, up, because)


def _direction(run: Run, metric: str, asked: bool | None) -> tuple[bool, str]:
    """Return whether higher is better, and who says so. UsageError when nobody does."""
    if asked is not None:
        return asked, "asked"
    found, because = Meanings(run.db, run.key).of(metric)
    if found.higher_is_better is None:
        raise UsageError(f"whether a higher {metric!r} is better is not known; say it with higher_is_better=True or False, or in a pack")
    return found.higher_is_better, because


def best_epoch(run: Run, found: Best) -> float:
    """Return the answer to `Run.best_epoch`."""
    if found.epoch is not None:
        return found.epoch
    query = (
        "SELECT (SELECT epoch FROM points WHERE series_id = s.id AND at <= ?2 AND epoch IS NOT NULL ORDER BY at DESC LIMIT 1), "
        "(SELECT at FROM points WHERE series_id = s.id AND at <= ?2 AND epoch IS NOT NULL ORDER BY at DESC LIMIT 1) AS place "
        "FROM series s WHERE s.run_key = ?1 AND s.attempt = ?3 AND s.last_epoch IS NOT NULL ORDER BY place DESC LIMIT 1"
    )
    rows = run.db.rows(query, [run.key, found.at, found.attempt])
    if not rows or rows[0][0] is None:
        raise NotFoundError(f"run {run.id} prints no epoch up to the best {found.metric!r}; its step is {found.step}")
    epoch: float = rows[0][0]
    return epoch


def summary(run: Run) -> RunSummary:
    """Return the answer to `Run.summary`."""
    rows = run.series_rows()
    newest = max((row.attempt for row in rows), default=0)
    current = [row for row in rows if row.attempt == newest]
    return RunSummary(
        run=run.id,
        name=run.name,
        experiment=run.experiment,
        status=run.status,
        points=sum(row.count for row in rows),
        attempts=len({row.attempt for row in rows}),
        last_step=max((row.last_step for row in current if row.last_step is not None), default=None),
        last_epoch=max((row.last_epoch for row in current if row.last_epoch is not None), default=None),
        metrics=tuple(metrics(run, ())),
        events=dict(run.db.rows("SELECT kind, COUNT(*) FROM events WHERE run_key = ? GROUP BY kind ORDER BY MIN(at)", [run.key])),
        coverage=coverage(run),
        duration=_duration(run),
    )


def _duration(run: Run) -> float | None:
    """Return the seconds from a run's start to its end, or to the last that was heard of it."""
    until = run.ended if run.ended is not None else run.heartbeat if run.kind == "run" else None
    return None if run.started is None or until is None else until - run.started


def coverage(run: Run) -> Coverage:
    """Return what became of the run's lines, over all its files."""
    total: Counter[str] = Counter()
    for (text,) in run.db.rows("SELECT counters FROM sources WHERE run_key = ?", [run.key]):
        counters: dict[str, Any] = json.loads(text)
        total.update({name: number for name, number in counters.items() if isinstance(number, int)})
    return Coverage(total["lines"], total["matched"], discarded(total))


def compare(runs: Sequence[Run], metric: str, asked: bool | None) -> Comparison:
    """Return the answer to `Database.compare`."""
    if not runs:
        raise UsageError("compare needs at least one run")
    said = (run.definition(metric).higher_is_better for run in runs)
    up = next((way for way in said if way is not None), None) if asked is None else asked
    rows = tuple(_compared(run, metric, up) for run in runs)
    if not any(row.count for row in rows):
        runs[0].require(metric)
    return Comparison(metric, up, rows)


def _compared(run: Run, metric: str, up: bool | None) -> ComparisonRow:
    """Return one run's row."""
    found = run.series_rows(metric)
    if not found:
        return ComparisonRow(run.id, run.name, 0, None, None)
    rows = main_rows(found)
    side: Literal["min", "max"] = "max" if up else "min"
    best = None if up is None else extreme(run.db, rows, limits_of(run, run.series_rows()), side)
    said = run.definition(metric)
    return ComparisonRow(run.id, run.name, sum(row.count for row in rows), last_of(rows[-1]), best, said.format, said.unit)
