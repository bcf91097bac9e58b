"""One name that is followed: notices that it means another file now, and which generations are to be read to lose nothing."""

from __future__ import annotations

import enum
import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from scraper.errors import SourceError
from scraper.ingest.copies import MOST_TRIES, begins_with_hole, copy_of, was_copied, was_rotated
from scraper.ingest.endings import Signature, quiet_needed, signature_of
from scraper.ingest.generations import Reading, gone, is_copy, places, plan, was_made_of
from scraper.ingest.gone import give_up, missing_after
from scraper.ingest.rotations import is_rotation_of, renamed, written_since
from scraper.ingest.run_directory import check_free
from scraper.ingest.source import BEFORE_START, FileKey, Source, check_text, last_line_start
from scraper.ingest.tailer import PlainTail, compression

if TYPE_CHECKING:
    from scraper.ingest.desk import Desk
    from scraper.ingest.tailer import Tail
    from scraper.ingest.writers import OpenForWriting
    from scraper.model import Labels

Places: TypeAlias = dict[Path, FileKey | None]  # which file each of a log's names means, as `places` gives it
RunFor: TypeAlias = int | Callable[[Path], int]  # the run every generation joins, or what makes a new run for a file
_GRID: Final = 0.25  # seconds; looks fall on multiples of it, so that a thousand idle files wake the process a few times, not a thousand
_FORGOTTEN: Final = 60.0  # seconds without a file after which a name that a pattern gave is one that the pattern may give again
_IDLE_SECONDS: Final = 2.0 - _GRID  # an idle file is looked at every two seconds, whatever the events say
_JUST_NOW: Final = 60.0  # seconds within which a copy was made of a file that is found truncated now
_RETRY_SECONDS: Final = 30.0  # a name that cannot be read is tried again at the latest after this


class _MovedError(Exception):
    """Names were given to other files while it was found out what they mean."""


class Seen(enum.Enum):
    """What a look at a name found."""

    SAME = "nothing has changed"
    TOUCHED = "the file's time"
    RESIZED = "the file's size"
    OTHER = "the name means another file, or one for the first time"


class Followed:
    """A name and the file it means. `look` is cheap while nothing changes: one stat."""

    def __init__(
        self, path: Path, run: RunFor, labels: Labels = (), *, live: bool = False, from_end: bool = False, asked: tuple[Path, ...] = ()
    ) -> None:
        self.path = path
        self.run = run
        self.labels = labels
        self.live = live
        self.source: Source | None = None
        self.error: SourceError | None = None  # why it cannot be read now
        self.next_look = 0.0  # monotonic seconds
        self.gone_since: float | None = None  # monotonic seconds since when there is no file of this name
        self._from_end = from_end
        self._end_is_known = live
        self._asked = asked
        self._first_look = 0.0  # seconds since the epoch: what was written and rotated away after it has to be read
        self._first_seen: FileKey | None = None  # the file that the name meant first has to be read, too
        self.is_unended = False  # it was closed for being idle while it had a writer
        self._last: Source | None = None  # the generation before
        self._sought = False  # there was no file of this name, and what may be left of it was looked for
        self._rewritten = False  # it was left because its bytes vanished, not because its name moved
        self._emptied: FileKey | None = None  # the file it was truncated in
        self._signature: Signature | None = None
        self._name = os.fspath(path)
        self._interval = 0.0

    def look(self, desk: Desk, now: float) -> Seen:
        """See what the name means now; open what is new. Errors of the store are raised, those of files are kept in `error`."""
        seen = Seen.SAME
        try:
            seen = self._see_settled(desk)
        except (SourceError, OSError) as error:
            self._cannot(desk, error)
        else:
            self.error = None
        self.gone_since = (now if self.gone_since is None else self.gone_since) if self.missing else None
        limit = _RETRY_SECONDS if self.error and not self.missing else max(_IDLE_SECONDS, desk.poll_seconds)
        self._interval = desk.poll_seconds if seen is not Seen.SAME else min(max(self._interval, desk.poll_seconds) * 1.5, limit)
        self.next_look = math.ceil((now + self._interval) / _GRID) * _GRID
        return seen

    def hint(self) -> None:
        """Look again soon: something is said to have happened to the name."""
        self.next_look = 0.0

    @property
    def missing(self) -> bool:
        """Whether there is no file of this name now."""
        return self.error is not None and isinstance(self.error.__cause__, FileNotFoundError | NotADirectoryError)

    @property
    def is_urgent(self) -> bool:
        """Whether the file was left for what the name means now, and that was not looked at yet."""
        return self._last is not None and self.source is None and self.next_look == 0.0

    def is_over(self, desk: Desk, now: float) -> bool:
        """Tell whether the file has been gone for so long, and what was read of it is done with, that the name may be forgotten."""
        if self.gone_since is None or now - self.gone_since < _FORGOTTEN or self.source is not None:
            return False
        return self._emptied is None and self._last not in desk.draining

    def park(self) -> None:
        """Forget an idle file that was closed; it is opened again, from what the store knows, when it changes."""
        self.is_unended = self.source is not None and not self.source.finished
        self.source, self._last, self._rewritten = None, None, False

    def reopen_if_complete(self, desk: Desk, writers: OpenForWriting, now: float) -> None:
        """Ask for a file that was closed for being idle to be opened again, so that it is ended, if its writer has gone by now."""
        if self._signature is None or self.source is not None:
            return
        needed = quiet_needed(held=writers.holds(self._signature[:2], now), network=desk.opener.is_network(self.path))
        if needed is not None and desk.still.seconds(self._signature, now) >= needed:
            self.forget()

    def forget(self) -> None:
        """Forget a file that cannot be read any more; it is opened again at the next look."""
        self.park()
        self._signature, self.is_unended = None, False

    def _cannot(self, desk: Desk, error: OSError | SourceError) -> None:
        """Keep and tell, once, why the name cannot be read; what is open stays open."""
        reason = error if isinstance(error, SourceError) else SourceError(f"{self.path}: {error.strerror or error}")
        reason.__cause__ = None if reason is error else error
        if str(reason) != str(self.error) and not isinstance(error, FileNotFoundError):
            desk.notify(f"{reason}; trying again")
        self.error = reason
        self._signature = None
        if self.source is not None:
            self.source.more = True

    def _see_settled(self, desk: Desk) -> Seen:
        """Do as `_see`, again where a rotation went on meanwhile."""
        for _ in range(MOST_TRIES):
            with suppress(_MovedError):
                return self._see(desk)
        raise SourceError(f"{self.path}: its files are being renamed all the time")

    def _see(self, desk: Desk) -> Seen:
        """Compare what the name means with what was seen last."""
        self._first_look = self._first_look or desk.wall()
        before = self._signature
        try:
            status = os.stat(self._name)  # noqa: PTH116 - a third of the time of pathlib's, and called for every idle file
        except (FileNotFoundError, NotADirectoryError):
            self._follow_emptied(desk)
            if self.source is not None:
                self._leave(desk)
            elif not self._sought:
                self._sought = True
                self._open(desk, None)  # it may have been rotated away before it was read to its end
            self._signature = None
            raise
        signature = signature_of(status)
        self._first_seen = self._first_seen or signature[:2]
        in_doubt = self.source is not None and isinstance(self.source.tail, PlainTail) and self.source.tail.is_doubted
        if signature == before and not in_doubt:
            return Seen.SAME
        if self._emptied != signature[:2]:
            self._follow_emptied(desk)
        if self.source is not None and self.source.key != signature[:2]:
            self._leave(desk)
        if self.source is None:
            self._open(desk, status)
        if self.source is not None:
            self.source.size_seen = max(self.source.size_seen, status.st_size)
            self.source.more = True
        self._signature, self._sought = signature, False
        if before is None or before[:2] != signature[:2]:
            return Seen.OTHER
        return Seen.RESIZED if before[2] != signature[2] else Seen.TOUCHED

    def _leave(self, desk: Desk) -> None:
        """Read the rest of the open file aside: the name does not mean it any more."""
        source, self.source = self.source, None
        self._last, self._rewritten = source, False
        if source is None:
            return
        desk.retire(source)
        if isinstance(source.tail, PlainTail) and source.tail.is_rewritten:
            self.rewritten(desk, source)

    def rewritten(self, desk: Desk, source: Source) -> None:
        """Finish a file that lost what was read of it, from its copy if there is one; the new content is read from the start."""
        again = source.tail.again() if isinstance(source.tail, PlainTail) else None
        if self.source is source:
            self.source, self._last, self._rewritten, self._signature = None, source, True, None
            self.next_look = 0.0
            self._emptied = desk.keep(again) if again is not None else None
        elif again is not None:  # truncated after it was rotated, renamed or deleted, by a writer that kept it open
            desk.retire(self._begin(desk, Reading(again.path, None, source.run_key), source, again))
        self._leave_rewritten(desk, source)

    def _follow_emptied(self, desk: Desk) -> None:
        """Read on in a file that the name meant when it was truncated, and does not mean any more."""
        kept = desk.emptied.get(self._emptied) if self._emptied is not None else None
        if kept is not None and self._last is not None:
            desk.retire(self._begin(desk, Reading(kept.path, None, self._last.run_key), self._last, kept.again()))
        desk.let_go(self._emptied)
        self._emptied = None

    def _leave_rewritten(self, desk: Desk, source: Source) -> None:
        """Read from a copy what is left of a truncated file; where there is none, count what is lost."""
        if desk.open.get(source.key) is source:
            del desk.open[source.key]
        copy = copy_of(self.path, source)
        if copy is not None:
            desk.notify(f"{self.path}: truncated after a copy to {copy.path.name}; the rest is read there")
            source.note("rotation", f"{self.path.name} was copied to {copy.path.name} and truncated", desk.wall())
            source.adopt(copy)
            desk.open[source.key] = source
        else:
            source.end_truncated(self.path.name, desk.wall())
        desk.retire(source)

    def _open(self, desk: Desk, status: os.stat_result | None) -> None:
        """Open every generation that is unread, oldest first; the last is what the name means, if that is anything (`status`)."""
        key = (status.st_dev, status.st_ino) if status is not None else None
        if key in desk.open:
            self._take_over(desk, desk.open[key])
            return
        if status is not None and compression(self.path) and desk.is_being_made(self.path, status):
            raise SourceError(f"{self.path}: it is still being compressed")
        is_empty = status is None or not check_text(self.path)  # there is nothing to make a source of yet
        before = self._last
        now = places(self.path)
        for reading in self._planned(desk, now, key, is_empty=is_empty):
            if self._is_read(desk, reading):
                before = (desk.find(reading.row.id) if reading.row is not None else None) or before
                continue
            if reading.path == self.path and is_empty:
                continue
            before = self._begin(desk, reading, before, now=now)
            if reading.path == self.path:
                self.source = before
                before.end_is_known = self._end_is_known
                if before.key == self._emptied:
                    desk.let_go(self._emptied)
            else:
                desk.retire(before)
        if is_empty:
            self._last = before
        else:
            self._asked, self._from_end, self.live = (), False, True

    def _planned(self, desk: Desk, now: Places, key: FileKey | None, *, is_empty: bool) -> list[Reading]:
        """Return what to read and give up what is gone, if the name means the file `key` and its rotated files are those they are `now`."""
        last = self._last.as_row() if self._last is not None else None
        is_cut = self._last is not None and self._last.is_cut
        since = self._first_look or desk.wall()
        rotated = {place: file for place, file in now.items() if place != self.path}
        asked = self._asked or tuple(p for p, file in rotated.items() if file == self._first_seen or written_since([p], since))
        try:
            lost = [] if is_empty else gone(self.path, desk.opener.writer, self._one_run, without=self._mine(desk))
            readings = plan(self.path, desk.opener.writer, self._one_run, last=last, is_cut=is_cut, asked=asked)
        except FileNotFoundError as error:
            raise _MovedError from error
        if now[self.path] != key or ((len(now) > 1 or lost) and places(self.path) != now):
            raise _MovedError
        for row in lost:
            if give_up(desk.opener, row, desk.wall()):
                desk.notify(f"{self.path}: {missing_after(row)}")
        return readings

    @property
    def _one_run(self) -> int | None:
        """The run that everything joins; None where each log has its own."""
        return self.run if isinstance(self.run, int) else None

    def _mine(self, desk: Desk) -> set[int]:
        """Return the sources that this process reads, and what it has read under this name last."""
        return {source.row.id for source in (*desk.sources(), self._last) if source is not None}

    def _is_read(self, desk: Desk, reading: Reading) -> bool:
        """Tell whether a generation is being read: by this or another name, a copy of it, or a file that was empty when it was opened."""
        if reading.row is not None and desk.find(reading.row.id) is not None:
            return True
        return reading.path != self.path and (desk.reads(reading.path) or self._is_packed(desk, reading.path))

    def _is_packed(self, desk: Desk, path: Path) -> bool:
        """Tell whether a generation is one that was opened before it was compressed, of which the store may know nothing yet."""
        tails = (source.tail for source in desk.draining if source.row.path == str(self.path)) if compression(path) else ()
        return any(isinstance(tail, PlainTail) and was_made_of(path, tail) for tail in tails)

    def _take_over(self, desk: Desk, source: Source) -> None:
        """Follow a file that is open already, if the name it was opened by has left it."""
        if source in desk.draining:
            desk.draining.remove(source)
            self.source = source

    def _begin(
        self, desk: Desk, reading: Reading, before: Source | None, tail: Tail | None = None, now: Places | None = None
    ) -> Source:
        """Open one generation as a source. `tail`: it is open already. `now`: what its log's names meant when it was planned, and must."""
        if reading.row is not None:
            source = desk.opener.resume(reading.path, reading.row)
            if now is not None and self._has_moved(reading, source.tail, now):
                source.close()
                desk.opener.writer.release_source(reading.row.id)
                raise _MovedError
        else:
            tail = tail or desk.opener.open(reading.path)
            if now is not None and self._has_moved(reading, tail, now):
                tail.close()
                raise _MovedError
            run_key = reading.run_key if reading.run_key is not None else self._run_before(desk, before, reading.path)
            goes_on = before is not None and before.run_key == run_key
            carried = desk.opener.carry(before) if before is not None and goes_on else None
            run = self._run_of(reading.path, run_key, None if goes_on or self.live else desk.opener.writer.path)
            source = desk.opener.begin(tail, self.path, run, self.labels, live=self.live, carried=carried)
            if self._from_end:
                _skip_to_end(source)
        source.after = before if before is not None and not before.finished else None
        desk.open[source.key] = source
        return source

    def _has_moved(self, reading: Reading, tail: Tail, now: Places) -> bool:
        """Tell whether a file just opened is another than was planned, or may have been copied and truncated before it was opened."""
        status = tail.status()
        if now.get(reading.path) not in (None, (status.st_dev, status.st_ino)) or places(self.path) != now:
            return True
        return reading.copy is not None and not is_copy(reading.copy, reading.path)

    def _run_before(self, desk: Desk, before: Source | None, path: Path) -> int | None:
        """Return the run of the generation before when that was rotated away; None when the new one was written anew."""
        if self._one_run is not None:
            return self._one_run
        return before.run_key if before is not None and self._goes_on(desk, before, path) else None

    def _run_of(self, path: Path, run_key: int | None, store: Path | None) -> Callable[[], int]:
        """Return what gives the run of a new file: that with the key, else a new one. `store`: it may be one that a wrapped run is in."""
        run = self.run if run_key is None else run_key

        def found() -> int:
            if store is not None:
                check_free(store, path)
            return run if isinstance(run, int) else run(path)

        return found

    def _goes_on(self, desk: Desk, before: Source, path: Path) -> bool:
        """Tell whether a rotation explains the new generation: the old content lives on somewhere, or the writer left a hole."""
        if self._rewritten:
            return before.tail.path != path or begins_with_hole(path) or was_copied(path, before, desk.wall() - _JUST_NOW)
        if (moved := renamed(path, *before.key)) is not None:
            return is_rotation_of(moved, self.path)
        if before.tail.status().st_nlink > 0:
            return not path.is_symlink()
        return was_rotated(path, before)


def _skip_to_end(source: Source) -> None:
    """Leave out what is in the file already, up to the beginning of its unfinished last line."""
    if isinstance(source.tail, PlainTail):
        offset = last_line_start(source.tail.path, source.tail.status().st_size)
        source.tail.seek(offset)
        source.here().feed_gap(offset, BEFORE_START)
        source.live_from = offset
