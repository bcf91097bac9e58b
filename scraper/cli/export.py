"""`scraper export`: every kept point as csv, json, jsonl or parquet, or a run as an experiment directory."""

from __future__ import annotations

import io
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.common import complete_run, count, metric_option, store_option
from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from scraper.query import Run

FORMATS = {"csv": "table", "json": "document", "jsonl": "jsonl"}  # format -> its module in scraper.export
WHOLE = ("parquet", "experiment")  # formats that are no stream of text
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
  attempt    0, and one more where the training went back, as after a resume,
             or another fold or trial began
  line       where it was printed: byte offset of the line in the run's log
             (+ 2^40 for each further file of the run)

\b
csv --wide has one row a step and one column a metric. parquet has the columns
above; it needs pyarrow. experiment writes a directory a run: config.json,
metrics/complete_summary.json, metrics/metrics.jsonl (one object a step),
metrics/validation_metrics.json (final and best), logs/training.log,
final_results.yaml, checkpoints/checkpoints.json.

\b
Examples:
  scraper export latest --format csv --out loss.csv --metric '*loss'
  scraper export --format jsonl | jq .value       every run of the store
  scraper export 20261121-06 20261121-07 --format json --out two.json
  scraper export latest --wide --out table.csv
  scraper export latest --format experiment --out results/resnet50
  scraper import loss.csv --store other.db        reads csv, json, jsonl and parquet back
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@click.option("--all", "every", is_flag=True, help="Every run of the store, oldest first [the default without a RUN].")
@click.option("--format", "form", type=click.Choice([*FORMATS, *WHOLE]), help="The format [default: by the name of --out, else jsonl].")
@click.option("--out", metavar="FILE", help="Write this file (or directory), whole or not at all; - is standard output [default: -].")
@click.option("--wide", is_flag=True, help="csv with one row a step and one column a metric.")
@click.option("--link", is_flag=True, help="experiment: link to the checkpoints that are on this machine.")
@metric_option
@store_option
def command(
    runs: tuple[str, ...],
    every: bool,
    form: str | None,
    out: str | None,
    wide: bool,
    link: bool,
    metrics: tuple[str, ...],
    store: str | None,
) -> None:
    """Write every kept point of RUN (an id, the beginning of one, a name, or latest), or of all runs."""
    if every and runs:
        raise UsageError("--all means every run; give either RUN or --all")
    form = _checked(form or ("csv" if wide else _format_of(out)), out, metrics, wide=wide, link=link)
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = [db.run(which) for which in runs] if runs else db.runs(order="oldest")
        if form in WHOLE:
            _write_whole(form, Path(out or ""), chosen, metrics, link=link)
        else:
            with closing(_render("wide" if wide else FORMATS[form], chosen, metrics)) as pieces:
                write(pieces, out)
        _tell_thinned(chosen)


def _checked(form: str, out: str | None, metrics: tuple[str, ...], *, wide: bool, link: bool) -> str:
    """Return the format. UsageError for options that do not go with it."""
    if form in WHOLE and out in (None, "-"):
        raise UsageError(f"{form} cannot go to standard output; name {'a directory' if form == 'experiment' else 'a file'} with --out")
    if wide and form != "csv":
        raise UsageError(f"--wide is a way to write csv, not {form}")
    if link and form != "experiment":
        raise UsageError(f"--link goes with --format experiment, not {form}")
    if form == "experiment" and metrics:
        raise UsageError("an experiment directory holds every metric; leave out --metric")
    return form


def write(pieces: Iterable[str], out: str | None) -> None:
    """Write text to a file, or to standard output."""
    from scraper.export.files import write_whole

    if out is None or out == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # as in a file, whatever a terminal would take
        sys.stdout.writelines(pieces)
        sys.stdout.flush()
    else:
        write_whole(Path(out), pieces)


def _write_whole(form: str, out: Path, chosen: list[Run], metrics: tuple[str, ...], *, link: bool) -> None:
    """Write what is no stream of text: a parquet file, or a directory a run (several of them inside `out`, by run id)."""
    if form == "parquet":
        from scraper.export import parquet
        from scraper.export.files import whole_file

        with whole_file(out) as beside:
            parquet.write(beside, chosen, metrics)
        return
    from scraper.export import directory

    for run in chosen:
        directory.write(out if len(chosen) == 1 else out / run.id, run, link=link)


def _format_of(out: str | None) -> str:
    """Return the format that a file's name asks for."""
    ending = Path(out).suffix.lstrip(".").lower() if out else "jsonl"
    if ending in (*FORMATS, "parquet") or out == "-":
        return ending if out != "-" else "jsonl"
    raise UsageError(f"cannot tell the format from the name {out}; say --format {'|'.join((*FORMATS, *WHOLE))}")


def _render(module: str, runs: list[Run], metrics: tuple[str, ...]) -> Generator[str]:
    """Return the text of an export, piece by piece."""
    pieces: Generator[str] = import_module(f"scraper.export.{module}").render(runs, metrics)
    return pieces


def _tell_thinned(runs: list[Run]) -> None:
    """Say on standard error where retention has left fewer points than were printed."""
    for run in runs:
        thinned = [row.thinned for row in run.series_rows() if row.thinned]
        if thinned:
            gone = f"{count(sum(thinned))} older points of {len(thinned)} series were thinned and are not in this export"
            click.echo(f"scraper: run {run.id}: {gone}", err=True)
