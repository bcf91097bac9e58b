"""What became of a log that was truncated or replaced: which rotated file holds what was read of it, if any does."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar

from scraper.errors import SourceError
from scraper.ingest.generations import Held, file_key, held
from scraper.ingest.identity import digest, same_head
from scraper.ingest.rotations import families, written_since
from scraper.ingest.tailer import holds, open_tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.ingest.source import FileKey, Source
    from scraper.ingest.tailer import Tail

T = TypeVar("T")
MOST_TRIES: Final = 10  # at a look while files are being renamed


def copy_of(path: Path, source: Source) -> Tail | None:
    """Return a rotated copy of what was read into `source`, opened where reading stopped; None when there is none."""
    end, mark = source.tail.history.end, digest(source.tail.history.last())

    def opened(file: Path) -> Tail | None:
        try:
            tail = open_tail(file, end)
        except (OSError, SourceError):  # it is being made, or rotated on
            return None
        if _has_head(file, source) and holds(tail, end, mark):
            return tail
        tail.close()
        return None

    return _first(path, opened)


def was_copied(path: Path, source: Source, moment: float) -> bool:
    """Tell whether a copy of what was read into `source`, or of its beginning, was made at or after `moment` (seconds since the epoch)."""
    row = source.as_row()
    return _first(path, lambda file: bool(written_since([file], moment)) and held(file, row) is not Held.NOTHING) or False


def was_rotated(path: Path, source: Source) -> bool:
    """Tell whether a rotated file begins like what was read into `source`."""
    return _first(path, lambda file: _has_head(file, source)) or False


def _first(path: Path, look: Callable[[Path], T | None]) -> T | None:
    """Return what a look at the rotated files of `path` finds first, the likeliest first; None where none of them has it.

    One may be renamed or compressed between its listing and its opening: then all are listed again.
    """
    now = _rotated(path)
    for _ in range(MOST_TRIES):
        found = next(filter(None, map(look, now)), None)
        before, now = now, _rotated(path)
        if found or now == before:
            return found
    return None


def _rotated(path: Path) -> dict[Path, FileKey | None]:
    """Return what the rotated files of `path` may be called, the likeliest first, and which file each is."""
    return {rotated: file_key(rotated) for rotated in chain.from_iterable(reversed(family) for family in families(path))}


def _has_head(path: Path, source: Source) -> bool:
    try:
        with open_tail(path) as probe:
            probe.read(8192, 0.0)
            return same_head(source.tail.identity(), probe.history.head)
    except (OSError, SourceError):
        return False


def begins_with_hole(path: Path) -> bool:
    """Tell whether a file begins with NULs, as one does whose writer did not notice that it was truncated."""
    with path.open("rb") as file:
        return file.read(8) == bytes(8)
