"""`scraper plot`: metrics drawn in the terminal, one panel a metric, one curve a run or rank."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import (
    complete_run,
    json_option,
    metric_option,
    names_of,
    number,
    number_json,
    print_json,
    shown,
    store_option,
    terminal_size,
)
from scraper.errors import NotFoundError
from scraper.plot.terminal import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.plot.terminal import Panel
    from scraper.query import Metric, Run, Series

MOST_PANELS = 6  # drawn when no metric is asked for
ROWS = 8  # of a panel that is good to read; so many panels as fit the terminal
RANKS = 7  # curves of one metric of one run
EPILOG = """
\b
Examples:
  scraper plot                                   what matters of the newest run
  scraper plot latest --metric '*loss' --log
  scraper plot run-a run-b --metric val/loss --x relative --smooth 0.9
  scraper plot latest --metric lr --width 80 --height 20 > lr.txt

NaN, inf and -inf are marked by a cross, ▲ and ▼ on the panel's edge. Standard output that is no terminal gets no colour; nor does NO_COLOR.
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@metric_option
@click.option("--x", type=click.Choice(["step", "epoch", "time", "relative"]), default="step", help="The horizontal axis [default: step].")
@click.option("--log", "logarithm", is_flag=True, help="Logarithmic values.")
@click.option("--smooth", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="S", help="Weight of the past, 0 to 0.999.")
@click.option("--attempt", metavar="N|all", help="One attempt, or all of them [default: each up to where the next begins].")
@click.option("--width", type=click.IntRange(20, 1000), help="Columns [default: the terminal's].")
@click.option("--height", type=click.IntRange(7, 1000), help="Rows [default: the terminal's].")
@json_option
@store_option
def command(runs: tuple[str, ...], metrics: tuple[str, ...], store: str | None, **how: Any) -> None:
    """Draw metrics of RUN (an id, the beginning of one, a name, or latest [the default])."""
    from scraper.query import open_store  # noqa: PLC0415 - not needed to print help

    columns, rows = terminal_size()
    width, height = how["width"] or columns, how["height"] or rows - 2
    with open_store(store) as db:
        chosen = [db.run(which) for which in dict.fromkeys(runs or ("latest",))]
        names, more = _names(chosen, metrics, room=min(MOST_PANELS, max(1, height // ROWS) * (2 if width >= 2 * NARROWEST else 1)))
        series = {name: _curves(chosen, name, how, width) for name in names}
    if how["as_json"]:
        print_json([_as_json(one) for found in series.values() for one in found])
        return
    called = names_of(chosen) if len(chosen) > 1 else {}
    panels = [_panel(name, found, how, called) for name, found in series.items()]
    _show(chosen, panels, width, height)
    if more:
        click.echo(f"{more} more metrics; name some with --metric, or all with --metric '*'")


def _show(chosen: list[Run], panels: Sequence[Panel], width: int, height: int) -> None:
    """Write the picture under one line that says whose it is."""
    from scraper.plot.terminal import draw  # noqa: PLC0415 - not needed for --json

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if len(chosen) == 1:
        run = chosen[0]
        click.echo(shown(f"{run.name}  {run.id}  {run.status}", width))
    click.echo(draw(panels, width=width, height=height - (len(chosen) == 1), colour=colour), color=colour)


def _names(chosen: list[Run], patterns: tuple[str, ...], room: int) -> tuple[list[str], int]:
    """Return the names of the metrics to draw, and how many others there are. NotFoundError when nothing fits."""
    found: dict[str, Metric] = {}
    for run in chosen:
        for metric in run.metrics(*patterns):
            found.setdefault(metric.name, metric)
    if not found:
        asked = f"fits {' or '.join(patterns)}" if patterns else "was printed yet"
        raise NotFoundError(f"no metric {asked} in {', '.join(run.id for run in chosen)}; `scraper show RUN` lists them")
    if patterns:
        return list(found), 0
    wanted = sorted(found.values(), key=rank)[:room]
    return [name for name in found if found[name] in wanted], len(found) - len(wanted)


def rank(metric: Metric) -> tuple[int, int]:
    """Return what sorts the metrics people look at first: primary ones, then those that have a better and a worse."""
    tier = {"primary": 0, "standard": 1}.get(metric.tier, 2)
    return (tier, 0) if metric.higher_is_better is not None and tier < 2 else (tier, 1 if metric.higher_is_better is None else 0)


def _curves(chosen: list[Run], name: str, how: dict[str, Any], width: int) -> list[Series]:
    """Return the series of one metric: of every run, and of every set of labels where there are several."""
    asked = how["attempt"]
    attempt = int(asked) if asked and asked.isdigit() else asked
    found = []
    for run in chosen:
        sets = [metric.labels for metric in run.metrics() if metric.name == name][:RANKS]
        found += [run.series(name, labels=labels, x=how["x"], attempt=attempt, max_points=8 * width) for labels in sets]
    return found


def _panel(name: str, found: list[Series], how: dict[str, Any], called: dict[str, str]) -> Panel:
    """Return one metric's panel. Its notes say what was left out and, for a single curve, where it has got to."""
    from scraper.plot.terminal import Curve, Panel  # noqa: PLC0415 - not needed for --json

    curves = [Curve(_called(one, called), one.xs, one.smoothed(how["smooth"])) for one in found]
    single = found[0] if len(found) == 1 and len(found[0]) else None
    notes = []
    if single:
        notes.append(f"last {number(single.values[-1])}" + (f" at {number(single.xs[-1])}" if single.x in ("step", "epoch") else ""))
    notes += [f"smoothed {how['smooth']:g}"] if how["smooth"] else []
    notes += sorted({one.note for one in found if one.note and (one.asked_x != one.x or one.unplaced)})
    return Panel(shown(name, 60), curves, x=found[0].x, log=how["logarithm"], notes=notes)


def _called(one: Series, called: dict[str, str]) -> str:
    """Return what tells a curve from the others of its panel."""
    labels = ",".join(f"{name}={value}" for name, value in one.labels.items())
    return shown(" ".join(filter(None, [called.get(one.run), labels])), 40)


def _as_json(one: Series) -> dict[str, Any]:
    """Return a series as JSON can carry it."""
    facts = asdict(one)
    facts["values"] = [number_json(value) for value in one.values]
    facts["xs"] = [number_json(x) for x in one.xs]
    return facts
