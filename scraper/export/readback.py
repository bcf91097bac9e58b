"""Reading back what `export` wrote as csv (long), json or jsonl: a file in, points out, in flat memory.

Owns the checks: a file that is no export is refused with the line where that shows.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from scraper.errors import UsageError
from scraper.export.jsonl import KEYS
from scraper.export.table import plain_text
from scraper.model import STEP_KINDS
from scraper.query import PrintedPoint

_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_MOST: Final = 1 << 63  # whole numbers that SQLite holds are smaller
_KINDS: Final = {name: number for number, name in enumerate(STEP_KINDS)}


def read(path: Path, form: str) -> Iterator[tuple[str, PrintedPoint]]:
    """Yield the run id and the point of each entry of a file of format "csv", "json" or "jsonl", in the file's order.

    UsageError when the file cannot be read or is no export, naming the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            entries = {"csv": _csv, "json": _json, "jsonl": _jsonl}[form](file, path)
            for number, entry in entries:
                yield _point(entry, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _csv(file: IO[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and entry of each row, its cells turned back into what they were made of."""
    reader = csv.reader(file)
    header = next(reader, [])
    if tuple(header) != KEYS:
        more = "; a wide csv has lost where its points were printed" if header[:2] == ["run", "attempt"] else ""
        raise UsageError(f"{path} is no csv of `scraper export`: its first line is not {','.join(KEYS)}{more}")
    for row in reader:
        if len(row) != len(KEYS):
            raise UsageError(f"{path}, line {reader.line_num}: {len(row)} cells where {len(KEYS)} belong; nothing was imported")
        yield reader.line_num, _of_cells(dict(zip(KEYS, row, strict=True)), f"{path}, line {reader.line_num}")


def _of_cells(cells: dict[str, str], where: str) -> dict[str, Any]:
    """Return the cells of a row as the other formats have them."""
    entry: dict[str, Any] = dict(cells)
    entry["metric"] = plain_text(cells["metric"])
    for key in ("labels", "step", "epoch", "time", "value", "attempt", "line"):
        if cells[key] not in _SPECIAL:
            entry[key] = _loaded(cells[key], where) if cells[key] else None
    return entry


def _jsonl(lines: Iterable[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and entry of each line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _loaded(line, f"{path}, line {number}")


def _json(file: IO[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and entry of each element: line by line as `export` writes them, else from the whole document."""
    first, second = file.readline(), file.readline()
    if first.strip() == "[" and second.startswith("{") and second.rstrip().rstrip(",").endswith("}"):
        ours = (line.rstrip().rstrip(",") for line in chain([second], file) if line.strip() != "]")
        yield from ((number + 1, entry) for number, entry in _jsonl(ours, path))
        return
    document = _loaded(first + second + file.read(), str(path))
    if not isinstance(document, list):
        raise UsageError(f"{path} is no json of `scraper export`: it holds no array of points")
    yield from enumerate(document, 1)


def _loaded(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{where}: {error}; nothing was imported") from error


def _point(entry: Any, where: str) -> tuple[str, PrintedPoint]:
    """Return an entry's run and point. UsageError for what is no point of an export."""
    try:
        given = [entry[key] for key in KEYS]
    except (KeyError, TypeError):
        missing = [key for key in KEYS if not isinstance(entry, dict) or key not in entry]
        raise UsageError(f"{where}: a point has {', '.join(KEYS)}; here is no {missing[0]}; nothing was imported") from None
    run, metric, labels, step, kind, epoch, time, value, attempt, line = given
    value = _SPECIAL.get(value, value) if isinstance(value, str) else value
    checks = {
        "run": isinstance(run, str) and run != "",
        "metric": isinstance(metric, str),
        "labels": isinstance(labels, dict) and all(isinstance(label, str) for label in labels.values()),
        "step": step is None or _whole(step),
        "step_kind": isinstance(kind, str) and kind in _KINDS,
        "epoch": epoch is None or (_number(epoch) and math.isfinite(epoch)),
        "time": time is None or (_number(time) and math.isfinite(time)),
        "value": _number(value),
        "attempt": _whole(attempt) and 0 <= attempt < _MOST,
        "line": _whole(line) and 0 <= line < _MOST,
    }
    wrong = [key for key, right in checks.items() if not right]
    if wrong:
        raise UsageError(f"{where}: {entry[wrong[0]]!r} is no {wrong[0]} of a point; nothing was imported")
    return run, PrintedPoint(metric, json.dumps(labels, sort_keys=True), attempt, line, step, _KINDS[kind], epoch, time, float(value))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, float) or (_whole(value) and -_MOST < value < _MOST)
