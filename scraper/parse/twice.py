"""A line that two log handlers printed, one right below the other, each with a front of its own: it says one thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from scraper.parse import prefixes
from scraper.parse.encodings import text_of

_LONGEST: Final = 500  # bytes of a line that is kept
_TAIL: Final = 8  # by which most lines are told apart
_BREAK: Final = 2  # bytes that may end a line


class Twice:
    """The last line in which something was read, and where it ended."""

    __slots__ = ("_before", "_end")

    def __init__(self, saved: Sequence[Any] | None = None) -> None:
        end, before = saved or (-1, "")
        self._end, self._before = end, before.encode("latin-1")

    def save(self) -> list[Any]:
        """Return the state as plain data."""
        return [self._end, self._before.decode("latin-1")]

    def says(self, at: int, data: bytes, *, alike: bool) -> bool:
        """Whether a line, in which something was read, says what the one right above says, behind a front that tells the time otherwise.

        `alike`: both are known to have one shape, and so one front.
        """
        end, before = self._end, self._before
        self._end, self._before = at + len(data), data if len(data) <= _LONGEST else b""
        if alike or not before or data[-_TAIL:] != before[-_TAIL:] or not 0 < at - end <= _BREAK:
            return False
        above, text = text_of(before), text_of(data)
        one, two = prefixes.take(above), prefixes.take(text)
        if not (one.level and two.level) or one.labels != two.labels or above[one.end :] != text[two.end :]:
            return False
        return prefixes.notation(above) != prefixes.notation(text)
