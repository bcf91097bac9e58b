"""Making a run's points anew from its logs: staged in a file beside the store, then put in place of the old in one transaction."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from scraper.errors import NotFoundError, StoreError, StoreFullError
from scraper.ingest.recorder.state import is_running
from scraper.store import runs, sources
from scraper.store.transaction import translated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from types import TracebackType

    from scraper.model import Batch
    from scraper.store.sources import SourceRow
    from scraper.store.writer import CommitResult, Writer

_RUN: Final = ("experiments", "runs", "sources", "metric_definitions")  # what of a run the staged batches refer to
_MARK: Final = "device inode head_hash head_size tail_hash offset line_number parser_state counters patterns finished updated".split()  # noqa: SIM905 - reads best

_EVENT: Final = "run_key, at, kind, step, epoch, time, line, detail"


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _remove(path: Path) -> None:
    """Delete a staged file and what SQLite kept beside it."""
    for suffix in ("-wal", "-shm", "-journal", ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _staging_file(store: Path) -> Path:
    """Make an empty file beside `store`, named for this process, and delete those that killed processes of this machine left."""
    me = sources.this_process()
    prefix = f"{store.name}.reparse-{me['host']}.{me['namespace']}-"
    try:
        for path in store.parent.iterdir():
            match = re.fullmatch(rf"{re.escape(prefix)}(\d+)-(\d+)-\w+", path.name)
            if match and not is_running(int(match[1]), int(match[2])):
                _remove(path)
        handle, name = tempfile.mkstemp(prefix=f"{prefix}{me['pid']}-{me['started']}-", dir=store.parent)
    except OSError as error:
        raise StoreFullError(f"cannot stage a reparse beside {store} ({error.strerror}); nothing was changed") from error
    os.close(handle)
    return Path(name)


class Reparse:
    """A context that replaces a run's series, points, rollups and events by what is committed inside it, all at once at its end.

    Its sources are claimed meanwhile (SourceHeldError when a live process ingests one) and start again at offset 0. The store's write
    lock is held only while the result is copied; leaving the context by an exception changes nothing. Memory does not grow with the log;
    the disk needs room for a second copy of the run. NotFoundError when there is no such run.

        with writer.reparse(run.key) as staged:
            for source in staged.sources:
                staged.commit([Batch(source.id, mark, Points(points))])
    """

    def __init__(self, writer: Writer, run_key: int) -> None:
        self.sources: list[SourceRow] = []  # oldest first, as if nothing of them had been read
        self._writer = writer
        self._run_key = run_key
        self._claimed: list[int] = []  # sources this process did not hold before
        self._staging: Writer | None = None

    def __enter__(self) -> Self:
        try:
            self._claim()
            self._stage()
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._replace()
        finally:
            self._release()

    def commit(self, batches: Sequence[Batch]) -> CommitResult:
        """Stage batches of the run's sources; what `Writer.commit` says holds here."""
        return self._staged().commit(batches)

    def _staged(self) -> Writer:
        if self._staging is None:
            raise RuntimeError("a reparse is used inside its `with` block only")
        return self._staging

    def _claim(self) -> None:
        """Claim every source of the run, all or none."""
        writer = self._writer
        with writer.transaction() as connection:
            if not connection.execute("SELECT 1 FROM runs WHERE key = ?", (self._run_key,)).fetchone():
                raise NotFoundError(f"the store has no run with key {self._run_key}")
            found = sources.select(connection, "run_key = ?", self._run_key)
            for source in found:
                sources.claim(connection, source.id, writer.clock())
        self._claimed = [source.id for source in found if source.holder != sources.this_process()]

    def _release(self) -> None:
        """Remove the staged file, and leave the sources that were claimed for it."""
        staging, self._staging = self._staging, None
        if staging is not None:
            staging.close()
            _remove(staging.path)
        claimed, self._claimed = self._claimed, []
        for source_id in claimed:
            self._writer.release_source(source_id)

    def _stage(self) -> None:
        """Make the staging store: the run and its sources, unread."""
        writer = self._writer
        self._staging = staging = type(writer)(
            _staging_file(writer.path.absolute()),
            raw_budget=writer.raw_budget,
            max_series=writer.max_series,
            max_name_length=writer.max_name_length,
            clock=writer.clock,
        )
        connection = staging.open()
        with translated(writer.path):
            connection.execute("ATTACH ? AS old", (str(writer.path.absolute()),))
            with staging.transaction():
                self._copy_run(connection)
            connection.execute("DETACH old")
            self.sources = sources.select(connection, "run_key = ?", self._run_key)[::-1]

    def _copy_run(self, connection: sqlite3.Connection) -> None:
        """Copy the run's own rows from the attached store, and unread its sources."""
        where = {
            "experiments": "id = (SELECT experiment_id FROM old.runs WHERE key = :run)",
            "runs": "key = :run",
            "sources": "run_key = :run",
            "metric_definitions": "run_key = :run AND pack = ''",
        }
        for table in _RUN:
            names = ", ".join(_columns(connection, table))
            rows = f"SELECT {names} FROM old.{table} WHERE {where[table]}"
            connection.execute(f"INSERT INTO {table} ({names}) {rows}", {"run": self._run_key})
        unread = "offset = 0, line_number = 0, tail_hash = '', parser_state = NULL, counters = '{}', patterns = '{}', finished = 0"
        connection.execute(f"UPDATE sources SET {unread}")

    def _replace(self) -> None:
        """Put what is staged in place of what the store has of the run, in one transaction."""
        staged = self._staged().path
        self._staged().close()
        connection = self._writer.open()
        with translated(self._writer.path):
            connection.execute("ATTACH ? AS staged", (str(staged),))
            try:
                with self._writer.transaction():
                    self._check_unchanged(connection)
                    runs.clear(connection, self._run_key, keep_seen=True)
                    self._copy_new(connection)
            finally:
                connection.execute("DETACH staged")

    def _check_unchanged(self, connection: sqlite3.Connection) -> None:
        """Raise StoreError when the run got or lost a file since it was staged, SourceHeldError when another process took one over."""
        found = sources.select(connection, "run_key = ?", self._run_key)
        if {source.id for source in found} != {source.id for source in self.sources}:
            raise StoreError(f"the files of run {self._run_key} changed while they were read again; nothing was changed, try again")
        for source in found:
            sources.check_holder(source)

    def _copy_new(self, connection: sqlite3.Connection) -> None:
        """Copy series under new ids behind all others, so that their points are appended; then marks and definitions."""
        shift = connection.execute("SELECT coalesce(max(id), 0) FROM main.series").fetchone()[0]
        parts = (("series", "id", "id"), ("point_rows", "series_id", "series_id, at"), ("rollups", "series_id", "series_id"))
        for table, key, order in parts:
            columns = _columns(connection, table)
            values = ", ".join(f"{name} + {shift}" if name == key else name for name in columns)
            connection.execute(f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {values} FROM staged.{table} ORDER BY {order}")
        rows = f"SELECT {_EVENT} FROM staged.events WHERE true ORDER BY at, id"  # `WHERE true` tells the parser that ON is no join
        connection.execute(f"INSERT INTO main.events ({_EVENT}) {rows} ON CONFLICT (run_key, at, kind) DO NOTHING")
        assignments = ", ".join(f"{name} = new.{name}" for name in _MARK)
        connection.execute(f"UPDATE main.sources SET {assignments} FROM staged.sources AS new WHERE new.id = main.sources.id")
        names = ", ".join(_columns(connection, "metric_definitions"))
        connection.execute("DELETE FROM main.metric_definitions WHERE run_key = ?", (self._run_key,))
        connection.execute(f"INSERT INTO main.metric_definitions ({names}) SELECT {names} FROM staged.metric_definitions")
