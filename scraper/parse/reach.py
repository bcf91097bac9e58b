"""How far into a line a pattern gets: the longest beginning of its regex that matches. Only for people who ask why; it is slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import regex

from scraper.parse.packs import Pattern, expand, set_end
from scraper.parse.plans import read_match, strangers

_PATIENCE: Final = 0.05  # seconds that one beginning of a regex may search one line: hostile patterns are asked about as well
_SHOWN: Final = 60  # characters of a line or regex that are quoted


class Reach(NamedTuple):
    """The longest beginning of a pattern's regex that matches a line."""

    part: float  # of the regex, 0 to 1
    done: str  # the beginning of the regex that matches
    todo: str  # what follows it in the regex
    matched: str  # what it matched
    ahead: str  # what follows that in the line

    @property
    def nearness(self) -> float:
        """How much of the regex matches, 0 where that is nothing that can be seen in the line."""
        return self.part if self.matched.strip() else 0.0

    def __str__(self) -> str:
        if self.part == 1.0:
            return f"matches {_cut(self.matched)!r}"
        if not self.matched.strip():
            return f"not even its beginning is found: {_cut(self.todo)}"
        rest = f"where the line goes on {_cut(self.ahead)!r}" if self.ahead.strip() else "where the line ends"
        return f"matches up to {_cut(self.matched, tail=True)!r}, then wants {_cut(self.todo)} {rest}"


def reach(pattern: Pattern, line: str) -> Reach:
    """Return how far a pattern's regex gets in a line, prefix already taken off."""
    return max((_reach(source, line) for source in _alternatives(pattern.source)), key=_rank)


def wrong_group(pattern: Pattern, line: str) -> str:
    """Say which group of a pattern holds no number where its regex matches a line; "" where all do, or it does not match."""
    try:
        m = pattern.regex.search(line, timeout=_PATIENCE, concurrent=False) if pattern.regex is not None else None
    except TimeoutError:
        m = None
    if not m or not (wrong := strangers(line, read_match(m, pattern))):
        return ""
    name, value = wrong[0]
    return f"its group {name!r} holds {value!r}, which is no number: write (?P<{name}>{{NUM}})"


def farthest(pattern: Pattern, lines: Iterable[str]) -> Reach:
    """Return how far a pattern's regex gets in that one of the lines in which it gets farthest."""
    reached = (reach(pattern, line) for line in lines)
    return max(reached, key=_rank, default=Reach(0.0, "", pattern.source, "", ""))


def _rank(reached: Reach) -> tuple[bool, int, float]:
    """Order how far regexes got: to their end, else far into the line, else far into the regex."""
    return reached.part == 1.0, len(reached.matched.strip()), reached.part


def _reach(source: str, line: str) -> Reach:
    """A longer beginning of a regex never matches where a shorter one does not, so the longest is found by halving."""
    ends = [0, *_ends(source)]
    low, high, best = 0, len(ends) - 1, Reach(0.0, "", source, "", line)
    while low < high:
        middle = (low + high + 1) // 2
        m = _search(source[: ends[middle]], line)
        if m is None:
            high = middle - 1
            continue
        low = middle
        best = Reach(ends[middle] / len(source), source[: ends[middle]], source[ends[middle] :], m[0], line[m.end() :])
    return best


def _search(source: str, line: str) -> regex.Match[str] | None:
    try:
        return regex.search(expand(source), line, timeout=_PATIENCE, concurrent=False)
    except (TimeoutError, regex.error):  # too slow to tell, or no regex by itself: it counts as one that does not match
        return None


def _ends(source: str) -> Iterator[int]:
    """Yield where the outermost parts of a regex end, each with the quantifier behind it."""
    at = 0
    while at < len(source):
        at = _part_end(source, at)
        while source[at : at + 1] in ("*", "+", "?") or _is_count(source, at):
            at = source.index("}", at) + 1 if source[at] == "{" else at + 1
        yield at


def _is_count(source: str, at: int) -> bool:
    return source[at : at + 1] == "{" and source[at + 1 : at + 2].isdigit() and "}" in source[at:]


def _part_end(source: str, at: int) -> int:
    """Return where the part that begins at `at` ends: a character, an escape, a set, a macro or a group."""
    c = source[at]
    if c == "\\":
        return min(at + 2, len(source))
    if c == "[":
        return set_end(source, at)
    if c == "{":
        return source.find("}", at) + 1 or len(source)
    if c != "(":
        return at + 1
    at += 1
    while at < len(source) and source[at] != ")":
        at = _part_end(source, at)
    return min(at + 1, len(source))


def _alternatives(source: str) -> list[str]:
    """Return the outermost alternatives of a regex: one when it has none."""
    out, start, at = [], 0, 0
    while at < len(source):
        if source[at] == "|":
            out.append(source[start:at])
            start = at + 1
        at = _part_end(source, at)
    return [*out, source[start:]]


def _cut(text: str, *, tail: bool = False) -> str:
    if len(text) <= _SHOWN:
        return text
    return "…" + text[-_SHOWN:] if tail else text[:_SHOWN] + "…"
