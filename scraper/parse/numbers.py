"""What counts as a number in a printed line, and what it is worth."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

_GROUPS: Final = r"[1-9]\d{0,2}(?:,\d{3})+"  # thousands, a comma before each three digits
# A number as training scripts print it: sign, thousands separators, decimals, exponent. Never part of a word (`top5`, `Acc@1`, `v0.2`).
DECIMAL: Final = rf"(?:{_GROUPS}(?:\.\d+)?(?!\d|,\d)|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
NONFINITE: Final = r"[-+]?(?:nan|NaN|NAN|[iI]nf(?:inity)?|INF)(?:\.0(?!\d))?(?![A-Za-z_])"  # `nan.0`: Lightning fills up five places
NUMBER: Final = rf"(?:[-+]?{DECIMAL}|{NONFINITE})"
INTEGER: Final = r"\d+"

# What differs between lines of one shape.
DIGITS: Final = re.compile(
    r"(?<![A-Za-z_@\d])\d+(?:,\d{3})*"
    r"|(?:(?<=\d[dhm])|(?<=\dmin))\d{1,2}(?=(?:\.\d+)?(?:[hms](?![A-Za-z])|min|sec))"  # `0h02m19s`: else each second has its shape
)

# Timestamps that are one token, so that their parts are not taken for values.
TIMESTAMP: Final = r"\d{4}[-/.]\d\d[-/.]\d\d[ T_]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[-+]\d\d:?\d\d(?!\d))?"
# Cuts a line into text, token, text, token … text.
TOKENS: Final = re.compile(rf"({TIMESTAMP}|(?<![\w@.])[-+]?{DECIMAL})")

# Suffixes that scale, where no letter follows: 12.3k, 1.5M.
MULTIPLIERS: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
# Behind a number with decimals, its exponent as Julia prints it for single precision: `0.5f0`, `1.25f-5`.
SINGLE: Final = rf"(?:{'|'.join(f'(?<=[.]{digits})' for digits in ('[0-9]' * n for n in range(1, 10)))})f-?[0-9]{{1,2}}(?!\w)"
# Behind a number, that it is one of time.
OF_TIME: Final = re.compile(r"\s?(?:[mun]?s|secs?|seconds?|mins?|minutes?|h|hours?)(?![\w/])")

_PRINTED: Final = 6e-4  # two values whose first four significant digits agree may be one value printed twice
_GROUPED: Final = re.compile(rf"[-+]?{_GROUPS}(?!\d)")


def all_or_none(part: str) -> str:
    """Return a regex that takes a part where it stands, as `(?:part)?+` does, at which Python before 3.11.5 may fail."""
    return rf"(?:{part}|(?!{part}))"


def to_float(text: str) -> float:
    """Return the value of `text`, a match of NUMBER. Raises ValueError when it is none."""
    try:
        return float(text)
    except ValueError:
        plain = text.replace(",", "" if _GROUPED.match(text) else ".")  # `1,234`, but `0,5` and `2,3026`
        return float(plain.replace("D", "e").removesuffix(".0"))  # `1.5D+00`, as Fortran prints it; `nan.0`


def scale(suffix: str) -> float:
    """Return what a number is multiplied by for the letter, or the exponent, behind it; 1 for none."""
    return float(f"1e{suffix[1:]}") if suffix[:1] == "f" else MULTIPLIERS.get(suffix, 1.0)


def same(before: float, now: float) -> bool:
    """Whether two values are one, as nan and nan are."""
    return before == now or (math.isnan(before) and math.isnan(now))


def near(before: float, now: float, *, loose: bool = False) -> bool:
    """Whether two values may be one, printed with more and with fewer digits, as scripts print what `evaluate()` returned.

    `loose`: they may differ in the digits of both, as clocks and rates of what was done twice do.
    """
    rounding = max(_last_digit(before), _last_digit(now)) / 2
    return same(before, now) or (math.isclose(before, now, rel_tol=_PRINTED) and (loose or abs(before - now) <= rounding))


def restates(before: float, now: float) -> bool:
    """Whether a value is one that was printed before, now rounded to four digits or to three decimals."""
    return same(before, now) or math.isclose(before, now, rel_tol=_PRINTED, abs_tol=min(max(_last_digit(now) / 2, 5.1e-5), 5.1e-4))


def _last_digit(value: float) -> float:
    """Return one unit of the last digit that was printed, with a little more for what floats round."""
    mantissa, _, exponent = repr(value).partition("e")
    return 1.0001 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


@lru_cache(maxsize=256)
def rounding(epoch: float) -> float:
    """Return half a unit of the last digit that was printed of an epoch, taking at least two decimals as printed."""
    decimals = repr(epoch).partition(".")[2]
    return 0.5 * 10.0 ** -max(len(decimals) if decimals != "0" else 0, 2)


def shape(text: str) -> str:
    """Return `text` with every number's digits as one 0: what lines that differ in nothing but their numbers have in common."""
    return DIGITS.sub("0", text)
