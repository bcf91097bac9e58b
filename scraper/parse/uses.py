"""What each pattern did: how often it read a line, where first and last, and how long lines were searched for it. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from scraper.model import PatternUse
from scraper.parse.packs import PackSet, Pattern
from scraper.parse.records import BLOCK, GENERIC, HEADER, REDRAWN, Record

_SAMPLED: Final = 16  # built-in patterns are timed in one of so many searched lines, a user's in all


class Uses:
    """Counts for one source. `clock` gives seconds; `float()` is 0.0, so that without one no time passes."""

    def __init__(self, packs: PackSet, saved: Mapping[str, Any] | None = None, clock: Callable[[], float] = float) -> None:
        self.clock = clock
        self._counts: dict[Pattern, list[int]] = {}  # reads, offset of the first line, of the last
        self._seconds: dict[Pattern, float] = {p: 0.0 for p in packs.patterns if p.user}
        self._searched = 0
        known = {p.id: p for p in (*packs.patterns, GENERIC, REDRAWN, HEADER, BLOCK)}
        self._gone: dict[str, list[float]] = {}  # of patterns that are no more
        for name, (seconds, *counts) in (saved or {}).items():
            if name not in known:
                self._gone[name] = [seconds, *counts]
                continue
            self._seconds[known[name]] = seconds
            if counts[0]:
                self._counts[known[name]] = counts

    def count(self, records: Iterable[Record]) -> None:
        """Take the records of one line."""
        for record in records:
            self.count_lines(record.kind.pattern, 1, record.at, record.at)

    def count_lines(self, pattern: Pattern, lines: int, first: int, last: int) -> None:
        """Count lines that a pattern read: how many, and the offsets of the first and the last."""
        counts = self._counts.get(pattern)
        if counts is None:
            self._counts[pattern] = [lines, first, last]
        else:
            counts[0] += lines
            counts[2] = last

    def is_sampled(self) -> bool:
        """Whether the built-in patterns are timed on the next line that is searched."""
        self._searched += 1
        return self._searched % _SAMPLED == 1

    def stop(self, pattern: Pattern, began: float) -> None:
        """Take the time of a search that began then by `clock`."""
        weight = 1 if pattern.user else _SAMPLED
        self._seconds[pattern] = self._seconds.get(pattern, 0.0) + (self.clock() - began) * weight

    def all(self) -> dict[str, PatternUse]:
        """Return what every pattern did that read a line or is the user's, by its id."""
        shown = self.save().items()
        return {name: PatternUse(int(reads), int(first), int(last), seconds) for name, (seconds, reads, first, last) in shown}

    def save(self) -> dict[str, list[float]]:
        """Return the state as plain data: seconds, reads, offsets of the first and the last line, by the pattern's id."""
        shown = dict.fromkeys((*self._counts, *(p for p in self._seconds if p.user)))
        return self._gone | {p.id: [self._seconds.get(p, 0.0), *self._counts.get(p, (0, 0, 0))] for p in shown}
