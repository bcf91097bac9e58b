"""One file generation, read from an offset to its end: notices that it was truncated or rewritten, skips holes, hands out bytes.

Which file a path means now, and what happens to the bytes, is decided elsewhere.
"""

from __future__ import annotations

import enum
import io
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, Self

from scraper.errors import SourceError
from scraper.ingest import compressed
from scraper.ingest.identity import HEAD_BYTES, TAIL_BYTES, History, digest, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from scraper.model import FileIdentity

BLOCK: Final = 256 * 1024  # bytes read at once
_HELD_NULS: Final = b"\0" * 8  # at the end of a file these are more often bytes on their way than bytes that stay
_DOUBT_SECONDS: Final = 1.0  # how long a network file must look rewritten before that is believed: its cached size may lag


class Chunk(NamedTuple):
    """What stands next in a file: a part of a hole, or data."""

    gap: int  # NUL bytes of a hole, skipped without having been in memory
    data: bytes


NOTHING: Final = Chunk(0, b"")


class Verdict(enum.Enum):
    """What the bytes before the offset say about a file."""

    SAME = "they are those that were read"
    SHORTER = "they are no longer all there"
    CHANGED = "they are others"


class RewrittenError(Exception):
    """The file no longer holds what was read of it: it was truncated, or written anew."""


class Tail(Protocol):
    """One generation of a file, plain or compressed, that is read front to back."""

    history: History
    path: Path
    at_end: bool  # the last read came to the end of what is there

    def read(self, size: int, now: float) -> Chunk:
        """Return up to about `size` bytes more; `now` is monotonic seconds. Raises RewrittenError, OSError, SourceError."""
        ...

    def status(self) -> os.stat_result:
        """Return the stat result of the open file."""
        ...

    def identity(self) -> FileIdentity:
        """Return which file this is, with as much of its head as is known."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


def judge(expected: bytes, found: bytes) -> Verdict:
    """Compare the bytes that were read before the offset with those `found` there now, and perhaps more behind them."""
    if found.startswith(expected):
        return Verdict.SAME
    return Verdict.SHORTER if expected.startswith(found) else Verdict.CHANGED


def regular(path: Path) -> int:
    """Open a regular file for reading and return its descriptor. SourceError for anything else, OSError as the system gives it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise SourceError(f"{path}: not a regular file; give a file, or - to read a pipe")


class PlainTail:
    """A file that is read in place. `offset` is where to begin, in bytes; `descriptor`, if it is open already, is the tail's to close."""

    def __init__(self, path: Path, offset: int = 0, *, network: bool = False, descriptor: int | None = None) -> None:
        self.path = path
        self.at_end = False
        self._network = network
        self._doubt: float | None = None
        self._fd = regular(path) if descriptor is None else descriptor
        try:
            self._status = os.fstat(self._fd)
            self._opening = os.pread(self._fd, HEAD_BYTES, 0)
            before = os.pread(self._fd, min(offset, TAIL_BYTES), max(offset - TAIL_BYTES, 0))
        except OSError:
            self.close()
            raise
        self.history = History(offset, self._opening[:offset], before)

    def read(self, size: int, now: float) -> Chunk:
        """Return up to `size` bytes more; nothing at the end. RewrittenError when the bytes before the offset are no longer there."""
        last = self.history.last()
        found = os.pread(self._fd, len(last) + size, self.history.end - len(last))
        if judge(last or self._opening[:size], found) is not Verdict.SAME:  # before the first byte is read, what it began with when opened
            self._doubt_it(now)
            self.at_end = True
            return NOTHING
        self._doubt = None
        data = found[len(last) :]
        self.at_end = len(data) < size
        chunk = Chunk(0, data)
        if self.at_end and data.endswith(_HELD_NULS):
            chunk = Chunk(0, data.rstrip(b"\0"))
        elif not self.at_end and not data.lstrip(b"\0"):
            chunk = Chunk(self._hole_length(len(data)), b"")
        self.history.skip(chunk.gap)
        self.history.extend(chunk.data)
        return chunk

    def again(self) -> PlainTail:
        """Open what the file holds now, from its start, whatever it is called by now and if it has no name any more. OSError."""
        return PlainTail(self.path, network=self._network, descriptor=os.dup(self._fd))

    @property
    def is_rewritten(self) -> bool:
        """Whether what was read is no longer there. On a network file system that is for `read` to find out. OSError."""
        last = self.history.last()
        expected = last or self._opening
        found = os.pread(self._fd, len(expected), self.history.end - len(last))
        return not self._network and judge(expected, found) is not Verdict.SAME

    @property
    def is_doubted(self) -> bool:
        """Whether the file looks rewritten and that is not believed yet: it has to be read again soon."""
        return self._doubt is not None

    def seek(self, offset: int) -> None:
        """Go on at `offset` without having read what is before it."""
        self.history = History(offset, self._opening[:offset], os.pread(self._fd, min(offset, TAIL_BYTES), max(offset - TAIL_BYTES, 0)))

    def _hole_length(self, seen: int) -> int:
        """Return how many NULs can be skipped here: `seen`, or all up to where the file system says that data begins."""
        try:
            return max(os.lseek(self._fd, self.history.end, os.SEEK_DATA) - self.history.end, seen)
        except OSError:  # no data behind the hole, or a file system that cannot say
            return seen

    def _doubt_it(self, now: float) -> None:
        """Raise RewrittenError, on a network file system only when it has looked so for a while."""
        if self._network:
            self._doubt = now if self._doubt is None else self._doubt
            if now - self._doubt < _DOUBT_SECONDS:
                return
        raise RewrittenError(str(self.path))

    def status(self) -> os.stat_result:
        """Return the stat result of the open file; once it is closed, the last there was. OSError: its handle is stale."""
        if self._fd >= 0:
            self._status = os.fstat(self._fd)
        return self._status

    def identity(self) -> FileIdentity:
        """Return which file this is, also where its handle is stale."""
        return identity_of(self._status, max(self.history.head, self._opening, key=len))

    def close(self) -> None:
        """Close the file; again does nothing."""
        descriptor, self._fd = self._fd, -1
        if descriptor >= 0:
            with suppress(OSError):  # it is closed all the same, where a filesystem whose server has gone says otherwise
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class CompressedTail:
    """A compressed file, read as what it holds; offsets count decompressed bytes. It is taken to be complete."""

    def __init__(self, path: Path, kind: str, offset: int = 0) -> None:
        self.path = path
        self.at_end = False
        self._error: SourceError | None = None
        self._stream = compressed.open_stream(path, kind)
        self._status = path.stat()
        self._ahead = b""  # read and not given out yet
        self.history = History()
        try:
            while self.history.end < offset and (data := compressed.read(self._stream, min(BLOCK, offset - self.history.end), path)):
                self._note(data)
            self._opening = b"" if offset else b"".join(self._parts(HEAD_BYTES))
        except (SourceError, OSError):
            self.close()
            raise
        self._ahead = self._opening

    def _note(self, data: bytes) -> None:
        self.history.extend(data)
        self.history.trim(self.history.end, BLOCK)

    def read(self, size: int, now: float) -> Chunk:  # noqa: ARG002 - a plain file needs the time
        """Return `size` bytes more, fewer at the end. SourceError when the data behind those returned last is damaged, or missing."""
        if self._error is not None and not self._ahead:
            raise self._error
        data = b"".join(self._parts(size))
        self.at_end = self._error is None and len(data) < size
        if self._error is not None and not data:
            raise self._error
        self.history.extend(data)
        return Chunk(0, data)

    def _parts(self, size: int) -> Iterator[bytes]:
        """Yield bytes until there are `size` of them; an error is kept, as those before it are good."""
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        yield ahead
        size -= len(ahead)
        while size > 0 and self._error is None:
            try:
                data = compressed.read(self._stream, size, self.path)
            except SourceError as error:
                self._error = error
                return
            if not data:
                return
            yield data
            size -= len(data)

    def status(self) -> os.stat_result:
        """Return the stat result of the compressed file."""
        return self._status

    def identity(self) -> FileIdentity:
        """Return which file this is: the device and inode of the compressed file, the head of what it holds."""
        return identity_of(self._status, max(self.history.head, self._opening, key=len))

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):  # as of a plain file
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def compression(path: Path) -> str:
    """Return how a file is compressed, as `compressed.kind_of` does. Raises as `regular`."""
    descriptor = regular(path)
    try:
        return compressed.kind_of(os.pread(descriptor, 8, 0))
    finally:
        os.close(descriptor)


def open_tail(path: Path, offset: int = 0, *, network: bool = False) -> PlainTail | CompressedTail:
    """Open a file at `offset` bytes of what it holds. OSError as the system gives it; SourceError when it is no file or is damaged."""
    kind = compression(path)
    return CompressedTail(path, kind, offset) if kind else PlainTail(path, offset, network=network)


class _Unpacked(io.RawIOBase):
    """What a compressed file holds, as a file that is read front to back. SourceError where it is damaged."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__()
        self._path = path
        self._stream = compressed.open_stream(path, kind)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Put the next bytes into a buffer; return how many, 0 at the end."""
        view = memoryview(buffer)
        data = compressed.read(self._stream, len(view), self._path)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file; again does nothing."""
        if not self.closed:
            self._stream.close()
        super().close()


def open_file(path: Path) -> io.BufferedReader:
    """Open what a file holds, compressed or not, for reading from its start. Raises as `open_tail`, and so does reading on."""
    kind = compression(path)
    return io.BufferedReader(_Unpacked(path, kind)) if kind else path.open("rb")


def holds(tail: Tail, offset: int, tail_hash: str) -> bool:
    """Tell whether a file just opened at `offset` has, before it, the bytes that were hashed when it was read that far."""
    return tail.history.end == offset and len(tail.history.last()) == min(offset, TAIL_BYTES) and digest(tail.history.last()) == tail_hash
