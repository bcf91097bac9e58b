"""Points on their way from the parser to the store: column by column, one set of rows for all lines of a kind.

A line of three metrics is one row here and not three objects, which halves what a point costs. Knows nothing of files or SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final, Self, TypeAlias

from scraper.model import Labels, Point

Kind: TypeAlias = tuple[tuple[str, ...], Labels, int]  # metrics, labels, attempt
_AT: Final = attrgetter("at")


class Rows:
    """What lines with the same metrics, labels and attempt printed: a row a line, and one column of values a metric."""

    __slots__ = ("at", "epochs", "step_kinds", "steps", "times", "values")

    def __init__(self, metrics: int) -> None:
        self.at: list[int] = []  # as `Point.at`, and so on
        self.steps: list[int | None] = []
        self.step_kinds: list[int] = []
        self.epochs: list[float | None] = []
        self.times: list[float | None] = []
        self.values: tuple[list[float], ...] = tuple([] for _ in range(metrics))


class Points:
    """Printed values, in any number of series. Iterates as `Point`s by position in the log."""

    __slots__ = ("_rows", "_size")

    def __init__(self, points: Iterable[Point] = ()) -> None:
        self._rows: dict[Kind, Rows] = {}
        self._size = 0
        for at, metric, labels, attempt, step, step_kind, epoch, time, value in points:
            self.add(((metric,), labels, attempt), at, step, step_kind, epoch, time, (float(value),))

    def add(
        self,
        kind: Kind,
        at: int,
        step: int | None,
        step_kind: int,
        epoch: float | None,
        time: float | None,
        values: Sequence[float],
    ) -> None:
        """Add what one line printed: a value for every metric of its kind."""
        rows = self._rows.get(kind)
        if rows is None:
            rows = self._rows[kind] = Rows(len(kind[0]))
        rows.at.append(at)
        rows.steps.append(step)
        rows.step_kinds.append(step_kind)
        rows.epochs.append(epoch)
        rows.times.append(time)
        for column, value in zip(rows.values, values, strict=True):
            column.append(value)
        self._size += len(values)

    def extend(self, kind: Kind, at: Sequence[int], steps: Sequence[int | None], step_kinds: Sequence[int],
               epochs: Sequence[float | None], times: Sequence[float | None], values: Sequence[Sequence[float]]) -> None:  # fmt: skip
        """Add what several lines of a kind printed; `values` has a column for every metric."""
        rows = self._rows.get(kind)
        if rows is None:
            rows = self._rows[kind] = Rows(len(kind[0]))
        rows.at += at
        rows.steps += steps
        rows.step_kinds += step_kinds
        rows.epochs += epochs
        rows.times += times
        for column, new in zip(rows.values, values, strict=True):
            column.extend(new)
        self._size += len(at) * len(kind[0])

    def __iadd__(self, other: Points) -> Self:
        """Add all points of another collection."""
        for kind, rows in other._rows.items():
            self.extend(kind, rows.at, rows.steps, rows.step_kinds, rows.epochs, rows.times, rows.values)
        return self

    def kinds(self) -> Iterable[tuple[Kind, Rows]]:
        """Return the rows of every kind of line, in the order the kinds were first seen."""
        return self._rows.items()

    def metrics(self) -> set[str]:
        """Return the names of all metrics."""
        return {metric for metrics, _, _ in self._rows for metric in metrics}

    def __len__(self) -> int:
        """Return the number of values."""
        return self._size

    def __iter__(self) -> Iterator[Point]:
        """Yield every value by position in the log."""
        return iter(sorted((point for kind, rows in self._rows.items() for point in _points(kind, rows)), key=_AT))


def _points(kind: Kind, rows: Rows) -> Iterator[Point]:
    metrics, labels, attempt = kind
    shared = zip(rows.at, rows.steps, rows.step_kinds, rows.epochs, rows.times, zip(*rows.values, strict=True), strict=True)
    for at, step, step_kind, epoch, time, values in shared:
        for metric, value in zip(metrics, values, strict=True):
            yield Point(at, metric, labels, attempt, step, step_kind, epoch, time, value)
