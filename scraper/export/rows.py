"""Points side by side: one row a step (or epoch) with every metric printed there. Owns what belongs into one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scraper.query import PrintedPoint, Run


@dataclass(slots=True)
class Row:
    """What a run printed at one step (the epoch, where no step is known) of one attempt under one set of labels."""

    attempt: int
    labels: str  # JSON object with sorted keys
    step: int | None
    epoch: float | None  # the last one printed at that step
    time: float | None  # seconds since the epoch, of the first value that has one
    values: dict[str, float] = field(default_factory=dict)  # by metric


def rows(run: Run, patterns: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows of a run by attempt, labels and step, in flat memory. A metric printed twice at a step begins a second row."""
    current: Row | None = None
    for point in run.points(*patterns, order="step"):
        if current is None or not _belongs(current, point):
            if current is not None:
                yield current
            current = Row(point.attempt, point.labels, point.step, point.epoch, point.time)
        current.values[point.metric] = point.value
        current.epoch = current.epoch if point.epoch is None else point.epoch
        current.time = point.time if current.time is None else current.time
    if current is not None:
        yield current


def _belongs(row: Row, point: PrintedPoint) -> bool:
    """Whether a point was printed at the row's place, and its metric was not yet."""
    if (row.attempt, row.labels, row.step) != (point.attempt, point.labels, point.step) or point.metric in row.values:
        return False
    return point.step is not None or row.epoch == point.epoch
