"""`scraper upgrade`: bring a store of an older version up to date; whatever writes to a store does so by itself."""

from __future__ import annotations

import click

from scraper.cli.common import store_option

EPILOG = """
\b
Examples:
  scraper upgrade
  scraper upgrade --store runs/store.db
"""


@click.command(epilog=EPILOG)
@store_option
def command(store: str | None) -> None:
    """Bring the store up to date, so that this version can read it: in one transaction, all of it or nothing.

    `run`, `tail` and the daemon do it by themselves. Versions before this one cannot read the store afterwards.
    """
    from scraper.config import store_path
    from scraper.errors import StoreError
    from scraper.store.schema import SCHEMA_VERSION
    from scraper.store.writer import Writer

    path = store_path(store)
    if not path.exists():
        raise StoreError(f"there is no store at {path}; name it with --store")
    with Writer(path):
        click.echo(f"{path} is up to date (schema {SCHEMA_VERSION})")
