"""`scraper plot`: metrics drawn in the terminal or into a picture, one panel a metric, one curve a run or rank."""

from __future__ import annotations

import os
import sys
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
    from scraper.query import Run

MOST_PANELS = 6  # drawn when no metric is asked for
ROWS = 8  # of a panel that is good to read; so many panels as fit the terminal
EPILOG = """
\b
Examples:
  scraper plot                                   what matters of the newest run
  scraper plot latest --metric '*loss' --log
  scraper plot run-a run-b --metric val/loss --x relative --smooth 0.9
  scraper plot latest --metric lr --width 80 --height 20 > lr.txt
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
@json_option
@store_option
def command(
    runs: tuple[str, ...], query: str | None, metrics: tuple[str, ...], out: Path | None, as_json: bool, store: str | None, **given: Any
) -> None:
    """Draw metrics of RUN (an id, the beginning of one, a name, or latest [the default])."""
    form = _form_of(out) if out else ""
    from scraper.plot import gather  # noqa: PLC0415 - not needed to print help
    from scraper.query import open_store  # noqa: PLC0415 - not needed to print help

    columns, rows = terminal_size()
    width, height = given["width"] or columns, given["height"] or rows - 2
    room = min(MOST_PANELS, max(1, height // ROWS) * (2 if width >= 2 * NARROWEST else 1))
    how = _wanted(given, 4000 if out else 8 * width, events=out is not None)
    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query, default="latest")
        names, more = gather.names(chosen, metrics, None if out else room)
        series = {name: gather.series_of(chosen, name, how) for name in (gather.grouped(names) if out else names)}
        if as_json:
            print_json([asdict(one) for found in series.values() for one in found])
            return
        called = names_of(chosen) if len(chosen) > 1 else {}
        panels = [gather.panel(chosen, name, found, how, called) for name, found in series.items()]
        if out:
            _save(out, form, chosen, panels, given)
            return
    _show(chosen, panels, width, height)
    if more:
        click.echo(f"{more} more metrics; name some with --metric, or all with --metric '*'")


def _form_of(out: Path) -> str:
    """Return the format that a picture's name asks for."""
    ending = out.suffix.lstrip(".").lower()
    if ending not in ("png", "svg"):
        raise UsageError(f"cannot draw a picture called {out}; end its name with .png or .svg")
    return ending


def _wanted(given: dict[str, Any], points: int, *, events: bool) -> Wanted:
    """Return the options as what is to be read and shown."""
    from scraper.plot.gather import Wanted  # noqa: PLC0415 - not needed to print help

    asked = given["attempt"]
    attempt = int(asked) if asked and asked.isdigit() else asked
    return Wanted(given["x"], given["logarithm"], given["smooth"], attempt, points, events)


def _save(out: Path, form: str, chosen: list[Run], panels: Sequence[Panel], given: dict[str, Any]) -> None:
    """Draw the panels into a file, put in place whole."""
    from scraper.export.files import whole_file  # noqa: PLC0415 - not needed for the terminal
    from scraper.plot import picture  # noqa: PLC0415 - not needed for the terminal

    sizes = given["width"], given["height"]
    if any(sizes) and not all(sizes):
        raise UsageError("a picture's size has both a --width and a --height")
    with whole_file(out) as beside:
        picture.save(beside, panels, title=title_of(chosen), theme=given["theme"], size=sizes if all(sizes) else None, form=form)
    click.echo(shown(f"{out}: {len(panels)} {'metric' if len(panels) == 1 else 'metrics'} of {title_of(chosen)}"))


def title_of(chosen: Sequence[Run]) -> str:
    """Return what a picture shows in one line."""
    if len(chosen) == 1:
        run = chosen[0]
        return shown(f"{run.name}  {run.id}  {run.status}", 120)
    return shown(" vs ".join(names_of(chosen).values()), 120) if len(chosen) < 4 else f"{len(chosen)} runs"


def _show(chosen: list[Run], panels: Sequence[Panel], width: int, height: int) -> None:
    """Write the picture under one line that says whose it is."""
    from scraper.plot.terminal import draw  # noqa: PLC0415 - not needed for --json

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if len(chosen) == 1:
        click.echo(shown(title_of(chosen), width))
    click.echo(draw(panels, width=width, height=height - (len(chosen) == 1), colour=colour), color=colour)
