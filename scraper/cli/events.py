"""`scraper events`: what happened in a run and is no number: checkpoints, restarts, tracebacks, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scraper.cli.common import clock, complete_run, json_option, print_json, shown, store_option, table, where
from scraper.export.portable import event as portable_event

if TYPE_CHECKING:
    from scraper.query import RunEvent

EPILOG = """
\b
Examples:
  scraper events                          everything that happened in the newest run
  scraper events run-a --kind traceback --kind out_of_memory
  scraper events latest --json | jq 'map(select(.kind == "checkpoint")) | last'
  scraper line latest 123456              the printed line of one (its LINE) with its neighbours
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only events of this kind, such as checkpoint; repeatable.")
@json_option
@store_option
def command(run: str, kinds: tuple[str, ...], as_json: bool, store: str | None) -> None:
    """List the events of RUN (an id, the beginning of one, a name, or latest) in printed order."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        events = found.events()
        wanted = [event for event in events if not kinds or event.kind in kinds]
        if as_json:
            print_json([portable_event(event) for event in wanted])
        elif wanted:
            headers = ("EVENT", "AT", "TIME", "LINE", "PRINTED")
            click.echo(table(headers, [_cells(event) for event in wanted], right=("AT", "LINE"), spare=("TIME",)))
        else:
            had = ", ".join(sorted({event.kind for event in events}))
            click.echo(f"no such event in run {found.id}; it has: {had}" if had else f"run {found.id} has no event")


def _cells(event: RunEvent) -> list[str]:
    """Return one event as the cells of its row."""
    return [event.kind, where(event.step, event.epoch), clock(event.time), str(event.at), shown(event.line, 100)]
