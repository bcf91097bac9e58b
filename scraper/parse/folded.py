"""A logger's line that goes on in rows below it, as rich draws them in its console's width. Holds the rows so far, nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from scraper.parse.prefixes import AT_RIGHT
from scraper.parse.records import Record, kind_of

_TIME: Final = r"\[[^\]]*\d:\d\d[^\]]*\] | {9,40}(?! )"  # or blanks, where it is that of the row above
_LEVEL: Final = r"(?:DEBUG {4}|INFO {5}|WARNING {2}|ERROR {4}|CRITICAL )"
_COLUMNS: Final = re.compile(rf"(?:(?:{_TIME})?{_LEVEL}|(?:{_TIME})(?=.*{AT_RIGHT.pattern}))(?=\S)")
_MAX: Final = 4096  # characters of the whole


class Folded:
    """A row was printed that may go on: with blanks below its time and level, and with a word that had no room in it."""

    __slots__ = ("_at", "_row", "whole")

    def __init__(self, saved: Sequence[Any] | None) -> None:
        self.whole: str = ""  # the line so far, without where in the program it was printed
        self._row: str = ""  # its last row, with that
        self._at: int = 0  # where its text begins
        self.whole, self._row, self._at = saved or ("", "", 0)

    @property
    def open(self) -> bool:
        """Whether the next line may go on with this one."""
        return bool(self.whole)

    def begin(self, text: str) -> None:
        """Take a line that was read, which may go on in the next one; "" for none."""
        columns = _COLUMNS.match(text)
        self.whole, self._row, self._at = (AT_RIGHT.sub("", text).rstrip(" "), text, columns.end()) if columns else ("", "", 0)

    def goes_on(self, text: str) -> bool:
        """Whether a line goes on with the one above; `whole` is both of them then."""
        if not self.whole or len(text) != len(self._row) or len(self.whole) > _MAX or AT_RIGHT.search(text):
            return False
        said = text[self._at :].rstrip(" ")
        place = AT_RIGHT.search(self._row)
        end = len(AT_RIGHT.sub("", self._row).rstrip(" ")) if place else len(self._row.rstrip(" "))
        width = place.end() - len(place[0].strip()) - 1 if place else len(text)
        if text[: self._at].strip() or said[:1] in ("", " ") or end + 1 + len(said.split(" ", 1)[0]) <= width:
            return False
        self.whole, self._row = f"{self.whole} {said}", text[:width] + self._row[width:]
        return True

    def save(self) -> list[Any]:
        """Return the constructor's argument."""
        return [self.whole, self._row, self._at]


def may_go_on(text: str) -> bool:
    """Whether a line is drawn in columns as rich's rows are: its text may be as wide as its column."""
    return _COLUMNS.match(text) is not None


def added(whole: Sequence[Record], before: Sequence[Record]) -> list[Record]:
    """Return what a whole line says beyond what its rows `before` have said."""
    said = Counter((name, value) for record in before for name, value in zip(record.names, record.values, strict=True))
    found = []
    for record in whole:
        fresh = []
        for pair in zip(record.names, record.values, strict=True):
            said[pair] -= 1
            if said[pair] < 0:
                fresh.append(pair)
        if fresh:
            kind = kind_of(record.pattern, tuple(name for name, _ in fresh))
            found.append(record._replace(kind=kind, values=[value for _, value in fresh]))
    return found

