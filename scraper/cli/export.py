"""`scraper export`: every kept point as csv, json or jsonl, to a file or standard output."""

from __future__ import annotations

import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.common import complete_run, count, metric_option, store_option
from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from scraper.query import Run

FORMATS = {"csv": "table", "json": "document", "jsonl": "jsonl"}  # format -> its module in scraper.export
EPILOG = """
\b
Keys of a point (csv: columns), in printed order, the same in every format:
  run        id of the run
  metric     name as printed
  labels     object, such as {"rank": "0"}
  step       number, or null where only an epoch is known
  step_kind  how the step is known: explicit, derived, bar, samples,
             inherited, epoch, count
  epoch      number or null
  time       seconds since 1970 or null
  value      number; "NaN", "Infinity", "-Infinity" as these strings
  attempt    0, and one more after each resume from a checkpoint
  line       where it was printed: byte offset of the line in the run's log
             (+ 2^40 for each further file of the run)

\b
Examples:
  scraper export latest --format csv --out loss.csv --metric '*loss'
  scraper export --format jsonl | jq .value       every run of the store
  scraper export 20261121-06 20261121-07 --format json --out two.json
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@click.option("--all", "every", is_flag=True, help="Every run of the store, oldest first [the default without a RUN].")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="The format [default: by the name of --out, else jsonl].")
@click.option("--out", metavar="FILE", help="Write this file, whole or not at all; - is standard output [default: -].")
@metric_option
@store_option
def command(runs: tuple[str, ...], every: bool, form: str | None, out: str | None, metrics: tuple[str, ...], store: str | None) -> None:
    """Write every kept point of RUN (an id, the beginning of one, a name, or latest), or of all runs."""
    if every and runs:
        raise UsageError("--all means every run; give either RUN or --all")
    from scraper.export.files import write_whole  # noqa: PLC0415 - not needed to print help
    from scraper.query import open_store  # noqa: PLC0415 - not needed to print help

    with open_store(store) as db:
        chosen = [db.run(which) for which in runs] if runs else db.runs(order="oldest")
        with closing(_render(form or _format_of(out), chosen, metrics)) as pieces:
            if out is None or out == "-":
                sys.stdout.writelines(pieces)
                sys.stdout.flush()
            else:
                write_whole(Path(out), pieces)
        _tell_thinned(chosen)


def _format_of(out: str | None) -> str:
    """Return the format that a file's name asks for."""
    ending = Path(out).suffix.lstrip(".").lower() if out else "jsonl"
    if ending in FORMATS or out == "-":
        return ending if ending in FORMATS else "jsonl"
    raise UsageError(f"cannot tell the format from the name {out}; say --format {'|'.join(FORMATS)}")


def _render(form: str, runs: list[Run], metrics: tuple[str, ...]) -> Generator[str]:
    """Return the text of an export, piece by piece."""
    pieces: Generator[str] = import_module(f"scraper.export.{FORMATS[form]}").render(runs, metrics)
    return pieces


def _tell_thinned(runs: list[Run]) -> None:
    """Say on standard error where retention has left fewer points than were printed."""
    for run in runs:
        thinned = [row.thinned for row in run.series_rows() if row.thinned]
        if thinned:
            gone = f"{count(sum(thinned))} older points of {len(thinned)} series were thinned and are not in this export"
            click.echo(f"scraper: run {run.id}: {gone}", err=True)
