"""Several processes write one store at once, into runs of their own and into the same run; every point is there once."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from store_helpers import Model, new_source, point, rows, run_python
from test_store_statistics import check_rollups

from scraper.errors import StoreBusyError, StoreError
from scraper.model import NewRun
from scraper.store.schema import connect, connect_readonly
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
from store_helpers import *
from scraper.store.writer import Writer
path, rank, joined = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "joined"
sys.stdin.readline()
with Writer(path) as writer:
    if joined:
        source = writer.open_source(writer.find_run("default", "joined").key, f"rank{rank}.log", IDENTITY, claim=True)
    else:
        source = new_source(writer, f"run{rank}")
    for start in range(0, 2000, 50):
        writer.commit([batch(source, [point((start + i) * 60, (start + i) * (1 + rank)) for i in range(50)])])
"""


@pytest.mark.parametrize("kind", ["apart", "joined"])
def test_four_processes_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        writer.create_run(NewRun(name="joined"))
    children = [run_python(WRITER, path, rank, kind) for rank in range(4)]
    for child in children:  # all are up before any begins
        child.stdin.write("go\n")
        child.stdin.flush()
    assert [child.communicate(timeout=60)[0] for child in children] == [""] * 4
    assert [child.returncode for child in children] == [0] * 4
    with Writer(path) as writer:
        connection = writer.open()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        sums = {(rank + 1) * 1999 * 1000.0 for rank in range(4)}
        found = rows(connection, "SELECT * FROM series ORDER BY sum")
        if kind == "apart":
            assert [(row["count"], row["sum"]) for row in found] == [(2000, total) for total in sorted(sums)]
            for row in found:
                model = Model()
                model.commit(0, [point(i * 60, i * row["max_value"] / 1999) for i in range(2000)])
                check_rollups(connection, row["id"], next(iter(model.series.values())))
        else:
            assert [(row["count"], row["sum"]) for row in found] == [(8000, sum(sums))]
            assert connection.execute("SELECT count(*), count(DISTINCT at >> 40) FROM points").fetchone() == (8000, 4)
            assert connection.execute("SELECT sum(count), sum(sum) FROM rollups WHERE level = 1").fetchone() == (8000, sum(sums))


def test_many_processes_make_one_new_store(tmp_path: Path) -> None:
    code = """
from store_helpers import *
from scraper.store.writer import Writer
sys.stdin.readline()
with Writer(sys.argv[1]) as writer:
    new_source(writer)
"""
    children = [run_python(code, tmp_path / "new" / "store.db") for _ in range(6)]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0] * 6
    with Writer(tmp_path / "new" / "store.db") as writer:
        assert writer.open().execute("SELECT count(*), count(DISTINCT id) FROM runs").fetchone() == (6, 6)
        assert writer.open().execute("SELECT count(*) - count(DISTINCT name) FROM _sqlite_migrations").fetchone() == (0,)


def made_at(statement: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have a store made at `path` before the given statement of the connection that is opened next; returns the runs stored, to come."""
    plain, looks, stored = sqlite3.connect, [], []

    def make(sql: str) -> None:
        looks.append(sql)
        if len(looks) == statement:
            with suppress(StoreBusyError), Writer(path, busy_seconds=0) as writer:
                stored.append(new_source(writer).run_key)

    def connect_watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        monkeypatch.undo()
        connection: sqlite3.Connection = plain(*arguments, **options)
        connection.set_trace_callback(make)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_watched)
    return stored


def test_a_store_is_made_before_any_statement_of_who_opens_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = read = 0
    refused = []
    for statement in range(1, 20):
        path = tmp_path / f"written{statement}.db"
        path.touch()
        stored = made_at(statement, path, monkeypatch)
        connection = connect(path)
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (len(stored),)
        connection.close()
        written += len(stored)
        path = tmp_path / f"read{statement}.db"
        path.touch()
        stored = made_at(statement, path, monkeypatch)
        try:
            connect_readonly(path).close()
        except StoreError as error:
            refused.append(str(error))
        read += len(stored)
    assert written > 4
    assert read > 1
    assert all("holds no runs yet" in message for message in refused), refused


def test_a_reader_sees_whole_commits_while_another_process_writes(tmp_path: Path) -> None:
    from scraper.store.schema import connect_readonly  # noqa: PLC0415 - beside its use

    path = tmp_path / "store.db"
    with Writer(path) as writer:
        new_source(writer)
    with run_python(WRITER, path, 0, "apart") as child:
        child.stdin.write("go\n")
        child.stdin.flush()
        reader = connect_readonly(path)
        seen = set()
        while child.poll() is None:
            seen.add(reader.execute("SELECT (SELECT count(*) FROM points), coalesce((SELECT sum(count) FROM series), 0)").fetchone())
        reader.close()
    assert child.returncode == 0
    assert all(points == counted and points % 50 == 0 for points, counted in seen)
