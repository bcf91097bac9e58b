"""A run is read again from its logs: the new points take the place of the old ones at once, or nothing changes."""

from __future__ import annotations

import math
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from store_helpers import IDENTITY, Model, batch, everything, mark, new_source, point, rows, run_python
from test_store_sources import HOLD
from test_store_statistics import check_store

from scraper.errors import NotFoundError, SourceHeldError, StoreBusyError, StoreError
from scraper.model import Event, MetricDefinition, Point
from scraper.store.schema import connect, connect_readonly
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.store.writer import SourceRow


def old_run(writer: Writer) -> list[SourceRow]:
    """Return the two sources, oldest first, of a run that was read with another pattern."""
    first = new_source(writer)
    sources = [first, writer.open_source(first.run_key, "train.log.1", IDENTITY, labels=(("rank", "1"),))]
    events = [Event(0, "gap", None, None, None, "3 bytes lost"), Event(60, "checkpoint", 1, None, None, "saved")]
    events.append(Event(90, "gap", None, None, None, "not read, by a fault", {"fault": "KeyError", "lines": 1}))
    points = [point(i * 60, i, "wrong") for i in range(300)]
    writer.commit([batch(source, points, events=events, mark=mark(18_000, lines=300)) for source in sources])
    return sources


def new_points(count: int = 5000) -> list[Point]:
    return [point(i * 60, math.nan if i == 7 else math.sqrt(i), f"m{i % 2}") for i in range(count)]


def test_new_points_take_the_place_of_old_ones(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        other = new_source(writer, "other")
        writer.commit([batch(other, [point(0, 1.0)])])
        sources, model = old_run(writer), Model()
        with writer.reparse(sources[0].run_key) as staged:
            assert [(s.id, s.offset, s.parser_state, s.counters, s.labels) for s in staged.sources] == [
                (s.id, 0, None, {}, s.labels) for s in sources
            ]
            for part in (new_points()[:2000], new_points()[2000:]):
                definitions = [MetricDefinition("m0", "M", pack="p")]
                events = [Event(120, "checkpoint", 2, None, None, "saved")]
                staged.commit([batch(staged.sources[0], part, definitions=definitions, events=events)])
                model.commit(0, part)
            staged.commit([batch(staged.sources[1], mark=mark(500, lines=8))])
            with closing(connect_readonly(writer.path)) as reader:
                shown = reader.execute("SELECT DISTINCT metric FROM series ORDER BY metric").fetchall()
                assert shown == [("loss",), ("wrong",)]  # nothing of the new before the end
        connection = writer.open()
        assert connection.execute("SELECT count(*) FROM metric_points WHERE name = 'other'").fetchone() == (1,)
        events = connection.execute("SELECT kind, at & 1023 FROM events ORDER BY at, kind").fetchall()
        assert events == [("gap", 0), ("checkpoint", 120), ("gap", 0)]  # what only the tailer saw stays
        marks = [(s.offset, s.counters, s.holder) for s in writer.run_sources(sources[0].run_key)]
        assert marks == [(500, {"lines": 8}, None), (300_000, {}, None)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT metric, label FROM metric_definitions").fetchall() == [("m0", "M")]
        writer.delete_run(other.run_key)
        check_store(connection, model)
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_an_error_on_the_way_changes_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        run_key = old_run(writer)[0].run_key
        before = everything(writer.open())

        def fail() -> None:
            with writer.reparse(run_key) as staged:
                staged.commit([batch(staged.sources[0], new_points())])
                raise OSError("the log vanished")

        with pytest.raises(OSError, match="vanished"):
            fail()
        after = everything(writer.open())
        for table in before.keys() - {"sources"}:
            assert after[table] == before[table]
        assert [(s.offset, s.holder) for s in writer.run_sources(run_key)] == [(18_000, None)] * 2
        assert {path.name for path in tmp_path.iterdir()} <= {"store.db", "store.db-wal", "store.db-shm"}


def test_a_lock_at_the_end_changes_nothing(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", busy_seconds=0.05) as writer, closing(connect(writer.path)) as other:
        run_key = old_run(writer)[0].run_key
        staged = writer.reparse(run_key)
        staged.__enter__()
        staged.commit([batch(staged.sources[0], new_points())])
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError):
            staged.__exit__(None, None, None)
        other.execute("ROLLBACK")
        assert rows(writer.open(), "SELECT metric, count FROM series") == [{"metric": "wrong", "count": 300}] * 2


def test_a_run_that_is_being_read_is_left_alone(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        first, second = old_run(writer)
        with run_python(HOLD, writer.path, second.id) as child:
            assert child.stdout.readline() == "held\n"
            with pytest.raises(SourceHeldError), writer.reparse(first.run_key):
                pass
            assert writer.run_sources(first.run_key)[1].holder is None
            child.communicate("done\n", timeout=30)


def test_a_file_that_joins_the_run_meanwhile_is_not_lost(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        run_key = old_run(writer)[0].run_key
        staged = writer.reparse(run_key)
        staged.__enter__()
        late = writer.open_source(run_key, "train.log.2", IDENTITY)
        writer.commit([batch(late, [point(0, 1.0, "late")])])
        with pytest.raises(StoreError, match="changed while they were read again"):
            staged.__exit__(None, None, None)
        assert writer.open().execute("SELECT count(*) FROM series").fetchone() == (3,)


DIE_IN_REPARSE = """
import os, signal
from test_store_reparse import *
with Writer(sys.argv[1]) as writer, writer.reparse(int(sys.argv[2])) as staged:
    staged.commit([batch(staged.sources[0], new_points())])
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reparse_that_is_killed_changes_nothing_and_its_rest_is_cleared_by_the_next(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        run_key = old_run(writer)[0].run_key
    with run_python(DIE_IN_REPARSE, tmp_path / "store.db", run_key) as child:
        pass
    assert child.returncode == -signal.SIGKILL
    assert any(".reparse-" in path.name for path in tmp_path.iterdir())
    with Writer(tmp_path / "store.db") as writer:
        assert rows(writer.open(), "SELECT metric, count FROM series") == [{"metric": "wrong", "count": 300}] * 2
        with writer.reparse(run_key) as staged:
            staged.commit([batch(staged.sources[0], new_points(10))])
        assert rows(writer.open(), "SELECT metric, count FROM series") == [{"metric": "m0", "count": 5}, {"metric": "m1", "count": 5}]
    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_no_such_run(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer, pytest.raises(NotFoundError, match="no run with key 5"), writer.reparse(5):
        pass
