"""What is done to one source at a time: reading, ending, closing. What goes wrong with its file ends or delays it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.errors import ScraperError, SourceError
from scraper.ingest.progress import Progress, progress_of
from scraper.ingest.tailer import RewrittenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scraper.ingest.commits import Committer
    from scraper.ingest.crew import Crew
    from scraper.ingest.desk import Desk
    from scraper.ingest.endings import Checks
    from scraper.ingest.lookout import Lookout
    from scraper.ingest.source import Source


class Attendant:
    """Serves the sources of one pipeline. `wall` gives seconds since the epoch, `crew` parses beside this process."""

    def __init__(
        self, desk: Desk, lookout: Lookout, committer: Committer, checks: Checks, wall: Callable[[], float], crew: Crew
    ) -> None:
        self.lacking: Mapping[str, Any] = {}  # what a recorder says of what its log lacks
        self.given_up: list[SourceError] = []  # why sources were ended before all of them was read
        self._desk = desk
        self._lookout = lookout
        self._committer = committer
        self._checks = checks
        self._wall = wall
        self._crew = crew
        self._done: dict[int, Progress] = {}

    def progress(self) -> list[Progress]:
        """Return how far every source was read, those already closed too."""
        return [*self._done.values(), *map(progress_of, self._desk.sources())]

    def read(self, source: Source, now: float) -> int:
        """Read one block; return the bytes. `now` is monotonic. The store's refusals are raised."""
        self._committer.touch(source)
        try:
            source.send(self._crew)
            return source.read(now, self._wall())
        except RewrittenError:
            self._rewritten(source)
        except SourceError as error:
            self._give_up(source, error)
        except OSError as error:
            source.more = False
            self._reopen(source, error)
        except ScraperError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in reading this log must not end the reading of others
            why = f"{source.tail.path}: a fault of the reader ended it at byte {source.tail.history.end}"
            self._give_up(source, SourceError(f"{why} ({type(error).__name__}: {error}); please report this"))
        return 0

    def end(self, source: Source) -> None:
        """Finish a source, as its writer has ended."""
        wall = self._wall() if source.is_live else None
        if not source.finished and self.lacking.get("gaps"):
            source.lack(self.lacking["gaps"])
        if not source.finished and self.lacking.get("cut"):
            source.end_cut(wall)
        source.end(wall)
        self._committer.touch(source)

    def close(self, source: Source, *, release: bool) -> None:
        """Close a source's file and read it no more. `release`: others may read it."""
        self._done[source.row.id] = progress_of(source)
        source.close()
        self._checks.forget(source)
        if self._desk.open.get(source.key) is source:
            del self._desk.open[source.key]
        if source in self._desk.draining:
            self._desk.draining.remove(source)
        if release:
            self._desk.opener.writer.release_source(source.row.id)

    def _give_up(self, source: Source, error: SourceError) -> None:
        """End a source before all of it was read, and tell why."""
        source.note("gap", str(error), self._wall())
        self._desk.notify(str(error))
        self.given_up.append(error)
        source.end_cut(self._wall() if source.is_live else None)

    def close_drained(self) -> None:
        """Close the files that no name means any more once they are ended and committed."""
        for source in [s for s in self._desk.draining if s.finished and not s.more and not s.dirty()]:
            self.close(source, release=True)

    def _rewritten(self, source: Source) -> None:
        """Let the name that means the file decide what is read instead of bytes that are gone."""
        source.more = False
        if source.is_cut:
            return  # it was decided before
        names = self._lookout.names
        name = next((name for name in names.values() if name.source is source), names.get(Path(source.row.path)))
        if name is None:
            source.end_truncated(source.tail.path.name, self._wall())
            return
        try:
            name.rewritten(self._desk, source)
        except OSError as error:
            self._reopen(source, error)
        self._lookout.hurry()

    def _reopen(self, source: Source, error: OSError) -> None:
        """Let a file that cannot be read any more (a stale handle, an I/O error) be opened anew at the next look."""
        self._desk.notify(f"{source.tail.path}: {error.strerror or error}; trying again")
        self._committer.forget(source)
        self.close(source, release=False)
        for name in self._lookout.names.values():
            if name.source is source:
                name.forget()
