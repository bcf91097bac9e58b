"""What the tests of the store share: a source to commit to, marks, and a model of what must be stored."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from scraper.store.writer import SourceRow, Writer

IDENTITY = FileIdentity(device=2049, inode=4711, head_hash="ab" * 16, head_size=1024)
ROOT = Path(__file__).resolve().parent.parent
MARKS = ("first", "last", "min", "max")


def new_source(writer: Writer, name: str = "train", **extra: Any) -> SourceRow:
    """Return a source of a new run."""
    run = writer.create_run(NewRun(name=name, started=1_795_240_000.0))
    return writer.open_source(run.key, f"{name}.log", IDENTITY, **extra)


def mark(offset: int, **counters: int) -> SourceMark:
    return SourceMark(offset, offset // 60, "cd" * 16, IDENTITY, b'{"step": 1}', counters)


def point(at: int, value: float, metric: str = "loss", **facts: Any) -> Point:
    given = {"labels": (), "attempt": 0, "step": at // 60, "step_kind": 0, "epoch": None, "time": None} | facts
    return Point(at=at, metric=metric, value=value, **given)


def batch(source: SourceRow, points: Iterable[Point] = (), offset: int | None = None, **extra: Any) -> Batch:
    points = list(points)
    end = offset if offset is not None else max((p.at + 60 for p in points), default=0)
    return Batch(source.id, extra.pop("mark", mark(end)), Points(points), **extra)


def rows(connection: sqlite3.Connection, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries."""
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def everything(connection: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, to see that nothing changed."""
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def run_python(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start a Python of its own that can import the package and these helpers."""
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True} | options
    path = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n"
    return subprocess.Popen([sys.executable, "-c", path + code, *map(str, arguments)], **options)


def finite(points: Sequence[tuple[int, Point]]) -> list[tuple[int, Point]]:
    return [(at, p) for at, p in points if math.isfinite(p.value)]


def expected_marks(points: Sequence[tuple[int, Point]]) -> dict[str, tuple[Any, ...]]:
    """Return at, step, epoch, time and value of the first, last, smallest and largest finite point, by brute force."""
    chosen = sorted(finite(points), key=lambda pair: pair[0])
    if not chosen:
        return dict.fromkeys(MARKS, (None,) * 5)
    picks = {
        "first": chosen[0],
        "last": chosen[-1],
        "min": min(chosen, key=lambda pair: (pair[1].value, pair[0])),
        "max": min(chosen, key=lambda pair: (-pair[1].value, pair[0])),
    }
    return {name: (at, p.step, p.epoch, p.time, p.value) for name, (at, p) in picks.items()}


class Model:
    """Thirty lines that say what a store must hold: per series the stored points in order of arrival."""

    def __init__(self) -> None:
        self.series: defaultdict[tuple[Any, ...], list[tuple[int, Point]]] = defaultdict(list)

    def commit(self, ordinal: int, points: Sequence[Point]) -> int:
        """Take a batch; return how many of its points are new."""
        groups: defaultdict[tuple[Any, ...], dict[int, Point]] = defaultdict(dict)
        for p in points:
            groups[p.metric, p.labels, p.attempt].setdefault((ordinal << 40) + p.at, p)
        new = 0
        for name, group in groups.items():
            known = {at for at, _ in self.series[name]}
            fresh = sorted((at, p) for at, p in group.items() if at not in known)
            self.series[name] += fresh
            new += len(fresh)
        return new
