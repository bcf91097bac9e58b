"""What is followed and when it is looked at: names, patterns, file events as hints, and the clock. It reads no file's bytes."""

from __future__ import annotations

import math
import resource
from typing import TYPE_CHECKING, Any, Final

from scraper.ingest.followed import Seen
from scraper.ingest.hints import Hints

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from scraper.ingest.desk import Desk
    from scraper.ingest.fileset import FileSet
    from scraper.ingest.followed import Followed

_DESCRIPTORS: Final = resource.getrlimit(resource.RLIMIT_NOFILE)[0]  # negative where they have no limit
MAX_OPEN: Final = min(128, max(1, _DESCRIPTORS // 4)) if _DESCRIPTORS >= 0 else 128  # idle files beyond this are closed until they change
_MOST_OPEN: Final = 2 * MAX_OPEN  # no more are opened before some of these were read and closed
_CROWDED: Final = 0.02  # seconds until the next look where that many are open
_RESCAN: Final = 1.75  # seconds after which patterns are expanded again, whatever events say; with the pipeline's wait, two
_RESCAN_MOST: Final = 30.0  # ... at most, however long it takes
_SHARE: Final = 100  # expanding patterns takes at most one part in so many of the time
_HINTED: Final = 0.25  # seconds after which patterns are expanded where something new is said to have happened


class Lookout:
    """The names and patterns of one pipeline. Times are monotonic seconds, as `monotonic` gives them."""

    def __init__(self, desk: Desk, monotonic: Callable[[], float]) -> None:
        self.names: dict[Path, Followed] = {}
        self.sets: list[tuple[FileSet, Callable[[Path], None], Callable[[Path], None]]] = []  # what finds, who is told of found and gone
        self._desk = desk
        self._monotonic = monotonic
        self._hints: Hints | None = None
        self._seen: dict[FileSet, list[Path]] = {}  # what the last expansion gave
        self._given: set[Path] = set()  # the names that patterns gave
        self._next_scan = 0.0
        self._earliest_scan = 0.0
        self._next_look = 0.0

    def add(self, name: Followed) -> None:
        """Follow a name."""
        self.names[name.path] = name
        self._next_look = 0.0
        if self._hints is not None:
            self._hints.watch_file(name.path, self._monotonic())

    def listen(self, wake: Callable[[], None]) -> None:
        """Let file events wake the pipeline from now on, until `close`."""
        self._hints = Hints(wake)
        self._seen.clear()
        for path in self.names:
            self._hints.watch_file(path, self._monotonic())

    def close(self) -> None:
        """Listen no more."""
        if self._hints is not None:
            self._hints.close()
            self._hints = None

    def watching(self) -> dict[str, Any]:
        """Return what `Hints.status` does; nothing while nobody listens."""
        return self._hints.status() if self._hints is not None else {"events": [], "polling": [], "why": {}, "lost": 0}

    def hurry(self) -> None:
        """Look at what is due at once: a name asked for it."""
        self._next_look = 0.0

    def next_look(self) -> float:
        """Return when the next look is due; infinity: never."""
        return min(self._next_look, self._next_scan if self.sets else math.inf)

    def look(self, now: float) -> None:
        """Expand the patterns and look at every name that is due, sooner where an event says that something happened."""
        told = self._told(now)
        if self.sets and now >= self._next_scan:
            self.scan(now)
        everything = now >= self._next_look
        soonest = math.inf if everything else self._next_look
        if everything and self.sets:
            self._forget([name for name in self.names.values() if name.is_over(self._desk, now)])
        crowded = len(self._desk.open) - len(self._desk.draining) >= _MOST_OPEN
        for name in list(self.names.values()) if everything else told:
            if crowded and name.source is None:
                soonest = min(soonest, now + _CROWDED)
                continue
            if name.next_look <= now and self._glance(name, now, told) and len(self._desk.open) > MAX_OPEN:
                self._next_look = 0.0
                return  # the rest is looked at when some of these are read and closed
            if name.next_look < soonest:  # noqa: PLR1730 - a call of min for each of a thousand names is most of what a turn costs
                soonest = name.next_look
        self._next_look = soonest

    def _forget(self, over: Collection[Followed]) -> None:
        """Follow names no more whose files were deleted: over months they would be many. A pattern gives the name again with a file."""
        still = {path for paths in self._seen.values() for path in paths} if over else set()  # links that lead nowhere
        for name in over:
            if name.path in still or name.path not in self._given:
                continue
            self._given.discard(name.path)
            del self.names[name.path]
            for _, _, lost in self.sets:
                lost(name.path)
            if self._hints is not None:
                self._hints.forget_file(name.path)

    def _glance(self, name: Followed, now: float, told: Collection[Followed]) -> bool:
        """Look at one name; tell whether it means another file."""
        seen = name.look(self._desk, now)
        if seen is not Seen.SAME and self._hints is not None:
            if seen is Seen.OTHER:
                self._hints.watch_file(name.path, now)
            elif seen is Seen.RESIZED and name not in told:
                self._hints.unheard(name.path, now)
        return seen is Seen.OTHER

    def _told(self, now: float) -> Collection[Followed]:
        """Return the names that events are about; all of them where events were lost."""
        if self._hints is None:
            return ()
        touched = self._hints.take(now)
        if self._hints.tend(now) or touched is None:
            self._next_scan = self._next_look = 0.0
            told = set(self.names.values())
        else:
            told = {self.names[path] for path in touched if path in self.names}
            if len(told) < len(touched):
                self._next_scan = min(self._next_scan, max(now + _HINTED, self._earliest_scan))
        for name in told:
            name.hint()
        return told

    def scan(self, now: float) -> None:
        """Expand every pattern; hand over what is new, and listen where more could appear."""
        for files, found, _ in self.sets:
            paths = files.scan()
            if self._seen.get(files) is paths:
                continue
            self._seen[files] = paths
            self._given.update(paths)
            for path in paths:
                if path not in self.names:
                    found(path)
            if self._hints is not None:
                for directory in files.directories(paths):
                    self._hints.watch_directory(directory, now)
        took = self._monotonic() - now
        self._next_scan = now + took + min(max(_RESCAN, took * _SHARE), _RESCAN_MOST)
        self._earliest_scan = now + took * _SHARE / 5
