"""The only loop: files -> parser -> store. It owns the clock, the batches, fairness among files, back-pressure and the way to stop.

What it promises: a file's offset, its parser's state and its points are committed together, so nothing is stored twice or lost.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from scraper.errors import SourceError, SourceHeldError, StoreBusyError, StoreError, StoreFullError
from scraper.ingest import endings
from scraper.ingest.attendant import Attendant
from scraper.ingest.commits import Committer
from scraper.ingest.crew import Crew
from scraper.ingest.desk import Desk
from scraper.ingest.followed import Followed, RunFor
from scraper.ingest.lookout import MAX_OPEN, Lookout
from scraper.ingest.pipes import PipeTail
from scraper.ingest.progress import size_of
from scraper.ingest.source import NEVER, Opener, Source
from scraper.ingest.watcher import Waker
from scraper.ingest.writers import OpenForWriting

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from scraper.ingest.fileset import FileSet
    from scraper.ingest.progress import Progress
    from scraper.model import Labels
    from scraper.parse.packs import PackSet
    from scraper.store.writer import Writer

_WAIT: Final = 0.25  # seconds waited at most, so that stop() is asked
_REST: Final = 0.02  # seconds between two rounds of reading files that are written without pause
_DRAIN_LOOK: Final = 1.0  # seconds between two looks at a file that no name means any more
_PATIENCE: Final = 3 * endings.QUIET  # seconds for which files are waited for to stand still: those opened for each line never do
_PARKED_LOOK: Final = 60.0  # seconds between two questions whether files that were closed for being idle are complete by now


class Pipeline:
    """Reads files into a store until told to stop: one thread, one writer. `close` (or leaving the context) releases everything.

    `notify` gets sentences for people: what cannot be read or written just now, what was rotated or truncated. Where several files
    are far behind, they are parsed in up to `processes` processes beside this one.
    """

    def __init__(
        self,
        writer: Writer,
        packs: PackSet,
        settings: Mapping[str, Any],
        *,
        clock: Callable[[], float] = time.time,
        waker: Waker | None = None,
        notify: Callable[[str], None] = lambda _: None,
        processes: int = 1,
    ) -> None:
        self.writer = writer
        self.waker = waker or Waker()
        self._say = notify
        self._owns_waker = waker is None
        # no finer is known when a line was printed, and a time in milliseconds takes half the bytes
        self._clock: Callable[[], float] = lambda: round(clock(), 3)
        self._committer = Committer(writer, settings, self.notify)
        self._desk = Desk(Opener(writer, packs, settings), float(settings["poll_seconds"]), clock, self.notify, self._committer.touch)
        self._checks = endings.Checks()
        self._writers = OpenForWriting()
        self._lookout = Lookout(self._desk, self.waker.monotonic)
        self._crew = Crew(packs, settings, processes)
        self._attendant = Attendant(self._desk, self._lookout, self._committer, self._checks, self._clock, self._crew)
        self._next_drain = self._next_parked = 0.0
        self._abandoned = False

    def notify(self, sentence: str) -> None:
        """Tell people something; where it cannot be heard (a full disk, a closed terminal), reading goes on all the same."""
        with suppress(OSError):
            self._say(sentence)

    # what is read

    def add(
        self, path: Path | str, run: RunFor, labels: Labels = (), *, live: bool = False, from_end: bool = False, asked: Iterable[Path] = ()
    ) -> None:
        """Read the file called `path`, and every file that has the name later.

        `run` is the key of the run that all of it joins, or a function that makes a run for a new file, called only when the
        store does not know the content. `live`: what is in the file now was printed just now, so it is timed as it is read, and
        `stop()` means that its writer has ended. `from_end`: leave out what a new file already holds. `asked` are rotated
        generations that come before it. Nothing is opened before `run`, `drain` or `turn`.
        """
        path = Path(path).absolute()
        if path not in self._lookout.names:
            self._lookout.add(Followed(path, run, labels, live=live, from_end=from_end, asked=tuple(asked)))

    def add_pipe(self, descriptor: int, run_key: int, *, name: str = "-", live: bool = True) -> None:
        """Read an open pipe to its end. The descriptor is the pipeline's to close. `live`: lines are timed as they arrive."""
        source = self._desk.opener.begin_pipe(PipeTail(descriptor, Path(name)), run_key, live=live)
        self._desk.open[source.key] = source
        self._desk.draining.append(source)

    def follow(self, files: FileSet, found: Callable[[Path], None], lost: Callable[[Path], None]) -> None:
        """Call `found` (which calls `add`) with every file of the set whenever one appears, `lost` when a deleted one is forgotten."""
        self._lookout.sets.append((files, found, lost))

    def lacks(self, state: Mapping[str, Any]) -> None:
        """Take a recorder's last word on its log: `gaps` are told at its end, and where that is `cut` the last line is no point."""
        self._attendant.lacking = state

    # the loop

    def run(self, stop: Callable[[], bool]) -> None:
        """Follow until `stop()`; then read everything that is there by then, flush what has no writer any more, and commit.

        StoreBusyError or StoreFullError when the store refuses to the end: the offsets are where they were, nothing is lost.
        """
        self._desk.is_being_made = self._is_being_made
        self._lookout.listen(self.waker.wake)
        try:
            while not (stop() or self._abandoned):
                if not self.turn():
                    self._wait()
                elif not self._behind():
                    self.waker.rest(_REST)
        finally:
            self._lookout.close()
        self._finish(list(self._lookout.names.values()))

    def drain(self, progress: Callable[[int, int], None] = lambda _read, _size: None) -> None:
        """Read every file to its end, once, one after the other; flush what has no writer any more, and commit.

        `progress` gets the bytes read and the bytes there are, in all files together. Raises as `run`.
        """
        self._lookout.scan(self.waker.monotonic())
        waiting = deque(self._lookout.names.values())
        sizes = {name.path: size_of(name.path) for name in waiting}
        self._crew.expect(sizes.values())
        opened = 0
        goals: dict[int, int] = {}
        settled, begun = set[int](), list[Followed]()
        while not self._abandoned:
            unread = self._unread(begun, goals)
            self._end_complete([s for s in self._sources() if s not in unread and s.row.id not in settled])
            settled |= {source.row.id for source in self._sources() if source not in unread}
            begun = self._still_open(begun)
            if waiting and len(unread) < self._crew.lanes:
                name = waiting.popleft()
                opened += sizes[name.path]
                self._insist(partial(name.look, self._desk, self.waker.monotonic()))
                begun.append(name)
            elif unread:
                self._read_on(unread, goals)
                progress(opened - sum(source.backlog for source in unread), sum(sizes.values()))
            else:
                break
        self._finish(self._still_open(begun))

    def turn(self) -> bool:
        """Look at what is due, read a block of every file that has more, commit what is due. Tells whether anything was read."""
        now = self.waker.monotonic()
        if self._committer.is_held_off(now):
            return False
        try:
            if self._committer.is_refusing:
                self._committer.commit(now)
            self._look(now)
            read = self._read_round(now)
            self._end_silent(now)
            if self._committer.is_due(now):
                self._committer.commit(now)
            self._committer.heartbeat(self._sources(), now)
            self._park(now)
        except (StoreBusyError, StoreFullError) as error:
            self._committer.refused(error, now)
            return False
        return read

    def abandon(self) -> None:
        """End `run` or `drain` after the block being read: that is committed, the rest stays for another time. Safe in a signal handler."""
        self._abandoned = True
        self.waker.wake()

    def close(self) -> None:
        """Let go of every file; what was not committed is read again another time."""
        for source in self._sources():
            with suppress(StoreError):  # who holds it is stored still; that this process is gone can be seen
                self._attendant.close(source, release=True)
        self._desk.close()
        self._crew.close()
        if self._owns_waker:
            self.waker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # what became of it

    def progress(self) -> list[Progress]:
        """Return how far every source was read by this pipeline, those already closed too."""
        return self._attendant.progress()

    def troubles(self) -> list[SourceError]:
        """Return why names cannot be read now, one error a name, and why sources were not read to their end; these were told already."""
        return [*(name.error for name in self._lookout.names.values() if name.error is not None), *self._attendant.given_up]

    def refused(self) -> SourceHeldError | None:
        """Return why nothing at all can be read: another process has every file. None when there is something to do."""
        errors = [name.error for name in self._lookout.names.values()]
        held = [error for error in errors if isinstance(error, SourceHeldError)]
        return held[0] if held and len(held) == len(errors) and not self._sources() else None

    def is_exhausted(self) -> bool:
        """Tell whether nothing more can come: there are no names to follow, and every pipe has ended."""
        return not self._lookout.names and not self._lookout.sets and not self._sources()

    def watching(self) -> dict[str, Any]:
        """Return the directories whose changes are reported by events, those that are only polled, and why, as `Hints.status` does."""
        return self._lookout.watching()

    # one turn, in pieces

    def _is_being_made(self, path: Path, status: os.stat_result) -> bool:
        """Tell whether someone may still write to a file."""
        held = self._writers.holds((status.st_dev, status.st_ino), self.waker.monotonic())
        needed = endings.quiet_needed(held=held, network=self._desk.opener.is_network(path))
        return needed is None or self._desk.still.seconds(endings.signature_of(status), self.waker.monotonic()) < needed

    def _sources(self) -> list[Source]:
        return self._desk.sources()

    def _look(self, now: float) -> None:
        """Look at every name that is due, and now and then at files that no name means any more or that were closed for being idle."""
        self._lookout.look(now)
        if now >= self._next_drain:
            self._next_drain = now + _DRAIN_LOOK
            for source in self._desk.draining:
                source.more = not source.is_cut
        if now >= self._next_parked:
            self._next_parked = now + _PARKED_LOOK
            for name in self._lookout.names.values():
                if name.is_unended:
                    name.reopen_if_complete(self._desk, self._writers, now)

    def _read_round(self, now: float) -> bool:
        """Read one block of every source that has more; a rotated generation before the one that follows it."""
        read = 0
        self._crew.expect(source.backlog for source in self._sources() if source.more)
        for source in self._sources():
            if source.more and not source.waits():
                read += self._attendant.read(source, now)
                if self._committer.is_due(now):
                    self._committer.commit(self.waker.monotonic())
        return read > 0

    def _end_silent(self, now: float) -> None:
        """End sources whose writer has gone: what it left half-way comes out, and rotated files are closed."""
        due = self._checks.due(self._sources(), now)
        pipes = [source for source in self._sources() if isinstance(source.tail, PipeTail) and source.tail.closed_by_writer]
        if not due and not pipes:
            self._attendant.close_drained()
            return
        for source_id, seconds in endings.remaining([*due, *pipes], self._desk.still, self._writers, now).items():
            source = next(source for source in self._sources() if source.row.id == source_id)
            if seconds == 0 and not self._abandoned:  # an abandoned source has bytes that nobody read
                self._attendant.end(source)
            elif seconds is not None:
                self._checks.soon(source, now + seconds)
        self._attendant.close_drained()

    def _park(self, now: float) -> None:
        """Close files that are read to their end while too many are open; a change brings them back."""
        excess = len(self._desk.open) - MAX_OPEN
        if excess <= 0:
            return
        idle = [n for n in self._lookout.names.values() if n.source is not None and not (n.source.more or n.source.dirty())]
        idle = sorted(idle, key=lambda name: name.source is not None and name.source.partial)[:excess]
        unended = [name.source for name in idle if name.source is not None and not name.source.finished]
        complete = endings.remaining(unended, self._desk.still, self._writers, now)
        for name in idle:
            if (source := name.source) is None:
                continue
            if complete.get(source.row.id) == 0:
                self._attendant.end(source)  # closed when that is committed
            else:
                self._attendant.close(source, release=False)
                name.park()

    # waiting and stopping

    def _behind(self) -> bool:
        """Tell whether some file has more to read at once."""
        return any(source.more for source in self._sources())

    def _wait(self) -> None:
        """Wait for an event, a pipe, the next look or the next commit, whichever comes first."""
        self._crew.rest()
        now = self.waker.monotonic()
        commit = self._committer.due_in(now)
        looks = max(self._lookout.next_look() - now, 0.0)
        seconds = _WAIT if self._committer.is_held_off(now) else min(_WAIT, looks, _WAIT if commit is None else commit)
        pipes = [s.tail.descriptor for s in self._sources() if isinstance(s.tail, PipeTail) and not s.tail.closed_by_writer]
        if self.waker.wait(seconds, pipes):
            for source in self._sources():
                source.more = source.more or isinstance(source.tail, PipeTail)

    def _insist(self, action: Callable[[], object]) -> None:
        """Do what needs the store; while it refuses, try again for as long as a write may wait for a lock. Raises the last refusal."""
        deadline = self.waker.monotonic() + self.writer.busy_seconds
        while True:
            try:
                action()
            except (StoreBusyError, StoreFullError) as error:
                now = self.waker.monotonic()
                if now >= deadline or self._abandoned:
                    raise
                self._committer.refused(error, now)
                self.waker.wait(self._committer.pause(now))
            else:
                return

    def _unread(self, names: Iterable[Followed], goals: dict[int, int]) -> list[Source]:
        """Return the open sources that were not read as far as they went when they were first read, which `goals` says."""
        for name in names:
            if name.is_urgent:
                self._insist(partial(name.look, self._desk, self.waker.monotonic()))
        return [s for s in self._sources() if s.more and s.tail.history.end < goals.get(s.row.id, NEVER)]

    def _read_on(self, unread: list[Source], goals: dict[int, int]) -> None:
        """Read a block of every source in `unread`, and commit as it comes."""
        for source in unread:
            if source.after not in unread:
                goals.setdefault(source.row.id, source.goal())  # one that was truncated has to be read once to be noticed
                self._attendant.read(source, self.waker.monotonic())
            if self._committer.is_due(self.waker.monotonic()):
                self._insist(self._commit)

    def _still_open(self, names: list[Followed]) -> list[Followed]:
        """Let names go of sources that were closed, and so of what their parsers hold; return the others."""
        sources = self._sources()
        for name in names:
            if name.source is not None and name.source not in sources:
                name.forget()
        return [name for name in names if name.source is not None or name.is_urgent]

    def _commit(self) -> None:
        self._committer.commit(self.waker.monotonic())

    def _end_complete(self, sources: list[Source]) -> float:
        """End and close those sources that are complete, close those that have a writer; return the seconds until the rest may be."""
        longest, now = 0.0, self.waker.monotonic()
        for source_id, seconds in endings.remaining(sources, self._desk.still, self._writers, now).items():
            source = self._desk.find(source_id)
            if source is None:
                continue
            if seconds == 0 and not self._abandoned:  # an abandoned source has bytes that nobody read
                self._attendant.end(source)
            elif seconds is not None and seconds <= endings.QUIET and not self._abandoned:
                longest = max(longest, seconds)
                continue
            self._insist(self._commit)
            self._attendant.close(source, release=True)
        return longest

    def _finish(self, names: list[Followed]) -> None:
        """Read what is there by now, commit, and let go: of the open files first, then of others, as many at once as may be open."""
        closed = [name for name in names if name.source is None]
        for source in self._sources():
            source.more = not source.is_cut  # a deleted file can be read now or never
        self._finish_group([name for name in names if name.source is not None])
        for begin in range(0, len(closed), MAX_OPEN):
            self._finish_group(closed[begin : begin + MAX_OPEN])

    def _finish_group(self, names: list[Followed]) -> None:
        """Read some names' files to their ends, wait a moment for what was written just now, flush what is complete, and commit."""
        for name in names:
            self._insist(partial(name.look, self._desk, self.waker.monotonic()))
        deadline = 0.0
        while True:
            goals: dict[int, int] = {}
            while not self._abandoned and (unread := self._unread(names, goals)):
                self._read_on(unread, goals)
            self._insist(self._commit)
            seconds = self._end_complete(self._sources())
            deadline = deadline or time.monotonic() + _PATIENCE
            if not seconds or self._abandoned or time.monotonic() >= deadline:
                break
            self.waker.wait(seconds)
            for source in self._sources():
                source.more = not source.is_cut
        for source in self._sources():
            self._attendant.close(source, release=True)
