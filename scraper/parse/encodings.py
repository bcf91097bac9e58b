"""Bytes that are no plain UTF-8: tells UTF-16 from the head of a log, keeps its offsets, and makes the best of damaged or foreign lines.

It decides by bytes alone and looks ahead no further than `HEAD` bytes.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

HEAD: Final = 8  # bytes that settle the encoding where there is no mark
UTF8: Final = "utf-8"
UTF16: Final = ("utf-16-le", "utf-16-be")
_MARKS: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_CONTINUATION: Final = bytes(range(0x80, 0xC0))
_NOT_FOUR: Final = bytes(range(0xF0))
_PAIR: Final = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x80-\xff]")
_COMMON: Final = frozenset((0xA1, 0xA2, 0xA3, *range(0xB0, 0xD8)))  # lead bytes of punctuation and of GB 2312's 3,755 most used characters
_LATIN: Final = re.compile(rb"[\x00-\x7f\xa0-\xfd]*")  # 0xFE and 0xFF are noise rather than letters


def sniff(head: bytes, *, final: bool = False) -> str:
    """Return the encoding of a log that begins with `head`: UTF-8, or UTF-16 in either order; "" while too little is seen to tell.

    UTF-16 has a byte order mark, or ASCII characters at its front: every other byte is NUL. `final`: no more will come.
    """
    mark = _MARKS.get(head[:2])
    if mark:
        return mark
    if len(head) < HEAD and not final and _may_be_wide(head):
        return ""
    even, odd = head[:HEAD:2], head[1:HEAD:2]
    if len(head) >= 2 and len(even) == len(odd):
        if not any(odd) and all(even):
            return UTF16[0]
        if not any(even) and all(odd):
            return UTF16[1]
    return UTF8


def _may_be_wide(head: bytes) -> bool:
    """Whether fewer than `HEAD` bytes may begin a UTF-16 text."""
    if len(head) < 2:
        return True
    even, odd = head[::2], head[1::2]
    return (not any(odd) and all(even)) or (not any(even) and all(odd))


class Wide:
    """Turns a stream of UTF-16 into UTF-8 and offsets in the one into offsets in the other, forwards only.

    `position` maps offsets behind those already asked for; what lies before them is forgotten. Units stand at even
    offsets of the file. A lone surrogate becomes U+FFFD.
    """

    def __init__(self, encoding: str, end: int, base: int = 0) -> None:
        self.end = end  # file offset behind the last byte taken
        self._encoding = encoding
        self._held = b""  # half a unit, or the first half of a surrogate pair
        self._at8 = base  # an offset in UTF-8 …
        self._at16 = end  # … and the file offset that it stands for
        self._runs: deque[int | bytes] = deque()  # the text from there on: sizes of ASCII runs, and what is not ASCII

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes of the file; return the UTF-8 that they complete."""
        if self.end % 2 and not self._held and data:  # behind a gap: begin with a whole unit
            self.end += 1
            self._at16 += 1
            data = data[1:]
        self.end += len(data)
        block = self._held + data
        whole = len(block) - len(block) % 2
        if whole and self._is_lead(block[whole - 2 : whole]):
            whole -= 2
        self._held = block[whole:]
        return self._decoded(block[:whole])

    def flush(self) -> bytes:
        """The stream has ended: return what the first half of a surrogate pair stands for; half a unit stands for nothing."""
        held, self._held = self._held, b""
        return self._decoded(held[: len(held) // 2 * 2])

    def gap(self, size: int, at8: int) -> None:
        """Go on `size` bytes further in the file, at the UTF-8 offset `at8`; what is held is lost."""
        self.end += size
        self._held = b""
        self._runs.clear()
        self._at8, self._at16 = at8, self.end

    def position(self, at8: int) -> int:
        """Return the file offset of an offset in UTF-8, which is none below the last one asked for."""
        need = at8 - self._at8
        while need > 0:
            run = self._runs.popleft()
            size = run if isinstance(run, int) else len(run)
            taken = min(size, need)
            if isinstance(run, int):
                self._at16 += 2 * taken
                rest: int | bytes = run - taken
            else:
                self._at16 += 2 * _units(run[:taken])
                rest = run[taken:]
            if rest:
                self._runs.appendleft(rest)
            need -= taken
            self._at8 += taken
        return self._at16

    def _decoded(self, block: bytes) -> bytes:
        text = block.decode(self._encoding, "replace").encode()
        if not text:
            return text
        if not text.isascii():
            self._runs.append(text)
        elif self._runs and isinstance(self._runs[-1], int):
            self._runs[-1] += len(text)
        else:
            self._runs.append(len(text))
        return text

    def _is_lead(self, unit: bytes) -> bool:
        return 0xD8 <= unit[1 if self._encoding == UTF16[0] else 0] <= 0xDB


def _units(text: bytes) -> int:
    """Return how many UTF-16 units a UTF-8 text has: one a character, two where it takes four bytes."""
    return len(text.translate(None, _CONTINUATION)) + len(text.translate(None, _NOT_FOUR))


def text_of(data: bytes) -> str:
    """Return a line as text: UTF-8, and what `decode` makes of any other."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return decode(data)


def decode(data: bytes) -> str:
    """Return a line that is no valid UTF-8: as GB 18030 or Latin-1 where it clearly is that, else with U+FFFD for what is damaged."""
    if _is_chinese(data):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass  # damaged as well: the way below shows what is left
    replaced = data.decode("utf-8", "replace")
    if all(c < "\x80" or c == "\ufffd" for c in replaced) and _LATIN.fullmatch(data):
        return data.decode("latin-1")
    return replaced


def _is_chinese(data: bytes) -> bool:
    """Whether nearly all that is not ASCII are pairs of bytes that stand for common Chinese characters in GB 2312 and its successors."""
    found = _PAIR.findall(data)
    common = sum(1 for pair in found if len(pair) == 2 and pair[0] in _COMMON and pair[1] >= 0xA1)
    return common * 10 >= len(found) * 7
