"""What the names of one pipeline share: the sources that are open, those that no name means any more, and files kept open meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from scraper.ingest.endings import Stillness

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from pathlib import Path

    from scraper.ingest.source import FileKey, Opener, Source
    from scraper.ingest.tailer import PlainTail

_MOST_EMPTIED: Final = 64  # truncated files that are kept open until something is printed there


@dataclass(slots=True)
class Desk:
    """What the names of one pipeline share."""

    opener: Opener
    poll_seconds: float
    wall: Callable[[], float]
    notify: Callable[[str], None]
    touch: Callable[[Source], None]  # told that a source may have something to commit
    open: dict[FileKey, Source] = field(default_factory=dict)  # every source that is being read
    draining: list[Source] = field(default_factory=list)  # sources that no name means any more, among them those that were cut
    emptied: dict[FileKey, PlainTail] = field(default_factory=dict)  # truncated files before anything new was seen in them
    still: Stillness = field(init=False)
    is_being_made: Callable[[Path, os.stat_result], bool] = lambda _path, _status: False  # a file that is of use only when it is whole

    def __post_init__(self) -> None:
        """Tell by the same clock how long files have stood still."""
        self.still = Stillness(self.wall)

    def retire(self, source: Source) -> None:
        """Read what is left of a source whose name means another file now, and have stored what was noted of it."""
        self.touch(source)
        source.more = not source.is_cut
        if source not in self.draining:
            self.draining.append(source)

    def sources(self) -> list[Source]:
        """Return every source that is not closed, those first that no name means any more."""
        return list(dict.fromkeys([*self.draining, *self.open.values()]))

    def reads(self, path: Path) -> bool:
        """Tell whether a file is being read, under whatever name."""
        try:
            status = path.stat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) in self.open

    def find(self, row_id: int) -> Source | None:
        """Return the source with this id, if it is not closed."""
        return next((source for source in self.sources() if source.row.id == row_id), None)

    def keep(self, tail: PlainTail) -> FileKey:
        """Keep a file open that was emptied under its name: should the name leave it, it can be read by this alone."""
        status = tail.status()
        key = (status.st_dev, status.st_ino)
        self.let_go(key)
        self.emptied[key] = tail
        if len(self.emptied) > _MOST_EMPTIED:
            self.let_go(next(iter(self.emptied)))
        return key

    def let_go(self, key: FileKey | None) -> None:
        """Close a file that was kept open, if it still is."""
        if key in self.emptied:
            self.emptied.pop(key).close()

    def close(self) -> None:
        """Close what was kept open beside the sources."""
        for key in list(self.emptied):
            self.let_go(key)
