"""Checkpoints of a run: those its log names and those found in a directory, with size, time and the metrics of their step.

Looks at files and reads none of them.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scraper.errors import NotFoundError, UsageError
from scraper.query.catalog import SeriesRow
from scraper.query.values import RunEvent, restore

if TYPE_CHECKING:
    from scraper.query.run import Run

_ENDINGS: Final = frozenset(
    ".pt .pth .ckpt .safetensors .bin .h5 .keras .pkl .joblib .npz .onnx .msgpack .tar .cbm .zip".split()  # noqa: SIM905 - reads best
)
_STEP: Final = re.compile(r"(?:step|iter|iteration|checkpoint|ckpt|global_step)[-_=]?(\d+)", re.IGNORECASE)
_EPOCH: Final = re.compile(r"(?:epoch|ep)[-_=]?(\d+)", re.IGNORECASE)
_DIRECTORY: Final = re.compile(r"(?:checkpoint|ckpt|global_step|step|epoch)[-_=]?\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One saved checkpoint, and what the run had reached when it was saved."""

    path: str  # as printed, or as found; "" where the log does not say
    file: str  # where it is on this machine; "" when it is not there
    at: int | None  # position of the printed line, for `Run.line`; None: no line named it
    step: int | None
    epoch: float | None
    time: float | None  # seconds since the epoch: when it was printed, else when the file was last written
    size: int | None  # bytes, of a directory those of all files in it; None: it is not there
    metrics: dict[str, float]  # at its step, else the last printed before it; non-finite values included


def checkpoints(run: Run, patterns: Sequence[str], directory: str | os.PathLike[str] | None) -> list[Checkpoint]:
    """Return the answer to `Run.checkpoints`."""
    wanted = {metric.name for metric in run.metrics(*patterns)}
    rows = [row for row in run.series_rows() if row.metric in wanted]
    cwd = Path(run.config()["cwd"] or ".")
    found = _latest_of_each([_of_event(run, rows, cwd, event) for event in run.events("checkpoint")], cwd)
    if directory is not None:
        known = {os.path.realpath(one.file) for one in found if one.file}
        saved = _saved_in(Path(directory))
        found += [_of_file(run, rows, path) for path in saved if os.path.realpath(path) not in known]
    return sorted(found, key=lambda one: (one.time is None, one.time or 0.0, one.at or 0, one.path))


def _latest_of_each(found: Sequence[Checkpoint], cwd: Path) -> list[Checkpoint]:
    """Return the checkpoints without those that a later one of the same place, however it is written, has overwritten."""
    places = [_place(cwd / one.path) if one.path else str(number) for number, one in enumerate(found)]
    latest = dict(zip(places, found, strict=True))
    return [one for place, one in zip(places, found, strict=True) if latest[place] is one]


def _place(path: Path) -> str:
    """Return where a path leads, its directories' links and ".." resolved; a link at its end is a place of its own."""
    return os.path.join(os.path.realpath(path.parent), path.name)  # noqa: PTH118 - a name ".." must not be taken for a path


def _of_event(run: Run, rows: Sequence[SeriesRow], cwd: Path, event: RunEvent) -> Checkpoint:
    """Return the checkpoint of a printed line."""
    path = str(event.detail.get("path") or "")
    size, written = _looked_at(cwd / path) if path else (None, None)
    file = str(cwd / path) if size is not None else ""
    time = event.time if event.time is not None else written
    return Checkpoint(path, file, event.at, event.step, event.epoch, time, size, _values(run, rows, event.step, event.at))


def _of_file(run: Run, rows: Sequence[SeriesRow], path: Path) -> Checkpoint:
    """Return the checkpoint of a file that no line named: its name tells the step, else when it was written tells what came before."""
    size, written = _looked_at(path)
    step, epoch = _STEP.search(path.name), _EPOCH.search(path.name)
    number = int(step[1]) if step else None
    at = _position(run, rows, number, float(epoch[1]) if epoch else None, written)
    metrics = {} if at is None else _values(run, rows, number, at)
    return Checkpoint(str(path), str(path), None, number, float(epoch[1]) if epoch else None, written, size, metrics)


def _saved_in(directory: Path) -> list[Path]:
    """Return what looks like a checkpoint in a directory, by name. NotFoundError or UsageError when it cannot be read."""
    try:
        found = sorted(directory.iterdir())
    except FileNotFoundError:
        raise NotFoundError(f"no directory {directory}; name the one that checkpoints are saved in") from None
    except OSError as error:
        raise UsageError(f"cannot list {directory}: {error.strerror}") from error
    return [path for path in found if not path.is_symlink() and looks_like_one(path)]


def looks_like_one(path: Path) -> bool:
    """Whether a file or directory is named as frameworks name checkpoints."""
    return _DIRECTORY.search(path.name) is not None if path.is_dir() else path.suffix.lower() in _ENDINGS


def _looked_at(path: Path) -> tuple[int | None, float | None]:
    """Return the bytes of a file, or of all files of a directory, and when it was last written; (None, None): it is not there."""
    try:
        status = path.stat()
        if not path.is_dir():
            return status.st_size, status.st_mtime
        files = [file.stat() for file in path.rglob("*") if file.is_file()]
    except OSError:  # gone, or not ours to read: it is listed as not there
        return None, None
    return sum(file.st_size for file in files), max((file.st_mtime for file in files), default=status.st_mtime)


def _position(run: Run, rows: Sequence[SeriesRow], step: int | None, epoch: float | None, written: float | None) -> int | None:
    """Return up to where the log had been printed when a file was saved; None when nothing tells."""
    condition, bound = ("step <= ?", step) if step is not None else ("epoch <= ?", epoch) if epoch is not None else ("time <= ?", written)
    if bound is None:
        return None
    query = f"SELECT MAX(at) FROM (SELECT at FROM points WHERE series_id = ? AND {condition} ORDER BY at DESC LIMIT 1)"
    found = [run.db.rows(query, [row.id, bound])[0][0] for row in rows]
    return max((at for at in found if at is not None), default=None)


def _values(run: Run, rows: Sequence[SeriesRow], step: int | None, at: int) -> dict[str, float]:
    """Return what each metric had reached at a position: its value at that step, printed before or right after, else the last before.

    The latest attempt that had begun counts, and of several sets of labels the one printed first.
    """
    found: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: (-row.attempt, row.first_at)):
        before = run.db.rows("SELECT step, value, kind FROM points WHERE series_id = ? AND at <= ? ORDER BY at DESC LIMIT 1", [row.id, at])
        after = run.db.rows("SELECT step, value, kind FROM points WHERE series_id = ? AND at > ? ORDER BY at LIMIT 1", [row.id, at])
        same = [one for one in (*after, *before) if step is not None and one[0] == step]
        for _, value, kind in (same or before)[:1]:
            found.setdefault(row.metric, restore(value, kind))
    return found


def chosen_best(found: Sequence[Checkpoint], metric: str, *, higher_is_better: bool) -> Checkpoint | None:
    """Return the checkpoint with the best finite value of a metric; the earliest of equals, None where there is none."""
    having = [one for one in found if math.isfinite(one.metrics.get(metric, math.nan))]
    sign = -1 if higher_is_better else 1
    return min(having, key=lambda one: sign * one.metrics[metric], default=None)
