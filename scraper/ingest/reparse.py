"""Makes a run's points anew, with today's packs, from the same bytes of the same logs that were read before; or refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.errors import SourceError, UsageError
from scraper.ingest.generations import file_now
from scraper.ingest.source import BEFORE_START, CUT, NEVER, UNREAD, UNRECORDED, Source, carry
from scraper.ingest.tailer import BLOCK, open_tail
from scraper.model import SOURCE_SHIFT
from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scraper.parse.packs import PackSet
    from scraper.store.reparse import Reparse
    from scraper.store.writer import SourceRow, Writer

_LAST = 1 << 62


def locate(row: SourceRow) -> Path:
    """Return where the file of a source is now, under its name or a rotated one. SourceError when it is gone or changed."""
    path = Path(row.path)
    if not path.is_absolute():
        raise SourceError(f"{row.path}: this source was a pipe, of which nothing is kept; the run stays as it is")
    found = file_now(row)
    if found is None:
        state = "changed since it was read" if path.exists() else "gone"
        raise SourceError(f"{path}: the log is {state}, so the run cannot be made anew from it; nothing was changed")
    return found


class Times:
    """When the lines of a run were printed or read, as its stored points say: `pairs` of position and time, by position."""

    def __init__(self, pairs: Iterable[tuple[int, float | None]]) -> None:
        self._pairs = iter(pairs)
        self._next = next(self._pairs, (_LAST, None))
        self._now: float | None = None

    def cut(self, ordinal: int, start: int, data: bytes) -> Iterator[tuple[bytes, float | None]]:
        """Yield the bytes at `start` of a source in pieces, each with the time that its lines were read at."""
        base = ordinal << SOURCE_SHIFT
        begin = 0
        while self._next[0] < base + start + len(data):
            at, now = self._next
            self._next = next(self._pairs, (_LAST, None))
            if now == self._now:
                continue
            end = max(at - base - start, begin)
            if end > begin:
                yield data[begin:end], self._now
            begin, self._now = end, now
        yield data[begin:], self._now


class Rebuilding:
    """One run being read again. `run` either replaces all that is stored of it or changes nothing."""

    def __init__(self, writer: Writer, run_key: int, packs: PackSet, settings: Mapping[str, Any], times: Times) -> None:
        self._writer = writer
        self._run_key = run_key
        self._packs = packs
        self._settings = dict(settings)
        self._times = times
        self._metrics: set[str] = set()
        self.points = 0

    def run(self, progress: Callable[[int, int], None] = lambda _read, _size: None) -> None:
        """Read every source again as far as it was read before. `progress` gets the bytes read and the bytes to read.

        SourceError when a log is gone or changed, SourceHeldError while a process follows one, StoreError as the writer.
        """
        rows = sorted(self._writer.run_sources(self._run_key), key=lambda row: row.ordinal)
        if not any(row.offset for row in rows):
            raise UsageError("nothing of this run's logs was read yet; read them first: scraper tail --once FILE")
        before = {row.id: (row, locate(row)) for row in rows if row.offset}
        total, done = sum(row.offset for row, _ in before.values()), 0
        with self._writer.reparse(self._run_key) as staged:
            last: Source | None = None
            for fresh in staged.sources:
                if fresh.id not in before:
                    continue
                row, path = before[fresh.id]
                state = carry(last.here(), self._packs, self._settings) if last is not None and last.row.path == row.path else None
                last = self._open(fresh, row, path, state)
                for read in self._read(staged, last, row):
                    progress(done + read, total)
                done += row.offset
                last.close()

    def _open(self, fresh: SourceRow, row: SourceRow, path: Path, state: bytes | None) -> Source:
        keep = 4 * (BLOCK + int(self._settings["max_line_bytes"]))
        skipped = row.counters.get(BEFORE_START, 0)
        source = Source(fresh, open_tail(path, skipped), Parser(self._packs, self._settings, state), NEVER, keep=keep)
        if skipped:
            source.here().feed_gap(skipped, BEFORE_START)
        source.lost = {name: count for name, count in row.counters.items() if name in (UNREAD, UNRECORDED)}
        return source

    def _read(self, staged: Reparse, source: Source, row: SourceRow) -> Iterator[int]:
        """Parse a source up to where it was read before, staging batches; yields the offset now and then."""
        tail = source.tail
        while tail.history.end < row.offset:
            start = tail.history.end
            gap, data = tail.read(min(BLOCK, row.offset - start), 0.0)
            if tail.history.end == start:
                raise SourceError(f"{tail.path}: shorter than when it was read; nothing was changed")
            if gap:
                source.skip(gap)
            for piece, now in self._times.cut(source.row.ordinal, start + gap, data):
                source.take(source.parser.feed(piece, now))
            tail.history.trim(source.parser.consumed, source.keep)
            if len(source.points) >= self._settings["batch_points"]:
                self._stage(staged, source)
            yield tail.history.end
        if row.finished and row.counters.get(CUT):
            source.end_cut(None)
        elif row.finished:
            source.end(None)
        self._stage(staged, source)

    def _stage(self, staged: Reparse, source: Source) -> None:
        batch = source.batch(self._metrics)
        result = staged.commit([batch])
        self.points += result.points
        self._metrics |= source.committed(batch, result)
