"""Runs and metrics as JSON and YAML can carry them: what the command line, the HTTP API and exports say of them in the same words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from scraper.text import portable

if TYPE_CHECKING:
    from scraper.query import Metric, Run, RunEvent

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_/.-]*")  # keys that YAML reads as they stand
_WORDS: Final = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))


def known(value: float | None) -> float | None:
    """Return a time or epoch; None where it is no finite number, which no clock is."""
    return value if value is not None and math.isfinite(value) else None


def run_facts(run: Run) -> dict[str, Any]:
    """Return what identifies a run, how it ended and how far it got; times are seconds since 1970."""
    return {
        "id": run.id,
        "name": run.name,
        "experiment": run.experiment,
        "kind": run.kind,
        "status": run.status,
        "started": known(run.started),
        "ended": known(run.ended),
        "heartbeat": known(run.heartbeat),
        "exit_code": run.exit_code,
        "signal": run.signal,
        "last_step": run.last_step,
        "tags": list(run.tags),
        "note": run.note,
        "command": list(run.command),
    }


def run_detail(run: Run, metrics: Sequence[Metric] | None = None) -> dict[str, Any]:
    """Return everything about a run but its points: of `metrics`, or of all."""
    summary = run.summary()
    chosen = summary.metrics if metrics is None else metrics
    return {
        **run_facts(run),
        "points": summary.points,
        "attempts": summary.attempts,
        "folds": [fold._asdict() for fold in run.folds()],
        "last_epoch": known(summary.last_epoch),
        "duration": known(summary.duration),
        "metrics": [statistics(metric) for metric in chosen],
        "events": summary.events,
        "coverage": {**asdict(summary.coverage), "fraction": summary.coverage.fraction},
        "config": portable(run.config()),
    }


def event(found: RunEvent) -> dict[str, Any]:
    """Return one event; `at` is the position that `Run.line` takes."""
    return {**portable(asdict(found)), "time": known(found.time), "epoch": known(found.epoch)}


def statistics(metric: Metric) -> dict[str, Any]:
    """Return everything known of a metric, as JSON can carry it; `best` is the lowest or highest, whichever is better."""
    best = asdict(metric.best) if metric.best else None
    found: dict[str, Any] = portable({"key": metric.key, **asdict(metric), "best": best})
    return found


def json_text(value: Any) -> str:
    """Return a JSON document with a line end; `value` may hold non-finite numbers."""
    return json.dumps(portable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def yaml_lines(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a YAML mapping of scalars, lists of scalars and further mappings; non-finite numbers are .nan and ±.inf."""
    for name, part in value.items():
        key = name if _BARE.fullmatch(name) and name.lower() not in _WORDS else json.dumps(name, ensure_ascii=True)
        if isinstance(part, Mapping) and part:
            yield f"{indent}{key}:\n"
            yield from yaml_lines(part, indent + "  ")
        elif isinstance(part, list | tuple):
            yield f"{indent}{key}: [{', '.join(map(_scalar, part))}]\n"
        else:
            yield f"{indent}{key}: {_scalar(part)}\n"


def _scalar(value: Any) -> str:
    """Return a scalar as YAML; text is quoted as in JSON, which every YAML reader takes."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text  # YAML 1.1 reads 1e-05 as text
    return "{}" if isinstance(value, Mapping) else json.dumps(value, ensure_ascii=True)
