"""`scraper rename`: give a run another name; its id stays."""

from __future__ import annotations

import click

from scraper.cli.common import complete_run, shown, store_option
from scraper.errors import UsageError

EPILOG = """
\b
Examples:
  scraper rename latest resnet50-warmup
  scraper rename 20261121-06 baseline
"""


@click.command(epilog=EPILOG)
@click.argument("run", shell_complete=complete_run)
@click.argument("name")
@store_option
def command(run: str, name: str, store: str | None) -> None:
    """Name RUN (an id, the beginning of one, a name, or latest) NAME. Names need not be unique; the newest run answers to one."""
    if not name.strip() or name == "latest":
        raise UsageError(f"{name!r} cannot be a run's name; give another")
    from scraper.query import open_store
    from scraper.store.writer import Writer

    with open_store(store) as db:
        found = db.run(run)
        others = sum(one.name == name and one.id != found.id for one in db.runs())
        with Writer(db.path) as writer:
            writer.update_run(found.key, name=name)
    also = f"; {others} other {'run has' if others == 1 else 'runs have'} that name" if others else ""
    click.echo(f"{found.id}: {shown(found.name, 80)} is now {shown(name, 80)}{also}")
