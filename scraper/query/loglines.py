"""From a position back to the printed line: finds the file generation, proves that it is still that one, reads around the offset.

Owns nothing but reading; a log that is gone, replaced or cut is said so, and never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from scraper.errors import NotFoundError, SourceError, UsageError
from scraper.ingest.generations import file_now
from scraper.ingest.identity import digest
from scraper.ingest.tailer import open_file
from scraper.model import SOURCE_SHIFT, FileIdentity
from scraper.parse.encodings import HEAD, UTF16, sniff, text_of
from scraper.query.values import LogLine
from scraper.store.sources import SourceRow

if TYPE_CHECKING:
    from io import BufferedReader

    from scraper.query.run import Run

WINDOW = 65_536  # bytes read before and after the offset: a longer line is shown cut
_REDRAWN = re.compile(rb"\r\n|[\r\n]")
_ENDED = re.compile(rb"\r*\n")


def printed(run: Run, position: int, context: int, redraws: bool) -> LogLine:
    """Return the answer to `Run.line`."""
    if position < 0 or context < 0:
        raise UsageError(f"a position and a number of context lines are at least 0, not {position} and {context}")
    ordinal, offset = position >> SOURCE_SHIFT, position & ((1 << SOURCE_SHIFT) - 1)
    rows = _sources(run, "AND ordinal = ?", ordinal)
    if not rows:
        raise NotFoundError(f"run {run.id} has no log file number {ordinal}; positions come from its points and events")
    with _opened(run, rows[0]) as (path, file):
        head = file.read(HEAD)
        encoding = sniff(head, final=True)
        offset -= offset % 2 if encoding in UTF16 else 0  # the second value of a line stands inside of its first character
        start = max(0, offset - (WINDOW if redraws else 16 * WINDOW))
        data = _part(file, head, start, offset - start + WINDOW)
    if offset - start >= len(data):
        raise NotFoundError(f"the log of run {run.id}, {path}, ends before position {position}")
    if encoding in UTF16:
        return _wide_around(str(path), data, offset - start, offset, context, redraws, encoding)
    return _around(str(path), data, offset - start, offset, context, redraws)


def logs(run: Run) -> Iterator[tuple[str, IO[bytes]]]:
    """Return the answer to `Run.logs`."""
    for source in _sources(run, "ORDER BY ordinal"):
        with _opened(run, source) as (path, file):
            yield str(path), file


def _sources(run: Run, which: str, *values: int) -> list[SourceRow]:
    """Return the file generations of a run, as far as they say which bytes were read."""
    columns = 'id, run_key, ordinal, path, device, inode, head_hash, head_size, tail_hash, "offset"'
    rows = run.db.rows(f"SELECT {columns} FROM sources WHERE run_key = ? {which}", [run.key, *values])
    return [
        SourceRow(key, run_key, ordinal, path, FileIdentity(device, inode, head, size), tail, offset, 0, None)
        for key, run_key, ordinal, path, device, inode, head, size, tail, offset in rows
    ]


@contextmanager
def _opened(run: Run, source: SourceRow) -> Iterator[tuple[Path, BufferedReader]]:
    """Open what was read into a source, under whatever name it has now. NotFoundError where it is gone or replaced, SourceError."""
    try:
        path = _path_now(run, source)
        with open_file(path) as file:
            yield path, file
    except FileNotFoundError:
        raise NotFoundError(f"the log of run {run.id} is gone: {source.path}; its points are kept, its lines are not") from None
    except (OSError, SourceError) as error:
        raise SourceError(f"cannot read the log of run {run.id}, {source.path}: {error}") from error


def _path_now(run: Run, source: SourceRow) -> Path:
    """Return where the bytes of a source are: under its name, under a rotated one, or under its name cut short. Raises as `_opened`."""
    if (found := file_now(source)) is not None:
        return found
    path = Path(source.path)
    with open_file(path) as file:
        if digest(file.read(source.identity.head_size)) != source.identity.head_hash:
            raise NotFoundError(f"the log of run {run.id} was replaced: {path} now begins with other bytes; its lines are gone")
    return path


def _part(file: BufferedReader, head: bytes, start: int, size: int) -> bytes:
    """Return up to `size` bytes from `start` on of a file of which `head` was read; where it is damaged, what comes before that."""
    if file.seekable():
        file.seek(start)
        return file.read(size)
    data, at = bytearray(head), 0  # `data` stands at offset `at`
    with suppress(SourceError):
        while at + len(data) < start + size and (more := file.read1(WINDOW)):
            data += more
            passed = min(start - at, len(data))
            del data[:passed]
            at += passed
    return bytes(data[start - at : start - at + size])


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
