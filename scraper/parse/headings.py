"""Which data the values of one line are of, where the line says so once for several names: `val: loss 0.5 acc 0.9`, `Test set: Loss`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scraper.parse.words import PHASES, is_metric, phase

_WORDS: Final = "|".join(sorted(PHASES, key=len, reverse=True))
_LEADING: Final = re.compile(
    r"[^A-Za-z]*([A-Za-z]+)(?:\s+(?:set|results?|error|metrics|stats|loop|phase))?(?=[\s\]):|,*-]|$)(?!\s*[:=]\s*[-+]?[\d.])"
)
_HEADING: Final = re.compile(
    rf"(?<![\w/.])(?P<word>(?i:{_WORDS}))(?:\s+(?i:set|results?|metrics|stats|scores?))?\s*"
    r"(?:(?P<open>\()|[:\-|]|=>)\s*(?=[\[(]?[A-Za-z])"
)
_BEHIND: Final = re.compile(rf"\s*\(\s*(?P<word>(?i:{_WORDS}))\s*\)")


def leading_phase(text: str) -> str:
    """Return the phase a line names before its first pair: `[Eval][Epoch 3]`, `TRAIN Batch 3/9, Loss`, `Test set: Average loss:`."""
    m = _LEADING.match(text)
    if not m or m[1].lower() not in PHASES:
        return ""
    follows = re.match(r" *([A-Za-z][\w-]*)", text[m.end() :])
    if follows and is_metric(follows[1]):
        return ""  # `train loss: 0.5`: the phase is part of the name
    return PHASES[m[1].lower()]


def headed(text: str, places: Sequence[tuple[str, int, int]]) -> list[str]:
    """Return for each value, given its name, start and end, the phase that the line says of it and its name does not; "" for none."""
    parts = _parts(text, places)
    return [_over(parts, start) if parts and is_metric(name) and not phase(name) else "" for name, start, _ in places]


def _over(parts: Sequence[tuple[int, int, str]], at: int) -> str:
    return next((said for start, end, said in reversed(parts) if start <= at < end), "")


def _parts(text: str, places: Sequence[tuple[str, int, int]]) -> list[tuple[int, int, str]]:
    """Return the parts of a line, from where to where, and which phase each is of."""
    parts = []
    for m in _HEADING.finditer(text):
        close = text.find(")", m.end()) if m["open"] else -1
        parts.append((m.end(), close if close > 0 else len(text), PHASES[m["word"].lower()]))
    for _, start, end in places:
        if behind := _BEHIND.match(text, end):
            parts.append((start, len(text), PHASES[behind["word"].lower()]))
    own = [phase(name) for name, _, _ in places]
    if not parts and own and own[0] in ("val", "test") and len({said for said in own if said}) == 1:
        parts.append((places[0][1], len(text), own[0]))  # `val loss: 0.5 acc: 0.9`; behind a training loss anything may follow
    if not parts and _is_repeated([name for (name, _, _), said in zip(places, own, strict=True) if not said]):
        # `train loss 0.5 acc 0.8 | val loss 0.6 acc 0.7`
        parts += [(start, len(text), said) for (_, start, _), said in zip(places, own, strict=True) if said]
    return sorted(parts)


def _is_repeated(names: Sequence[str]) -> bool:
    """Whether two of these are one name, but for capitals."""
    return len({name.lower() for name in names}) < len(names)
