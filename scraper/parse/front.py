"""The parser's front: finds out how a log is encoded, and gives its lines as UTF-8 with the offsets they have in the file.

Holds what the splitter holds, and nothing of what lines say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from scraper.parse.encodings import UTF16, Wide, sniff
from scraper.parse.lines import Splitter
from scraper.parse.printed import Lines, Listed

_DAMAGE: Final = "\ufffd".encode()


class Front:
    """Cuts a source into lines, whatever its encoding. Any cut of its bytes gives the same lines; see `Splitter`."""

    def __init__(self, saved: Mapping[str, Any], *, max_line_bytes: int) -> None:
        consumed = saved.get("consumed", 0)
        self._splitter = Splitter(consumed=consumed, skipping=saved.get("skipping", False), max_line_bytes=max_line_bytes)
        self._splitter.lines = saved.get("lines", 0)
        self._encoding: str = saved.get("encoding", "") if consumed else ""  # "": not known yet; a file's beginning decides
        self._head = b""  # bytes that do not settle it
        self._wide = Wide(self._encoding, consumed, consumed) if self._encoding in UTF16 else None

    @property
    def consumed(self) -> int:
        """Bytes of the source that are accounted for; a partial last line is not among them."""
        return self._splitter.consumed if self._wide is None else self._wide.position(self._splitter.consumed)

    @property
    def lines(self) -> int:
        """Complete lines seen since the source began."""
        return self._splitter.lines

    @property
    def counters(self) -> Counter[str]:
        """Everything discarded since the counts were last taken, by reason; whoever takes them clears them."""
        return self._splitter.counters

    def feed(self, data: bytes) -> Lines:
        """Take the next bytes of the source; return the lines and redraws that they complete, in order."""
        if not self._encoding:
            data = self._settle(self._head + data, final=False)
        return self._splitter.feed(data) if self._wide is None else self._placed(self._splitter.feed(self._wide.feed(data)))

    def flush(self) -> Lines:
        """The stream has ended: return the partial last line, if any."""
        lines: Lines = Listed()
        if self._head:
            rest = self._settle(self._head, final=True)
            lines = self.feed(rest)
        if self._wide is None:
            return lines + self._splitter.flush()
        last = self._splitter.feed(self._wide.flush())
        lines = lines + self._placed(last + self._splitter.flush())
        self._wide.gap(0, self._splitter.consumed)
        return lines

    def gap(self, size: int) -> None:
        """Account for `size` bytes that cannot be read; a line that was cut by them is dropped."""
        if self._wide is None:
            self._splitter.gap(len(self._head) + size)
            self._head = b""
        else:
            self._splitter.gap(0)
            self._wide.gap(size, self._splitter.consumed)

    def save(self) -> dict[str, Any]:
        """Return the state at `consumed` as plain data."""
        return {"consumed": self.consumed, "skipping": self._splitter.skipping, "lines": self.lines, "encoding": self._encoding}

    def _settle(self, head: bytes, *, final: bool) -> bytes:
        """Find out the encoding; return the bytes to go on with, none while too few are seen."""
        offset = self._splitter.consumed
        self._encoding = sniff(head[offset % 2 :], final=final)
        self._head = b"" if self._encoding else head
        if self._encoding in UTF16:
            self._wide = Wide(self._encoding, offset, offset)
        return b"" if self._head else head

    def _placed(self, lines: Lines) -> Lines:
        """Give lines the offsets they have in the file."""
        assert self._wide is not None  # noqa: S101 - only called where it is there
        for line in lines:
            if _DAMAGE in line.data:
                self.counters["bad_utf16"] += line.data.count(_DAMAGE)
        lines = lines.moved(self._wide.position)
        self._wide.position(self._splitter.consumed)
        return lines
