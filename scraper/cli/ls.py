"""`scraper ls`: which runs there are, how they ended and how far they got."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scraper.cli.common import age, complete_run, count, json_option, number, print_json, shown, store_option, table, terminal_size
from scraper.export.portable import run_facts
from scraper.store.runs import STATUSES

if TYPE_CHECKING:
    from scraper.query import Metric, Run

CURVE = 12  # characters
EPILOG = """
\b
Examples:
  scraper ls                              the newest 30 runs
  scraper ls --status running --json      for a program
  scraper ls --experiment resnet --tag baseline --limit 0
  scraper ls --after 20261121-062249-1a2b3c4-x7q   the next page
  scraper ls 'status:failed experiment:gpt* metric:val_loss<2.0 -tag:old'

\b
Terms of a SEARCH (all must hold; - in front of one for its opposite):
  WORD                     in the id or the name
  status: experiment: name: id: host: user: kind: branch: note: tag: event:
                           with a glob, as in name:resnet*
  command:'*--lr 0.1*'     the whole command line
  git:1a2b3c4              the beginning of the commit
  metric:val_loss          was printed
  metric:val_loss<2.0      was reached at some time (also <=, >, >=)
  metric:val_loss=2.0      is a value that is kept by itself: of older, thinned points not every one is
  last:val_loss<2.0        is the last value
  step>=1000               is the last step
"""


@click.command(epilog=EPILOG)
@click.argument("search", nargs=-1)
@click.option("--experiment", metavar="NAME", help="Only runs of this experiment.")
@click.option("--status", type=click.Choice(STATUSES), metavar="STATUS", help="Only running, finished, failed, killed, lost or ended runs.")
@click.option("--tag", metavar="TAG", help="Only runs that carry this tag.")
@click.option("--limit", type=click.IntRange(0), default=30, show_default=True, help="The newest so many; 0: all.")
@click.option("--after", metavar="RUN", shell_complete=complete_run, help="Only runs older than this one, as the last of a list is.")
@json_option
@store_option
def command(
    search: tuple[str, ...],
    experiment: str | None,
    status: str | None,
    tag: str | None,
    limit: int,
    after: str | None,
    as_json: bool,
    store: str | None,
) -> None:
    """List runs, newest first, with the metric that matters most of each and its curve; only those that SEARCH finds.

    The latest values of a curve are at its right.
    """
    from scraper.query import open_store

    with open_store(store) as db:
        behind = None if after is None else db.run(after)
        runs = db.runs(experiment, status, tag, limit or None, query=" ".join(search), after=behind)
        total = sum(one.runs for one in db.experiments())
        if as_json:
            print_json([{**run_facts(run), "log_path": run.log_path} for run in runs])
        elif not runs:
            click.echo("no run yet; make one with: scraper run -- COMMAND" if not total else f"no run fits; the store holds {total}")
        else:
            _print(runs)
            if len(runs) < total and limit == len(runs):
                click.echo(f"{len(runs)} of {total} runs; --after {runs[-1].id} shows older ones, --limit 0 all")


def leading(metrics: list[Metric]) -> Metric | None:
    """Return the metric to show when there is room for one: a primary one, a validation one, one with a better and a worse."""

    def rank(metric: Metric) -> tuple[bool, bool, bool]:
        judged = "val" in metric.name.lower() or "eval" in metric.name.lower() or "test" in metric.name.lower()
        return metric.tier != "primary", metric.higher_is_better is None, not judged

    return min(metrics, key=rank, default=None)


def _print(runs: list[Run]) -> None:
    """Write the table, cut to the terminal's width."""
    headers = ("ID", "NAME", "EXPERIMENT", "STATUS", "AGE", "STEP", "METRIC", "LAST", "BEST", "CURVE")
    rows = [_cells(run, leading(run.metrics())) for run in runs]
    text = table(headers, rows, right=("STEP", "LAST", "BEST"), spare=("EXPERIMENT", "CURVE", "BEST"))
    width = terminal_size()[0] if sys.stdout.isatty() else 0
    for i, line in enumerate(text.splitlines()):
        click.echo(shown(click.unstyle(line), width) if i or width else line)


def _cells(run: Run, metric: Metric | None) -> list[str]:
    """Return one run as the cells of its row."""
    row = [run.id, shown(run.name, 28), shown(run.experiment, 16), run.status, age(run.started or run.heartbeat), count(run.last_step)]
    if metric is None:
        return [*row, "-", "-", "-", ""]
    best, form = metric.best, metric.format
    return [*row, shown(metric.name, 24), number(metric.last.value, form), number(best.value if best else None, form), _curve(run, metric)]


def _curve(run: Run, metric: Metric) -> str:
    """Return the metric's course in a few characters."""
    from scraper.plot.spark import spark

    series = run.series(metric.name, labels=metric.labels, max_points=16 * CURVE)
    return spark(series.xs, series.values, CURVE)
