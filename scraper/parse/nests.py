"""Names of the dictionaries and brackets that a value stands in: `{'LOC': {'f1': 0.5}}` says `LOC/f1`. Looks at one line alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scraper.parse.words import PHASES, fact, folded, is_metric

OPENINGS: Final = ("{", "(", "[")  # a line without one has no such name
QUOTED: Final = ("': {", '": {')  # where there are such names, nothing else heads a value
_MARK: Final = re.compile(  # `{'LOC': {`, `scores: {`, `VL loss: {`
    r"(?:['\"](?P<name>[^'\"{}:,]{1,80})['\"]: |(?P<bare>(?:(?<![\w.-])[A-Z]{1,3} )?[A-Za-z][\w./@-]*) ?[:=] ?)?\{|\}"
)
_OPENED: Final = re.compile(  # `accuracy: (train=0.5, test=`
    r"(?<![\w/.])(?P<name>[A-Za-z][\w./@-]*)['\"]?\s*+(?:[:=]\s*+)?[(\[][^(){}\[\]]*$"
)
_CALLED: Final = re.compile(  # behind another value: `KL=0.5 Adv(mean=0.25, std=`
    r"(?<=[\d|,;)] )(?P<name>[A-Z]\w*)\((?:[A-Za-z]\w*=[-+]?[\d.]+(?:e[-+]?\d+)?, ?)*[A-Za-z]\w*=$"
)
_REACH: Final = 120  # characters in front of a value in which the bracket opens


def nested(text: str, values: Sequence[tuple[str, int]]) -> list[str]:
    """Return the full name of each value, given its own name and where it stands, in rising order.

    Quoted names of dictionaries and those of metrics come before it, joined by slashes; of a phase, the metric whose brackets it
    stands in comes behind: `loss: {'train': 0.5}`.
    """
    marks = [(m.end(), None if m[0] == "}" else m["name"] or m["bare"] or "", bool(m["bare"])) for m in _MARK.finditer(text)]
    inside: list[str] = []
    out: list[str] = []
    at = 0
    for own, position in values:
        while at < len(marks) and marks[at][0] <= position:
            _, name, bare = marks[at]
            inside = inside[:-1] if name is None else [*inside, name if not bare or is_metric(name) else ""]
            at += 1
        before = "/".join(name for name in inside if name)
        out.append(_joined(before or _bracketed(text, own, position), own))
    return out


def _bracketed(text: str, name: str, at: int) -> str:
    """Return the name in front of the round or square bracket in which a phase at `at` stands, or of the round one that opens at a name."""
    opened = _OPENED.search(text, 0, at) if name.lower() in PHASES else _CALLED.search(text, max(0, at - _REACH), at)
    return opened["name"] if opened and opened["name"].lower() not in PHASES and not fact(opened["name"]) else ""


def _joined(before: str, name: str) -> str:
    if not before:
        return name
    is_phase = name.lower() in PHASES and before.lower() not in PHASES
    return f"{PHASES[folded(name)]}/{before}" if is_phase else f"{before}/{name}"
