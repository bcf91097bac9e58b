"""Reading back what `export` wrote as csv (long or wide), json, jsonl or parquet: a file in, points out, in flat memory.

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
from scraper.export import wide
from scraper.export.jsonl import KEYS
from scraper.export.parquet import pyarrow
from scraper.export.table import plain_text
from scraper.model import COUNT, EPOCH, EXPLICIT, STEP_KINDS
from scraper.query import PrintedPoint

_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LATEST: Final = 1e12  # seconds since the epoch: beyond the year 33,000 no training printed anything
_MOST: Final = 1 << 63  # whole numbers that SQLite holds are smaller
_KINDS: Final = {name: number for number, name in enumerate(STEP_KINDS)}


def read(path: Path, form: str) -> Iterator[tuple[str, PrintedPoint]]:
    """Yield the run id and the point of each entry of a file of format "csv", "json", "jsonl" or "parquet", in the file's order.

    A wide csv does not say where its points were printed: their positions are the numbers of their rows, and their steps count as
    printed. UsageError when the file cannot be read or is no export, naming the line.
    """
    try:
        if form == "parquet":
            yield from _parquet(path)
            return
        with path.open(encoding="utf-8", newline="") as file:
            entries = {"csv": _csv, "json": _json, "jsonl": _jsonl}[form](file, path)
            for number, entry in entries:
                yield _point(entry, f"{path}, line {number}")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def _parquet(path: Path) -> Iterator[tuple[str, PrintedPoint]]:
    """Yield the points of a parquet file, a row group at a time. UsageError without pyarrow, and for what is no export."""
    pa = pyarrow()
    try:
        with pa.parquet.ParquetFile(path) as file:
            if tuple(file.schema_arrow.names) != KEYS:
                raise UsageError(f"{path} is no parquet of `scraper export`: its columns are not {','.join(KEYS)}")
            entries = (entry for group in file.iter_batches() for entry in group.to_pylist())
            for number, entry in enumerate(entries, 1):
                where = f"{path}, row {number}"
                yield _point({**entry, "labels": _loaded(entry["labels"] or "", where)}, where)
    except pa.ArrowException as error:
        raise UsageError(f"{path} is no parquet of `scraper export`: {error}") from error


def _csv(file: IO[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and entry of each point, its cells turned back into what they were made of."""
    reader = csv.reader(file)
    header = next(reader, [])
    if tuple(header) != KEYS and tuple(header[: len(wide.KEYS)]) != wide.KEYS:
        names = f"{','.join(KEYS)}, nor does it begin with {','.join(wide.KEYS)}"
        raise UsageError(f"{path} is no csv of `scraper export`: its first line is not {names}")
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if len(row) != len(header):
            raise UsageError(f"{where}: {len(row)} cells where {len(header)} belong; nothing was imported")
        if tuple(header) == KEYS:
            yield reader.line_num, _of_cells(dict(zip(KEYS, row, strict=True)), where)
        else:
            yield from ((reader.line_num, entry) for entry in _of_row(header, row, reader.line_num, where))


def _of_row(header: list[str], row: list[str], number: int, where: str) -> Iterator[dict[str, Any]]:
    """Yield the points of a row of a wide csv."""
    place: dict[str, Any] = dict(zip(wide.KEYS, row, strict=False))
    for key in wide.KEYS[1:]:
        place[key] = _loaded(place[key], where) if place[key] else None
    kind = EXPLICIT if place["step"] is not None else COUNT if place["epoch"] is None else EPOCH
    for name, cell in zip(header[len(wide.KEYS) :], row[len(wide.KEYS) :], strict=True):
        if cell:
            value = cell if cell in _SPECIAL else _loaded(cell, where)
            yield {**place, "metric": wide.metric_of(name), "step_kind": STEP_KINDS[kind], "value": value, "line": number}


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
    except (ValueError, RecursionError) as error:
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
        "time": time is None or (_number(time) and abs(time) < _LATEST),
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
