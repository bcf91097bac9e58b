"""File events as hints: which files are said to have changed, and which directories nothing is heard of, and why. It reads no file.

Events only ever make a look come sooner. Every file is looked at by the clock as well, so a silent or overflown watch loses nothing.
"""

from __future__ import annotations

import errno
import logging
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.store.filesystem import filesystem_type, is_network

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_EVENTS: Final = frozenset({"overlay", "fuse", "fuseblk", "proc", "sysfs", ""})  # and every network filesystem
_MAX_HINTS: Final = 4096  # names kept between two looks; beyond it everything is looked at
MOST_WATCHES: Final = 64  # directories: watchdog keeps a thread for each, and users may have 128 inotify instances in all
_TEND_SECONDS: Final = 1.0  # between two looks at whether the watches still are what they were
_GRACE: Final = 1.0  # seconds by which an event may come later than a look by the clock sees what it is about
_PAUSES: Final = (5.0, 300.0)  # seconds before a watch that failed is tried again: at first, and at most
_STALE: Final = 60.0  # seconds without an event after which a watch may make room for another
_LIMITS: Final = {errno.ENOSPC: "fs.inotify.max_user_watches", errno.EMFILE: "fs.inotify.max_user_instances"}
GONE: Final = "it is not there"
SILENT: Final = "a change there came without an event"
CROWDED: Final = f"{MOST_WATCHES} other directories are watched"


def silent_filesystem(directory: Path) -> str:
    """Return the type of a filesystem whose changes the kernel does not report (network, overlay, FUSE); "" where it does."""
    kind = filesystem_type(directory)
    return (kind or "an unknown filesystem") if kind in _NO_EVENTS or is_network(kind) else ""


@dataclass(slots=True)
class _Place:
    """A directory in which things happen. Times are monotonic seconds."""

    path: Path  # without links
    names: set[str] = field(default_factory=set)  # what it is called
    watch: Any = None
    identity: tuple[int, int] | None = None  # device and inode of what is watched
    why: str = ""  # events are not relied on, because ...; "": they are
    doubt: float | None = None  # when a change was seen that no event has told of
    heard: float = 0.0  # when it was armed, or the last event
    next_try: float = 0.0
    pause: float = _PAUSES[0]

    def put_off(self, why: str, now: float) -> None:
        """Rely on the clock alone, and try events again after a pause that grows."""
        self.why, self.doubt = why, None
        self.next_try, self.pause = now + self.pause, min(self.pause * 2, _PAUSES[1])


class _Complaints(logging.Handler):
    """What watchdog says of itself, such as that events were lost: it tells its log alone."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on what was said."""
        self._tell(record.getMessage())


class Hints:
    """File events, gathered in the background. All methods but `wake`, which is called from threads, belong to one thread."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        self._complaint = ""
        self._observer: Any = None
        self._handler: Any = None
        self._complaints = _Complaints(self._complain)
        self._places: dict[Path, _Place] = {}  # by real path
        self._called: dict[Path, set[Path]] = {}  # the names of a file that has others than its real one
        self._real: dict[Path, Path] = {}  # the real directory a name's file is in
        self._watches = 0
        self._losses = 0
        self._next_tend = 0.0

    # what is watched

    def watch_file(self, path: Path, now: float) -> None:
        """Ask for events of the file called `path`; where that is a link, of the file it means now, too."""
        beside, real = path.parent.resolve(), path.resolve()
        for told in {real, beside / path.name} - {path}:
            self._called.setdefault(told, set()).add(path)
        self._real[path] = real.parent
        self._place(beside, path.parent, now)
        self._place(real.parent, path.parent if real.parent == beside else real.parent, now)

    def forget_file(self, path: Path) -> None:
        """Watch no more for a name whose file is gone; its directory neither, where that is gone with the last file in it."""
        for told in [told for told, names in self._called.items() if path in names]:
            self._called[told].discard(path)
            if not self._called[told]:
                del self._called[told]
        directory = self._real.pop(path, None)
        place = self._places.get(directory) if directory is not None else None
        if place is not None and place.why == GONE and place.path not in self._real.values():
            self._disarm(place)
            del self._places[place.path]

    def watch_directory(self, directory: Path, now: float) -> None:
        """Ask for events of whatever appears in `directory`."""
        self._place(directory.resolve(), directory, now)

    def _place(self, real: Path, name: Path, now: float) -> None:
        place = self._places.get(real)
        if place is None:
            place = self._places[real] = _Place(real)
            self._arm(place, now)
        place.names.add(str(name))

    def _arm(self, place: _Place, now: float) -> None:
        """Ask the kernel for events, if it can be expected to give any and there is room for one more watch."""
        try:
            status = place.path.stat()
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, "")
            place.identity = status.st_dev, status.st_ino
            if kind := silent_filesystem(place.path):
                place.put_off(f"{kind} reports no changes", now)
            elif self._watches >= MOST_WATCHES:
                place.put_off(CROWDED, now)
            else:
                place.watch, place.heard = self._schedule(str(place.path)), now
                self._watches += 1
        except OSError as error:
            gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            place.identity = None if gone else place.identity
            limit = f"the limit {_LIMITS[error.errno]} is reached" if error.errno in _LIMITS else error.strerror or str(error)
            place.put_off(GONE if gone else limit, now)
        except RuntimeError as error:  # no thread can be started, as where a container may have few processes
            place.put_off(str(error), now)

    def _disarm(self, place: _Place) -> None:
        watch, place.watch = place.watch, None
        if watch is not None:
            self._observer.unschedule(watch)
            self._watches -= 1

    def _schedule(self, directory: str) -> Any:
        """Start a watch, and the observer with the first one."""
        from watchdog import events  # noqa: PLC0415 - costs time and threads that reading a file once does not need
        from watchdog.observers import Observer  # noqa: PLC0415 - as above

        if self._observer is None:
            self._handler = events.FileSystemEventHandler()
            self._handler.dispatch = self._note  # one method for every kind of event
            probe = threading.Thread(target=int)
            probe.start()  # where no thread can be started, an observer would leave its descriptors open
            probe.join()
            observer = Observer()
            observer.start()
            self._observer = observer
            logging.getLogger("watchdog").addHandler(self._complaints)
        wanted: list[Any] = [events.FileModifiedEvent, events.FileCreatedEvent, events.FileMovedEvent, events.FileDeletedEvent]
        return self._observer.schedule(self._handler, directory, recursive=False, event_filter=[*wanted, events.DirCreatedEvent])

    # what is heard

    def _note(self, event: Any) -> None:
        """Keep the names an event is about. Runs in the observer's thread."""
        with self._lock:
            if len(self._touched) < _MAX_HINTS:
                self._touched.update(name for name in (event.src_path, event.dest_path) if name)
        self._wake()

    def _complain(self, sentence: str) -> None:
        """Keep what the observer complains of. Runs in its threads."""
        with self._lock:
            self._complaint = sentence
        self._wake()

    def take(self, now: float) -> set[Path] | None:
        """Return the names touched since the last call; None when everything has to be looked at, as events were lost."""
        with self._lock:
            touched, self._touched = self._touched, set()
            complaint, self._complaint = self._complaint, ""
        taken = set(map(Path, touched))
        for directory in {path.parent for path in taken}:
            if place := self._places.get(directory):
                place.heard, place.why, place.doubt, place.pause = now, "", None, _PAUSES[0]
        if complaint:
            self._losses += 1
            for place in self._places.values():
                if place.watch is not None:
                    place.put_off(complaint, now)
        if complaint or len(taken) >= _MAX_HINTS:
            return None
        return {path for told in taken for path in self._names_of(told)}

    def _names_of(self, told: Path) -> set[Path]:
        """Return what the file that an event calls `told` is called by those who follow it."""
        called = self._called.get(told, set())
        return called | {told} if told in self._real or not called else called

    def unheard(self, path: Path, now: float) -> None:
        """Take note that the clock, not an event, told of a change of a file: where no event follows soon, none is relied on."""
        place = self._places[self._real[path]]
        if place.watch is None and place.why == CROWDED:
            self._make_room(place, now)
        elif place.watch is not None and place.doubt is None and not place.why:
            place.doubt = now

    def _make_room(self, place: _Place, now: float) -> None:
        """Watch a directory where something happens instead of the one where nothing has happened for the longest."""
        oldest = min((other for other in self._places.values() if other.watch is not None), key=lambda other: other.heard)
        if oldest.heard < now - _STALE:
            self._disarm(oldest)
            oldest.put_off(CROWDED, now)
            place.why = ""
            self._arm(place, now)

    def tend(self, now: float) -> bool:
        """See now and then whether the watches are what they should be, and mend them. Tells whether changes may have gone unheard."""
        if now < self._next_tend:
            return False
        self._next_tend = now + _TEND_SECONDS
        mended = [self._mend(place, now) for place in self._places.values()]
        return any(mended)

    def _mend(self, place: _Place, now: float) -> bool:
        """Arm one watch again where its directory was replaced or its time has come; tell whether changes may have gone unheard."""
        if place.watch is None and place.why != GONE and (place.why == CROWDED or now < place.next_try):
            return False
        found = _identity(place.path)
        if found != place.identity:
            self._disarm(place)
            place.why, place.doubt, place.pause = "", None, _PAUSES[0]
            self._arm(place, now)
            return found is not None
        if place.doubt is not None and now - place.doubt > _GRACE:
            place.put_off(SILENT, now)
        elif place.why and found is not None and now >= place.next_try:
            before = place.why
            self._disarm(place)
            self._arm(place, now)
            if place.watch is not None:
                place.put_off(before, now)  # until an event shows that there are any
        return False

    def status(self) -> dict[str, Any]:
        """Return the directories of which events tell ("events"), those polled ("polling"), "why", and how often events were "lost"."""
        why = {name: place.why for place in self._places.values() for name in place.names if place.why}
        told = {name for place in self._places.values() for name in place.names} - why.keys()
        return {"events": sorted(told), "polling": sorted(why), "why": why, "lost": self._losses}

    def close(self) -> None:
        """Stop the background threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
            logging.getLogger("watchdog").removeHandler(self._complaints)
        self._places.clear()


def _identity(directory: Path) -> tuple[int, int] | None:
    """Return device and inode of what is there now; None: nothing."""
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
