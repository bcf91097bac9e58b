"""`scraper import`: exported points read back into a store, as the runs they were."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.common import count, shown, store_option
from scraper.errors import UsageError

FORMATS = ("csv", "json", "jsonl", "parquet")
EPILOG = """
\b
Examples:
  scraper export run-a --format csv --out run-a.csv       on one machine
  scraper import run-a.csv --tag from-cluster             on another
  scraper import all.jsonl --store merged.db --experiment merged
  scraper import run-a.csv --new-id --name run-a-copy     beside the run it came from

A run keeps its id and the positions of its points; its log, command and events are not in an export. A csv --wide tells neither positions
nor how steps were known: its points stand at the numbers of their rows, in the order of their steps.
"""


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), help="The format [default: by each file's name].")
@click.option("--experiment", default="default", show_default=True, metavar="NAME", help="The experiment the runs belong to.")
@click.option("--name", default="", metavar="NAME", help="The runs' name [default: their id].")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag to find the runs by; repeatable.")
@click.option("--new-id", "new_ids", is_flag=True, help="Give the runs new ids, also where the store has them already.")
@store_option
def command(
    files: tuple[Path, ...], form: str | None, experiment: str, name: str, tags: tuple[str, ...], new_ids: bool, store: str | None
) -> None:
    """Store the points of each FILE that `scraper export` wrote as csv, json, jsonl or parquet; a file whole or not at all."""
    from scraper.config import store_path
    from scraper.export.readback import read
    from scraper.ingest.imported import store_points
    from scraper.model import NewRun

    forms = [form or _format_of(file) for file in files]
    for file, one in zip(files, forms, strict=True):
        template = NewRun(name=name, experiment=experiment, tags=tags)
        made = store_points(store_path(store), read(file, one), origin=file.name, template=template, new_ids=new_ids)
        for run in made:
            click.echo(f"{run.ref.id}  {shown(run.ref.name, 60)}  {count(run.points)} points")
        if not made:
            click.echo(f"{shown(str(file))} holds no point")


def _format_of(file: Path) -> str:
    """Return the format that a file's name asks for."""
    ending = file.suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise UsageError(f"cannot tell the format from the name {file}; say --format {'|'.join(FORMATS)}")
    return ending
