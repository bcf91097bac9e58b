"""Passages that no training reported, whatever stands in their lines: changes as `git diff` prints them, frames around settings.

Counts their lines and keeps none of them.
"""

from __future__ import annotations

import re
from typing import Final

_HUNK: Final = re.compile(r"@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")
_TITLE: Final = (
    r"(?i:(?:[a-z]\w* ){0,3}(?:config(?:uration)?s?|settings|arguments|args|options|hyper-?parameters|hparams)(?: (?:for|of) [\w ./-]+)?)"
)
_FRAME: Final = re.compile(rf"\s*(?:[╭┌┏╔][─━═]+ {_TITLE} [─━═]+[╮┐┓╗]|[│┃║] +(?:[a-z]\w* )?{_TITLE} +[│┃║])\s*$")
_END: Final = re.compile(r"\s*[╰└┗╚]")
_MAX_ROWS: Final = 500  # of a frame
_SIDES: Final = tuple("│┃║├┣╠╰└┗╚")
_OLD, _NEW = ("-", " ", ""), ("+", " ", "")  # how lines of a change begin, of the file as it was and as it is
_MARKS: Final = ("-", "+", " ", "", "\\")


class Passage:
    """The open passage, as far as there is one; `save` gives it as plain data."""

    def __init__(self, state: list[int] | None = None) -> None:
        self._old, self._new, self._rows = state or (0, 0, 0)  # lines to come: of a file before and after a change; of a frame
        self.open = bool(self._old > 0 or self._new > 0 or self._rows > 0)

    def save(self) -> list[int]:
        """Return the constructor's argument."""
        return [self._old, self._new, self._rows]

    def begins(self, text: str) -> bool:
        """Take a line that says nothing; whether it begins a passage."""
        if m := _HUNK.match(text):
            self._set(int(m["old"] or 1), int(m["new"] or 1), 0)
        elif _FRAME.match(text):
            self._set(0, 0, _MAX_ROWS)
        return self.open

    def holds(self, text: str) -> bool:
        """Take a line; whether it belongs to the open passage. One that does not ends it."""
        within = self.open and (text[:1] in _MARKS if not self._rows else not text or text.lstrip()[:1] in _SIDES)
        if not within:
            self._set(0, 0, 0)
        elif self._rows:
            self._set(0, 0, 0 if _END.match(text) else self._rows - 1)
        else:
            self._set(self._old - (text[:1] in _OLD), self._new - (text[:1] in _NEW), 0)
        return within

    def _set(self, old: int, new: int, rows: int) -> None:
        self._old, self._new, self._rows = old, new, rows
        self.open = old > 0 or new > 0 or rows > 0
