"""The standard experiment directory of one run: configuration, metrics, log, results and checkpoints, put in place all at once.

Owns the names of its files. What the store or the machine has not got is said in the files, never made up.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from scraper.errors import ScraperError
from scraper.export.files import whole_directory, write_text
from scraper.export.portable import json_text, run_facts, statistics, yaml_lines
from scraper.export.rows import Row, rows
from scraper.query import Checkpoint, Metric, Run
from scraper.query.glossary import split_of
from scraper.text import portable

MADE_BY: Final = "metric-scraper"  # in config.json: what tells an earlier export from a directory of somebody's own
_HELD_OUT: Final = ("Validation", "Evaluation", "Test", "Development")


def write(target: Path, run: Run, *, link: bool = False) -> None:
    """Write the experiment directory of `run` to `target`, replacing an earlier one of it only once everything is on disk.

        config.json                        what was recorded when the run started
        metrics/complete_summary.json      the run and every metric's statistics
        metrics/metrics.jsonl              one object a step (or epoch), with every metric printed there
        metrics/validation_metrics.json    final and best of what was measured on held-out data
        logs/training.log                  what was printed, of further files training.1.log and so on
        final_results.yaml                 last and best of every metric
        checkpoints/checkpoints.json       saved checkpoints with their metrics (`link`: and links to those that are there)

    UsageError when `target` is something else or cannot be written.
    """
    with whole_directory(target, _is_ours) as folder:
        for name in ("metrics", "logs", "checkpoints"):
            (folder / name).mkdir()
        metrics, duration = run.metrics(), run.summary().duration
        logs = _copy_logs(run, folder / "logs")
        saved = run.checkpoints()
        facts = {**run_facts(run), "duration": duration}
        summary = {"run": facts, "logs": logs, "metrics": {metric.key: statistics(metric) for metric in metrics}}
        texts = {
            "config.json": json_text({"made_by": MADE_BY, **facts, **run.config()}),
            "metrics/complete_summary.json": json_text(summary),
            "metrics/validation_metrics.json": json_text(_held_out(run, metrics)),
            "final_results.yaml": "".join(yaml_lines(_results(run, metrics))),
            "checkpoints/checkpoints.json": json_text([asdict(one) for one in saved]),
        }
        for name, text in texts.items():
            write_text(folder / name, [text])
        write_text(folder / "metrics/metrics.jsonl", map(_line, rows(run)))
        if link:
            _link(saved, folder / "checkpoints")


def _is_ours(folder: Path) -> bool:
    """Whether a directory is an earlier export."""
    try:
        return bool(json.loads((folder / "config.json").read_text(encoding="utf-8"))["made_by"] == MADE_BY)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _held_out(run: Run, metrics: list[Metric]) -> dict[str, Any]:
    """Return final and best values of the metrics measured on held-out data."""
    found = {}
    for metric in metrics:
        if split_of(metric.name) in _HELD_OUT:
            final = {"value": metric.last.value, "step": metric.last.step, "epoch": metric.last.epoch}
            best = metric.best and {"value": metric.best.value, "step": metric.best.step, "epoch": _epoch(run, metric)}
            found[metric.key] = {"label": metric.label, "higher_is_better": metric.higher_is_better, "final": final, "best": best}
    return found


def _epoch(run: Run, metric: Metric) -> float | None:
    """Return the epoch of the best value; None where the run prints none."""
    try:
        return run.best_epoch(metric.name, labels=metric.labels)
    except ScraperError:  # no epoch was printed: the answer is that there is none
        return None


def _results(run: Run, metrics: list[Metric]) -> dict[str, Any]:
    """Return the run's results in short."""
    results: dict[str, Any] = {"run": run.id, "name": run.name, "experiment": run.experiment, "status": run.status}
    results |= {"exit_code": run.exit_code, "last_step": run.last_step, "duration_seconds": run.summary().duration}
    best = {metric.key: {"value": metric.best.value, "step": metric.best.step} for metric in metrics if metric.best}
    return results | {"final": {metric.key: metric.last.value for metric in metrics}, "best": best}


def _line(row: Row) -> str:
    """Return a row as a line of JSON; metrics named like a key of ours are kept under "metric:" and their name."""
    place: dict[str, Any] = {"step": row.step, "epoch": row.epoch, "time": row.time, "attempt": row.attempt}
    if row.labels != "{}":
        place["labels"] = json.loads(row.labels)
    named: Mapping[str, float] = {f"metric:{name}" if name in (*place, "labels") else name: value for name, value in row.values.items()}
    return json.dumps(portable({**place, **named}), ensure_ascii=False, allow_nan=False) + "\n"


def _copy_logs(run: Run, folder: Path) -> list[dict[str, Any]]:
    """Copy what the run printed, and return what became of each file: its name here, or why it is not here."""
    found: list[dict[str, Any]] = []
    logs: Iterator[Any] = run.logs()
    try:
        for path, file in logs:
            name = f"training.{len(found)}.log" if found else "training.log"
            with (folder / name).open("wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
            found.append({"path": path, "file": f"logs/{name}", "missing": None})
    except ScraperError as error:
        found.append({"path": None, "file": None, "missing": str(error)})
    return found


def _link(saved: list[Checkpoint], folder: Path) -> None:
    """Link to the checkpoints that are on this machine, under their own names; a second one of a name gets its step."""
    for one in saved:
        if one.file:
            target = folder / Path(one.file).name
            if target.is_symlink():
                target = folder / f"{one.step}-{target.name}"
            if not target.is_symlink():
                target.symlink_to(Path(one.file).resolve())
