"""Passages that no training reported, whatever stands in their lines: changes as `git diff` prints them, framed settings, our summaries.

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
_SUMMARY: Final = re.compile(r"scraper: run [\w.-]+ \(.*\) (?:\w+$|failed with |was (?:killed|lost)\b)")  # of a run wrapped within
_TOLD: Final = re.compile(  # its lines
    r"  last \S|(?:^|\s)(?:… and [\d,]+ more$|[\d,]+ points; [\d,]+ lines|discarded: |[\d,]+ bytes were not recorded|nothing was printed$"
    r"|why did a line not match\?|(?P<end>look closer: scraper ))"
)
_MAX_ROWS: Final = 500  # of a frame
_MAX_TOLD: Final = 32  # lines from a summary's first to its last, with those of others between
_SIDES: Final = tuple("│┃║├┣╠╰└┗╚")
_OLD, _NEW = ("-", " ", ""), ("+", " ", "")  # how lines of a change begin, of the file as it was and as it is
_MARKS: Final = ("-", "+", " ", "", "\\")


class Passage:
    """The open passage, as far as there is one; `save` gives it as plain data."""

    def __init__(self, state: list[int] | None = None) -> None:
        # lines to come: of a file before and after a change; of a frame; of a summary
        self._old, self._new, self._rows, self._told = [*(state or ()), 0, 0, 0, 0][:4]
        self.open = max(self.save()) > 0

    def save(self) -> list[int]:
        """Return the constructor's argument."""
        return [self._old, self._new, self._rows, self._told]

    def begins(self, text: str) -> bool:
        """Take a line that says nothing; whether it begins a passage."""
        if m := _HUNK.match(text):
            self._set(old=int(m["old"] or 1), new=int(m["new"] or 1))
        elif _FRAME.match(text):
            self._set(rows=_MAX_ROWS)
        elif _SUMMARY.match(text):
            self._set(told=_MAX_TOLD)
        return self.open

    def holds(self, text: str) -> bool:
        """Take a line; whether it belongs to the open passage. One that does not ends it; but for a summary's, that others print into."""
        if self._told:
            row = _TOLD.search(text)
            self._set(told=0 if row and row["end"] else self._told - 1)
            return row is not None
        within = self.open and (text[:1] in _MARKS if not self._rows else not text or text.lstrip()[:1] in _SIDES)
        if not within:
            self._set()
        elif self._rows:
            self._set(rows=0 if _END.match(text) else self._rows - 1)
        else:
            self._set(old=self._old - (text[:1] in _OLD), new=self._new - (text[:1] in _NEW))
        return within

    def _set(self, *, old: int = 0, new: int = 0, rows: int = 0, told: int = 0) -> None:
        self._old, self._new, self._rows, self._told = old, new, rows, told
        self.open = max(self.save()) > 0
