"""From runs to panels: which metrics, in which order and groups, as which curves, with which marks. Reads stores, draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from scraper.errors import NotFoundError
from scraper.plot.panels import ALARMS, Curve, Mark, Panel, marks
from scraper.query.values import series_key
from scraper.text import number, shown

if TYPE_CHECKING:
    from scraper.model import MetricDefinition
    from scraper.query import Fold, Metric, Run, Series
    from scraper.query.run import Axis

RANKS = 7  # curves of one metric of one run
FOLDS = 10  # told apart; the curves of more are drawn alike
SMOOTHED_POINTS = 200_000  # read to smooth a curve: the average of a downsampled curve would be another one


@dataclass(frozen=True, slots=True)
class Wanted:
    """How series are to be read and shown."""

    x: Axis = "step"
    log: bool = False
    smooth: float = 0.0  # weight of the past, 0 up to but not 1
    attempt: int | Literal["all"] | None = None
    points: int = 4000  # of each curve, at most about so many
    events: bool = False  # whether events are marked and the best value is pointed out


def names(runs: Sequence[Run], patterns: Sequence[str], room: int | None) -> tuple[list[str], int]:
    """Return the metrics to draw, in printed order, and how many others there are; `room` (None: any number) counts without patterns only.

    NotFoundError when nothing fits.
    """
    found: dict[str, Metric] = {}
    for run in runs:
        for metric in run.metrics(*patterns):
            found.setdefault(metric.name, metric)
    if not found:
        asked = f"fits {' or '.join(patterns)}" if patterns else "was printed yet"
        raise NotFoundError(f"no metric {asked} in {', '.join(run.id for run in runs)}; `scraper show RUN` lists them")
    if patterns or room is None:
        return list(found), 0
    wanted = sorted(found.values(), key=rank)[:room]
    return [name for name in found if found[name] in wanted], len(found) - len(wanted)


def rank(metric: Metric) -> tuple[int, int]:
    """Return what sorts the metrics people look at first: primary ones, then those that have a better and a worse."""
    tier = {"primary": 0, "standard": 1}.get(metric.tier, 2)
    return (tier, 0) if metric.higher_is_better is not None and tier < 2 else (tier, 1 if metric.higher_is_better is None else 0)


def grouped(chosen: Sequence[str]) -> list[str]:
    """Return metric names with those of one group together, groups in the order of their first metric."""
    order = {group: i for i, group in reversed(list(enumerate(map(group_of, chosen))))}
    return sorted(chosen, key=lambda name: order[group_of(name)])


def group_of(metric: str) -> str:
    """Return what stands before the last "/" of a metric's name."""
    return metric.rpartition("/")[0]


def series_of(runs: Sequence[Run], name: str, how: Wanted) -> list[Series]:
    """Return the series of one metric: of every run that has it, and of every set of labels where there are several."""
    found = []
    points = max(how.points, SMOOTHED_POINTS) if how.smooth else how.points
    for run in runs:
        sets = [metric.labels for metric in run.metrics() if metric.name == name][:RANKS]
        found += [run.series(name, labels=labels, x=how.x, attempt=how.attempt, max_points=points) for labels in sets]
    return found


def panels(runs: Sequence[Run], patterns: Sequence[str], how: Wanted, called: Mapping[str, str]) -> list[Panel]:
    """Return a panel a metric that fits (all without patterns), those of one prefix together. NotFoundError when nothing fits."""
    chosen = grouped(names(runs, patterns, None)[0])
    return [panel(runs, name, series_of(runs, name, how), how, called) for name in chosen]


def title_of(runs: Sequence[Run], called: Mapping[str, str]) -> str:
    """Return what a picture shows in one line; `called` names the runs where there are several."""
    if len(runs) == 1:
        run = runs[0]
        return shown(f"{run.name}  {run.id}  {run.status}", 120)
    return shown(" vs ".join(called[run.id] for run in runs), 120) if len(runs) < 4 else f"{len(runs)} runs"


def panel(runs: Sequence[Run], name: str, found: Sequence[Series], how: Wanted, called: Mapping[str, str]) -> Panel:
    """Return one metric's panel. Its notes say what was left out and, for a single curve, where it has got to."""
    folds = runs[0].folds() if len(runs) == len(found) == 1 else []
    curves = [_curve(one, how, called) for one in found] if not 1 < len(folds) <= FOLDS else _by_fold(found[0], how, folds)
    single = found[0] if len(found) == 1 and len(found[0]) else None
    meaning = _meaning(runs, found)
    notes = []
    if single:
        last = number(single.values[-1], meaning.format, meaning.unit)
        notes.append(f"last {last}" + (f" at {number(single.xs[-1])}" if single.x in ("step", "epoch") else ""))
    notes += [f"smoothed {how.smooth:g}"] if how.smooth else []
    notes += sorted({one.note for one in found if one.note and (one.asked_x != one.x or one.unplaced)})
    best = _best(runs, single, how) if single and how.events else None
    if best and single:
        at = f" at {number(best[0])}" if single.x in ("step", "epoch") else ""
        notes.insert(0, f"best {number(best[1], meaning.format, meaning.unit)}{at}")
    unit = "%" if meaning.format == "percent" else meaning.unit
    label = meaning.label if meaning.label != name else ""
    return Panel(
        shown(name, 60),
        curves,
        x=found[0].x,
        log=how.log,
        notes=notes,
        group=shown(group_of(name), 60),
        label=shown(f"{label} ({unit})" if label and unit else label or unit, 40),
        best=best,
        marks=_marks(runs, found) if how.events else [],
    )


def _meaning(runs: Sequence[Run], found: Sequence[Series]) -> MetricDefinition:
    """Return what a panel's metric means; no format and no unit where its runs mean different ones."""
    said = list({one.run: run.definition(one.metric) for one in found for run in runs if run.id == one.run}.values())
    first = said[0]
    return first if all((one.format, one.unit) == (first.format, first.unit) for one in said) else replace(first, format="float", unit="")


def _marks(runs: Sequence[Run], found: Sequence[Series]) -> list[Mark]:
    """Return the events to mark: all of a single run, what went wrong and restarts of several."""
    kinds = None if len(runs) == 1 else {*ALARMS, "restart"}
    pairs = [(one, run) for one in found for run in runs if run.id == one.run]
    return [mark for one, run in pairs for mark in marks(one, run.events()) if kinds is None or mark.kind in kinds]


def _curve(one: Series, how: Wanted, called: Mapping[str, str]) -> Curve:
    """Return a series as a curve; what it was smoothed from goes with it."""
    return Curve(_called(one, called), one.xs, one.smoothed(how.smooth), raw=one.values if how.smooth else (), run=one.run)


def _by_fold(one: Series, how: Wanted, folds: Sequence[Fold]) -> list[Curve]:
    """Return a series as a curve a fold; what was printed before the first one as one without a name."""
    smooth = one.smoothed(how.smooth)
    fold_of = {attempt: fold.name for fold in folds for attempt in fold.attempts}
    found = []
    for name in ("", *dict.fromkeys(fold_of.values())):
        mine = [i for i, attempt in enumerate(one.attempts) if fold_of.get(attempt, "") == name]
        xs, values, raw = ([column[i] for i in mine] for column in (one.xs, smooth, one.values))
        found.append(Curve(shown(name, 40), xs, values, raw=raw if how.smooth else (), run=one.run))
    return [curve for curve in found if curve.xs]


def _called(one: Series, called: Mapping[str, str]) -> str:
    """Return what tells a curve from the others of its panel."""
    return shown(" ".join(filter(None, [called.get(one.run), series_key("", one.labels)[1:-1]])), 40)


def _best(runs: Sequence[Run], one: Series, how: Wanted) -> tuple[float, float] | None:
    """Return where the best value stands in a curve; None where nobody knows which way is better, or it is not among the points."""
    found = (metric for run in runs if run.id == one.run for metric in run.metrics())
    metric = next(metric for metric in found if (metric.name, metric.labels) == (one.metric, one.labels))
    if metric.best is None or how.attempt is not None or metric.best.at not in one.positions:
        return None
    return one.xs[one.positions.index(metric.best.at)], metric.best.value
