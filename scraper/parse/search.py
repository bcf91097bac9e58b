"""Which of the packs' patterns reads a text: the first that matches, by a search of few, and of a user's for no longer than it may.

Knows a text and the open section; what lines were before and after it is `matcher`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from scraper.parse import jsonlines
from scraper.parse.packs import PackSet, Pattern
from scraper.parse.plans import Found, read_match, strangers
from scraper.parse.uses import Uses
from scraper.text import QUARANTINED


class Search:
    """Tries patterns in their order. Holds how often each of a user's has timed out, which `save` gives as plain data."""

    def __init__(
        self, packs: PackSet, uses: Uses, counters: Counter[str], state: Mapping[str, Any], *, timeout: float, strikes: int
    ) -> None:
        """`timeout`: seconds a user's pattern may search; `strikes`: how often it may fail to keep to that."""
        self.timeout, self._strikes = timeout, strikes
        self._uses, self._counters = uses, counters
        self._packs = packs
        sources = {p.id: p.source for p in packs.patterns if p.user}
        kept = {name: count for name, (count, source) in state.items() if sources.get(name) == source}
        self._timeouts: Counter[str] = Counter(kept)  # of the user's patterns as they are: one that was mended starts anew

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {p.id: [self._timeouts[p.id], p.source] for p in self._packs.patterns if self._timeouts[p.id]}

    def is_quarantined(self, pattern: Pattern) -> bool:
        """Whether a user's pattern has timed out so often that it is not tried any more."""
        return pattern.user and self._timeouts[pattern.id] >= self._strikes

    def first(self, text: str, section: str) -> tuple[Found, int, int] | None:
        """Return what the first pattern that matches finds in `text`, which is not empty, and where its match begins and ends."""
        uses = self._uses
        sampled = uses.is_sampled()
        for pattern in self._packs.candidates(text, section):
            regex = pattern.regex  # made now if it never was, which is no part of searching
            began = uses.clock() if sampled or pattern.user else None
            hit = self._try(pattern, regex, text)
            if began is not None:
                uses.stop(pattern, began)
            if hit is not None:
                return hit
        return None

    def _try(self, pattern: Pattern, regex: Any, text: str) -> tuple[Found, int, int] | None:
        if pattern.kind == "json":
            return (Found(pattern, (), ()), 0, len(text)) if jsonlines.read(text, pattern) else None
        if regex is None:
            return None
        m = self._guarded(pattern, regex, text) if pattern.user else regex.search(text)
        if m:
            found = read_match(m, pattern)
            if not (pattern.user and strangers(text, found)):
                return found, m.start(), m.end()
        return None

    def _guarded(self, pattern: Pattern, regex: Any, text: str) -> Any:
        """Search with a user's pattern, for no longer than it may."""
        if self.is_quarantined(pattern):
            return None
        try:
            return regex.search(text, timeout=self.timeout, concurrent=False)
        except TimeoutError:
            self._timeouts[pattern.id] += 1
            self._counters["pattern_timeout"] += 1
            if self._timeouts[pattern.id] == self._strikes:
                self._counters[f"{QUARANTINED}{pattern.id}"] += 1
            return None
