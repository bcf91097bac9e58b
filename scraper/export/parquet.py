"""Parquet in long format: a row a point, in printed order. Needs pyarrow; numbers stay numbers, and NaN stays NaN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from scraper.errors import UsageError
from scraper.export.jsonl import KEYS
from scraper.model import STEP_KINDS
from scraper.query import PrintedPoint, Run

GROUP = 65_536  # points a row group: what is held in memory at a time


def pyarrow() -> Any:
    """Return the module pyarrow with its submodule parquet. UsageError when it is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional, and slow to import
        import pyarrow.parquet  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise UsageError("parquet needs pyarrow, which is not installed; install it with: pip install '.[parquet]'") from None
    return pa


def write(target: Path, runs: Iterable[Run], patterns: Sequence[str] = ()) -> None:
    """Write the points of runs to `target`; the columns are those of the other formats, labels as JSON text.

    UsageError when pyarrow is not installed; OSError when the file cannot be written.
    """
    pa = pyarrow()
    kinds = dict.fromkeys(("run", "metric", "labels", "step_kind"), pa.dictionary(pa.int32(), pa.string()))
    kinds |= dict.fromkeys(("step", "attempt", "line"), pa.int64()) | dict.fromkeys(("epoch", "time", "value"), pa.float64())
    schema = pa.schema([(key, kinds[key]) for key in KEYS])
    with pa.parquet.ParquetWriter(target, schema, compression="zstd") as writer:
        for run in runs:
            for columns in _groups(run, patterns):
                writer.write_table(pa.table(columns, schema=schema))


def _groups(run: Run, patterns: Sequence[str]) -> Iterator[dict[str, list[Any]]]:
    """Yield the points of a run as columns, a row group at a time."""
    points = run.points(*patterns)
    while group := list(islice(points, GROUP)):
        columns = dict(zip(PrintedPoint._fields, map(list, zip(*group, strict=True)), strict=True))
        columns["step_kind"] = [STEP_KINDS[kind] for kind in columns["step_kind"]]
        columns |= {"run": [run.id] * len(group), "line": columns.pop("at")}
        yield {key: columns[key] for key in KEYS}
