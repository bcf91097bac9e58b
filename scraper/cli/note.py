"""`scraper note`: keep a sentence with a run, or read it."""

from __future__ import annotations

import sys

import click

from scraper.cli.common import complete_run, json_option, print_json, shown, store_option
from scraper.errors import UsageError

EPILOG = """
\b
Examples:
  scraper note latest 'warm-up was too short'
  scraper note latest --append 'second try: 2,000 steps'
  scraper note latest - < notes.txt          from standard input
  scraper note latest                        prints it
  scraper note latest --clear
"""


@click.command(epilog=EPILOG)
@click.argument("run", shell_complete=complete_run)
@click.argument("text", required=False)
@click.option("--append", is_flag=True, help="Add a line to the note that is there.")
@click.option("--clear", is_flag=True, help="Remove the note.")
@json_option
@store_option
def command(run: str, text: str | None, append: bool, clear: bool, as_json: bool, store: str | None) -> None:
    """Set the note of RUN (an id, the beginning of one, a name, or latest), or print it."""
    if clear and (text is not None or append):
        raise UsageError("--clear removes the note; give neither TEXT nor --append with it")
    if append and text is None:
        raise UsageError("--append needs TEXT")
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        note = found.note
        if text is not None or clear:
            said = sys.stdin.read().rstrip("\n") if text == "-" else text or ""
            note = f"{note}\n{said}" if append and note else said
            from scraper.store.writer import Writer

            with Writer(db.path) as writer:
                writer.update_run(found.key, note=note)
    if as_json:
        print_json({"run": found.id, "name": found.name, "note": note})
    elif text is None and not clear:
        click.echo("\n".join(shown(line) for line in note.split("\n")) if note else f"run {found.id} has no note")
