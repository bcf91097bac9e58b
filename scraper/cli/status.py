"""`scraper status`: what is being read, how far, by whom, and what was discarded. Reads the store and looks at the files."""

from __future__ import annotations

import json
import platform
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import age, count, json_option, print_json, shown, store_option, table

if TYPE_CHECKING:
    from scraper.query import Database

_QUERY: Final = """
SELECT runs.id AS run, runs.name AS name, sources.path AS path, sources.device AS device, sources.inode AS inode, sources.offset AS offset,
       sources.counters AS counters, sources.finished AS finished, sources.holder AS holder, sources.updated AS updated,
       (SELECT coalesce(sum(series.count), 0) FROM series WHERE series.run_key = runs.key) AS run_points
FROM sources JOIN runs ON runs.key = sources.run_key ORDER BY sources.finished, sources.updated DESC
"""
EPILOG = """
\b
Examples:
  scraper status                 files that may still grow
  scraper status --all --json    every file ever read, for a program
"""


@click.command("status", epilog=EPILOG)
@click.option("--all", "show_all", is_flag=True, help="Files that were read to their end, too.")
@store_option
@json_option
def command(show_all: bool, store: str | None, as_json: bool) -> None:
    """Show what is being read, how far, and what was discarded."""
    from scraper.query import open_store  # noqa: PLC0415 - `--help` and completion need none of this

    with open_store(store) as database:
        sources = [_facts(row) for row in database.sql(_QUERY) if show_all or not row["finished"]]
        total = _totals(database)
    if as_json:
        print_json({"sources": sources, **total})
        return
    if sources:
        click.echo(_table(sources))
    else:
        click.echo("no file is unfinished; those read to their end: scraper status --all")
    click.echo(f"{count(total['lines'])} lines read, {count(total['matched'])} of them carried metrics ({_percent(total)})")
    for reason, number in sorted(total["discarded"].items()):
        click.echo(f"  {shown(reason)}: {count(number)}")


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    """Return one source as it is shown: sizes in bytes, times in seconds since the epoch."""
    counters = json.loads(row["counters"])
    size = _size(row)
    return {
        "run": row["run"],
        "name": row["name"],
        "path": row["path"],
        "state": _state(row),
        "offset": row["offset"],
        "size": size,  # None: the file is not there under this name any more, or was a pipe or compressed
        "lag": None if size is None else max(size - row["offset"], 0),
        "lines": counters.get("lines", 0),
        "matched": counters.get("matched", 0),
        "run_points": row["run_points"],
        "discarded": {name: number for name, number in counters.items() if number and name not in ("lines", "matched")},
        "updated": row["updated"],
    }


def _size(row: dict[str, Any]) -> int | None:
    """Return the size of a source's file; None when its name means another file now, or none, or a compressed one."""
    try:
        status = Path(row["path"]).stat()
    except OSError:
        return None
    inode = status.st_ino - (1 << 64) if status.st_ino >= 1 << 63 else status.st_ino  # as the store keeps it
    return status.st_size if (inode, status.st_dev) == (row["inode"], row["device"]) and status.st_size >= row["offset"] else None


def _state(row: dict[str, Any]) -> str:
    """Return "finished", "reading" (a live process has it), "elsewhere" (one of another machine has it) or "waiting" (nobody has)."""
    from scraper.store.sources import process_started  # noqa: PLC0415

    if row["finished"]:
        return "finished"
    holder = json.loads(row["holder"]) if row["holder"] else None
    if holder is None:
        return "waiting"
    if holder["host"] != platform.node():
        return "elsewhere"
    return "reading" if process_started(holder["pid"]) == holder["started"] else "waiting"


def _totals(database: Database) -> dict[str, Any]:
    """Return lines, lines with metrics and what was discarded by reason, over everything the store has read."""
    counted: Counter[str] = Counter()
    for (counters,) in database.rows("SELECT counters FROM sources"):
        counted.update(json.loads(counters))
    lines, matched = counted.pop("lines", 0), counted.pop("matched", 0)
    return {"lines": lines, "matched": matched, "discarded": {name: number for name, number in counted.items() if number}}


def _percent(total: dict[str, Any]) -> str:
    return f"{100 * total['matched'] / total['lines']:.1f} %" if total["lines"] else "no line yet"


def _table(sources: list[dict[str, Any]]) -> str:
    headers = ["RUN", "FILE", "STATE", "OFFSET", "LAG", "LINES", "MATCHED", "UPDATED"]
    cells = [
        [
            *(s["run"], s["path"], s["state"], count(s["offset"]), count(s["lag"])),
            *(count(s["lines"]), count(s["matched"]), age(s["updated"])),
        ]
        for s in sources
    ]
    return table(headers, cells, right=["OFFSET", "LAG", "LINES", "MATCHED"])
