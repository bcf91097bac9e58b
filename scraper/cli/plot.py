"""`scraper plot`: metrics drawn in the terminal or into a picture, one panel a metric, one curve a run or rank."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import (
    chosen_runs,
    complete_run,
    json_option,
    metric_option,
    names_of,
    print_json,
    query_option,
    shown,
    store_option,
    terminal_size,
)
from scraper.errors import UsageError
from scraper.plot.terminal import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.plot.gather import Wanted
    from scraper.plot.panels import Panel
    from scraper.query import Database, Run, Series

MOST_PANELS = 6  # drawn when no metric is asked for
ROWS = 8  # of a panel that is good to read; so many panels as fit the terminal
_CLEAR = "\x1b[H\x1b[2J"  # cursor home, screen empty
EPILOG = """
\b
Examples:
  scraper plot                                   what matters of the newest run
  scraper plot latest --metric '*loss' --log
  scraper plot run-a run-b --metric val/loss --x relative --smooth 0.9
  scraper plot latest --metric lr --width 80 --height 20 > lr.txt
  scraper plot latest --watch                    again and again while it goes on
  scraper plot latest --out run.png              every metric, grouped by prefix
  scraper plot --query tag:sweep --metric val/loss --out sweep.svg --theme light

NaN, inf and -inf are marked by a cross, ▲ and ▼ on the panel's edge. Standard output that is no terminal gets no colour; nor does NO_COLOR.
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@metric_option
@click.option("--x", type=click.Choice(["step", "epoch", "time", "relative"]), default="step", help="The horizontal axis [default: step].")
@click.option("--log", "logarithm", is_flag=True, help="Logarithmic values.")
@click.option("--smooth", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="S", help="Weight of the past, 0 to 0.999.")
@click.option("--attempt", metavar="N|all", help="One attempt, or all of them [default: each up to where the next begins].")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Draw into this .png or .svg; every metric by default.")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", help="The colours of --out [default: dark].")
@click.option("--width", type=click.IntRange(20, 20_000), help="Columns [default: the terminal's]; pixels of --out.")
@click.option("--height", type=click.IntRange(7, 20_000), help="Rows [default: the terminal's]; pixels of --out.")
@click.option("--watch", is_flag=True, help="Draw again as points come in, until the runs have ended or Ctrl-C; into --out too.")
@click.option("--every", type=click.FloatRange(0.1, 3600), default=2.0, show_default=True, metavar="S", help="With --watch: look so often.")
@json_option
@store_option
def command(runs: tuple[str, ...], query: str | None, watch: bool, every: float, as_json: bool, store: str | None, **given: Any) -> None:
    """Draw metrics of RUN (an id, the beginning of one, a name, or latest [the default])."""
    form = _form_of(given["out"]) if given["out"] else ""
    if watch and as_json:
        raise UsageError("--watch draws; it does not go with --json")
    if watch and not form and not sys.stdout.isatty():
        raise UsageError("--watch needs a terminal to draw on; name a picture with --out")
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query, default="latest")
        if as_json:
            print_json([asdict(one) for found in _series(chosen, given) for one in found])
        elif not watch:
            click.echo(_drawn(chosen, form, given), color=_colour())
        else:
            _watch(db, chosen, form, given, every)


def _watch(db: Database, chosen: list[Run], form: str, given: dict[str, Any], every: float) -> None:
    """Draw whenever there is something new, in place; the last time when no run goes on any more."""
    before: list[Any] = []
    with suppress(KeyboardInterrupt):  # Ctrl-C is one way to leave
        while True:
            chosen = [db.run(run.id) for run in chosen]
            now = [(run.status, *((row.id, row.count) for row in run.series_rows())) for run in chosen]
            goes_on = any(run.status == "running" for run in chosen)
            if now != before and (not goes_on or any(len(one) > 1 for one in now)):  # a run may print its first metric late
                text = _drawn(chosen, form, given)
                click.echo(text if form else _CLEAR + text, color=_colour())
            before = now
            if not goes_on:
                return
            time.sleep(every)


def _colour() -> bool:
    """Whether standard output shows colour."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _series(chosen: list[Run], given: dict[str, Any]) -> list[list[Series]]:
    """Return what would be drawn, by metric."""
    from scraper.plot import gather

    width, _, room = _size(given)
    how = _wanted(given, 8 * width, events=False)
    return [gather.series_of(chosen, name, how) for name in gather.names(chosen, given["metrics"], room)[0]]


def _size(given: dict[str, Any]) -> tuple[int, int, int]:
    """Return the columns and rows to draw in, and how many panels have room there when none is asked for."""
    columns, rows = terminal_size()
    width, height = given["width"] or columns, given["height"] or rows - 2
    return width, height, min(MOST_PANELS, max(1, height // ROWS) * (2 if width >= 2 * NARROWEST else 1))


def _drawn(chosen: list[Run], form: str, given: dict[str, Any]) -> str:
    """Return the picture as text, or write it into a file and return what to say of it."""
    from scraper.plot import gather

    called = names_of(chosen) if len(chosen) > 1 else {}
    if form:
        return _saved(form, chosen, gather.panels(chosen, given["metrics"], _wanted(given, 4000, events=True), called), called, given)
    from scraper.plot.terminal import draw

    width, height, room = _size(given)
    names, more = gather.names(chosen, given["metrics"], room)
    how = _wanted(given, 8 * width, events=False)
    panels = [gather.panel(chosen, name, gather.series_of(chosen, name, how), how, called) for name in names]
    title = [shown(gather.title_of(chosen, called), width)] if len(chosen) == 1 else []
    rest = [f"{more} more metrics; name some with --metric, or all with --metric '*'"] if more else []
    return "\n".join([*title, draw(panels, width=width, height=height - len(title), colour=_colour()), *rest])


def _form_of(out: Path) -> str:
    """Return the format that a picture's name asks for."""
    ending = out.suffix.lstrip(".").lower()
    if ending not in ("png", "svg"):
        raise UsageError(f"cannot draw a picture called {out}; end its name with .png or .svg")
    return ending


def _wanted(given: dict[str, Any], points: int, *, events: bool) -> Wanted:
    """Return the options as what is to be read and shown."""
    from scraper.plot.gather import Wanted

    asked = given["attempt"]
    attempt = int(asked) if asked and asked.isdecimal() else asked
    return Wanted(given["x"], given["logarithm"], given["smooth"], attempt, points, events)


def _saved(form: str, chosen: list[Run], panels: Sequence[Panel], called: dict[str, str], given: dict[str, Any]) -> str:
    """Draw the panels into a file, put in place whole; return what to say of it."""
    from scraper.export.files import whole_file
    from scraper.plot import gather, picture

    sizes = given["width"], given["height"]
    if any(sizes) and not all(sizes):
        raise UsageError("a picture's size has both a --width and a --height")
    title = gather.title_of(chosen, called)
    with whole_file(given["out"]) as beside:
        picture.save(beside, panels, title=title, theme=given["theme"], size=sizes if all(sizes) else None, form=form)
    return shown(f"{given['out']}: {len(panels)} {'metric' if len(panels) == 1 else 'metrics'} of {title}")
