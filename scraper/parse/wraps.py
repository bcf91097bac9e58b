"""A bar whose values go on in the lines below, where the terminal was too narrow: reads them as one line. Holds that line, nothing else."""

from __future__ import annotations

import re
from typing import Any, Final

from scraper.parse.numbers import NUMBER
from scraper.parse.packs import Pattern
from scraper.parse.plans import evaluate, read_match
from scraper.parse.rows import Cells

_WORD: Final = rf"(?:[^\s:]+:|{NUMBER})"  # a name may end one line, and its value begin the next
_CLOCK: Final = r"[\d-]+:[\d-]{2}:[\d-]{2}(?!\S)"  # what is left to go, where that does not fit either
_GOES_ON: Final = re.compile(  # a logger's line may follow
    rf" {{16,}}(?=\S)(?:(?P<clock>{_CLOCK}) *)?(?P<more>(?:{_WORD}(?: +{_WORD})*)?) *(?:(?<=   )[`A-Z].*)?$"
)
_MAX: Final = 4096  # characters of the whole


class Wrapped:
    """A bar was drawn; the rest of its values may follow, far to the right."""

    def __init__(self, pattern: Pattern, text: str) -> None:
        self.pattern = pattern
        self._text = text.rstrip()
        self.open = True
        self.took = False  # the last line fed belonged to the bar

    def feed(self, text: str) -> Cells | None:
        """Return what the whole bar says with one more line; None for any other line, which the caller reads as usual."""
        more = _GOES_ON.match(text) if len(self._text) < _MAX else None
        self.open = self.took = more is not None and any(more.groups())
        if more is None or not self.took or self.pattern.regex is None:
            return None
        self._text = f"{self._text} {more['more']}".rstrip()
        m = self.pattern.regex.search(self._text)
        if m is None:
            return None
        whole = evaluate(read_match(m, self.pattern), self._text, 0, redraw=True, time=None, labels=())
        return Cells(whole.facts, whole.names, whole.values) if whole.values else None

    def save(self) -> dict[str, Any]:
        """Return what `load` needs, as plain data."""
        return {"wrapped": self.pattern.id, "text": self._text}


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Wrapped | None:
    """Return the block that `save` described; None when it was another, or its pattern is gone."""
    pattern = patterns.get(state.get("wrapped", "")) if state else None
    return Wrapped(pattern, state["text"]) if state and pattern else None
