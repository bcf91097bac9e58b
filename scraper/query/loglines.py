"""From a position back to the printed line: finds the file generation, proves that it is still that one, reads around the offset.

Owns nothing but reading; a log that is gone, replaced or cut is said so, and never guessed at.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from scraper.errors import NotFoundError, SourceError, UsageError
from scraper.model import SOURCE_SHIFT
from scraper.parse.encodings import HEAD, UTF16, sniff, text_of
from scraper.query.values import LogLine

if TYPE_CHECKING:
    from scraper.query.run import Run

WINDOW = 65_536  # bytes read before and after the offset: a longer line is shown cut
_REDRAWN = re.compile(rb"\r\n|[\r\n]")
_ENDED = re.compile(rb"\r*\n")


class _Source(NamedTuple):
    """A file generation as the store knows it."""

    path: str
    head_hash: str
    head_size: int
    offset: int


def printed(run: Run, position: int, context: int, redraws: bool) -> LogLine:
    """Return the answer to `Run.line`."""
    if position < 0 or context < 0:
        raise UsageError(f"a position and a number of context lines are at least 0, not {position} and {context}")
    ordinal, offset = position >> SOURCE_SHIFT, position & ((1 << SOURCE_SHIFT) - 1)
    rows = run.db.rows('SELECT path, head_hash, head_size, "offset" FROM sources WHERE run_key = ? AND ordinal = ?', [run.key, ordinal])
    if not rows:
        raise NotFoundError(f"run {run.id} has no log file number {ordinal}; positions come from its points and events")
    source = _Source._make(rows[0])
    try:
        with _opened(source.path) as file:
            _check_same(run, source, file)
            file.seek(0)
            encoding = sniff(file.read(HEAD), final=True)
            offset -= offset % 2 if encoding in UTF16 else 0  # the second value of a line stands inside of its first character
            start = max(0, offset - (WINDOW if redraws else 16 * WINDOW))
            file.seek(start)
            data = file.read(offset - start + WINDOW)
    except FileNotFoundError:
        raise NotFoundError(f"the log of run {run.id} is gone: {source.path}; its points are kept, its lines are not") from None
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise SourceError(f"cannot read the log of run {run.id}, {source.path}: {error}") from error
    if offset - start >= len(data):
        raise NotFoundError(f"the log of run {run.id}, {source.path}, was cut: it ends before position {position}")
    if encoding in UTF16:
        return _wide_around(source.path, data, offset - start, offset, context, redraws, encoding)
    return _around(source.path, data, offset - start, offset, context, redraws)


def logs(run: Run) -> Iterator[tuple[str, IO[bytes]]]:
    """Return the answer to `Run.logs`."""
    rows = run.db.rows('SELECT path, head_hash, head_size, "offset" FROM sources WHERE run_key = ? ORDER BY ordinal', [run.key])
    for source in map(_Source._make, rows):
        try:
            with _opened(source.path) as file:
                _check_same(run, source, file)
                file.seek(0)
                yield source.path, file
        except FileNotFoundError:
            raise NotFoundError(f"the log of run {run.id} is gone: {source.path}") from None
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise SourceError(f"cannot read the log of run {run.id}, {source.path}: {error}") from error


def _opened(path: str) -> IO[bytes]:
    """Open a log for reading, decompressed by its name's ending."""
    if path.endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if path.endswith(".xz"):
        return lzma.open(path, "rb")
    if path.endswith(".zst"):
        try:
            import zstandard  # noqa: PLC0415 - optional
        except ImportError:
            raise UsageError(f"{path} needs zstandard; install it with: pip install 'metric-scraper[zst]'") from None
        opened: IO[bytes] = zstandard.open(path, "rb")
        return opened
    return Path(path).open("rb")


def _check_same(run: Run, source: _Source, file: IO[bytes]) -> None:
    """NotFoundError unless the file begins with the bytes that were read when the run was."""
    head = file.read(source.head_size)
    if hashlib.blake2b(head, digest_size=16).hexdigest() != source.head_hash:
        raise NotFoundError(f"the log of run {run.id} was replaced: {source.path} now begins with other bytes; its lines are gone")


def _around(path: str, data: bytes, at: int, offset: int, context: int, redraws: bool) -> LogLine:
    """Return the line that holds byte `at` of `data`, and its neighbours; of a redrawn line each state, or the last alone."""
    end = _REDRAWN if redraws else _ENDED
    earlier = end.split(data[:at])
    later = end.split(data[at:], maxsplit=context + 1)
    start = offset - len(earlier[-1])
    before = earlier[max(0, len(earlier) - 1 - context) : -1]
    return LogLine(path, start, _shown(earlier[-1] + later[0]), tuple(map(_shown, before)), tuple(map(_shown, later[1 : context + 1])))


def _shown(line: bytes) -> str:
    """Return a line in its last state."""
    return text_of(line.rstrip(b"\r").rpartition(b"\r")[2])


def _wide_around(path: str, data: bytes, at: int, offset: int, context: int, redraws: bool, encoding: str) -> LogLine:
    """Return what `_around` does of a log in UTF-16: found in the same text as UTF-8, with the line's offset in the file."""
    earlier, later = (part.decode(encoding, "replace").lstrip("\ufeff").encode() for part in (data[:at], data[at:]))
    found = _around(path, earlier + later, len(earlier), len(earlier), context, redraws)
    return replace(found, offset=offset - len(earlier[found.offset :].decode().encode(encoding)))
