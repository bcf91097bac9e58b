"""Text and numbers from a log made fit to be shown: what could steer a terminal, or make a line read as another one, is spelt out."""

from __future__ import annotations

import math

# Bidirectional overrides, zero-width characters and Unicode line ends.
_TRICKS = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff")


def is_plain(character: str) -> bool:
    """Whether a terminal shows the character and does nothing else."""
    return " " <= character < "\x7f" or (character >= "\xa0" and character not in _TRICKS)


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
