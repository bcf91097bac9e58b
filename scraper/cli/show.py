"""`scraper show`: one run: what it was, what its metrics reached, what happened, and what of its log was understood."""

from __future__ import annotations

from dataclasses import asdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import age, clock, complete_run, count, json_option, metric_option, print_json, shown, store_option, table
from scraper.export.cells import run_cells, statistics_cells
from scraper.export.portable import event, run_detail
from scraper.text import discards

if TYPE_CHECKING:
    from scraper.query import LogLine, Metric, Run, RunEvent, RunSummary

HEADERS = ("METRIC", "COUNT", "FIRST", "LAST", "AT", "BEST", "BEST AT", "MEAN", "NaN/INF", "ATTEMPTS")
SPARE = ("ATTEMPTS", "MEAN", "FIRST", "NaN/INF", "BEST AT")  # columns a narrow terminal can do without
EVENTS = 8  # shown; the rest is counted
EPILOG = """
\b
Examples:
  scraper show                          the newest run
  scraper show latest --metric 'val/*'
  scraper show 20261121-06 --json | jq '.metrics[] | {name, last}'
  scraper show latest --line 123456     the printed line behind a point (its "line" in an export)
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@metric_option
@click.option("--line", "position", type=click.IntRange(0), metavar="POSITION", help="Show what was printed there, from the kept log.")
@json_option
@store_option
def command(run: str, metrics: tuple[str, ...], position: int | None, as_json: bool, store: str | None) -> None:
    """Show RUN (an id, the beginning of one, a name, or latest)."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        if position is not None:
            print_line(found.line(position), as_json=as_json)
        elif as_json:
            print_json(_as_json(found, metrics))
        else:
            _print(found, metrics)


def print_line(line: LogLine, *, as_json: bool) -> None:
    """Write a printed line between its neighbours."""
    if as_json:
        print_json(asdict(line))
        return
    click.echo(shown(f"{line.path}, byte {line.offset}"))
    for text in line.before:
        click.echo(f"  {shown(click.unstyle(text))}")
    click.echo(f"> {shown(click.unstyle(line.text))}")
    for text in line.after:
        click.echo(f"  {shown(click.unstyle(text))}")


def _print(run: Run, patterns: tuple[str, ...]) -> None:
    """Write everything for a person to read."""
    summary = run.summary()
    for name, value in filter(itemgetter(1), _facts(run, summary).items()):
        click.echo(f"{click.style(name.ljust(10), bold=True)} {shown(value)}")
    metrics = run.metrics(*patterns) if patterns else list(summary.metrics)
    if metrics:
        click.echo("\n" + table(HEADERS, [_cells(metric) for metric in metrics], right=HEADERS[1:-1], spare=SPARE))
    else:
        click.echo("\nno metric " + ("fits" if patterns else "was found in its log yet; `scraper packs explain LINE` says why"))
    events = run.events()
    if events:
        click.echo("\n" + table(("EVENT", "STEP", "TIME", "LINE"), [_event(one) for one in events[-EVENTS:]], right=("STEP",)))
        if len(events) > EVENTS:
            click.echo(f"and {len(events) - EVENTS} earlier")


def _facts(run: Run, summary: RunSummary) -> dict[str, str]:
    """Return what is known of the run itself, as names and sentences; what is not known is not there."""
    found = run_cells(run)
    found["run"] = f"{run.id}  {run.name}"
    if run.started is not None:
        found["started"] += f" ({age(run.started)})"
    return found | {"points": _points(summary), "folds": _folds(run), "coverage": _coverage(summary)}


def _points(summary: RunSummary) -> str:
    """Return how much was stored."""
    attempts = f" in {summary.attempts} attempts" if summary.attempts > 1 else ""
    step = "" if summary.last_step is None else f", last step {count(summary.last_step)}"
    return f"{count(summary.points)}, metrics: {len(summary.metrics)}{attempts}{step}"


def _folds(run: Run) -> str:
    """Return which folds, runs or trials its log announces; nothing where there are not several."""
    names = [fold.name for fold in run.folds()]
    return f"{count(len(names))}, {names[0]} to {names[-1]}: see `scraper folds {run.id}`" if names else ""


def _coverage(summary: RunSummary) -> str:
    """Return how many lines were understood, and what was discarded."""
    coverage = summary.coverage
    if not coverage.lines:
        return ""
    matched = f"{count(coverage.matched)} of {count(coverage.lines)} lines held metrics"
    return ", ".join([matched, *discards(coverage.discarded)])


def _cells(metric: Metric) -> list[str]:
    """Return one metric as the cells of its row; where nobody knows which way is better, the range stands for the best."""
    cells = statistics_cells(metric)
    if metric.best is None and metric.minimum is not None:
        cells |= {"BEST": f"{cells['MIN']}..{cells['MAX']}", "BEST AT": "(range)"}
    return [cells[header] for header in HEADERS]


def _event(found: RunEvent) -> list[str]:
    """Return one event as the cells of its row."""
    return [found.kind, count(found.step), clock(found.time), shown(found.line, 80)]


def _as_json(run: Run, patterns: tuple[str, ...]) -> dict[str, Any]:
    """Return everything for a program to read."""
    detail = run_detail(run, run.metrics(*patterns) if patterns else None)
    return {**detail, "log_path": run.log_path, "events": [event(one) for one in run.events()]}
