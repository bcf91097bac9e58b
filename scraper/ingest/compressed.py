"""Reads gzip, zstd, xz and bzip2 files as the bytes they hold, front to back, in bounded memory. Never writes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from scraper.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ\0": "xz", b"BZh": "bzip2"}
_WINDOW: Final = 128 * 1024 * 1024  # the largest zstd window that is opened, in bytes; --ultra needs no more


class Stream(Protocol):
    """What a decompressor gives: bytes from front to back."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; b"" at the end."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


def kind_of(head: bytes) -> str:
    """Return "gzip", "zstd", "xz" or "bzip2" by a file's first bytes, whatever its name; "" for a plain file."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def _zstd(path: Path) -> Stream:
    """Open a zstd file, of one frame or many. SourceError names the package where it is not installed."""
    try:
        import zstandard  # noqa: PLC0415 - an optional package
    except ImportError:
        raise SourceError(f"{path}: reading zstd needs a package; install it with: pip install 'metric-scraper[zst]'") from None
    decompressor: Any = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    stream: Stream = decompressor.stream_reader(path.open("rb"), read_across_frames=True, closefd=True)
    return stream


def open_stream(path: Path, kind: str) -> Stream:
    """Open a compressed file of this kind for reading what it holds. OSError where it cannot be opened."""
    import bz2  # noqa: PLC0415 - these four are needed for compressed logs only
    import gzip  # noqa: PLC0415
    import lzma  # noqa: PLC0415

    if kind == "zstd":
        return _zstd(path)
    if kind == "gzip":
        return gzip.GzipFile(path, "rb")
    return lzma.LZMAFile(path, "rb") if kind == "xz" else bz2.BZ2File(path, "rb")


def read(stream: Stream, size: int, path: Path) -> bytes:
    """Return up to `size` bytes that a compressed file holds; b"" at its end. Damage, or an end too early, raises SourceError."""
    import lzma  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    try:
        return stream.read(size)
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise SourceError(f"{path}: the compressed file is damaged or not complete ({error}); what came before was read") from error
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise SourceError(f"{path}: the compressed file is damaged or not complete ({error}); what came before was read") from error
