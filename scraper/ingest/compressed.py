"""Reads gzip, zstd, xz and bzip2 files as the bytes they hold, front to back, in bounded memory. Never writes one.

A file made to expand without end is given up: logs shrink to a tenth or a hundredth, what shrinks to a thousandth is none.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Protocol

from scraper.errors import SourceError

if TYPE_CHECKING:
    from lzma import LZMADecompressor
    from pathlib import Path

_MAGIC: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\0": "xz", b"BZh": "bzip2"}
_SKIPPED: Final = 0x184D2A50  # the first of the 16 magic numbers of zstd frames that hold no data
_RLE: Final = 1  # the type of a zstd block that is one byte, repeated
_NOWHERE: Final = 1 << 62  # an offset that no file has
_WINDOW: Final = 128 * 1024 * 1024  # bytes: the largest zstd window and xz dictionary that are opened; --ultra and -9e need no more
_BLOCK: Final = 1 << 16  # compressed bytes read at a time
_EXPANSION: Final = 500  # times its size that a file may hold ...
_HARMLESS: Final = 64 << 20  # ... beyond so many bytes


class Stream(Protocol):
    """What a decompressor gives: bytes from front to back."""

    def read1(self, size: int, /) -> bytes:
        """Return up to `size` bytes, as many as can be had without losing any to an error behind them; b"" at the end."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


def kind_of(head: bytes) -> str:
    """Return "gzip", "zstd", "xz" or "bzip2" by a file's first bytes, whatever its name; "" for a plain file."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


class _Xz:
    """xz streams one behind the other, as lzma.LZMAFile reads them, but within a limit of memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._stream = self._begin()

    @staticmethod
    def _begin() -> LZMADecompressor:
        import lzma  # noqa: PLC0415 - for compressed logs only

        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_WINDOW)

    def read1(self, size: int, /) -> bytes:
        while True:
            given = b""
            if self._stream.eof:
                given = self._stream.unused_data.lstrip(b"\0") or self._file.read(_BLOCK).lstrip(b"\0")  # zeros pad streams
                if not given:
                    return b""
                self._stream = self._begin()
            elif self._stream.needs_input:
                given = self._file.read(_BLOCK)
                if not given:
                    raise EOFError("it ends in the middle of a stream")
            if data := self._stream.decompress(given, size):
                return data

    def close(self) -> None:
        self._file.close()


class _Bounded:
    """A stream that is given up when it holds too many times the size of its file."""

    def __init__(self, stream: Stream, path: Path) -> None:
        self._stream, self._path = stream, path
        self._given = 0

    def read1(self, size: int, /) -> bytes:
        data = self._stream.read1(size)
        self._given += len(data)
        if self._given > _HARMLESS and self._given > _EXPANSION * self._path.stat().st_size:
            advice = "that is no log; what came before was read"
            raise SourceError(f"{self._path}: it expands to more than {_EXPANSION} times its size: {advice}")
        return data

    def close(self) -> None:
        self._stream.close()


class _Zstd:
    """A zstd file, of one frame or many. SourceError names the package where it is not installed."""

    def __init__(self, path: Path) -> None:
        try:
            import zstandard  # noqa: PLC0415 - an optional package
        except ImportError:
            raise SourceError(f"{path}: reading zstd needs a package; install it with: pip install '.[zst]'") from None
        self._file = path.open("rb")
        decompressor: Any = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        self._stream = decompressor.stream_reader(self._file, read_across_frames=True, closefd=False)

    def read1(self, size: int, /) -> bytes:
        """Return up to `size` bytes; b"" at the end. EOFError when the file ends within a frame, which the library does not tell."""
        data: bytes = self._stream.read1(size)
        if not data and not _ends_with_a_frame(self._file.fileno()):
            raise EOFError("it ends within a frame")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _ends_with_a_frame(file: int) -> bool:
    """Tell whether a zstd file is whole, by its frames' headers and the sizes of their blocks (RFC 8878, 3.1)."""
    size, at = os.fstat(file).st_size, 0
    while at < size:
        at = _frame_end(file, at)
    return at == size


def _frame_end(file: int, at: int) -> int:
    """Return where the frame that begins at an offset ends; far behind the file's end when it is not whole."""
    import zstandard  # noqa: PLC0415 - an optional package

    head = os.pread(file, 18, at)
    if int.from_bytes(head[:4], "little") & 0xFFFFFFF0 == _SKIPPED:
        return at + 8 + int.from_bytes(head[4:8], "little")
    try:
        checksum = 4 if zstandard.get_frame_parameters(head).has_checksum else 0
        at += zstandard.frame_header_size(head)
    except zstandard.ZstdError:
        return _NOWHERE
    is_last = False
    while not is_last:
        block = os.pread(file, 3, at)
        if len(block) < 3:
            return _NOWHERE
        word = int.from_bytes(block, "little")
        is_last = bool(word & 1)
        at += 3 + (1 if word >> 1 & 3 == _RLE else word >> 3)
    return at + checksum


def open_stream(path: Path, kind: str) -> Stream:
    """Open a compressed file of this kind for reading what it holds. OSError where it cannot be opened."""
    import bz2  # noqa: PLC0415 - for compressed logs only
    import gzip  # noqa: PLC0415 - for compressed logs only

    if kind == "zstd":
        stream: Stream = _Zstd(path)
    elif kind == "gzip":
        stream = gzip.GzipFile(path, "rb")
    else:
        stream = _Xz(path) if kind == "xz" else bz2.BZ2File(path, "rb")
    return _Bounded(stream, path)


def read(stream: Stream, size: int, path: Path) -> bytes:
    """Return up to `size` bytes that a compressed file holds; b"" at its end. Damage, or an end too early, raises SourceError."""
    import lzma  # noqa: PLC0415 - for compressed logs only
    import zlib  # noqa: PLC0415 - for compressed logs only

    try:
        return stream.read1(size)
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise SourceError(f"{path}: the compressed file is damaged or not complete ({error}); what came before was read") from error
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise SourceError(f"{path}: the compressed file is damaged or not complete ({error}); what came before was read") from error
