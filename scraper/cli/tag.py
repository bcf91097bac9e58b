"""`scraper tag`: put tags on runs and take them off, or list them."""

from __future__ import annotations

import click

from scraper.cli.common import chosen_runs, complete_run, json_option, print_json, query_option, shown, store_option
from scraper.errors import UsageError

EPILOG = """
\b
Examples:
  scraper tag latest --add baseline --add 'paper figure 2'
  scraper tag run-a run-b --add sweep --remove draft
  scraper tag --query 'metric:val_loss<2.0' --add good
  scraper tag run-a                        lists its tags
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@click.option("--add", "-a", metavar="TAG", multiple=True, help="Put this tag on; repeatable.")
@click.option("--remove", "-r", metavar="TAG", multiple=True, help="Take this tag off; repeatable.")
@json_option
@store_option
def command(
    runs: tuple[str, ...], query: str | None, add: tuple[str, ...], remove: tuple[str, ...], as_json: bool, store: str | None
) -> None:
    """Change or list the tags of each RUN (an id, the beginning of one, a name, or latest)."""
    if not all(tag.strip() for tag in add):
        raise UsageError("a tag has at least one character")
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query, default="latest")
        if add or remove:
            from scraper.store.writer import Writer

            with Writer(db.path) as writer:
                for run in chosen:
                    writer.add_tags(run.key, add, remove=remove)
        tagged = [db.run(run.id) for run in chosen]
    if as_json:
        print_json([{"run": run.id, "name": run.name, "tags": list(run.tags)} for run in tagged])
        return
    for run in tagged:
        click.echo(shown(f"{run.id}  {run.name}  {', '.join(run.tags) or '(no tag)'}"))
