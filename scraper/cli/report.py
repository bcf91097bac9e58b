"""`scraper report`: runs as one HTML file that opens offline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import text
from scraper.cli.common import chosen_runs, complete_run, names_of, query_option, shown, store_option

if TYPE_CHECKING:
    from scraper.query.run import Axis

POINTS = 1500  # of each curve: enough for its width, and keeps the file small
EPILOG = """
\b
Examples:
  scraper report                                   the newest run, into report.html
  scraper report run-a run-b --out comparison.html --theme light
  scraper report --query tag:sweep --smooth 0.9 --out sweep.html

The file holds no script and loads nothing. It needs matplotlib: pip install '.[plot]'.
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@click.option("--out", type=click.Path(path_type=Path), default="report.html", help="The file; -: standard output [default: report.html].")
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", help="The colours [default: dark].")
@click.option("--x", type=click.Choice(["step", "epoch", "time", "relative"]), default="step", help="The horizontal axis [default: step].")
@click.option("--smooth", type=click.FloatRange(0, 1, max_open=True), default=0.0, metavar="S", help="Weight of the past, 0 to 0.999.")
@store_option
def command(runs: tuple[str, ...], query: str | None, out: Path, theme: str, x: Axis, smooth: float, store: str | None) -> None:
    """Tell what RUN (an id, the beginning of one, a name, or latest [the default]) came to: facts, curves, statistics, events."""
    from scraper.cli.export import write
    from scraper.export.report import render
    from scraper.plot.gather import Wanted
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query, default="latest")
        how = Wanted(x=x, smooth=smooth, points=POINTS, events=True)
        write(render(chosen, how, theme=theme, called=names_of(chosen), made=time.time()), str(out))
    if str(out) != "-":
        click.echo(shown(f"{out}: {len(chosen)} {'run' if len(chosen) == 1 else 'runs'}, {text.size(out.stat().st_size)}"))
