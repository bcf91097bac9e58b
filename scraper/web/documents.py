"""From what `scraper.query` returns to what JSON and CSV can carry. Owns the names of series; opens and asks nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scraper.export.portable import known
from scraper.export.table import harmless
from scraper.model import SOURCE_SHIFT
from scraper.query import Extreme, LogLine, Means, Series
from scraper.query.catalog import SeriesRow
from scraper.query.values import series_key
from scraper.text import number_json, portable


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, and the same as a table where that makes sense."""

    document: Any
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()

    def json(self) -> bytes:
        """Return the document; a number JSON does not know would be a fault and raises ValueError."""
        return json.dumps(self.document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "backslashreplace")

    def csv(self) -> bytes:
        """Return the table under its columns' names; text from a log is kept from running as a formula."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(cell) for cell in row] for row in self.rows)
        return text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> Any:
    """Return a value as a cell: nothing for None, JSON for structures."""
    if isinstance(value, str):
        return value if value in ("NaN", "Infinity", "-Infinity") else harmless(value)
    return harmless(json.dumps(value, ensure_ascii=False)) if isinstance(value, list | dict) else value


def extreme(found: Extreme | None) -> dict[str, Any] | None:
    """Return a value and where it was printed."""
    return None if found is None else portable(asdict(found))


def lines(found: LogLine) -> dict[str, Any]:
    """Return a printed line between its neighbours."""
    return {**asdict(found), "before": list(found.before), "after": list(found.after)}


def points(series: Series, chosen: Iterable[int]) -> list[dict[str, Any]]:
    """Return the points of a series at the indices `chosen`; along epoch or relative time with that place, too."""
    steps, values, times = series.steps, series.values, series.times
    found = [{"step": steps[i], "value": number_json(values[i]), "timestamp": known(times[i])} for i in chosen]
    if series.x in ("epoch", "relative"):
        for i, one in zip(chosen, found, strict=True):
            one[series.x] = number_json(series.xs[i])
    return found


def curve(series: Series, means: Means | None) -> dict[str, Any]:
    """Return a series as columns, with its mean curve where there is one."""
    return {
        "key": series_key(series.metric, series.labels),
        "metric": series.metric,
        "labels": series.labels,
        "x": series.x,
        "xs": [known(x) for x in series.xs],
        "steps": series.steps,
        "epochs": [known(epoch) for epoch in series.epochs],
        "times": [known(time) for time in series.times],
        "values": [number_json(value) for value in series.values],
        "positions": series.positions,
        "attempts": series.attempts,
        "means": None if means is None else means._asdict(),
        **_chosen(series),
    }


def series_facts(series: Series) -> dict[str, Any]:
    """Return how a series' points were chosen."""
    return {"metric": series.metric, "labels": series.labels, "x": series.x, **_chosen(series)}


def _chosen(series: Series) -> dict[str, Any]:
    return {
        "step_kind": series.step_kind,
        "downsampled": series.downsampled,
        "method": series.method,
        "raw_count": series.raw_count,
        "thinned": series.thinned,
        "unplaced": series.unplaced,
        "note": series.note,
    }


def cursor(rows: Iterable[SeriesRow], read: Iterable[Series] = ()) -> str:
    """Return how far a run's files are in an answer: `file.offset` of the last point of each, joined by `_`.

    Several files of one run (ranks, rotations) grow side by side, so no single position would do.
    """
    furthest: dict[int, int] = {}
    for at in [row.last_at for row in rows] + [at for series in read for at in series.positions[-1:]]:
        number, offset = at >> SOURCE_SHIFT, at & ((1 << SOURCE_SHIFT) - 1)
        furthest[number] = max(offset, furthest.get(number, -1))
    return "_".join(f"{number}.{offset}" for number, offset in sorted(furthest.items()))


def marks(text: str) -> Mapping[int, int]:
    """Return the last offset of each file that a cursor names."""
    pairs = (part.split(".") for part in text.split("_") if part)
    return {int(number): int(offset) for number, offset in pairs}
