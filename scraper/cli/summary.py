"""`scraper summary`: every metric of a run as one row of statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import complete_run, json_option, metric_option, print_json, store_option, table
from scraper.errors import NotFoundError
from scraper.export.cells import statistics_cells
from scraper.export.portable import statistics

if TYPE_CHECKING:
    from scraper.query import Metric, Run

TIERS = ("primary", "standard", "custom")
HEADERS = ("METRIC", "TIER", "COUNT", "FIRST", "LAST", "MIN", "MAX", "MEAN", "BEST", "BEST AT", "NaN/INF", "TOOK", "RATE")
SPARE = ("RATE", "TOOK", "FIRST", "MEAN", "NaN/INF", "TIER")  # columns a narrow terminal can do without
EPILOG = """
\b
Examples:
  scraper summary                              every metric of the newest run
  scraper summary run-a --metric 'val/*' --tier primary
  scraper summary latest --json | jq '.metrics[] | {name, best}'

TOOK is the time from the first to the last point of each attempt, RATE the steps a second in it.
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@metric_option
@click.option("--tier", "tiers", type=click.Choice(TIERS), multiple=True, help="Only metrics of this tier; repeatable.")
@json_option
@store_option
def command(run: str, metrics: tuple[str, ...], tiers: tuple[str, ...], as_json: bool, store: str | None) -> None:
    """Show count, first, last, lowest, highest, mean and best of every metric of RUN (an id, its beginning, a name, or latest)."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        wanted = [metric for metric in found.metrics(*metrics) if not tiers or metric.tier in tiers]
        if as_json:
            print_json(_as_json(found, wanted))
            return
        if not wanted:
            raise NotFoundError(f"no metric {'fits' if metrics or tiers else 'was printed yet'} in run {found.id}")
        rows = [[cells[header] for header in HEADERS] for cells in map(statistics_cells, wanted)]
        click.echo(table(HEADERS, rows, right=HEADERS[2:], spare=SPARE))


def _as_json(run: Run, metrics: list[Metric]) -> dict[str, Any]:
    """Return the run and its metrics as JSON can carry them."""
    summary = run.summary()
    facts = {"run": run.id, "name": run.name, "experiment": run.experiment, "status": run.status, "duration": summary.duration}
    return {**facts, "points": summary.points, "last_step": summary.last_step, "metrics": [statistics(metric) for metric in metrics]}
