"""When a file that is read to its end is complete: nobody has it open for writing any more, and it has been quiet for a while."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

from scraper.ingest.pipes import PipeTail
from scraper.ingest.tailer import CompressedTail

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from scraper.ingest.source import Source
    from scraper.ingest.writers import OpenForWriting

Signature: TypeAlias = tuple[int, int, int, int]  # device, inode, size in bytes, time of the last write in ns

QUIET: Final = 1.0  # seconds without a write after which a file that nobody has open is complete
_UNSEEN_QUIET: Final = 10.0  # the same where other users' processes may not be looked into
_REMOTE_QUIET: Final = 60.0  # the same where the writer may be on another machine
_FIRST_CHECK: Final = 5.0  # seconds without a byte after which a followed file is asked about
_GRID: Final = 1.0  # seconds; the first questions fall on multiples of it
_LAST_CHECK: Final = 300.0  # seconds between two questions about a file whose writer is there but silent


def quiet_needed(*, held: bool | None, network: bool) -> float | None:
    """Return for how many seconds a file must have been quiet to be complete; None: it is not, someone writes to it."""
    if held:
        return None
    if network:
        return _REMOTE_QUIET
    return QUIET if held is False else _UNSEEN_QUIET


def signature_of(status: os.stat_result) -> Signature:
    """Return what is another once something was written to a file, or its name means another one."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class Stillness:
    """How long files have stood still. `wall` gives seconds since the epoch."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._ahead: dict[tuple[int, int], tuple[Signature, float]] = {}  # files of the future: as they were seen, and since when

    def seconds(self, seen: Signature, now: float) -> float:
        """Return for how many seconds nobody has written to a file; `now` is monotonic.

        A time in the future (a clock that was set back, another machine's clock) says nothing: then for as long as it was seen so.
        """
        quiet = self._wall() - seen[3] / 1e9
        if quiet >= 0:
            self._ahead.pop(seen[:2], None)
            return quiet
        before, since = self._ahead.get(seen[:2], (seen, now))
        self._ahead[seen[:2]] = seen, since if before == seen else now
        return now - self._ahead[seen[:2]][1]


def remaining(sources: Iterable[Source], still: Stillness, writers: OpenForWriting, now: float) -> dict[int, float | None]:
    """Return by source id the seconds until it can be taken as complete if it stays quiet; 0: it is complete, None: it cannot be told.

    That is so while it has a writer, or a stale handle. `now` is monotonic.
    """
    return {source.row.id: _remaining(source, still, writers, now) for source in sources}


def _remaining(source: Source, still: Stillness, writers: OpenForWriting, now: float) -> float | None:
    if isinstance(source.tail, PipeTail):
        return 0.0 if source.tail.closed_by_writer else None
    if isinstance(source.tail, CompressedTail):
        return 0.0
    needed = quiet_needed(held=writers.holds(source.key, now), network=source.network)
    if needed is None:
        return None
    try:
        seen = signature_of(source.tail.status())
    except OSError:  # a stale handle: nobody can tell what was written to it
        return None
    return 0.0 if source.end_is_known else max(needed - still.seconds(seen, now), 0.0)


def _together(when: float, grid: float) -> float:
    """Return the next multiple of `grid` seconds: who writes to a hundred files is found out by one look at all processes."""
    return math.ceil(when / grid) * grid


class Checks:
    """Which followed files to ask about, and when: soon after they fall silent, then ever less often. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._next: dict[int, tuple[int, float, float]] = {}  # id -> offset it was silent at, when to ask, pause after that

    def due(self, sources: Iterable[Source], now: float) -> list[Source]:
        """Return those that were silent long enough to be asked about now."""
        return [source for source in sources if not source.finished and not source.more and self._is_due(source, now)]

    def _is_due(self, source: Source, now: float) -> bool:
        end = source.tail.history.end
        offset, when, pause = self._next.get(source.row.id, (-1, 0.0, 0.0))
        if offset != end:
            self._next[source.row.id] = (end, _together(now + _FIRST_CHECK, _GRID), _FIRST_CHECK)
            return False
        if now < when:
            return False
        pause = min(pause * 2, _LAST_CHECK)
        self._next[source.row.id] = (end, _together(now + pause, pause), pause)
        return True

    def soon(self, source: Source, when: float) -> None:
        """Ask about a source again at `when`."""
        self._next[source.row.id] = (source.tail.history.end, when, _FIRST_CHECK)

    def forget(self, source: Source) -> None:
        """Drop a source that is closed."""
        self._next.pop(source.row.id, None)
