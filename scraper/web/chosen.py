"""What a request means in a store: which run, which series, how many points of each. Owns the bounds of an answer; knows no HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from scraper.errors import NotFoundError
from scraper.ingest.tailer import compression
from scraper.model import SOURCE_SHIFT
from scraper.nearest import nearest
from scraper.query import Database, LogLine, Means, Run, Series
from scraper.query.catalog import SeriesRow, fits
from scraper.query.run import Axis
from scraper.query.values import series_key
from scraper.web import documents

MOST_SERIES: Final = 100  # of one answer; the rest is counted
MOST_POINTS: Final = 200_000  # of one answer, shared by its series
MEANS: Final = 250  # at least, so that a smoothed curve has the form of what it stands for
_OFFSET: Final = (1 << SOURCE_SHIFT) - 1


def run_of(db: Database, which: str, experiment: str | None) -> Run:
    """Return a run by id, unique beginning of an id, name, or "latest"; of this experiment where one is given.

    NotFoundError when there is none, UsageError for a beginning that fits several ids.
    """
    if experiment is None:
        return db.run(which)
    if which == "latest":
        newest = db.runs(experiment, limit=1)
        if newest:
            return newest[0]
        raise NotFoundError(f"experiment {experiment!r} holds no run yet")
    found = next((run for run in db.runs(experiment) if which in (run.id, run.name)), None) or db.run(which)
    if found.experiment != experiment:
        raise NotFoundError(f"run {found.id} belongs to experiment {found.experiment!r}, not {experiment!r}")
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a run is asked for."""

    types: Sequence[str] = ()  # metric names, globs, or first parts of names ("val" for val/loss); none: every metric
    labels: Mapping[str, str] = field(default_factory=dict)  # only series that carry these
    low: float | None = None  # bounds of the step, or of the epoch where no step is known
    high: float | None = None
    max_points: int = 1000  # of each series
    x: Axis = "step"
    attempt: int | None = None
    means: bool = False  # also the mean curve of what is thinned out
    marks: Mapping[int, int] = field(default_factory=dict)  # of a cursor: what was printed after it is what matters


def basis(run: Run, asked: Asked) -> tuple[int, ...]:
    """Return what tells that the series asked for are as they were, whatever else is stored, of this run or others."""
    rows = run.series_rows()
    fitting = [row for row in rows if _fits(row, asked)]
    restarted = any(row.attempt for row in rows)  # where attempts end depends on every series
    begun = min((row.first_time for row in rows if row.first_time is not None), default=None)  # relative times count from it
    return (run.key, hash((run.id, run.started, begun)), *map(hash, rows if restarted else fitting))


@dataclass(slots=True)
class Read:
    """What was read of a run."""

    run: Run
    cursor: str
    series: list[Series] = field(default_factory=list)
    means: list[Means | None] = field(default_factory=list)  # of each of the series
    omitted: int = 0  # series that fit, beyond MOST_SERIES
    unavailable: dict[str, str] = field(default_factory=dict)  # series without a place on the asked-for axis -> why


def read(run: Run, asked: Asked) -> Read:
    """Return the series of a run that are asked for, of one moment. NotFoundError when the run has metrics, and none that fits."""
    with run.db.moment():
        return _read(run, asked)


def _read(run: Run, asked: Asked) -> Read:
    rows = run.series_rows()
    sets = {(row.metric, row.labels): row for row in rows if _fits(row, asked)}
    if rows and not sets:
        raise NotFoundError(_nothing_fits(run, rows, asked))
    found = Read(run, "", omitted=max(0, len(sets) - MOST_SERIES))
    chosen = list(sets.values())[:MOST_SERIES]
    most = max(1, min(asked.max_points, MOST_POINTS // max(1, len(chosen))))
    for row in chosen:
        try:
            one = _recent(run, row, asked, most) if asked.marks else _series(run, row, asked, most)
        except NotFoundError as error:
            found.unavailable[series_key(row.metric, row.label_set)] = str(error)
            continue
        found.series.append(one)
        found.means.append(_means(run, row, asked, most) if asked.means and one.downsampled else None)
    found.cursor = documents.cursor((row for row in rows if _fits(row, asked)), found.series)
    return found


def _fits(row: SeriesRow, asked: Asked) -> bool:
    named = not asked.types or any(row.metric == one or row.metric.startswith(f"{one}/") or fits(row.metric, [one]) for one in asked.types)
    return named and (not asked.labels or asked.labels.items() <= row.label_set.items())


def _nothing_fits(run: Run, rows: Iterable[SeriesRow], asked: Asked) -> str:
    names = sorted({row.metric for row in rows})
    hint = nearest(asked.types[0], names) if asked.types else ""
    listed = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return f"run {run.id} has no such metric{hint}; it has {listed}"


def _series(run: Run, row: SeriesRow, asked: Asked, most: int) -> Series:
    """Return one series; where it never had the asked-for attempt, NotFoundError."""
    attempts = {one.attempt for one in run.series_rows(row.metric) if one.labels == row.labels} if asked.attempt is not None else {None}
    if asked.attempt not in attempts:
        raise NotFoundError(f"metric {row.metric!r} of run {run.id} has no attempt {asked.attempt}")
    return run.series(
        row.metric,
        min_step=asked.low,
        max_step=asked.high,
        max_points=most,
        x=asked.x,
        attempt=asked.attempt,
        labels=row.label_set,
    )


def _means(run: Run, row: SeriesRow, asked: Asked, most: int) -> Means:
    """Return the mean curve of one series."""
    return run.means(
        row.metric,
        columns=max(MEANS, most // 4),
        min_step=asked.low,
        max_step=asked.high,
        x=asked.x,
        attempt=asked.attempt,
        labels=row.label_set,
    )


def _recent(run: Run, row: SeriesRow, asked: Asked, most: int) -> Series:
    """Return one series from shortly before the marks on: every point after them, but for more than `most`, which are thinned.

    Within the stitched view steps do not go back, so each look at it tells from which step on to look closer.
    """
    found = _series(run, row, asked, most)
    while found.downsampled:
        after = printed_since(found, asked.marks)
        before = after[0] - 1 if after else -1
        low = None if before < 0 else found.steps[before] if found.steps[before] is not None else found.epochs[before]
        if low is None or (asked.low is not None and low <= asked.low):
            break
        asked = replace(asked, low=low)
        found = _series(run, row, asked, most)
    return found


def printed_since(series: Series, marks: Mapping[int, int]) -> list[int]:
    """Return the indices of the points that were printed after the marks of a cursor."""
    return [i for i, at in enumerate(series.positions) if (at & _OFFSET) > marks.get(at >> SOURCE_SHIFT, -1)]


def tail(run: Run, count: int) -> LogLine | None:
    """Return the last `count` lines of the run's newest log as a terminal shows them, the very last as its `text`; None while it is empty.

    NotFoundError when the log is gone or was replaced.
    """
    last = max((row.last_at for row in run.series_rows()), default=0)
    last = max([last, *(event.at for event in run.events()[-1:])])
    try:
        there = run.line(last, context=count, redraws=False)
    except NotFoundError:
        if last == 0:
            return None  # nothing was read of it yet
        raise
    size = 0 if compression(Path(there.path)) else Path(there.path).stat().st_size
    return there if size <= last & _OFFSET else run.line((last & ~_OFFSET) | (size - 1), context=count, redraws=False)
