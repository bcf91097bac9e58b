"""A logger's line in several rows: rich's, which its console's width folds, and Julia's, a row a value. Holds those so far."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from scraper.parse.numbers import NUMBER
from scraper.parse.prefixes import AT_RIGHT
from scraper.parse.records import Record, kind_of

_TIME: Final = r"\[[^\]]*\d:\d\d[^\]]*\] | {9,40}(?! )"  # or blanks, where it is that of the row above
_LEVELS: Final = ("DEBUG    ", "INFO     ", "WARNING  ", "ERROR    ", "CRITICAL ")
_LOGGED: Final = re.compile(rf"(?:(?:^|(?<=[Z|FP:] ))(?:{_TIME})|^)(?:{'|'.join(_LEVELS)})(?=[^\s|])")  # also behind what collects lines
_PRINTED: Final = re.compile(rf"(?:{_TIME})(?=\S.*{AT_RIGHT.pattern})")  # of a console, which says where, and no level
_WIDTHS: Final = (80, 100, 120, 132, 160, 200, 240)  # of consoles: a row may fill one to the last column
_FRAME: Final = re.compile(r"(?:^|(?<= ))┌ (?P<level>Info|Debug|Test|Warning|Error): *(?P<said>.*)")  # `┌ Info: trained`, `└   loss = 0.5`
_SIDE: Final = re.compile(rf"(?P<side>[│└]) +(?P<said>[^\W\d][\w./]* = {NUMBER}(?:f-?\d+)?)?")
_OPEN, _SIDES = "┌", "│"
_LOUD: Final = -1
_ZEROS: Final = str.maketrans("123456789", "000000000")
_TITLE: Final = 4  # words of a message: more are a sentence, which says nothing of the values
_MAX: Final = 4096  # characters of the whole


class Folded:
    """A row was printed that may go on: with blanks below its time and level, and with a word that had no room in it; or a frame's."""

    __slots__ = ("_at", "_front", "_row", "told", "whole")

    def __init__(self, saved: Sequence[Any] | None) -> None:
        self.whole: str = ""  # the line so far, without where in the program it was printed
        self.told: str = ""  # what of it has been read
        self._row: str = ""  # its last row, with that; of a frame the side, and "" behind the last one
        self._front: str = ""  # what collects lines put in front of it, digits as 0
        self._at: int = 0  # where its text begins; of a frame, whether it warns and so reports no values
        self.whole, self.told, self._row, self._front, self._at = saved or ("", "", "", "", 0)

    @property
    def open(self) -> bool:
        """Whether the next line may go on with this one."""
        return bool(self._row)

    @property
    def waits(self) -> bool:
        """Whether what the line says is not to be read before its last row."""
        return self._row == _OPEN

    def begin(self, text: str) -> None:
        """Take a line that was read, which may go on in the next one; "" for none."""
        self.whole = self.told = self._row = ""
        begun = _begun(text)
        if begun is None:
            return
        self._front = _zeroed(text[: begun.start()])
        if begun.re is _FRAME:
            self.whole = self.told = begun["said"] if begun["said"].count(" ") < _TITLE else ""
            self._row, self._at = _OPEN, _LOUD if begun["level"] in ("Warning", "Error") else 0
        else:
            self.whole, self._row, self._at = AT_RIGHT.sub("", text).rstrip(" "), text, begun.end()

    def goes_on(self, text: str) -> bool:
        """Whether a line goes on with the one above; `whole` is both of them then."""
        if _zeroed(text[: len(self._front)]) != self._front:
            return False
        return self._is_in_frame(text[len(self._front) :]) if self.waits else self._is_folded(text)

    def _is_in_frame(self, text: str) -> bool:
        """Whether a line is a row of the open frame, which may tell of more than a value."""
        row = _SIDE.match(text)
        if row is None or len(self.whole) > _MAX:
            return False
        if self._at != _LOUD and row["said"] and row.end() == len(text.rstrip()):
            self.whole = f"{self.whole}, {row['said']}" if self.whole else row["said"]
        self._row = _OPEN if row["side"] == _SIDES else ""
        return True

    def _is_folded(self, text: str) -> bool:
        """Whether a line begins with what had no room in the row above."""
        if not self.whole or len(text) != len(self._row) or len(self.whole) > _MAX or AT_RIGHT.search(text):
            return False
        said = text[self._at :].rstrip(" ")
        place = AT_RIGHT.search(self._row)
        end = len(AT_RIGHT.sub("", self._row).rstrip(" ")) if place else len(self._row.rstrip(" "))
        width = place.end() - len(place[0].lstrip()) - 1 if place else len(text)
        if text[len(self._front) : self._at].strip() or said[:1] in ("", " ") or end + 1 + len(said.split(" ", 1)[0]) <= width:
            return False
        self.told, self.whole, self._row = self.whole, f"{self.whole} {said}", text[:width] + self._row[width:]
        return True

    def save(self) -> list[Any]:
        """Return the constructor's argument."""
        return [self.whole, self.told, self._row, self._front, self._at]


def may_go_on(text: str) -> bool:
    """Whether a line is drawn in columns, whose text may be as wide as its column, or is a frame's first."""
    return _begun(text) is not None


def _begun(text: str) -> re.Match[str] | None:
    """Return what a line begins with that may go on in rows, None for any other."""
    if _OPEN in text:
        return _FRAME.search(text)
    if not any(map(text.__contains__, _LEVELS)):
        return _PRINTED.match(text)
    logged = _LOGGED.search(text)
    is_filled = logged is not None and (text.endswith(" ") or len(text) - logged.start() in _WIDTHS or AT_RIGHT.search(text))
    return logged if is_filled else None  # others print levels as wide, and lines as long as they are


def _zeroed(text: str) -> str:
    return text.translate(_ZEROS)


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

