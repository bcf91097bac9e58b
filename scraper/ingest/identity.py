"""Which bytes a file is, however it is named: hashes of its head and of the bytes before an offset. Opens and stores nothing."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scraper.model import FileIdentity
from scraper.parse.encodings import HEAD, UTF8, UTF16, sniff

if TYPE_CHECKING:
    import os

HEAD_BYTES: Final = 1024
TAIL_BYTES: Final = 1024
_BINARY_MAGIC: Final = (b"\x7fELF", b"PK\x03\x04", b"\x89PNG", b"\x89HDF", b"SQLite format 3\0", b"\xff\xd8\xff", b"%PDF", b"GIF8")
_HOLE: Final = re.compile(rb"\0{16,}")  # what a truncation leaves under a writer that does not append
_TEXT_BYTES: Final = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), 7, 8, 9, 10, 11, 12, 13, 27})


def digest(data: bytes) -> str:
    """Return the blake2b-128 hex digest the store keeps of heads and tails; "" for no bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest() if data else ""


def identity_of(status: os.stat_result, head: bytes) -> FileIdentity:
    """Return the identity of a file with this stat result that begins with `head` (as much of its first 1024 bytes as there is)."""
    head = head[:HEAD_BYTES]
    return FileIdentity(status.st_dev, status.st_ino, digest(head), len(head))


def same_head(known: FileIdentity, head: bytes) -> bool:
    """Tell whether a file that begins with `head` can be the one `known` was taken of, perhaps while it was shorter."""
    return len(head) >= known.head_size and digest(head[: known.head_size]) == known.head_hash


def looks_binary(head: bytes) -> bool:
    """Tell whether a file that begins with `head` is no text. Holes of NULs, UTF-16 and stray bytes are text with damage."""
    if head.startswith(_BINARY_MAGIC):
        return True
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return False
    text = head[(len(head) - len(head.lstrip(b"\0"))) // 2 * 2 :]  # UTF-16 may begin with one NUL of its own
    wide = sniff(text[:HEAD]) if len(text) >= HEAD else UTF8
    if wide in UTF16:
        try:
            text = text[: len(text) // 2 * 2].decode(wide).encode()
        except UnicodeDecodeError as error:  # but for a character whose second half is behind the head
            return error.end < len(text) // 2 * 2
    text = _HOLE.sub(b"", text.lstrip(b"\0"))
    strange = len(text.translate(None, _TEXT_BYTES))
    return strange * 16 > len(text)  # noise has one control character in ten


@dataclass(slots=True)
class History:
    """The last bytes read of one file: enough to hash the bytes before any offset not yet accounted for.

    `end` is the offset behind the last byte read, `head` the first up to 1024 bytes of the file.
    """

    end: int = 0
    head: bytes = b""
    _kept: bytes = b""  # the bytes that end at `end`

    def extend(self, data: bytes) -> None:
        """Take `data` as read next."""
        if self.end < HEAD_BYTES:
            self.head = (self.head + data[: HEAD_BYTES - len(self.head)]) if self.end == len(self.head) else self.head
        self._kept += data
        self.end += len(data)

    def skip(self, count: int) -> None:
        """Take `count` NUL bytes as read next, without having them in memory."""
        if count <= 4 * TAIL_BYTES:
            self.extend(bytes(count))
            return
        if self.end < HEAD_BYTES and self.end == len(self.head):
            self.head += bytes(HEAD_BYTES - self.end)
        self._kept = bytes(TAIL_BYTES)
        self.end += count

    def trim(self, offset: int, limit: int) -> None:
        """Forget what is not needed to answer `before(offset)` or later; keep at most `limit` bytes whatever that costs."""
        need = min(max(self.end - offset, 0) + TAIL_BYTES, limit)
        if len(self._kept) > need:
            self._kept = self._kept[-need:]

    def before(self, offset: int) -> bytes | None:
        """Return the up to 1024 bytes before `offset`, or None where they are no longer kept."""
        want = min(TAIL_BYTES, offset)
        stop = len(self._kept) - (self.end - offset)
        return self._kept[stop - want : stop] if want <= stop else None

    def since(self, offset: int) -> bytes | None:
        """Return the bytes from `offset` on, or None where they are no longer kept."""
        count = self.end - offset
        return self._kept[len(self._kept) - count :] if count <= len(self._kept) else None

    def last(self) -> bytes:
        """Return the up to 1024 bytes before `end`."""
        return self._kept[-TAIL_BYTES:] if self.end else b""
