"""`scraper best`: the best value of a metric, in one run or ranked over all, and where it was printed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import (
    chosen_runs,
    complete_metric,
    complete_run,
    json_option,
    number,
    print_json,
    query_option,
    shown,
    store_option,
    table,
)
from scraper.errors import NotFoundError, UsageError
from scraper.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.query import Best, Database, Run

EPILOG = """
\b
Examples:
  scraper best val/loss                        the runs of the store, the best first
  scraper best val/acc --query tag:sweep --limit 3
  scraper best my_score latest --higher        where nobody knows which way is better
  scraper best val/loss --json | jq -r '.[0].run'
"""


@click.command(epilog=EPILOG)
@click.argument("metric", shell_complete=complete_metric)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@click.option("--higher/--lower", "higher", default=None, help="Which way is better [default: as its definition or name says].")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="The best so many; 0: all.")
@json_option
@store_option
def command(
    metric: str, runs: tuple[str, ...], query: str | None, higher: bool | None, limit: int, as_json: bool, store: str | None
) -> None:
    """Find the best value of METRIC in each RUN (or in all that have it), the best run first. Exit status 1 when there is none."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = _ranked(db, chosen_runs(db, runs, query) if runs or query is not None else db.runs(), metric, higher)
        shown_rows = found[: limit or None]
        if as_json:
            print_json([_as_json(run, best) for run, best in shown_rows])
            return
        rows = [_cells(run, best) for run, best in shown_rows]
        headers = ("RUN", "NAME", "BEST", "STEP", "EPOCH", "ATTEMPT", "LINE")
        click.echo(table(headers, rows, right=headers[2:]))
        first = shown_rows[0][1]
        way = "higher" if first.higher_is_better else "lower"
        click.echo(f"{way} is better ({first.because})" + (f"; the best {limit} of {len(found)}" if len(found) > len(shown_rows) else ""))


def _ranked(db: Database, runs: Sequence[Run], metric: str, higher: bool | None) -> list[tuple[Run, Best]]:
    """Return each run's best, the best first; NotFoundError when no run has a finite value of the metric."""
    from scraper.query.values import comparable

    having = {run for (run,) in db.rows("SELECT DISTINCT run_key FROM series WHERE metric = ? AND count > 0", [metric])}
    if not having:
        known = [name for (name,) in db.rows("SELECT DISTINCT metric FROM series")]
        raise NotFoundError(f"no run in {db.path} has a metric {metric!r}{nearest(metric, known)}; `scraper summary RUN` lists them")
    found = [(run, best) for run in runs if run.key in having and (best := _best(run, metric, higher)) is not None]
    if not found:
        raise NotFoundError(f"none of {len(runs)} runs has a finite value of {metric!r}")
    forms = {run.id: run.definition(metric).format for run, _ in found}
    values = {run.id: comparable(best.value, forms[run.id], set(forms.values())) for run, best in found}
    return sorted(found, key=lambda it: -values[it[0].id] if it[1].higher_is_better else values[it[0].id])


def _best(run: Run, metric: str, higher: bool | None) -> Best | None:
    """Return a run's best value, of all workers where none of them is the first; None where nothing is finite.

    UsageError in the words of this command.
    """
    up = run.definition(metric).higher_is_better if higher is None else higher
    if up is None:
        raise UsageError(f"whether a higher {metric!r} is better is not known; say --higher or --lower")
    found = [best for labels in _sets(run, metric) if (best := _best_of(run, metric, labels, higher)) is not None]
    return (max if up else min)(found, key=lambda best: best.value, default=None)


def _sets(run: Run, metric: str) -> Sequence[dict[str, str] | None]:
    """Return the sets of labels to look at: None, which means the main one, or all where no one is."""
    try:
        run.require(metric)
    except UsageError:
        return list({row.labels: row.label_set for row in run.series_rows(metric)}.values())
    return [None]


def _best_of(run: Run, metric: str, labels: dict[str, str] | None, higher: bool | None) -> Best | None:
    """Return the best value under one set of labels; None where nothing is finite."""
    try:
        return run.best(metric, labels=labels, higher_is_better=higher)
    except NotFoundError:
        return None


def _cells(run: Run, best: Best) -> list[str]:
    """Return one run as the cells of its row."""
    meaning = run.definition(best.metric)
    where = [number(best.step), number(best.epoch), str(best.attempt), str(best.at)]
    return [run.id, shown(run.name, 40), number(best.value, meaning.format, meaning.unit), *where]


def _as_json(run: Run, best: Best) -> dict[str, Any]:
    """Return one run as JSON can carry it; `at` is the position that `scraper line` takes."""
    return {"run": run.id, "name": run.name, **asdict(best)}
