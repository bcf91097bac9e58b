"""Points of an export stored as runs again, each run whole or not at all. Owns nothing of reading files and of parsing logs."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from scraper.errors import UsageError
from scraper.model import SOURCE_SHIFT, Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

if TYPE_CHECKING:
    import os

    from scraper.query import PrintedPoint
    from scraper.store.writer import RunRef, SourceRow

BATCH: Final = 20_000  # points a commit
MOST_FILES: Final = 4096  # log files of one run: a position beyond them is no position
_NOWHERE: Final = FileIdentity(0, 0, "0" * 32, 0)  # no file has device and inode 0
_OFFSET: Final = (1 << SOURCE_SHIFT) - 1


@dataclass(slots=True)
class Imported:
    """A run that is being made of imported points."""

    ref: RunRef
    label: str  # what its sources are called, as their logs are elsewhere
    sources: list[SourceRow] = field(default_factory=list)
    waiting: defaultdict[int, list[Point]] = field(default_factory=lambda: defaultdict(list))  # by the ordinal of their source
    ends: Counter[int] = field(default_factory=Counter)  # the highest position by source
    points: int = 0


def store_points(
    path: str | os.PathLike[str],
    points: Iterable[tuple[str, PrintedPoint]],
    *,
    origin: str,
    template: NewRun,
    new_ids: bool = False,
) -> list[Imported]:
    """Store points, given with the ids of their runs, and return what was made of each run, in the order of their first points.

    Nothing is thinned. `template` says experiment, name, tags and note; `new_ids` gives every run another id than it had. UsageError
    when a point cannot be stored, StoreError when a run is in the store already; no run of this call is then left in the store.
    """
    made: dict[str, Imported] = {}
    with Writer(path, raw_budget=sys.maxsize, max_series=sys.maxsize, max_name_length=sys.maxsize) as writer:
        try:
            _fill(writer, points, made, origin, template, new_ids=new_ids)
            for run in made.values():
                _commit(writer, run, finished=True)
                writer.update_run(run.ref.key, status="ended")
        except BaseException:
            for run in made.values():
                writer.delete_run(run.ref.key)
            raise
    return list(made.values())


def _fill(
    writer: Writer, points: Iterable[tuple[str, PrintedPoint]], made: dict[str, Imported], origin: str, template: NewRun, *, new_ids: bool
) -> None:
    """Store the points as they come, in batches."""
    for run_id, point in points:
        run = made.get(run_id)
        if run is None:
            new = _run_like(template, run_id, new_ids=new_ids)
            run = made[run_id] = Imported(writer.create_run(new), f"(imported from {origin})")
        _add(run, point)
        if run.points % BATCH == 0:
            _commit(writer, run)


def _run_like(template: NewRun, run_id: str, *, new_ids: bool) -> NewRun:
    """Return a run as the template says, under its own id and, where the template has no name, called after it."""
    return replace(template, id="" if new_ids else run_id, name=template.name or run_id, kind="tail")


def _add(run: Imported, point: PrintedPoint) -> None:
    """Put a point with those that wait for the next commit."""
    ordinal, at = point.at >> SOURCE_SHIFT, point.at & _OFFSET
    if ordinal >= MOST_FILES:
        raise UsageError(f"{point.at} is no position in the log of run {run.ref.id}; nothing was imported")
    labels = tuple(json.loads(point.labels).items())
    kept = Point(at, point.metric, labels, point.attempt, point.step, point.step_kind, point.epoch, point.time, point.value)
    run.waiting[ordinal].append(kept)
    run.ends[ordinal] = max(run.ends[ordinal], at)
    run.points += 1


def _commit(writer: Writer, run: Imported, *, finished: bool = False) -> None:
    """Store what waits. UsageError when the store takes less than all of it."""
    while len(run.sources) <= max(run.waiting, default=-1):
        run.sources.append(writer.open_source(run.ref.key, run.label, _NOWHERE))
    batches = [
        Batch(source.id, SourceMark(run.ends[i] + 1, 0, "", _NOWHERE, b"", {}, finished), Points(run.waiting.pop(i, ())))
        for i, source in enumerate(run.sources)
        if finished or i in run.waiting
    ]
    expected = sum(len(batch.points) for batch in batches)
    result = writer.commit(batches)
    if result.points != expected:
        reasons = ", ".join(f"{number} {reason}" for reason, number in result.refused.items())
        raise UsageError(f"run {run.ref.id}: {expected - result.points} points cannot be stored ({reasons}); nothing was imported")
