"""`scraper folds`: what each fold, run, seed or trial of one log reached, with mean and standard deviation."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import complete_run, json_option, metric_option, number, print_json, shown, store_option, table
from scraper.errors import NotFoundError

if TYPE_CHECKING:
    from scraper.query import FoldedMetric, Run

MOST = 6  # metrics shown when none is asked for
EPILOG = """
\b
Examples:
  scraper folds                                 the newest run
  scraper folds latest --metric 'val*'
  scraper folds latest --json | jq '.metrics[] | {metric, mean, std}'

Folds are told by lines such as "Fold 2/5", "Run 3/10" or "seed 1 of 3" before the training of each.
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@metric_option
@json_option
@store_option
def command(run: str, metrics: tuple[str, ...], as_json: bool, store: str | None) -> None:
    """Show the best value of each fold, run, seed or trial of RUN, their mean and standard deviation (over n - 1).

    Where nobody knows which way is better, the last value stands for the best.
    """
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        folds = found.folds()
        if not folds:
            raise NotFoundError(f"the log of run {found.id} announces no folds, runs, seeds or trials; `scraper show` has what it reached")
        folded = _folded(found, metrics)
        if as_json:
            print_json({"run": found.id, "folds": [fold._asdict() for fold in folds], "metrics": [_as_json(one) for one in folded]})
            return
        _print(found, folded)


def _folded(run: Run, patterns: tuple[str, ...]) -> list[FoldedMetric]:
    """Return the metrics that fit over their folds; without patterns those of several folds that people look at first."""
    from scraper.plot.gather import rank

    known = run.metrics(*patterns)
    if not patterns:
        several = [metric for metric in known if len(metric.attempts) > 1]
        wanted = sorted(several, key=rank)[:MOST]
        known = [metric for metric in several if metric in wanted]
    if not known:
        raise NotFoundError(f"no metric {'fits' if patterns else 'of several folds was printed yet'} in run {run.id}")
    return [run.over_folds(metric.name, labels=metric.labels) for metric in known]


def _print(run: Run, folded: list[FoldedMetric]) -> None:
    """Write a row a fold, and what they have in common."""
    said = [run.definition(one.metric) for one in folded]
    columns = []
    for one, meaning in zip(folded, said, strict=True):
        values = [None if at is None else at.value for at in one.reached]
        columns.append([number(value, meaning.format, meaning.unit) for value in (*values, one.mean, one.std)])
    headers = ["FOLD", *(shown(one.key, 24) for one in folded)]
    rows = zip([*(shown(name, 40) for name in folded[0].folds), "mean", "std"], *columns, strict=True)
    click.echo(table(headers, rows, right=headers[1:]))
    last = [one.key for one in folded if one.higher_is_better is None]
    click.echo("the best of each fold" + (f"; of {', '.join(shown(name, 24) for name in last)} the last" if last else ""))


def _as_json(one: FoldedMetric) -> dict[str, Any]:
    """Return one metric as JSON can carry it; `at` is the position that `scraper line` takes."""
    return {**asdict(one), "mean": one.mean, "std": one.std}
