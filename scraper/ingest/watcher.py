"""Which files there are and when to look at them: names and patterns, file events as hints, and the one place that waits.

Events only ever make a look come sooner. Every file is looked at by the clock as well, so a silent or overflown watch loses nothing.
"""

from __future__ import annotations

import glob
import os
import re
import select
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.store.filesystem import filesystem_type, is_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LOG_NAME: Final = re.compile(
    r".*\.(?:log|out|err|txt|jsonl|ndjson|csv|stdout|stderr)(?:[.-]\d[\w.:-]*)?(?:\.(?:gz|zst|xz|bz2))?|stdout|stderr", re.IGNORECASE
)
_NO_EVENTS: Final = frozenset({"overlay", "fuse", "fuseblk", "proc", "sysfs", ""})  # and every network filesystem
_MAX_HINTS: Final = 4096  # names kept between two looks; beyond it everything is looked at


class Waker:
    """The one place where the pipeline waits, and the monotonic clock it goes by. `wake` may be called from threads and signal handlers."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def monotonic(self) -> float:
        """Return seconds on a clock that only goes forward."""
        return time.monotonic()

    def wake(self) -> None:
        """End the wait that goes on, or the next one."""
        try:
            os.write(self._write, b"!")
        except BlockingIOError:
            return  # it is full of wakes already

    def wait(self, seconds: float, readable: Iterable[int] = ()) -> bool:
        """Wait until woken, until one of the descriptors can be read, or for `seconds`. Tells whether it was ended early."""
        ready, _, _ = select.select([self._read, *readable], [], [], max(seconds, 0.0))
        if self._read in ready:
            os.read(self._read, 65536)
        return bool(ready)

    def rest(self, seconds: float) -> None:
        """Let `seconds` pass, woken or not, so that a file written without pause is read in pieces worth reading."""
        time.sleep(seconds)

    def close(self) -> None:
        """Release the descriptors."""
        for descriptor in (self._read, self._write):
            os.close(descriptor)


def events_reach(directory: Path) -> bool:
    """Tell whether the kernel reports changes in `directory`: not on network, overlay and FUSE filesystems."""
    kind = filesystem_type(directory)
    return kind not in _NO_EVENTS and not is_network(kind)


class Hints:
    """File events, gathered in the background: the paths that changed since they were last taken."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        self._observer: Any = None
        self._watches: dict[Path, Any] = {}
        self._refused: set[Path] = set()

    def watch(self, directory: Path) -> bool:
        """Ask for events of the files in `directory`; tells whether they can be expected. Asking again costs nothing."""
        if directory in self._watches:
            return True
        if directory in self._refused or not events_reach(directory):
            self._refused.add(directory)
            return False
        try:
            self._watches[directory] = self._schedule(directory)
        except OSError:  # the limit of watches or instances is reached, or the directory is gone: polling goes on
            self._refused.add(directory)
            return False
        return True

    def _schedule(self, directory: Path) -> Any:
        """Start a watch, and the observer with the first one."""
        from watchdog import events  # noqa: PLC0415 - costs time and threads that reading a file once does not need
        from watchdog.observers import Observer  # noqa: PLC0415

        handler = events.FileSystemEventHandler()
        handler.dispatch = self._note  # type: ignore[method-assign]  # one method for every kind of event
        if self._observer is None:
            self._observer = Observer()
            self._observer.start()
        wanted: list[Any] = [events.FileModifiedEvent, events.FileCreatedEvent, events.FileMovedEvent, events.FileDeletedEvent]
        return self._observer.schedule(handler, str(directory), recursive=False, event_filter=[*wanted, events.DirCreatedEvent])

    def _note(self, event: Any) -> None:
        """Keep the names an event is about. Runs in the observer's thread."""
        with self._lock:
            if len(self._touched) < _MAX_HINTS:
                self._touched.update(name for name in (event.src_path, event.dest_path) if name)
        self._wake()

    def take(self) -> set[str] | None:
        """Return the paths touched since the last call; None when there were too many to keep."""
        with self._lock:
            taken, self._touched = self._touched, set()
        return taken if len(taken) < _MAX_HINTS else None

    def status(self) -> dict[str, list[str]]:
        """Return the directories watched by events and those that are only polled."""
        return {"events": sorted(map(str, self._watches)), "polling": sorted(map(str, self._refused))}

    def close(self) -> None:
        """Stop the background threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        self._watches.clear()


class FileSet:
    """The files that names, directories and glob patterns mean, now or later. `**` crosses directories."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)

    def scan(self) -> list[Path]:
        """Return the files there are now, each once under its shortest name, in natural order."""
        found: dict[Path, None] = {}
        for pattern in self.patterns:
            for path in self._expand(pattern):
                found.setdefault(Path(os.path.abspath(path)))  # noqa: PTH100 - resolve() would follow the links whose names are kept
        return _one_name_each(sorted(found, key=natural))

    def directories(self, paths: Iterable[Path]) -> list[Path]:
        """Return the directories in which a new file could become one of the set, `paths` being the files there are."""
        places: dict[Path, None] = {}
        for pattern in self.patterns:
            fixed = Path(pattern)
            while glob.has_magic(str(fixed)):
                fixed = fixed.parent
            places.setdefault(fixed if fixed.is_dir() else fixed.parent)
        for path in paths:
            places.setdefault(path.parent)
        return [Path(os.path.abspath(place)) for place in places]  # noqa: PTH100

    @property
    def is_deep(self) -> bool:
        """Whether files may appear in directories that are not there yet."""
        return any("**" in p or glob.has_magic(str(Path(p).parent)) or Path(p).is_dir() for p in self.patterns)

    def missing(self) -> list[str]:
        """Return the patterns that mean no file now."""
        return [pattern for pattern in self.patterns if not self._expand(pattern)]

    @staticmethod
    def _expand(pattern: str) -> list[Path]:
        """Return what one pattern means now. A directory means the logs below it, without hidden ones."""
        path = Path(pattern).expanduser()
        if path.is_dir():
            return [p for p in path.rglob("*") if _LOG_NAME.fullmatch(p.name) and p.is_file() and not _hidden(p, path)]
        if os.path.lexists(path):
            return [path]
        if not glob.has_magic(pattern):
            return []
        return [p for p in map(Path, glob.glob(str(path), recursive=True)) if p.is_file()]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def natural(path: Path) -> list[Any]:
    """Return a sort key that puts log2 before log10."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", str(path)) if part]


def _one_name_each(paths: list[Path]) -> list[Path]:
    """Drop further names of one file (links); a real name is kept before a link's."""
    chosen: dict[Any, Path] = {}
    for path in sorted(paths, key=lambda p: (p.is_symlink(), natural(p))):
        try:
            status = path.stat()
            chosen.setdefault((status.st_dev, status.st_ino), path)
        except OSError:  # unreadable or dangling: opening it says why
            chosen.setdefault(path, path)
    kept = set(chosen.values())
    return [path for path in paths if path in kept]
