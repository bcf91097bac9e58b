"""The only way into the store: runs, sources, and batches committed whole or not at all. Reads only what writing needs."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from scraper.errors import NotFoundError
from scraper.store import facts, points, runs, series, sources
from scraper.store.runs import RunRef, plain
from scraper.store.schema import connect
from scraper.store.sources import SourceRow
from scraper.store.transaction import transaction, translated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from scraper.model import Batch, FileIdentity, Labels, NewRun
    from scraper.store.reparse import Reparse

__all__ = ["CommitResult", "RunRef", "SourceRow", "Writer"]

_LIMITS: Final = ("busy_seconds", "raw_budget", "max_series", "max_name_length")
_MANY: Final = 2000  # points of a commit from which on it saves time to switch foreign keys off, which makes all statements anew


@dataclass(slots=True)
class CommitResult:
    """What one commit stored, and what it refused."""

    points: int = 0  # stored
    stored: Counter[int] = field(default_factory=Counter)  # the same by source
    events: int = 0  # stored
    series: int = 0  # made
    thinned: int = 0  # older raw points removed by retention
    seconds: float = 0.0  # that it took, once no other process was writing
    refused: Counter[str] = field(default_factory=Counter)  # points not stored, by reason (`sources.REFUSALS`)
    refused_of: dict[int, Counter[str]] = field(default_factory=dict)  # the same by source
    room: dict[int, int] = field(default_factory=dict)  # by run: series it may still get; to count them for every new name would take long


class Writer:
    """One process's way into one store; the file is opened, made or migrated when it is first needed.

    Every method is one short transaction, so several processes may write one store at once. Each may raise StoreBusyError and
    StoreFullError (nothing was written, the same call may be made again), other StoreErrors, and SchemaError when the store is newer.

        with Writer(path) as writer:
            run = writer.create_run(NewRun(name="resnet"))
            source = writer.open_source(run.key, "train.log", identity)
            writer.commit([Batch(source.id, mark, Points(points))])
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_seconds: float = 30.0,
        raw_budget: int = 1_000_000,
        max_series: int = 10_000,
        max_name_length: int = 200,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = Path(path)
        self.busy_seconds = busy_seconds
        self.raw_budget = raw_budget  # raw points kept per series
        self.max_series = max_series  # per run
        self.max_name_length = max_name_length  # characters of a metric's or label's name
        self.clock = clock  # seconds since the epoch
        self._connection: sqlite3.Connection | None = None

    @classmethod
    def within(cls, path: str | os.PathLike[str], settings: Mapping[str, Any]) -> Self:
        """Return a writer with the limits that the settings of these names give."""
        return cls(path, **{name: settings[name] for name in _LIMITS})

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def open(self) -> sqlite3.Connection:
        """Open the store if it is not open, and return the connection. Raises what `schema.connect` does."""
        if self._connection is None:
            self._connection = connect(self.path, busy_seconds=self.busy_seconds)
        return self._connection

    def close(self) -> None:
        """Close the store; the last one to do so leaves no `-wal` file. Closing twice is harmless."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the store's write lock for the block, and yield the connection."""
        connection = self.open()
        with transaction(connection, self.path):
            yield connection

    @contextmanager
    def _unreferenced(self) -> Iterator[None]:
        """Leave foreign keys unchecked in the block's transaction, a tenth of what a row costs: it refers to rows it has just read."""
        connection = self.open()
        connection.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            connection.execute("PRAGMA foreign_keys = ON")

    # runs

    def create_run(self, run: NewRun) -> RunRef:
        """Store a new run, status running; its experiment too if that is new. StoreError when the id it brings is taken."""
        with self.transaction() as connection:
            return runs.create(connection, run, self.clock())

    def find_run(self, experiment: str, name: str) -> RunRef | None:
        """Return the newest run of this name in an experiment, so that ranks and rotations can join it; None when there is none."""
        with translated(self.path):
            return runs.find(self.open(), "experiments.name = ? AND runs.name = ?", (plain(experiment), plain(name)))

    def find_run_id(self, run_id: str) -> RunRef | None:
        """Return the run of exactly this id; None when there is none."""
        with translated(self.path):
            return runs.find(self.open(), "runs.id = ?", (plain(run_id),))

    def run_patterns(self, run_key: int) -> tuple[str, ...]:
        """Return the regexes that were given for a run's log, besides the packs."""
        with translated(self.path):
            row = self.open().execute("SELECT patterns FROM runs WHERE key = ?", (run_key,)).fetchone()
        return tuple(json.loads(row[0])) if row else ()

    def update_run(self, run_key: int, **columns: Any) -> None:
        """Set columns of a run, e.g. status, ended, exit_code, signal, pid or note.

        ValueError for a column or a status there is not; NotFoundError for a run there is not.
        """
        with self.transaction() as connection:
            runs.update(connection, run_key, columns)

    def add_tags(self, run_key: int, tags: Iterable[str], *, remove: Iterable[str] = ()) -> None:
        """Add tags to a run, each once, after taking those in `remove` from it. NotFoundError for a run there is not."""
        with self.transaction() as connection:
            runs.change_tags(connection, run_key, tags, remove)

    def heartbeat(self, run_keys: Iterable[int]) -> None:
        """Say that this process still follows these runs and the sources it claimed in them; needed when nothing is committed for 30 s."""
        now = self.clock()
        with self.transaction() as connection:
            connection.executemany("UPDATE runs SET heartbeat = ? WHERE key = ?", [(now, key) for key in run_keys])

    def delete_run(self, run_key: int) -> None:
        """Delete a run with everything that was stored of it. NotFoundError for a run there is not."""
        with self.transaction() as connection:
            runs.clear(connection, run_key)
            if not connection.execute("DELETE FROM runs WHERE key = ?", (run_key,)).rowcount:
                raise NotFoundError(f"the store has no run with key {run_key}")

    # sources

    def find_sources(self, device: int, inode: int) -> list[SourceRow]:
        """Return the sources that had this device and inode, newest first: the file may be one of them, or another by now."""
        with translated(self.path):
            return sources.by_file(self.open(), device, inode)

    def find_sources_by_path(self, path: str | os.PathLike[str]) -> list[SourceRow]:
        """Return the sources last seen at `path`, newest first."""
        with translated(self.path):
            return sources.select(self.open(), "path = ?", plain(os.fspath(path)))

    def run_sources(self, run_key: int) -> list[SourceRow]:
        """Return the sources of a run, newest first."""
        with translated(self.path):
            return sources.select(self.open(), "run_key = ?", run_key)

    def unfinished_sources(self) -> list[SourceRow]:
        """Return every source that may still grow, newest first."""
        with translated(self.path):
            return sources.select(self.open(), "finished = ?", 0)

    def open_source(
        self, run_key: int, path: str | os.PathLike[str], identity: FileIdentity, *, labels: Labels = (), claim: bool = False
    ) -> SourceRow:
        """Store a new file generation of a run, at offset 0; `labels` are put under those of its points. Claims it too if asked."""
        with self.transaction() as connection:
            source = sources.create(connection, run_key, os.fspath(path), identity, labels=labels, now=self.clock())
            return sources.claim(connection, source.id, self.clock()) if claim else source

    def move_source(self, source_id: int, path: str | os.PathLike[str]) -> None:
        """Store that a source's file is now at `path`."""
        with self.transaction() as connection:
            connection.execute("UPDATE sources SET path = ? WHERE id = ?", (plain(os.fspath(path)), source_id))

    def claim_source(self, source_id: int) -> SourceRow:
        """Make this process the one that ingests a source, and return the source as its last holder left it.

        SourceHeldError when a live process has it: one of this machine that runs, or one of another machine heard of in the last 60 s.
        """
        with self.transaction() as connection:
            return sources.claim(connection, source_id, self.clock())

    def release_source(self, source_id: int) -> None:
        """Leave a source to the next process that claims it; nothing happens when this process does not hold it."""
        with self.transaction() as connection:
            sources.release(connection, source_id)

    # batches

    def commit(self, batches: Sequence[Batch]) -> CommitResult:
        """Store batches in one transaction: points, statistics, rollups, retention, events, definitions, source marks, heartbeats.

        A point whose series has one at its position already adds nothing. Points above `max_series`, with names above
        `max_name_length` or with numbers SQLite cannot hold are not stored; the result and the source's counters say how many.
        SourceHeldError when another process claimed a batch's source meanwhile: nothing was written.
        """
        result = CommitResult()
        now = self.clock()
        many = sum(len(batch.points) for batch in batches) >= _MANY
        with self._unreferenced() if many else nullcontext(), self.transaction() as connection:
            began = time.perf_counter()
            for batch in batches:
                self._store(connection, batch, result, now)
        result.seconds = time.perf_counter() - began
        return result

    def _store(self, connection: sqlite3.Connection, batch: Batch, result: CommitResult, now: float) -> None:
        """Store one batch inside the transaction of its commit."""
        source = sources.load(connection, batch.source_id)
        sources.check_holder(source)
        refused: Counter[str] = Counter()
        before = result.points
        for name, group in points.group(batch.points, source.ordinal):
            refused.update(self._store_group(connection, source, name, group, result))
        result.stored[batch.source_id] += result.points - before
        result.events += facts.add_events(connection, source.run_key, source.ordinal, batch.events)
        facts.define(connection, source.run_key, batch.definitions)
        sources.set_mark(connection, source, batch, refused, now)
        connection.execute("UPDATE runs SET heartbeat = ? WHERE key = ?", (now, source.run_key))
        result.refused_of[batch.source_id] = +refused
        result.refused.update(+refused)

    def _store_group(
        self, connection: sqlite3.Connection, source: SourceRow, name: points.Name, group: points.Group, result: CommitResult
    ) -> dict[str, int]:
        """Store one series' points of one batch; return how many were not stored, by reason."""
        printed, labels, attempt = name
        metric = series.metric_name(printed)
        merged = dict(source.labels) | dict(labels)
        size = len(group.columns.at) + group.refused
        if max(len(metric), *map(len, merged), 0) > self.max_name_length:
            return {sources.NAME_TOO_LONG: size}
        if not group.columns.at:
            return {sources.OUT_OF_RANGE: size}
        key = (source.run_key, metric, sources.labels_json(merged), attempt)
        row = series.find(connection, key)
        if row is None:
            if source.run_key not in result.room:
                result.room[source.run_key] = self.max_series - series.number(connection, source.run_key)
            if result.room[source.run_key] <= 0:
                return {sources.SERIES_LIMIT: size}
            row = series.create(connection, key)
            result.room[source.run_key] -= 1
            result.series += 1
        stored, thinned = series.extend(connection, row, group, self.raw_budget)
        result.points += stored
        result.thinned += thinned
        return {sources.OUT_OF_RANGE: group.refused, sources.DUPLICATE: len(group.columns.at) - stored}

    # the whole store

    def reparse(self, run_key: int) -> Reparse:
        """Return a context in which a run's points and events are made anew from its logs; see `reparse.Reparse`."""
        from scraper.store.reparse import Reparse  # noqa: PLC0415 - one verb needs it

        return Reparse(self, run_key)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the main file and cut it to nothing, as far as readers allow."""
        with translated(self.path):
            self.open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
