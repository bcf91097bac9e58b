"""`scraper line`: the printed line behind a point, with its neighbours, from the kept log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import complete_run, json_option, metrics_named, number, store_option
from scraper.cli.show import print_line
from scraper.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from scraper.query import Run

_PLACES: Final = ("first", "last", "min", "max", "best", "nan")
EPILOG = """
\b
Examples:
  scraper line latest 123456           a position: "line" of an export, LINE of `best` and `events`
  scraper line latest loss@100         the line that printed the loss of step 100
  scraper line latest val/loss@best    also @first, @last, @min, @max, @nan (the first that is not finite)
  scraper line latest loss@nan --context 20
"""


def _complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return metrics with their places."""
    metric, at, place = incomplete.rpartition("@")
    if at:
        return [f"{metric}@{one}" for one in _PLACES if one.startswith(place)]
    return [f"{name}@last" for name in metrics_named(ctx, incomplete)]


@click.command(epilog=EPILOG)
@click.argument("run", shell_complete=complete_run)
@click.argument("what", metavar="POSITION|METRIC@PLACE", shell_complete=_complete)
@click.option("--context", type=click.IntRange(0, 1000), default=2, show_default=True, help="Lines to show on both sides.")
@json_option
@store_option
def command(run: str, what: str, context: int, as_json: bool, store: str | None) -> None:
    """Show what RUN printed at a position, or where it printed a value of METRIC (PLACE: a step, first, last, min, max, best or nan)."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        print_line(found.line(_position(found, what), context=context), as_json=as_json)


def _position(run: Run, what: str) -> int:
    """Return the position that the argument means."""
    if what.isascii() and what.isdigit():
        return int(what)
    metric, at, place = what.rpartition("@")
    if not at or not metric:
        raise UsageError(f"{what!r} is no position and no METRIC@PLACE; give, for example, {what}@last")
    if place in _PLACES:
        return _named(run, metric, place)
    try:
        step = float(place)
    except ValueError:
        raise UsageError(f"no place {place!r}; give a step or one of {', '.join(_PLACES)}") from None
    series = run.series(metric, min_step=step, max_step=step)
    if not series.positions:
        none = f"run {run.id} has no {metric!r} at {series.x} {number(step)}"
        lost = "; it may have been printed: older points of it were thinned to summaries" if run.is_thinned(metric, series.x, step) else ""
        raise NotFoundError(f"{none}{lost}{_nearest(run, metric, step)}")
    return series.positions[-1]


def _nearest(run: Run, metric: str, step: float) -> str:
    """Return a hint at the nearest step or epoch that has a value."""
    xs = run.series(metric, max_points=4000).xs
    return f"; the nearest is {number(min(xs, key=lambda x: abs(x - step)))}" if xs else ""


def _named(run: Run, metric: str, place: str) -> int:
    """Return the position of a value by what it is among the others."""
    if place == "best":
        return run.best(metric).at
    if place == "nan":
        return _first_non_finite(run, metric)
    labels = run.require(metric)[0].label_set
    (found,) = (one for one in run.metrics() if one.name == metric and one.labels == labels)
    chosen: Any = {"first": found.first, "last": found.last, "min": found.minimum, "max": found.maximum}[place]
    if chosen is None:
        raise NotFoundError(f"metric {metric!r} of run {run.id} has no finite value")
    position: int = chosen.at
    return position


def _first_non_finite(run: Run, metric: str) -> int:
    """Return where the first NaN or infinity was printed: the first of them is never downsampled away."""
    series = run.series(metric, max_points=4000)
    found = next((at for at, value in zip(series.positions, series.values, strict=True) if not math.isfinite(value)), None)
    if found is None:
        raise NotFoundError(f"every {metric!r} of run {run.id} is finite")
    return found
