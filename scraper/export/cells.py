"""Facts of a run and statistics of a metric as text for tables, in the same words wherever they are shown."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final

from scraper.text import clock, count, duration, number, shown, size, where

if TYPE_CHECKING:
    from scraper.query import Extreme, Metric, Run

LONGEST: Final = 48  # characters of a name


def statistics_cells(metric: Metric) -> dict[str, str]:
    """Return the cells by their headings; "-" where there is nothing to say."""
    form, unit = metric.format, metric.unit
    return {
        "METRIC": shown(metric.key, LONGEST),
        "MEANING": shown(metric.label, LONGEST) if metric.label != metric.name else "-",
        "TIER": metric.tier,
        "COUNT": count(metric.count) + (f" ({count(metric.thinned)} thinned)" if metric.thinned else ""),
        "FIRST": number(metric.first.value, form),
        "LAST": number(metric.last.value, form, unit),
        "AT": where(metric.last.step, metric.last.epoch),
        "MIN": value_cell(metric.minimum, form),
        "MAX": value_cell(metric.maximum, form),
        "MEAN": number(metric.mean, form),
        "BEST": value_cell(metric.best, form),
        "BEST AT": "-" if metric.best is None else where(metric.best.step, metric.best.epoch),
        "NaN/INF": count(metric.non_finite) if metric.non_finite else "-",
        "ATTEMPTS": ",".join(map(str, metric.attempts)) if len(metric.attempts) > 1 else "-",
        "TOOK": duration(metric.duration),
        "RATE": "-" if metric.rate is None else f"{number(metric.rate)}/s",
    }


def run_cells(run: Run) -> dict[str, str]:
    """Return what is known of a run itself, by name; what is not known is not there."""
    config = run.config()
    until = run.ended if run.ended is not None else run.heartbeat
    found = {
        "run": run.id,
        "experiment": run.experiment,
        "status": _status(run),
        "started": "" if run.started is None else clock(run.started),
        "ended": "" if run.ended is None else clock(run.ended),
        "ran": "" if run.started is None or until is None or until < run.started else duration(until - run.started),  # a clock set back
        "command": shlex.join(run.command),
        "where": " ".join(filter(None, [config["user"], "on" if config["user"] and config["host"] else "", config["host"], config["cwd"]])),
        "git": " ".join(filter(None, [config["git_commit"], config["git_branch"], "dirty" if config["git_dirty"] else ""])),
        "python": config["python"] or "",
        "hardware": ", ".join(_fact(name, fact) for name, fact in config["hardware"].items()),
        "tags": ", ".join(run.tags),
        "note": run.note,
        "log": run.log_path,
    }
    return {name: text for name, text in found.items() if text}


def _fact(name: str, fact: Any) -> str:
    """Return one fact of a machine; a number of bytes in the unit that suits it."""
    if name.endswith("_bytes"):
        return f"{name.removesuffix('_bytes')} {size(fact)}"
    return f"{name} {fact if isinstance(fact, str) else json.dumps(fact)}"


def _status(run: Run) -> str:
    """Return how a run ended, as far as it did."""
    if run.signal is not None:
        return f"{run.status} by signal {run.signal}"
    return run.status if run.exit_code is None else f"{run.status}, exit status {run.exit_code}"


def value_cell(place: Extreme | None, form: str) -> str:
    """Return a value in its metric's format."""
    return "-" if place is None else number(place.value, form)
