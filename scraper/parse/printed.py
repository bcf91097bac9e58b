"""Printed lines and redraws, in order: listed one by one, or uncut in the text they came in. Knows nothing of what they say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from itertools import accumulate, count
from operator import add
from typing import Final, NamedTuple

_LEAST_BLANKS: Final = 8
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")


def zeroed(data: bytes) -> bytes:
    """Return a text with every digit as a zero."""
    return data.translate(_ZEROS)


def is_blank(data: bytes) -> bool:
    """Tell whether a line is blanks, as many as wipe a bar."""
    return len(data) >= _LEAST_BLANKS and data.isspace()


class RawLine(NamedTuple):
    """One printed line or redraw, as bytes without control sequences."""

    at: int  # byte offset of its first byte in the source
    data: bytes
    redraw: bool  # what follows overwrites it on a terminal


class Lines(ABC):
    """Lines by number. `line` gives a `RawLine`'s values as a plain tuple, in a fifth of the time."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of lines and redraws."""

    @abstractmethod
    def line(self, number: int) -> tuple[int, bytes, bool]:
        """Return a line's offset, bytes, and whether it is a redraw."""

    @property
    @abstractmethod
    def zeroed(self) -> list[bytes]:
        """The lines with every digit as a zero; to be asked for when all lines are there."""

    @abstractmethod
    def ats(self, first: int, end: int) -> list[int]:
        """Return the offsets of the lines from number `first` to `end` (excluded)."""

    @abstractmethod
    def joined(self, first: int, end: int) -> bytes:
        """Return the bytes of the lines from number `first` to `end` (excluded, at least one), with newlines between them."""

    @abstractmethod
    def has_redraw(self, first: int, end: int) -> bool:
        """Tell whether there is a redraw among the lines from number `first` to `end` (excluded)."""

    def __iter__(self) -> Iterator[RawLine]:
        """Yield them one by one."""
        return (RawLine(*self.line(number)) for number in range(len(self)))

    def __add__(self, other: Lines) -> Lines:
        """Return these lines with those of another collection behind them."""
        if not len(self) or not len(other):
            return self if len(self) else other
        both = Listed()
        both.extend(self)
        both.extend(other)
        return both

    def moved(self, position: Callable[[int], int]) -> Listed:
        """Return the lines at other offsets; `position` is asked in order."""
        lines = Listed()
        for number in range(len(self)):
            at, data, redraw = self.line(number)
            lines.add(position(at), data, redraw)
        return lines


class Listed(Lines):
    """Lines one by one."""

    __slots__ = ("_ats", "_datas", "_redraws", "_zeroed")

    def __init__(self) -> None:
        self._ats: list[int] = []
        self._datas: list[bytes] = []
        self._redraws: list[bool] = []
        self._zeroed: list[bytes] | None = None

    def add(self, at: int, data: bytes, redraw: bool) -> None:
        """Add a line, or a redraw."""
        self._ats.append(at)
        self._datas.append(data)
        self._redraws.append(redraw)

    def extend(self, other: Lines) -> None:
        """Add the lines of another collection behind these."""
        for number in range(len(other)):
            self.add(*other.line(number))

    def __len__(self) -> int:
        """Return the number of lines and redraws."""
        return len(self._ats)

    def line(self, number: int) -> tuple[int, bytes, bool]:
        """Return a line's offset, bytes, and whether it is a redraw."""
        return self._ats[number], self._datas[number], self._redraws[number]

    @property
    def zeroed(self) -> list[bytes]:
        """The lines with every digit as a zero."""
        if self._zeroed is None:
            self._zeroed = list(map(zeroed, self._datas))
        return self._zeroed

    def ats(self, first: int, end: int) -> list[int]:
        """Return the offsets of lines."""
        return self._ats[first:end]

    def joined(self, first: int, end: int) -> bytes:
        """Return the bytes of lines with newlines between them."""
        return b"\n".join(self._datas[first:end])

    def has_redraw(self, first: int, end: int) -> bool:
        """Tell whether there is a redraw among lines."""
        return True in self._redraws[first:end]


class Uncut(Lines):
    """Complete lines of a text without anything for the terminal, cut where they are asked for: most say nothing and never are."""

    __slots__ = ("_begin", "_cuts", "_text", "_width", "_zeroed")

    def __init__(self, text: bytes, begin: int, width: int) -> None:
        """`text` has its first byte at offset `begin` of the source, where a line ends in `width` bytes and not in a newline alone."""
        self._text, self._begin, self._width = text, begin, width
        self._zeroed = zeroed(text).split(b"\n")
        self._zeroed.pop()
        self._cuts = list(accumulate(map(len, self._zeroed), initial=0))  # where lines would begin if nothing were between them

    @property
    def longest(self) -> int:
        """Bytes of the longest line."""
        return max(map(len, self._zeroed))

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._zeroed)

    def line(self, number: int) -> tuple[int, bytes, bool]:
        """Return a line's offset, its bytes, and that it is no redraw."""
        cut = self._cuts[number]
        return self._begin + cut + number * self._width, self._text[cut + number : self._cuts[number + 1] + number], False

    @property
    def zeroed(self) -> list[bytes]:
        """The lines with every digit as a zero."""
        return self._zeroed

    def ats(self, first: int, end: int) -> list[int]:
        """Return the offsets of lines."""
        return list(map(add, self._cuts[first:end], count(self._begin + first * self._width, self._width)))

    def joined(self, first: int, end: int) -> bytes:
        """Return the bytes of lines with newlines between them."""
        return self._text[self._cuts[first] + first : self._cuts[end] + end - 1]

    def has_redraw(self, first: int, end: int) -> bool:  # noqa: ARG002 - there is none
        """Tell that there is no redraw."""
        return False
