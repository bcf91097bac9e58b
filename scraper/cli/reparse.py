"""`scraper reparse`: a run's points made anew from its kept logs with today's packs, all of them or none."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from scraper.cli.common import complete_run, count, shown, store_option, with_bar

if TYPE_CHECKING:
    from collections.abc import Generator

    from scraper.query import Database

EPILOG = """
\b
Examples:
  scraper packs test mine.toml train.log    first see what a new pack finds
  scraper reparse latest                    then make the run's points anew with it
"""
_TIMES: Final = "SELECT p.at, p.time FROM points p JOIN series s ON s.id = p.series_id WHERE s.run_key = ? ORDER BY p.at"


@click.command("reparse", epilog=EPILOG)
@click.argument("run", shell_complete=complete_run)
@store_option
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Read with a regex like 'loss=(?P<loss>{NUM})'; repeatable.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(run: str, store: str | None, patterns: tuple[str, ...], quiet: bool) -> None:
    """Rebuild a run's points from its kept log with today's packs, and with the patterns that the run was given.

    Every byte that was read before is read again; the points, series and events of RUN are replaced in one step, and lines
    without a printed time keep the time at which they were read. Refused when a log is gone or has changed.
    """
    from scraper.config import store_path
    from scraper.configfile import load, settings_for
    from scraper.ingest.reparse import Rebuilding, Times
    from scraper.packfiles import load_packs
    from scraper.query import open_store
    from scraper.store.writer import Writer

    configuration = load()
    settings = settings_for(configuration, {"store": store})
    path = store_path(settings["store"])
    with open_store(path) as database, Writer.within(path, settings) as writer:
        found = database.run(run)
        before = found.summary()
        given = dict.fromkeys((*writer.run_patterns(found.key), *configuration.patterns(patterns)))
        packs = load_packs(configuration.packs, tuple(given), configuration.metrics)
        with closing(_times(database, found.key)) as times:
            with_bar(Rebuilding(writer, found.key, packs, settings, Times(times)).run)
        after = database.run(found.id).summary()
    if not quiet:
        matched = f"{count(after.coverage.matched)} of {count(after.coverage.lines)} lines carried metrics"
        click.echo(f"scraper: run {shown(found.id)}: {count(before.points)} points before, {count(after.points)} now; {matched}", err=True)


def _times(database: Database, run_key: int) -> Generator[tuple[int, float | None], None, None]:
    """Yield position and time of every stored point of a run, by position."""
    yield from database.stream(_TIMES, [run_key])
