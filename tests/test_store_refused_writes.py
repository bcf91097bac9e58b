"""A commit that meets a lock, a full disk or a read-only store leaves everything as it was, and succeeds when it is made again."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from store_helpers import batch, everything, new_source, point, run_python

from scraper.errors import StoreBusyError, StoreError, StoreFullError
from scraper.model import Event
from scraper.store.writer import SourceRow, Writer

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.model import Batch


def a_batch(source: SourceRow, start: int = 0, count: int = 5000) -> Batch:
    points = [point((start + i) * 60, i / 7, f"m{i % 3}") for i in range(count)]
    return batch(source, points, events=[Event(start * 60, "checkpoint", 1, None, None, "saved")])


def check_repeated(writer: Writer, wanted: Batch, before: dict[str, list[tuple[object, ...]]]) -> None:
    """Nothing changed, and the same call stores all of it now."""
    assert everything(writer.open()) == before
    result = writer.commit([wanted])
    assert (result.points, result.events) == (len(wanted.points), 1)
    assert writer.run_sources(1)[0].offset == wanted.mark.offset


def test_locked_by_another_writer(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", busy_seconds=0.05) as writer:
        source = new_source(writer)
        writer.commit([a_batch(source)])
        before, wanted = everything(writer.open()), a_batch(source, 5000)
        with closing(sqlite3.connect(writer.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusyError, match="locked by another process"):
                writer.commit([wanted])
        check_repeated(writer, wanted, before)


def test_a_full_disk(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        writer.commit([a_batch(source)])
        before, wanted = everything(writer.open()), a_batch(source, 5000)
        pages = writer.open().execute("PRAGMA page_count").fetchone()[0]
        writer.open().execute(f"PRAGMA max_page_count = {pages + 3}")
        with pytest.raises(StoreFullError, match="nothing was written"):
            writer.commit([wanted])
        assert everything(writer.open()) == before
        writer.open().execute(f"PRAGMA max_page_count = {1 << 30}")
        check_repeated(writer, wanted, before)


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """The limit meets the write-ahead log in the middle of a commit, as a full disk or a quota does."""
    old_handler, old_limit = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with Writer(tmp_path / "store.db") as writer:
            source = new_source(writer)
            writer.commit([a_batch(source)])
            writer.open().execute("PRAGMA cache_size = 5")  # so that pages are written out before the commit
            before, wanted = everything(writer.open()), a_batch(source, 5000, 20_000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, old_limit[1]))
            with pytest.raises(StoreFullError):
                writer.commit([wanted])
            with pytest.raises(StoreFullError):  # and again, as a follower would
                writer.commit([wanted])
            resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
            check_repeated(writer, wanted, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
        signal.signal(signal.SIGXFSZ, old_handler)


def test_a_store_that_became_read_only(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        before, wanted = everything(writer.open()), a_batch(source)
        writer.open().execute("PRAGMA query_only = ON")
        with pytest.raises(StoreFullError):
            writer.commit([wanted])
        writer.open().execute("PRAGMA query_only = OFF")
        check_repeated(writer, wanted, before)


def test_an_error_in_the_last_batch_undoes_the_first(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        before = everything(writer.open())
        gone = SourceRow(99, source.run_key, 1, "gone.log", source.identity, "", 0, 0, None)
        with pytest.raises(StoreError, match="no source 99"):
            writer.commit([a_batch(source), a_batch(gone)])
        check_repeated(writer, a_batch(source), before)


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        writer.commit([a_batch(new_source(writer))])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(StoreError, match=r"store\.db is not a usable SQLite database .* restore it from a copy"), Writer(path) as writer:
        writer.commit([a_batch(writer.run_sources(1)[0], 5000)])


WRITE_ONE_BY_ONE = """
from store_helpers import *
from scraper.store.writer import Writer
path, source_id = sys.argv[1], int(sys.argv[2])
with Writer(path) as writer:
    source = writer.claim_source(source_id)
    done = source.offset // 60
    for _ in range(1000):
        writer.commit([batch(source, [point((done + i) * 60, done + i, f"m{k}") for i in range(40) for k in range(3)])])
        done += 40
        print(done, flush=True)
"""


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_writer_killed_between_and_within_commits(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        source = new_source(writer)
        writer.open().execute(f"PRAGMA journal_mode = {journal}")
    reported = 0
    for lines in (1, 7, 30, 2, 13):
        with run_python(WRITE_ONE_BY_ONE, path, source.id) as child:
            for _ in range(lines):
                reported = int(child.stdout.readline())
            child.kill()
        with Writer(path) as writer:
            assert writer.open().execute("PRAGMA integrity_check").fetchone() == ("ok",)
            offset = writer.run_sources(source.run_key)[0].offset // 60
            assert offset >= reported
            assert offset % 40 == 0
            counts = writer.open().execute("SELECT count, sum, (SELECT count(*) FROM points WHERE series_id = id) FROM series").fetchall()
            assert counts == [(offset, offset * (offset - 1) / 2, offset)] * 3
