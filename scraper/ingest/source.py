"""One source on its way into the store: bytes from its file through its parser into the batch that is committed next."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from scraper.errors import ScraperError, SourceError, SourceHeldError
from scraper.ingest.compressed import kind_of
from scraper.ingest.identity import HEAD_BYTES, digest, looks_binary
from scraper.ingest.pipes import PipeTail
from scraper.ingest.tailer import BLOCK, PlainTail, open_tail
from scraper.model import Batch, Event, SourceMark
from scraper.parse.parser import Parser
from scraper.points import Points
from scraper.store.filesystem import filesystem_type, is_network
from scraper.store.sources import REFUSALS, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from scraper.ingest.crew import Crew
    from scraper.ingest.hands import Away
    from scraper.ingest.tailer import Tail
    from scraper.model import FileIdentity, Labels, Parsed
    from scraper.parse.packs import PackSet
    from scraper.store.writer import CommitResult, SourceRow, Writer

FileKey = tuple[int, int]  # device and inode
NEVER: Final = 1 << 62  # an offset no pipe gets to
_LINE_SEARCH: Final = 64 * 1024  # bytes before the end in which the last line's beginning is looked for
HOLE: Final = "nul_bytes"  # counter: bytes of holes that were skipped
BEFORE_START: Final = "bytes_before_start"  # counter: bytes that were there before `--from end` began to read
CUT: Final = "cut_line_bytes"  # counter: bytes of unfinished lines whose rest was truncated, or is missing from a compressed file
UNRECORDED: Final = "unrecorded_bytes"  # counter: bytes that a wrapped command printed and its log lacks
UNREAD: Final = "unread_bytes"  # counter: bytes that a truncation took away before they were read



class Source:
    """A file generation being read. It holds what was parsed and is not yet committed; `commit` is its owner's to call."""

    def __init__(self, row: SourceRow, tail: Tail, parser: Parser, live_from: int, *, keep: int, network: bool = False) -> None:
        self.row = row
        self.network = network  # its writer may be on another machine
        self.keep = keep  # bytes of what was read that are kept at most
        self.tail = tail
        self.parser: Parser | Away = parser
        self.live_from = live_from  # bytes from this offset on are read as they are printed
        self.more = True  # there may be bytes that were not read
        self.finished = row.finished
        self.after: Source | None = None  # the generation whose bytes come first
        self.points = Points()
        self.events: list[Event] = []
        self.lost = {name: count for name, count in row.counters.items() if name in (UNREAD, CUT, UNRECORDED)}
        self.refused = Counter({name: count for name, count in row.counters.items() if name in REFUSALS})  # by the store
        self._committed = (row.offset, row.finished, dict(self.lost))
        status = tail.status()
        self.key: FileKey = (status.st_dev, status.st_ino)
        self.size_seen = status.st_size
        self.is_cut = False  # its bytes vanished, and it was ended for that
        self.end_is_known = False  # whoever stops the pipeline knows that the writer has ended
        self._modified = status.st_mtime
        self.stored = 0  # points committed by this process
        self.printed: tuple[float, float] | None = None  # times of the first and last point that has one
        self._fresh: set[str] = set()

    @property
    def run_key(self) -> int:
        """The run this source belongs to."""
        return self.row.run_key

    @property
    def lag(self) -> int:
        """Bytes that are in the file and not yet read; 0 where that cannot be told, as of a pipe."""
        return max(self.goal() - self.tail.history.end, 0) if isinstance(self.tail, PlainTail) else 0

    @property
    def backlog(self) -> int:
        """Bytes of the file, as far as its size was seen, that were not read; of a compressed one fewer than it holds."""
        return max(self.size_seen - self.tail.history.end, 0)

    @property
    def is_live(self) -> bool:
        """Whether the bytes at the offset read so far were printed while this pipeline watched."""
        return self.tail.history.end >= self.live_from

    @property
    def modified(self) -> float:
        """Seconds since the epoch when the file was last written, as far as was seen."""
        return self._modified

    def goal(self) -> int:
        """Return the offset up to which there are bytes by now, as far as was seen where the file's handle is stale."""
        if not isinstance(self.tail, PlainTail):
            return NEVER
        try:
            status = self.tail.status()
        except OSError:  # the next reading tells of it
            return self.size_seen
        self._modified = status.st_mtime
        return status.st_size

    def waits(self) -> bool:
        """Tell whether the generation before has bytes that come first."""
        before = self.after
        return before is not None and before.more and not before.finished

    def as_row(self) -> SourceRow:
        """Return the source as it would be stored if what was read so far were accounted for."""
        end = self.tail.history
        return replace(self.row, offset=end.end, tail_hash=digest(end.last()), identity=self.tail.identity())

    def read(self, now: float, wall: float) -> int:
        """Read and parse one block; `now` is monotonic, `wall` seconds since the epoch. Returns the bytes read.

        Raises what `Tail.read` does; what was read before stays to be committed.
        """
        position = self.tail.history.end
        live = self.is_live
        gap, data = self.tail.read(BLOCK if live else min(BLOCK, self.live_from - position), now)
        self.more = not self.tail.at_end
        if gap:
            self.skip(gap)
        if data:
            self.take(self.parser.feed(data, wall if live else None))
        if not self.more or (not isinstance(self.parser, Parser) and self.parser.is_lost):
            self.here()
        self.tail.history.trim(self.parser.consumed, self.keep)
        count = self.tail.history.end - position
        self.finished = self.finished and not count
        return count

    def send(self, crew: Crew) -> None:
        """Have what was printed long ago parsed in another process, if there is much of it."""
        if isinstance(self.parser, Parser) and not self.is_live and crew.wants(self.backlog):
            rest = self.tail.history.since(self.parser.consumed)
            if rest is not None:
                self.parser = crew.take(self.parser, rest)

    def here(self) -> Parser:
        """Return the parser, called home if it is in another process."""
        if not isinstance(self.parser, Parser):
            self.parser, parsed = self.parser.home()
            self.take(parsed)
        return self.parser

    def skip(self, hole: int) -> None:
        """Take a hole at once where it stands between lines; inside one, the parser has to see its NULs."""
        parser = self.here()
        if not parser.consumed + hole < self.tail.history.end:
            parser.feed_gap(hole, HOLE)
            return
        for begin in range(0, hole, BLOCK):
            self.take(parser.feed(bytes(min(BLOCK, hole - begin)), None))

    def take(self, parsed: Parsed) -> None:
        """Add what was parsed to the next batch."""
        self.points += parsed.points
        self.events += parsed.events
        for _, rows in parsed.points.kinds():
            for time in (rows.times[0], rows.times[-1]):
                if time is not None:
                    first, last = self.printed or (time, time)
                    self.printed = (min(first, time), max(last, time))

    def note(self, kind: str, sentence: str, wall: float, **detail: Any) -> None:
        """Add an event that the tailer saw, placed at the offset read so far."""
        self.events.append(Event(self.tail.history.end, kind, None, None, wall, sentence, detail))

    def lose(self, count: int, reason: str) -> None:
        """Count bytes that vanished before they could become points."""
        if count > 0:
            self.lost[reason] = self.lost.get(reason, 0) + count

    def end(self, wall: float | None) -> None:
        """Finish the source, as its writer has ended: what that left half-way comes out."""
        if not self.finished:
            self.take(self.here().flush(wall))
            self.finished = True

    @property
    def partial(self) -> bool:
        """Whether there are bytes read that belong to an unfinished line."""
        return self.parser.consumed < self.tail.history.end

    def counters(self) -> dict[str, int]:
        """Return everything counted so far, cumulative, by reason."""
        return {**{name: count for name, count in self.parser.counters.items() if count}, **self.lost, **self.refused}

    def dirty(self) -> bool:
        """Tell whether there is anything to commit."""
        return bool(self.points or self.events) or (self.parser.consumed, self.finished, self.lost) != self._committed

    def batch(self, known_metrics: set[str] | frozenset[str]) -> Batch:
        """Return what a commit now would store, with definitions of the metrics that are not among `known_metrics`."""
        offset = self.parser.consumed
        before = self.tail.history.before(offset)
        if before is None:
            held = self.tail.history.end - offset
            raise ScraperError(f"{self.tail.path}: the parser holds back {held} bytes, more than are kept; please report this")
        mark = SourceMark(
            offset=offset,
            line_number=self.parser.lines,
            tail_hash=digest(before),
            identity=self.tail.identity(),
            parser_state=self.parser.save(),
            counters=self.counters(),
            finished=self.finished,
            patterns=self.parser.patterns,
        )
        self._fresh = self.points.metrics() - known_metrics
        return Batch(self.row.id, mark, self.points, self.events, self.parser.definitions(self._fresh) if self._fresh else [])

    def committed(self, batch: Batch, result: CommitResult) -> set[str]:
        """Forget what `batch` brought into the store, and count what came of it; return the metrics that were new in it."""
        self.stored += result.stored[self.row.id]
        self.refused += result.refused_of[self.row.id]
        self.points, self.events = Points(), []
        self._committed = (batch.mark.offset, batch.mark.finished, dict(self.lost))
        return self._fresh

    def adopt(self, tail: Tail) -> None:
        """Go on reading in another file that holds the same bytes so far, and was opened behind them."""
        self.tail.close()
        tail.history = self.tail.history  # what was read before, as far back as the parser may hold a line
        self.tail = tail
        status = tail.status()
        self.key, self.size_seen, self.more = (status.st_dev, status.st_ino), status.st_size, True

    def end_truncated(self, name: str, wall: float) -> None:
        """Finish the source where the file was truncated: tell of it and count what vanished unread, as far as its size was seen."""
        lost = self.backlog
        self.lose(lost, UNREAD)
        sentence = f"{name} was truncated or written anew when {self.tail.history.end} bytes of it were read"
        self.note("truncation", sentence, wall, unread_bytes=lost)
        self.end_cut(wall)

    def end_cut(self, wall: float | None) -> None:
        """Finish the source where its bytes end too early: the rest of an unfinished line is gone, so that line is no point."""
        parser = self.here()
        self.lose(self.tail.history.end - parser.consumed, CUT)
        parser.feed_gap(0, CUT)
        self.end(wall)
        self.more, self.is_cut = False, True

    def lack(self, gaps: Sequence[Mapping[str, Any]]) -> None:
        """Tell of what its recorder could not write, as that says it: at (bytes of the file before it), bytes, reason, from (time)."""
        self.lost[UNRECORDED] = sum(gap["bytes"] for gap in gaps)
        for gap in gaps:
            sentence = f"{gap['bytes']:,} bytes were not recorded: {gap['reason']}"
            at = min(gap["at"], self.tail.history.end)
            self.events.append(Event(at, "gap", None, None, gap["from"], sentence, {UNRECORDED: gap["bytes"]}))

    def close(self) -> None:
        """Close the file; what was not committed is read again another time."""
        self.more = False
        self.tail.close()
        if not isinstance(self.parser, Parser):
            self.parser.drop()


class Opener:
    """Opens files as sources of a store: claims them, brings their parser back to where it was."""

    def __init__(self, writer: Writer, packs: PackSet, settings: Mapping[str, Any]) -> None:
        self.writer = writer
        self.packs = packs
        self.settings = dict(settings)
        self._network: dict[Path, bool] = {}

    def is_network(self, path: Path) -> bool:
        """Tell whether the stat results of files beside `path` may lag behind what can be read."""
        if path.parent not in self._network:
            self._network[path.parent] = is_network(filesystem_type(path.parent))
        return self._network[path.parent]

    def open(self, path: Path, offset: int = 0) -> Tail:
        """Open the file at `path` at an offset in bytes. SourceError, OSError."""
        return open_tail(path, offset, network=self.is_network(path))

    def resume(self, path: Path, row: SourceRow) -> Source:
        """Go on with a stored source; what is in the file by now is old. SourceHeldError when another reads it; SourceError, OSError."""
        row = self.writer.claim_source(row.id)
        try:
            tail = self.open(path, row.offset)
        except (OSError, SourceError):
            self.writer.release_source(row.id)
            raise
        return self._source(row, tail, row.parser_state, _written_before(tail))

    def begin(self, tail: Tail, name: Path, run: Callable[[], int], labels: Labels, *, live: bool, carried: bytes | None) -> Source:
        """Make a source of a file just opened, known as `name`, in the run that `run` gives; where that fails, close it.

        `live`: what it holds was printed just now. `carried` is the parser's state in the generation before. Raises as `resume`.
        """
        try:
            identity = tail.identity()
            self._check_free(identity, ())
            row = self.writer.open_source(run(), str(name), identity, labels=labels, claim=True)
            try:
                self._check_free(identity, (row.id,))
            except SourceHeldError:
                self.writer.release_source(row.id)
                raise
        except BaseException:
            tail.close()
            raise
        return self._source(row, tail, carried, 0 if live and isinstance(tail, PlainTail) else _written_before(tail))

    def begin_pipe(self, tail: PipeTail, run_key: int, *, live: bool) -> Source:
        """Make a source of a pipe. `live`: lines are printed as they arrive."""
        row = self.writer.open_source(run_key, str(tail.path), tail.identity(), claim=True)
        return self._source(row, tail, None, 0 if live else NEVER)

    def carry(self, source: Source) -> bytes:
        """Return what the parser of the next generation of a log has to know of this one."""
        return carry(source.here(), self.packs, self.settings)

    def _check_free(self, identity: FileIdentity, mine: Collection[int]) -> None:
        """Raise SourceHeldError when a live process reads this file into the store, in whichever run."""
        for row in self.writer.find_sources(identity.device, identity.inode):
            if row.holder not in (None, this_process()) and (not mine or row.id < min(mine)):
                self.writer.claim_source(row.id)
                self.writer.release_source(row.id)

    def _source(self, row: SourceRow, tail: Tail, state: bytes | None, live_from: int) -> Source:
        parser = Parser(self.packs, self.settings, state, clock=perf_counter)
        keep = 4 * (BLOCK + int(self.settings["max_line_bytes"]))
        return Source(row, tail, parser, live_from, keep=keep, network=not isinstance(tail, PipeTail) and self.is_network(tail.path))


def carry(parser: Parser, packs: PackSet, settings: Mapping[str, Any]) -> bytes:
    """Return the state a parser of the next generation of a log begins with: step, epoch, attempt, open blocks; nothing held back."""
    following = Parser(packs, settings, parser.save())
    following.flush(None)  # what is held back is for the generation before to give out
    state = json.loads(following.save())
    return json.dumps({**state, "consumed": 0, "skipping": False, "lines": 0, "counters": {}, "uses": {}}).encode()


def _written_before(tail: Tail) -> int:
    """Return the offset up to which a file just opened holds what was printed before: of a compressed one all of it."""
    return tail.status().st_size if isinstance(tail, PlainTail) else NEVER


def check_text(path: Path) -> bool:
    """Tell whether there is anything in the file at `path` yet. SourceError when what is there is no text; OSError."""
    with open_tail(path) as probe:
        head = probe.read(8 * HEAD_BYTES, 0.0).data
        if looks_binary(head):
            raise SourceError(f"{path}: a binary file, not a log; give the file that the training prints to")
        return probe.history.end > 0 or bool(kind_of(head))


def last_line_start(path: Path, size: int) -> int:
    """Return the offset of the beginning of the last, unfinished line in the first `size` bytes of a file."""
    with path.open("rb") as file:
        begin = max(size - _LINE_SEARCH, 0)
        found = os.pread(file.fileno(), size - begin, begin).rfind(b"\n")
    return begin + found + 1 if found >= 0 else size
