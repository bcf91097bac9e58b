"""`scraper show`: one run: what it was, what its metrics reached, what happened, and what of its log was understood."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import age, clock, complete_run, count, duration, json_option, metric_option, print_json, shown, store_option, table
from scraper.export.cells import statistics_cells
from scraper.export.portable import event, run_detail

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

Completion of run ids and metrics: eval "$(_SCRAPER_COMPLETE=bash_source scraper)" (zsh_source, fish_source).
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@metric_option
@click.option("--line", "position", type=click.IntRange(0), metavar="POSITION", help="Show what was printed there, from the kept log.")
@json_option
@store_option
def command(run: str, metrics: tuple[str, ...], position: int | None, as_json: bool, store: str | None) -> None:
    """Show RUN (an id, the beginning of one, a name, or latest)."""
    from scraper.query import open_store  # noqa: PLC0415 - not needed to print help

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
    for name, value in _facts(run, summary):
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


def _facts(run: Run, summary: RunSummary) -> list[tuple[str, str]]:
    """Return what is known of the run itself, as names and sentences; what is not known is not there."""
    config = run.config()
    git = " ".join(filter(None, [config["git_commit"], config["git_branch"], "dirty" if config["git_dirty"] else ""]))
    ended = None if run.started is None else (run.ended or run.heartbeat or run.started) - run.started
    found = [
        ("run", f"{run.id}  {run.name}"),
        ("experiment", run.experiment),
        ("status", _status(run)),
        ("started", f"{clock(run.started)} ({age(run.started)}), ran {duration(ended)}" if run.started is not None else ""),
        ("command", shlex.join(run.command)),
        ("where", " ".join(filter(None, [config["user"], "on" if config["host"] else "", config["host"], config["cwd"]]))),
        ("git", git),
        ("python", config["python"] or ""),
        ("hardware", ", ".join(f"{name} {_plain(value)}" for name, value in config["hardware"].items())),
        ("tags", ", ".join(run.tags)),
        ("note", run.note),
        ("log", run.log_path),
        ("points", _points(summary)),
        ("coverage", _coverage(summary)),
    ]
    return [(name, value) for name, value in found if value]


def _plain(value: Any) -> str:
    """Return a fact from JSON as text."""
    return value if isinstance(value, str) else json.dumps(value)


def _status(run: Run) -> str:
    """Return how the run ended, as far as it did."""
    if run.signal is not None:
        return f"{run.status} by signal {run.signal}"
    return run.status if run.exit_code is None else f"{run.status}, exit status {run.exit_code}"


def _points(summary: RunSummary) -> str:
    """Return how much was stored."""
    attempts = f" in {summary.attempts} attempts" if summary.attempts > 1 else ""
    step = "" if summary.last_step is None else f", last step {count(summary.last_step)}"
    return f"{count(summary.points)}, metrics: {len(summary.metrics)}{attempts}{step}"


def _coverage(summary: RunSummary) -> str:
    """Return how many lines were understood, and what was discarded."""
    coverage = summary.coverage
    if not coverage.lines:
        return ""
    matched = f"{count(coverage.matched)} of {count(coverage.lines)} lines held metrics"
    return matched + "".join(f", {count(number)} {name.replace('_', ' ')}" for name, number in coverage.discarded.items())


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
