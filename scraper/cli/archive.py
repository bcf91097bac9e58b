"""`scraper archive`: move runs into another store, where every verb still reads them; their logs can be kept with them, compressed."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.common import chosen_runs, complete_run, count, query_option, shown, store_option
from scraper.errors import NotFoundError, SourceError, UsageError

if TYPE_CHECKING:
    from scraper.query import Run
    from scraper.store.writer import Writer

NAME = "archive.db"
EPILOG = """
\b
Examples:
  scraper archive run-a                                  into archive.db beside the store
  scraper archive --query 'status:failed -tag:keep' --to old.db
  scraper archive run-a --logs                           with its log, compressed
  scraper ls --store archive.db                          every verb reads an archive
  scraper archive run-a --store archive.db --to store.db     back again

A run that a live process still reads is refused. Its log stays where it is.
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help=f"The store to move them to [default: {NAME} beside this one].")
@click.option("--logs", is_flag=True, help="Keep a compressed copy of each log beside that store, for `scraper line`.")
@click.option("--copy", is_flag=True, help="Leave the runs in this store too.")
@store_option
def command(runs: tuple[str, ...], query: str | None, to: Path | None, logs: bool, copy: bool, store: str | None) -> None:
    """Move each RUN (an id, the beginning of one, a name, or latest) with all that is stored of it into another store."""
    from scraper.cli.rm import held
    from scraper.query import open_store
    from scraper.store.writer import Writer

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query)
        target = to or db.path.with_name(NAME)
        if target.resolve() == db.path.resolve():
            raise UsageError(f"{target} is the store the runs are in; name another with --to")
        with Writer(db.path) as here, Writer(target) as there:
            for run in chosen:
                if copy:
                    _copy(here, run, there, logs=logs)
                    continue
                if run.status == "running":
                    raise UsageError(f"run {run.id} goes on; archive it when it has ended, or --copy what there is")
                with held(db, here, run):
                    _copy(here, run, there, logs=logs)
                    here.delete_run(run.key)


def _copy(here: Writer, run: Run, there: Writer, *, logs: bool) -> None:
    """Copy one run, and say so."""
    from scraper.store.moving import copy_run

    points = count(sum(row.count for row in run.series_rows()))
    key = copy_run(here, run.id, there)
    kept = f", {_keep_logs(run, key, there)} logs" if logs else ""
    click.echo(shown(f"{run.id}  {run.name}  {points} points{kept} -> {there.path}"))


def _keep_logs(run: Run, key: int, there: Writer) -> int:
    """Write a run's logs beside the archive, compressed, and have it find them there; return how many. Says which are gone."""
    from scraper.store.beside import archived_logs

    folder = archived_logs(there.path)
    folder.mkdir(mode=0o700, exist_ok=True)
    sources = sorted(there.run_sources(key), key=lambda source: source.ordinal)
    kept = 0
    try:
        for source, (_, file) in zip(sources, run.logs(), strict=False):
            copy = folder / f"{run.id}.{source.ordinal}.log.gz"
            with gzip.open(copy, "wb") as packed:
                shutil.copyfileobj(file, packed, 1 << 20)
            there.move_source(source.id, copy.absolute())
            kept += 1
    except (NotFoundError, SourceError) as error:
        click.echo(f"scraper: {error}", err=True)
    return kept
