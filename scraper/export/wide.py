"""CSV in wide format: one row a step, one column a metric. Owns the header."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from scraper.export.rows import Row, rows
from scraper.export.table import LastLine, cell, harmless
from scraper.query import Run
from scraper.query.catalog import fits

KEYS = ("run", "attempt", "labels", "step", "epoch", "time")


def render(runs: Sequence[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a .csv file; what was not printed at a step is empty, a metric named like a key gets "metric:" in front."""
    chosen = dict.fromkeys(row.metric for run in runs for row in run.series_rows() if not patterns or fits(row.metric, patterns))
    last = LastLine()
    writer = csv.writer(last, lineterminator="\n")
    writer.writerow([*KEYS, *(harmless(f"metric:{name}" if name in KEYS else name) for name in chosen)])
    yield last.text
    for run in runs:
        for row in rows(run, patterns):
            writer.writerow([*_place(run, row), *(cell(row.values.get(name)) for name in chosen)])
            yield last.text


def _place(run: Run, row: Row) -> tuple[object, ...]:
    """Return the cells of KEYS."""
    return run.id, row.attempt, row.labels, row.step, row.epoch, row.time
