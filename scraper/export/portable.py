"""Values as JSON and YAML can carry them. Pure; owns the rule that what is no number becomes "NaN", "Infinity" or "-Infinity"."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scraper.query import Metric

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_/.-]*")  # keys that YAML reads as they stand
_WORDS: Final = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))


def portable(value: Any) -> Any:
    """Return plain data whose floats are all finite; tuples become lists, other non-finite ones the names JSON readers know."""
    if isinstance(value, Mapping):
        return {str(name): portable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [portable(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def statistics(metric: Metric) -> dict[str, Any]:
    """Return everything known of a metric, as JSON can carry it; `best` is the lowest or highest, whichever is better."""
    found: dict[str, Any] = portable(asdict(metric) | {"best": asdict(metric.best) if metric.best else None})
    return found


def json_text(value: Any) -> str:
    """Return a JSON document with a line end; `value` may hold non-finite numbers."""
    return json.dumps(portable(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def yaml_lines(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Yield the lines of a YAML mapping of scalars, lists of scalars and further mappings; non-finite numbers are .nan and ±.inf."""
    for name, part in value.items():
        key = name if _BARE.fullmatch(name) and name.lower() not in _WORDS else json.dumps(name, ensure_ascii=True)
        if isinstance(part, Mapping) and part:
            yield f"{indent}{key}:\n"
            yield from yaml_lines(part, indent + "  ")
        elif isinstance(part, list | tuple):
            yield f"{indent}{key}: [{', '.join(map(_scalar, part))}]\n"
        else:
            yield f"{indent}{key}: {_scalar(part)}\n"


def _scalar(value: Any) -> str:
    """Return a scalar as YAML; text is quoted as in JSON, which every YAML reader takes."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text  # YAML 1.1 reads 1e-05 as text
    return "{}" if isinstance(value, Mapping) else json.dumps(value, ensure_ascii=True)
