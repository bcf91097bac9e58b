"""Events and metric definitions: what a batch brings beside points. Works inside a transaction its caller holds."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from scraper.model import NAN, NEG_INF, POS_INF, SOURCE_SHIFT, VALUE_KINDS
from scraper.store.runs import plain
from scraper.store.series import metric_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from scraper.model import Event, MetricDefinition

_EVENT: Final = (
    "INSERT INTO events (run_key, at, kind, step, epoch, time, line, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (run_key, at, kind) DO UPDATE SET detail = json_patch(detail, excluded.detail)"
    " WHERE json_patch(detail, excluded.detail) IS NOT json(detail)"
)
_UNSAID: Final[dict[str, Any]] = {  # what a definition's fields are when nobody said anything
    "label": "", "format": "float", "unit": "", "higher_is_better": None, "description": "", "tier": "custom", "pack": "",
}  # fmt: skip
_FIELDS: Final = tuple(_UNSAID)
_SELECT: Final = f"SELECT {', '.join(_FIELDS)} FROM metric_definitions WHERE run_key = ? AND metric = ?"
_REPLACE: Final = f"INSERT OR REPLACE INTO metric_definitions (run_key, metric, {', '.join(_FIELDS)}) VALUES (?, ?{', ?' * len(_FIELDS)})"
_LARGEST: Final = (1 << 63) - 1  # what an INTEGER of SQLite holds


def _storable(step: int | None) -> int | None:
    """Return `step`, or None for one that SQLite cannot hold: the event counts, and its line still shows the number."""
    return step if step is not None and -_LARGEST <= step <= _LARGEST else None


def _portable(value: Any) -> Any:
    """Return `value` as JSON can carry it: non-finite numbers are the strings "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, dict):
        return {str(name): _portable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return VALUE_KINDS[NAN if math.isnan(value) else POS_INF if value > 0 else NEG_INF]
    return value


def add_events(connection: sqlite3.Connection, run_key: int, ordinal: int, events: Sequence[Event]) -> int:
    """Insert the events that are not stored yet (same position and kind), add detail to those that are, and return how many changed."""
    base = ordinal << SOURCE_SHIFT
    rows = [
        (run_key, base + event.at, event.kind, _storable(event.step), event.epoch, event.time, plain(event.line),
         plain(json.dumps(_portable(event.detail), ensure_ascii=False, default=str)))
        for event in events
    ]  # fmt: skip
    return connection.executemany(_EVENT, rows).rowcount if rows else 0


def _combined(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a metric: the configuration (pack "") wins over packs, a later word over an earlier, any word over none."""
    from_configuration = old != _UNSAID and not old["pack"]
    strong, weak = (old, new) if from_configuration and new["pack"] else (new, old)
    return {name: strong[name] if strong[name] != unsaid else weak[name] for name, unsaid in _UNSAID.items() if name != "pack"} | {
        "pack": strong["pack"]
    }


def define(connection: sqlite3.Connection, run_key: int, definitions: Sequence[MetricDefinition]) -> None:
    """Store what `definitions` add to what is known of a run's metrics."""
    for definition in definitions:
        row = connection.execute(_SELECT, (run_key, metric_name(definition.metric))).fetchone()
        old = dict(zip(_FIELDS, row, strict=True)) if row else _UNSAID
        if old["higher_is_better"] is not None:
            old["higher_is_better"] = bool(old["higher_is_better"])
        new = {name: getattr(definition, name) for name in _FIELDS}
        known = _combined(old, new)
        if row is None or known != old:
            values = [plain(value) if isinstance(value, str) else value for value in known.values()]
            connection.execute(_REPLACE, (run_key, metric_name(definition.metric), *values))
