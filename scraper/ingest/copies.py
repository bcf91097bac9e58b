"""The copy of a log that was copied and truncated: which file it is, and whether there was one."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from scraper.errors import SourceError
from scraper.ingest.generations import file_key
from scraper.ingest.identity import digest, same_head
from scraper.ingest.rotations import families
from scraper.ingest.tailer import holds, open_tail

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scraper.ingest.source import FileKey, Source
    from scraper.ingest.tailer import Tail

_MOST_TRIES: Final = 10  # while files are being renamed


def copy_of(path: Path, source: Source) -> Tail | None:
    """Return a rotated copy of what was read into `source`, opened where reading stopped; None when there is none.

    A copy may be renamed or compressed between the look where it is and its opening: then it is looked for again.
    """
    now = _rotated(path)
    for _ in range(_MOST_TRIES):
        tail = _copy_among(now, source)
        if tail is not None:
            return tail
        before, now = now, _rotated(path)
        if now == before:
            break
    return None


def _rotated(path: Path) -> dict[Path, FileKey | None]:
    """Return what may be a copy of `path`, and which file each is, the likeliest first."""
    return {rotated: file_key(rotated) for rotated in chain.from_iterable(reversed(family) for family in families(path))}


def _copy_among(files: Iterable[Path], source: Source) -> Tail | None:
    end, mark = source.tail.history.end, digest(source.tail.history.last())
    for file in files:
        try:
            tail = open_tail(file, end)
        except (OSError, SourceError):
            continue  # it is being made, or rotated on
        if has_head(file, source) and holds(tail, end, mark):
            return tail
        tail.close()
    return None


def has_head(path: Path, source: Source) -> bool:
    """Tell whether a file begins like what was read into `source`."""
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
