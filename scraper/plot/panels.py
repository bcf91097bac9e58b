"""What is drawn, wherever it is drawn: panels of curves with the marks of events. Values only; nothing here draws."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scraper.query import RunEvent, Series


ALARMS: Final = frozenset(  # kinds of events that need a look
    ("traceback", "out_of_memory", "non_finite", "timeout", "communication", "killed")
)
_LARGEST: Final = 1e250  # above it the margin of an axis, of a logarithmic one above all, may be infinite
_SHRUNK: Final = 1e-20


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a panel; `xs` and `values` have the same length, and values may be nan or ±inf."""

    name: str
    xs: Sequence[float]
    values: Sequence[float]
    raw: Sequence[float] = ()  # what `values` were smoothed from; empty: they are as printed
    run: str = ""  # id of the run; curves of one run have one colour in every panel


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at its place on the horizontal axis."""

    x: float
    kind: str  # as in `model.Event`
    run: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: a metric, with one curve a run or rank."""

    title: str
    curves: Sequence[Curve]
    x: str = "step"  # "step", "epoch", "time" (seconds since the epoch) or "relative" (seconds)
    log: bool = False  # decimal logarithm of the values; those not above 0 are left out, and counted in the title
    notes: Sequence[str] = field(default_factory=tuple)
    group: str = ""  # what stands before the last "/" of the metric's name
    label: str = ""  # of the vertical axis: what the metric is, and its unit
    best: tuple[float, float] | None = None  # place and value of the best point, where one is to be pointed out
    marks: Sequence[Mark] = field(default_factory=tuple)


def marks(series: Series, events: Sequence[RunEvent]) -> list[Mark]:
    """Return a run's events on the axis of one of its series; those that cannot be placed are left out.

    An event stands at its own step, epoch or time, or else at the first point that was printed after it.
    """
    found = [(event, _place(series, event)) for event in events if event.kind != "fold"]  # which begin where all curves do
    return [Mark(x, event.kind, series.run) for event, x in found if x is not None]


def _place(series: Series, event: RunEvent) -> float | None:
    """Return where an event stands on the axis of a series."""
    if not series.xs:
        return None
    own = {"step": event.step, "epoch": event.epoch, "time": event.time}.get(series.x)
    if own is None and series.x == "relative" and event.time is not None and series.times[0] is not None:
        own = event.time - (series.times[0] - series.xs[0])
    if own is not None:
        return own if series.xs[0] <= own <= max(series.xs) else None
    i = bisect_left(series.positions, event.at)
    return series.xs[min(i, len(series.xs) - 1)]


def numbered(panels: Sequence[Panel]) -> dict[tuple[str, str], int]:
    """Return the number of each curve, by run and name: the same in every panel."""
    found: dict[tuple[str, str], int] = {}
    for panel in panels:
        for curve in panel.curves:
            found.setdefault((curve.run, curve.name), len(found))
    return found


def drawable(panel: Panel) -> tuple[Panel, float]:
    """Return a panel as it can be drawn, and what its values were multiplied by: those near a float's largest have no finite distance."""
    finite = [value for curve in panel.curves for value in (*curve.values, *curve.raw) if math.isfinite(value)]
    if max(map(abs, finite), default=0.0) < _LARGEST:
        return panel, 1.0
    curves = [replace(curve, values=_shrunk(curve.values), raw=_shrunk(curve.raw)) for curve in panel.curves]
    best = panel.best and (panel.best[0], panel.best[1] * _SHRUNK)
    return replace(panel, curves=curves, best=best), _SHRUNK


def _shrunk(values: Sequence[float]) -> list[float]:
    return [value * _SHRUNK for value in values]
