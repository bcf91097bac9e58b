"""`scraper compare`: several runs side by side: what each reached, on a common axis where asked, and in what they differ."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import (
    chosen_runs,
    complete_run,
    json_option,
    metric_option,
    names_of,
    number,
    print_json,
    query_option,
    shown,
    store_option,
    table,
    where,
)
from scraper.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.query import Comparison, ComparisonRow, Database, Difference, Run
    from scraper.query.run import Axis

MOST = 4  # metrics compared when none is asked for
EPILOG = """
\b
Examples:
  scraper compare run-a run-b                        what matters of both, and their differences
  scraper compare --query tag:sweep --metric val/loss --metric val/acc
  scraper compare run-a run-b --metric val/loss --points 10     on a common axis, step by step
  scraper compare run-a run-b --json | jq '.differences'
"""


@click.command(epilog=EPILOG)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@query_option
@metric_option
@click.option("--points", type=click.IntRange(2, 100_000), metavar="N", help="Show the curves too, at N places of a common axis.")
@click.option("--x", type=click.Choice(["step", "epoch", "time", "relative"]), default="step", help="That axis [default: step].")
@json_option
@store_option
def command(
    runs: tuple[str, ...], query: str | None, metrics: tuple[str, ...], points: int | None, x: Axis, as_json: bool, store: str | None
) -> None:
    """Compare runs: RUN is an id, the beginning of one, a name, or latest.

    The best value of each metric is starred, where it is known which way is better.
    """
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = chosen_runs(db, runs, query)
        names = _metrics(chosen, metrics)
        found = [db.compare(chosen, name) for name in names]
        differences = db.diff(chosen) if len(chosen) > 1 else []
        if as_json:
            print_json(_as_json(db, found, differences, points, x))
            return
        for comparison in found:
            _print_comparison(comparison, names_of(chosen))
            if points is not None:
                _print_curves(db, chosen, comparison.metric, points, x)
        _print_differences(differences, chosen)


def _metrics(chosen: Sequence[Run], patterns: tuple[str, ...]) -> list[str]:
    """Return the metrics to compare: those that fit, else those people look at first. NotFoundError when there is none."""
    from scraper.plot.gather import rank

    found = {metric.name: metric for run in reversed(chosen) for metric in run.metrics(*patterns)}
    if not found:
        asked = f"fits {' or '.join(patterns)}" if patterns else "was printed yet"
        raise NotFoundError(f"no metric {asked}; `scraper summary RUN` lists them")
    return list(found) if patterns else [metric.name for metric in sorted(found.values(), key=rank)[:MOST]]


def _print_comparison(comparison: Comparison, called: dict[str, str]) -> None:
    """Write one metric of every run."""
    way = {True: "higher is better", False: "lower is better", None: "which way is better is not known"}[comparison.higher_is_better]
    click.echo(f"{click.style(shown(comparison.metric, 60), bold=True)}  ({way})")
    winner = comparison.winner
    rows = [_cells(row, called[row.run], won=row == winner) for row in comparison.rows]
    right = ("POINTS", "LAST", "AT", "BEST", "BEST AT")
    click.echo(table(("RUN", "POINTS", "LAST", "AT", "BEST", "", "BEST AT"), rows, right=right, spare=("POINTS",)) + "\n")


def _cells(row: ComparisonRow, name: str, *, won: bool) -> list[str]:
    """Return one run as the cells of its row."""
    if row.last is None:
        return [shown(name, 40), "0", "-", "-", "-", "", "-"]
    best = [number(row.best.value, row.format), "*" if won else "", where(row.best.step, row.best.epoch)] if row.best else ["-", "", "-"]
    return [shown(name, 40), str(row.count), number(row.last.value, row.format, row.unit), where(row.last.step, row.last.epoch), *best]


def _print_curves(db: Database, chosen: Sequence[Run], metric: str, points: int, x: Axis) -> None:
    """Write one metric of every run along a common axis."""
    found = db.align(chosen, metric, x=x, points=points)
    called = names_of(chosen)
    headers = [found.x.upper(), *(shown(called[run], 24) for run in found.runs)]
    forms = [run.definition(metric).format for run in chosen]
    rows = [[number(place), *map(number, values, forms)] for place, *values in zip(found.xs, *found.values, strict=True)]
    click.echo(table(headers, rows, right=headers))
    click.echo("between printed points: on the line between them\n" if found.interpolated else "")


def _print_differences(differences: Sequence[Difference], chosen: Sequence[Run]) -> None:
    """Write the facts in which the runs differ."""
    if differences:
        rows = [[shown(fact.name, 40), *("-" if value is None else shown(str(value), 40) for value in fact.values)] for fact in differences]
        called = names_of(chosen)
        click.echo(table(("DIFFERS IN", *(shown(called[run.id], 24) for run in chosen)), rows))


def _as_json(db: Database, found: Sequence[Comparison], differences: Sequence[Difference], points: int | None, x: Axis) -> dict[str, Any]:
    """Return everything for a program to read; the values of `curves` are null where a run has none."""
    answer: dict[str, Any] = {"metrics": [_comparison_json(comparison) for comparison in found]}
    answer["differences"] = [asdict(fact) for fact in differences]
    if points is not None:
        runs = [row.run for row in found[0].rows]
        answer["curves"] = [asdict(db.align(runs, comparison.metric, x=x, points=points)) for comparison in found]
    return answer


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return one metric of every run as JSON can carry it."""
    winner = comparison.winner
    return asdict(comparison) | {"winner": winner.run if winner else None}
