"""Shapes of lines that are known to say nothing, whatever their numbers, so that their like is passed over. Judges no line itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from scraper.parse.printed import is_blank, zeroed

WORTH_KEEPING: Final = 2048  # characters; longer lines are rare, and many of their shapes would fill the memory
_MOST: Final = 32768
_FEWEST: Final = 16  # looked for in one go
_DIGIT_IN_WORD: Final = re.compile(rb"[A-Za-z_@]\d")


class Inert:
    """The shapes that were found to say nothing so far; ask `shapes` whether a line's is one of them, `fronts` whether it has labels."""

    def __init__(self) -> None:
        self.shapes: set[bytes] = set()
        self.fronts: set[bytes] = set()
        self._run = _FEWEST

    def clear(self) -> None:
        """Forget all shapes."""
        self.shapes.clear()
        self.fronts.clear()

    def add(self, data: bytes, *, has_labels: bool) -> None:
        """Remember a line's shape, if it tells apart what must be told apart and is worth the memory."""
        if len(data) > WORTH_KEEPING or _DIGIT_IN_WORD.search(data) or is_blank(data):
            return  # blanks wipe a bar
        if len(self.shapes) >= _MOST:
            self.clear()
        shape = zeroed(data)
        self.shapes.add(shape)
        if has_labels:
            self.fronts.add(shape)

    def run(self, shapes: Sequence[bytes], first: int) -> int:
        """Return how many lines from number `first` on have a known shape, given those of all lines."""
        number, size = first, self._run
        while True:
            part = shapes[number : number + size]
            passed = len(list(takewhile(self.shapes.__contains__, part)))
            number += passed
            if not part or passed < len(part):
                self._run = number - first + 1  # as many may follow the next time
                return number - first
            size *= 2
