"""What a wrapped run came to, in a few lines for the terminal and as JSON. Owns the wording; asks the store nothing."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import TYPE_CHECKING, Any

from scraper.ingest.source import UNRECORDED
from scraper.text import discards, number, number_json, shown

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.query import Metric, RunSummary

MOST_METRICS = 8  # shown; `scraper show` has them all
LONGEST_NAME = 40  # characters
TIERS = ("primary", "standard", "custom")
LITTLE_COVERAGE = 0.05  # of the lines; below it the user is told how to find out why


def as_text(summary: RunSummary, state: Mapping[str, Any], log: Path) -> str:
    """Return the lines the recorder prints at the end: run, metrics with last and best, coverage, how to look closer."""
    metrics = sorted(summary.metrics, key=lambda metric: TIERS.index(metric.tier) if metric.tier in TIERS else len(TIERS))
    lines = [f"scraper: run {summary.run} ({shown(summary.name, LONGEST_NAME)}) {_outcome(summary.status, state)}"]
    if metrics:
        width = max(len(_name(metric)) for metric in metrics[:MOST_METRICS])
        lines += [f"  {_name(metric):<{width}}  {_last(metric)}{_best(metric)}" for metric in metrics[:MOST_METRICS]]
        if len(metrics) > MOST_METRICS:
            lines.append(f"  … and {len(metrics) - MOST_METRICS} more")
    lines += _coverage(summary, log)
    lines += [f"  {gap['bytes']:,} bytes were not recorded: {gap['reason']}" for gap in state.get("gaps", ())[:3]]
    lines.append(f"  look closer: scraper show {summary.run}" + (f", scraper plot {summary.run}" if metrics else ""))
    return "\n".join(lines) + "\n"


def as_json(summary: RunSummary, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same for programs; every metric, non-finite values as strings."""
    return {
        "run": summary.run,
        "name": summary.name,
        "status": summary.status,
        "exit_code": state.get("exit_code"),
        "signal": state.get("signal"),
        "points": summary.points,
        "lines": summary.coverage.lines,
        "matched": summary.coverage.matched,
        "discarded": summary.coverage.discarded,
        "gaps": state.get("gaps", []),
        "metrics": [
            {
                "metric": metric.name,
                "labels": metric.labels,
                "points": metric.count,
                "last": number_json(metric.last.value),
                "best": number_json(metric.best.value) if metric.best else None,
            }
            for metric in summary.metrics
        ],
    }


def _name(metric: Metric) -> str:
    return shown(metric.key, LONGEST_NAME)


def _last(metric: Metric) -> str:
    return f"last {number(metric.last.value, metric.format, metric.unit)}"


def _best(metric: Metric) -> str:
    if metric.best is None:
        return ""
    step = "" if metric.best.step is None else f" at step {metric.best.step:,}"
    return f"  best {number(metric.best.value, metric.format)}{step}"


def _outcome(status: str, state: Mapping[str, Any]) -> str:
    if status == "killed":
        return f"was killed by signal {state.get('signal')}"
    if status == "failed":
        return f"failed with exit code {state.get('exit_code')}"
    return "was lost: its recorder was killed" if status == "lost" else status


def _coverage(summary: RunSummary, log: Path) -> list[str]:
    """Return what share of the lines was understood, and where to look when it is little."""
    coverage = summary.coverage
    share = coverage.fraction
    if share is None:
        return ["  nothing was printed"]
    rest = coverage.lines - coverage.matched
    lines = [f"  {summary.points:,} points; {coverage.lines:,} lines, {rest:,} of them without a metric ({1 - share:.0%})"]
    if discarded := {reason: times for reason, times in coverage.discarded.items() if reason != UNRECORDED}:
        lines.append(f"  discarded: {', '.join(discards(discarded))}")
    if share < LITTLE_COVERAGE:
        lines.append(f"  why did a line not match? scraper packs explain --log {shown(quote(str(log)))}")
    return lines
