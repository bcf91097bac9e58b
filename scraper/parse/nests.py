"""Names of the dictionaries that a value stands in: `{'LOC': {'f1': 0.5}}` says `LOC/f1`. Looks at one line, at quoted names alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

OPENINGS: Final = ("': {", '": {')  # a line without either has no such name
_MARK: Final = re.compile(r"['\"](?P<name>[^'\"{}:,]{1,80})['\"]: \{|(?P<open>\{)|\}")


def outer(text: str, positions: Sequence[int]) -> list[str]:
    """Return the names in front of each of `positions`, which rise, joined by slashes and with one behind; "" where there is none."""
    marks = [(m.end(), None if m[0] == "}" else m["name"] or "") for m in _MARK.finditer(text)]
    inside: list[str] = []
    out: list[str] = []
    at = 0
    for position in positions:
        while at < len(marks) and marks[at][0] <= position:
            name = marks[at][1]
            inside = inside[:-1] if name is None else [*inside, name]
            at += 1
        out.append("".join(f"{name}/" for name in inside if name))
    return out
