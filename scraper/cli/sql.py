"""`scraper sql`: any SELECT over the store, read-only, limited in time and rows."""

from __future__ import annotations

import csv
import sys
from typing import Any

import click

from scraper.cli.common import json_option, number_json, print_json, shown, store_option, table
from scraper.errors import UsageError

EPILOG = """
\b
Examples:
  scraper sql 'SELECT metric, COUNT(*) AS n, AVG(value) AS mean FROM metric_points GROUP BY metric'
  scraper sql 'SELECT id, name FROM runs WHERE exit_code <> 0' --json
  scraper sql - --csv --limit 0 < query.sql > rows.csv

\b
The view metric_points has run, name, experiment, metric, labels, attempt, step, epoch, time, value, at.
Tables: experiments, runs, sources, series, points, rollups, events, metric_definitions.
"""


@click.command(epilog=EPILOG)
@click.argument("query")
@click.option("--limit", type=click.IntRange(0), default=1000, show_default=True, help="The first so many rows; 0: all.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, help="Give up after so long.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
@store_option
def command(query: str, limit: int, seconds: float, as_csv: bool, as_json: bool, store: str | None) -> None:
    """Run QUERY (- reads it from standard input): one SELECT of SQLite's. Nothing can be written."""
    if as_csv and as_json:
        raise UsageError("give either --json or --csv")
    from scraper.query import open_store

    with open_store(store) as db:
        rows = db.sql(sys.stdin.read() if query == "-" else query, seconds=seconds, max_rows=limit + 1 if limit else None)
    shown_rows = rows[: limit or None]
    if as_json:
        print_json([{name: _plain(value) for name, value in row.items()} for row in shown_rows])
    elif as_csv:
        _print_csv(shown_rows)
    elif shown_rows:
        headers = list(shown_rows[0])
        cells = [[_cell(value) for value in row.values()] for row in shown_rows]
        click.echo(table([shown(name, 60) for name in headers], cells))
    else:
        click.echo("no row")
    if len(rows) > len(shown_rows):
        click.echo(f"scraper: the first {limit} rows; --limit 0 gives all", err=True)


def _plain(value: Any) -> Any:
    """Return a value of SQLite's as JSON can carry it; bytes as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else number_json(value) if isinstance(value, float) else value


def _cell(value: Any) -> str:
    """Return a value for people."""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return "-" if value is None else shown(str(_plain(value)), 200)


def _print_csv(rows: list[dict[str, Any]]) -> None:
    """Write rows as CSV whose cells run nothing in a spreadsheet; NULL is empty."""
    from scraper.export.table import harmless

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if rows:
        writer.writerow([harmless(name) for name in rows[0]])
    for row in rows:
        writer.writerow([harmless(value) if isinstance(value, str) else _plain(value) for value in row.values()])
