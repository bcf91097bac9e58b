"""Which generations of a log there are: the file a name means now, and the rotated ones before it that are still unread.

It looks at files and at what the store knows of them; it opens nothing for good and writes nothing.
"""

from __future__ import annotations

import enum
import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from scraper.errors import SourceError
from scraper.ingest.identity import HEAD_BYTES, TAIL_BYTES, digest, same_head
from scraper.ingest.rotations import families, is_rotation_of, oldest_first, possible_names, renamed, siblings, written_since
from scraper.ingest.tailer import PlainTail, compression, holds, open_tail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from scraper.store.writer import SourceRow

_CLOCK_SLACK: Final = 2.0  # seconds by which the clocks of a file system and of this machine may differ


class Known(Protocol):
    """What the store knows of files it has seen."""

    def find_sources(self, device: int, inode: int) -> Sequence[SourceRow]:
        """Return the sources that were this inode."""
        ...

    def find_sources_by_path(self, path: str) -> Sequence[SourceRow]:
        """Return the sources that were seen under this path."""
        ...


class Reading(NamedTuple):
    """One generation to read."""

    path: Path
    row: SourceRow | None  # the source to continue; None: a new one
    run_key: int | None  # the run a new source belongs to; None: that is for the caller to say
    copy: Path | None = None  # it was made of this file a moment ago, which is going to be truncated: see `is_copy`


class Held(enum.Enum):
    """How much a file holds of what was read into a source."""

    NOTHING = "it is another file, or cannot be read"
    BEGINNING = "its beginning and no more, as a copy that was made a moment earlier"
    ALL = "all of it, and perhaps more"


def held(path: Path, row: SourceRow) -> Held:
    """Return how much of what was read into the source `path` holds."""
    try:
        with open_tail(path) as probe:
            probe.read(HEAD_BYTES, 0.0)
            if not row.identity.head_size or not same_head(row.identity, probe.history.head):
                return Held.NOTHING
        with open_tail(path, row.offset) as tail:
            if holds(tail, row.offset, row.tail_hash):
                return Held.ALL
            is_short = tail.history.end < row.offset or len(tail.history.last()) < min(row.offset, TAIL_BYTES)
            return Held.BEGINNING if is_short else Held.NOTHING
    except (OSError, SourceError):
        return Held.NOTHING


def _holds_all(path: Path, whole: PlainTail) -> bool:
    """Tell whether `path` holds all that a file holds that is open, and perhaps more. OSError, SourceError."""
    size = whole.status().st_size
    whole.seek(size)
    with open_tail(path, size) as other:
        return size > 0 and holds(other, size, digest(whole.history.last()))


def was_made_of(path: Path, tail: PlainTail) -> bool:
    """Tell whether `path` is what a file was compressed to that is open: that has no name any more, or still its own beside it."""
    try:
        with tail.again() as whole:
            beside = file_key(path.with_suffix(""))
            status = whole.status()
            return (beside == (status.st_dev, status.st_ino) or not status.st_nlink) and _holds_all(path, whole)
    except (OSError, SourceError):
        return False


def is_copy(copy: Path, path: Path) -> bool:
    """Tell whether `copy` was made of `path` a moment ago, or is being made, as of a log that is truncated then: `path` begins with it."""
    try:
        if compression(copy) or copy.stat().st_mtime < path.stat().st_mtime - _CLOCK_SLACK:
            return False
        with PlainTail(copy) as whole:
            return _holds_all(path, whole)
    except (OSError, SourceError):
        return False


def is_the_file(path: Path, row: SourceRow) -> bool:
    """Tell whether `path` holds what was read into the source, and perhaps more."""
    return held(path, row) is Held.ALL


def file_now(row: SourceRow) -> Path | None:
    """Return the file that holds what was read into a source: under its name, else under a rotated one; None where there is none."""
    path = Path(row.path)
    if is_the_file(path, row):
        return path
    return next((file for file in chain.from_iterable(families(path)) if is_the_file(file, row)), None)


def _was_empty(path: Path, row: SourceRow) -> bool:
    """Tell whether `path` is the file of a source that was empty when it was read last, and is still to be read."""
    return not row.identity.head_size and not row.finished and file_key(path) == (row.identity.device, row.identity.inode)


def _newest(rows: Iterable[SourceRow], run_key: int | None, without: Collection[int]) -> list[SourceRow]:
    """Return the rows that may be continued, the newest first."""
    chosen = [row for row in rows if row.id not in without and run_key in (None, row.run_key)]
    return sorted(chosen, key=lambda row: row.id, reverse=True)


def _known_as(path: Path, known: Known, run_key: int | None, without: Collection[int]) -> SourceRow | None:
    """Return the source whose bytes `path` holds: by inode, else by a name it has or had and its content."""
    status = path.stat()
    for row in _newest(known.find_sources(status.st_dev, status.st_ino), run_key, without):
        if is_the_file(path, row):
            return row
    for name in (path.name, *possible_names(path.name)):
        for row in _newest(known.find_sources_by_path(str(path.with_name(name))), run_key, without):
            if row.offset and is_the_file(path, row):
                return row
    return None


def _is_what_was_empty(path: Path, row: SourceRow, known: Known) -> bool:
    """Tell whether `path`, a generation of the same log with a source's inode, is the empty file that was opened, and no later one."""
    try:
        return not row.identity.head_size and not compression(path) and _known_as(path, known, None, (row.id,)) is None
    except (OSError, SourceError):
        return False


def _place_of(paths: Sequence[Path], row: SourceRow, known: Known, *, is_open: bool) -> int | None:
    """Return which of `paths` is the file of a source: the same inode rather than the same content, which short files share."""
    keys = [file_key(path) for path in paths]
    wanted = (row.identity.device, row.identity.inode)
    if wanted in keys:
        path = paths[keys.index(wanted)]
        if is_open or is_the_file(path, row) or _is_what_was_empty(path, row, known):
            return keys.index(wanted)
    return next((place for place, path in enumerate(paths) if is_the_file(path, row)), None)


def places(path: Path) -> dict[Path, tuple[int, int] | None]:
    """Return which file (device, inode) `path` and each of its rotated generations beside it is now; None: it is gone."""
    return {place: file_key(place) for place in (path, *siblings(path))}


def file_key(path: Path) -> tuple[int, int] | None:
    """Return which file (device, inode) `path` is; None: it is gone."""
    try:
        status = path.stat()
    except OSError:  # rotated away while we looked
        return None
    return status.st_dev, status.st_ino


def _found(path: Path, row: SourceRow, known: Known, *, is_open: bool) -> list[Path]:
    """Return the file of a source that `path` does not mean any more, and the rotated files after it, oldest first; []: it is gone."""
    for older in families(path):
        place = _place_of(older, row, known, is_open=is_open)
        if place is not None:
            return older[place:]
    moved = renamed(path, row.identity.device, row.identity.inode)
    return [moved] if moved is not None and moved != path and (is_open or is_the_file(moved, row)) else []


def _is_there(path: Path, row: SourceRow, known: Known) -> bool:
    """Tell whether the file of a source is somewhere: its bytes, or one with its inode that cannot be read just now."""
    places = [path, *chain.from_iterable(families(path))]
    wanted = (row.identity.device, row.identity.inode)
    if any(file_key(place) == wanted and not os.access(place, os.R_OK) for place in places):
        return True
    return is_the_file(path, row) or bool(_found(path, row, known, is_open=False))


def gone(path: Path, known: Known, run_key: int | None, *, without: Collection[int]) -> list[SourceRow]:
    """Return the sources of `path` that are nowhere any more and may lack something, in the order they were begun.

    Those are the ones that were not read to their end, and the newest one where its log was rotated since. `without` are sources that
    this process reads or has read.
    """
    rows = _newest(known.find_sources_by_path(str(path)), run_key, without)
    lost = [row for row in rows if not row.finished and row.identity.head_size and not _is_there(path, row, known)]
    newest = rows[0] if rows and rows[0].finished and not _is_there(path, rows[0], known) else None
    if newest is not None and _unknown(path, newest, known, rows):
        lost.insert(0, newest)
    return lost[::-1]


def _unknown(path: Path, last: SourceRow, known: Known, rows: Iterable[SourceRow]) -> list[Path]:
    """Return the rotated files of `path` written since `last` was read that are not known, and no copies of what was read into `rows`."""
    written = written_since(siblings(path), (last.updated or 0) - _CLOCK_SLACK)
    found = [p for p in written if _known_as(p, known, None, ()) is None]
    return [p for p in found if not any(held(p, row) is Held.BEGINNING or _was_empty(p, row) for row in rows)]


def _newer(path: Path, last: SourceRow, known: Known, without: Collection[int], *, is_cut: bool) -> list[Reading]:
    """Return the rotated files of `path` from `last` on, oldest first; where it is gone, those written since."""
    found = _found(path, last, known, is_open=last.id in without and not is_cut)
    rows = [last, *known.find_sources_by_path(str(path))]
    if found:
        newer = [Reading(p, _known_as(p, known, last.run_key, without), last.run_key) for p in found[1:]]
        if last.id in without:
            return newer
        before = max((row for row in rows if row.id < last.id), key=lambda row: row.id, default=None)
        missed = _unknown(path, before, known, rows) if before is not None else []
        older = [Reading(p, None, last.run_key) for p in missed if p not in found]
        return [*older, Reading(found[0], last, last.run_key), *newer]
    truncated = [row for row in rows if is_cut or row.id not in without]  # of a file that is open and whole nobody keeps a copy
    return [Reading(p, None, last.run_key) for p in _unknown(path, last, known, truncated)]


def _left_behind(path: Path, known: Known, row: SourceRow) -> list[Reading]:
    """Return the rotated generations before `row` that were not read to their end: a writer may have kept them open.

    Of one that was empty nothing tells which file it is once that was compressed or copied: it is one that nobody knows.
    """
    every = known.find_sources_by_path(str(path))
    rows = [r for r in every if not r.finished and r.run_key == row.run_key and r.id < row.id]
    readings: list[Reading] = []
    for r in sorted(rows, key=lambda r: r.id):  # as they were begun
        files = _found(path, r, known, is_open=False)
        if not files and not r.identity.head_size:
            taken = [reading.path for reading in readings]
            files = [p for p in _unknown(path, r, known, every) if p not in taken]
        if files:
            readings.append(Reading(files[0], r, r.run_key))
    return readings


def _without_copy(readings: list[Reading]) -> list[Reading]:
    """Leave out the newest rotated file where it is a copy of the log: that is read itself, and in the copy once it is truncated."""
    *older, log = readings
    if older and older[-1].row is None and is_copy(older[-1].path, log.path):
        return [*older[:-1], log._replace(copy=older[-1].path)]
    return readings


def plan(
    path: Path, known: Known, run_key: int | None, *, last: SourceRow | None = None, is_cut: bool = False, asked: Sequence[Path] = ()
) -> list[Reading]:
    """Return what to read for `path`, oldest first; the last reading is `path` itself.

    `run_key` restricts it to one run (None: any). `last` is the generation read until now by this process: it is not read
    again, and `is_cut` says that its bytes are nowhere any more. `asked` are rotated generations to read before a file that is
    not known yet. There may be no file at `path` now.
    """
    without = () if last is None else (last.id,)
    row = _known_as(path, known, run_key, without) if path.exists() else None
    if row is not None:
        return [*_left_behind(path, known, row), Reading(path, row, row.run_key)] if last is None else [Reading(path, row, row.run_key)]
    before = last or next(iter(_newest(known.find_sources_by_path(str(path)), run_key, ())), None)
    if before is None:
        found = [Reading(p, _known_as(p, known, run_key, ()), run_key) for p in oldest_first(asked)]
        return _without_copy([*found, Reading(path, None, run_key)])
    older = _newer(path, before, known, without, is_cut=is_cut)
    goes_on = bool(older) and is_rotation_of(older[-1].path, path)  # else it was saved under another name, or a link leads elsewhere now
    left = _left_behind(path, known, before) if last is None else []
    taken = [reading.path for reading in left]
    older = [reading for reading in older if reading.path not in taken]
    return _without_copy([*left, *older, Reading(path, None, before.run_key if goes_on else run_key)])
