"""Text and numbers from a log made fit to be shown: what could steer a terminal, or make a line read as another one, is spelt out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# Bidirectional overrides, zero-width characters and Unicode line ends.
_TRICKS = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff")

QUARANTINED = "quarantined "  # a counter of that name, and then the pattern's, says that a pattern is not tried any more
_SAID = {  # counters whose names say too little
    "unrecorded_bytes": "bytes that were not recorded",
    "store_series_limit": "values refused above max_series",
    "store_name_too_long": "values refused for too long a name",
    "store_duplicate": "values read twice",
    "ranks_forgotten": "ranks or workers that made room for others",
    "store_out_of_range": "values refused for a step beyond 64 bits",
}
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_UNITS = ((86_400.0, "d"), (3600.0, "h"), (60.0, "m"), (1.0, "s"))


def is_plain(character: str) -> bool:
    """Whether a terminal shows the character and does nothing else. What stands for a byte that is no UTF-8 is none."""
    return " " <= character < "\x7f" or (character >= "\xa0" and character not in _TRICKS and not "\ud800" <= character <= "\udfff")


def shown(text: str, limit: int = 0) -> str:
    r"""Return `text` with every control character spelt out (\x1b, \u202e), cut to `limit` characters (0: whole)."""
    begun = text[: limit + 1] if limit else text
    if not begun.isascii() or not begun.isprintable():
        begun = "".join(c if is_plain(c) else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in begun)
    return begun[: limit - 1] + "…" if limit and len(begun) > limit else begun


def number_json(value: float | None) -> float | str | None:
    """Return `value` as JSON can carry it: non-finite numbers are "NaN", "Infinity" and "-Infinity"."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def portable(value: Any) -> Any:
    """Return plain data as JSON can carry it: keys are text, tuples are lists, non-finite numbers as in `number_json`."""
    if isinstance(value, Mapping):
        return {str(name): portable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [portable(part) for part in value]
    return number_json(value) if isinstance(value, float) else value


def number(value: float | None, form: str = "float", unit: str = "") -> str:
    """Return a number for people: four significant digits, integers whole, "-" for None.

    `form` is a metric's format: a "fraction" stays one, a "percent" was printed as 0..100 and gets its sign.
    """
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(number_json(value))
    digits = _digits(value)
    return f"{digits}%" if form == "percent" else f"{digits} {shown(unit, 12)}" if unit and unit != "%" else f"{digits}{unit}"


def _digits(value: float) -> str:
    """Return a finite number in at most about nine characters."""
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}".replace(",", "\u202f") if abs(value) >= 1e5 else str(int(value))
    return f"{value:.2f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def count(value: int | None) -> str:
    """Return a whole number for people, in groups of three: 1,234,567; "-" for None."""
    return "-" if value is None else f"{value:,}"


def discarded(counters: Mapping[str, int]) -> dict[str, int]:
    """Return those of a parser's counters that say what was discarded, by reason."""
    return {reason: times for reason, times in counters.items() if times and reason not in ("lines", "matched")}


def discards(counters: Mapping[str, int]) -> list[str]:
    """Return in words what was discarded, by reason, and which patterns are not tried any more."""
    gone = [name.removeprefix(QUARANTINED) for name in sorted(counters) if name.startswith(QUARANTINED)]
    others = (name for name in sorted(counters) if not name.startswith(QUARANTINED))
    said = [f"{counters[name]:,} {_SAID.get(name) or shown(name.replace('_', ' '))}" for name in others]
    return [*said, f"in quarantine, as too slow: {shown(', '.join(gone))}"] if gone else said


def size(value: int) -> str:
    """Return a number of bytes for people: 24.6 GiB."""
    return next((f"{value / unit:.1f} {name}" for unit, name in _SIZES if value >= unit), f"{value} B")


def duration(seconds: float | None) -> str:
    """Return a length of time in its two largest units: "3d 4h", "12m 5s"; "-" for None."""
    if seconds is None:
        return "-"
    left = max(0.0, seconds)
    parts: list[str] = []
    for size, name in _UNITS:
        if left >= size or (size == 1.0 and not parts):
            parts.append(f"{int(left // size)}{name}")
            left %= size
        elif parts:
            break
    return " ".join(parts[:2])


def clock(moment: float | None) -> str:
    """Return a time as this machine's clock shows it; "-" for None, seconds since 1970 beyond what a calendar of four digits holds."""
    if moment is None:
        return "-"
    try:
        return f"{datetime.fromtimestamp(moment):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ006 - the local clock is asked for
    except (ValueError, OverflowError, OSError):  # years below 1 and above 9999, here or in UTC
        return f"{moment:.0f} s"


def where(step: float | None, epoch: float | None) -> str:
    """Return the step of a value, or its epoch where it has no step; "-" where it has neither."""
    return number(step) if step is not None else f"epoch {number(epoch)}" if epoch is not None else "-"
