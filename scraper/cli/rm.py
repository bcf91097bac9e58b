"""`scraper rm`: delete runs from the store, after asking. Logs are left where they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from scraper.cli.common import chosen_runs, complete_run, count, query_option, shown, store_option, table
from scraper.errors import UsageError

if TYPE_CHECKING:
    from scraper.query import Database, Run
    from scraper.store.writer import Writer

EPILOG = """
\b
Examples:
  scraper rm latest                           shows what it holds, and asks
  scraper rm --query 'status:failed -tag:keep' --dry-run
  scraper rm run-a run-b --yes

A run that a live process still reads is refused. Its log is never deleted: `scraper tail --once LOG` reads it again.
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would be deleted.")
@store_option
def command(runs: tuple[str, ...], query: str | None, yes: bool, dry_run: bool, store: str | None) -> None:
    """Delete each RUN (an id, the beginning of one, a name, or latest) with its metrics and events. It cannot be undone."""
    from scraper.ingest.run_directory import unfinished
    from scraper.query import open_store
    from scraper.store.writer import Writer

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query)
        rows = [_cells(run) for run in chosen]
        click.echo(table(("RUN", "NAME", "STATUS", "POINTS", "METRICS", "LOG (STAYS)"), rows, right=("POINTS", "METRICS")))
        if dry_run:
            return
        if not yes:
            _ask(len(chosen))
        left = unfinished(db.path)
        with Writer(db.path) as writer:
            for run in chosen:
                logs = {path for (path,) in db.rows("SELECT path FROM sources WHERE run_key = ?", [run.key])}
                with held(db, writer, run):
                    writer.delete_run(run.key)
                    for directory in left:
                        if directory.id == run.id or str(directory.log) in logs:
                            directory.leave()
                click.echo(f"deleted {run.id}")


def _cells(run: Run) -> list[str]:
    """Return one run as the cells of its row."""
    series = run.series_rows()
    held = [count(sum(row.count for row in series)), count(len({row.metric for row in series}))]
    return [run.id, shown(run.name, 40), run.status, *held, shown(run.log_path or "-")]


def _ask(number: int) -> None:
    """Go on only when a person says so. UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise UsageError("standard input is no terminal to ask on; nothing was deleted; say --yes")
    click.confirm(f"Delete {'this run' if number == 1 else f'these {number} runs'}? It cannot be undone.", abort=True)


@contextmanager
def held(db: Database, writer: Writer, run: Run) -> Iterator[None]:
    """Keep other processes from reading a run's files on. SourceHeldError names the one that does so now."""
    claimed = []
    try:
        for (source,) in db.rows("SELECT id FROM sources WHERE run_key = ?", [run.key]):
            writer.claim_source(source)
            claimed.append(source)
        yield
    finally:
        for source in claimed:
            writer.release_source(source)
