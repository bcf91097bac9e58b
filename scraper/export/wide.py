"""CSV in wide format: one row a step, one column a metric. Owns the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from scraper.export.rows import Row, rows
from scraper.export.table import LastLine, harmless, plain_text
from scraper.query import Run
from scraper.query.catalog import fits
from scraper.text import number_json

KEYS = ("run", "attempt", "labels", "step", "epoch", "time")
_MARK = "metric:"


def render(runs: Sequence[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a .csv file; what was not printed at a step is empty."""
    chosen = dict.fromkeys(row.metric for run in runs for row in run.series_rows() if not patterns or fits(row.metric, patterns))
    last = LastLine()
    writer = csv.writer(last, lineterminator="\n")
    writer.writerow([*KEYS, *map(_column, chosen)])
    yield last.text
    for run in runs:
        for row in rows(run, patterns):
            writer.writerow([*_place(run, row), *(number_json(row.values.get(name)) for name in chosen)])
            yield last.text


def _column(metric: str) -> str:
    """Return the column of a metric; one named like a key gets "metric:" in front, as does one that has this there already."""
    return harmless(f"{_MARK}{metric}" if metric in KEYS or metric.startswith(_MARK) else metric)


def metric_of(column: str) -> str:
    """Return the metric that a column holds."""
    return plain_text(column).removeprefix(_MARK)


def _place(run: Run, row: Row) -> tuple[object, ...]:
    """Return the cells of KEYS."""
    return run.id, row.attempt, row.labels, row.step, row.epoch, row.time
