"""Points lie packed in the store and come out exactly as they went in; a store of an older schema is repacked whole or not at all."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import batch, new_source, point, run_python

from scraper.cli import cli
from scraper.errors import StoreFullError
from scraper.store import packing
from scraper.store.rollups import Columns
from scraper.store.schema import SCHEMA_VERSION, connect
from scraper.store.transaction import transaction
from scraper.store.writer import Writer

OLD = Path(__file__).parent / "stores" / "schema_1.sql"  # made by the version that had it: finite, NaN, infinite and huge values
STATEMENTS = [statement for statement in packing.POINTS.split(";\n") if statement.strip()]
COLUMNS = "series_id, at, step, epoch, time, value, kind, step_kind"

numbers = st.one_of(
    st.floats(allow_nan=False),
    st.decimals(-(10**6), 10**6, places=4).map(float),
    st.integers(-(2**60), 2**60).map(float),
    st.just(math.nan),
)
moments = st.one_of(st.none(), st.floats(0, 4e9), st.integers(0, 4 * 10**12).map(lambda ms: ms / 1000))


@given(st.lists(st.tuples(numbers, moments, st.integers(0, 6)), min_size=1, max_size=30), st.booleans())
def test_every_number_comes_back_as_it_was(rows: list[tuple[float, float | None, int]], based: bool) -> None:
    count = len(rows)
    values = [None if math.isnan(value) else value for value, _, _ in rows]
    times, step_kinds = [time for _, time, _ in rows], [kind for _, _, kind in rows]
    new = Columns(range(count), [None] * count, [None] * count, times, values, [int(v is None) for v in values], step_kinds)
    base = packing.base_of(times) if based else None
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE series (id INTEGER PRIMARY KEY, time_base INTEGER)")
        connection.execute("INSERT INTO series VALUES (1, ?)", (base,))
        for statement in STATEMENTS[:2]:
            connection.execute(statement)
        connection.executemany("INSERT INTO point_rows VALUES (1, ?, ?, ?, ?, ?, ?)", zip(*packing.pack(new, base), strict=True))
        found = connection.execute("SELECT time, value, kind, step_kind FROM points ORDER BY at").fetchall()
    assert found == list(zip(times, values, new.kinds, step_kinds, strict=True))


def test_what_a_live_run_prints_takes_few_bytes(tmp_path: Path) -> None:
    """Three values a line of 60 bytes, timed to the millisecond; the pages of the table, not only the rows."""
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        for start in range(0, 10_000, 500):
            points = [
                point(i * 60, round(value, 4), metric, time=1.79e9 + round(i * 0.347, 3))
                for i in range(start, start + 500)
                for metric, value in (("loss", 4 / (1 + i / 100)), ("lr", 3e-4), ("grad_norm", 1 + math.sin(i)))
            ]
            writer.commit([batch(source, points)])
        try:
            (used,) = writer.open().execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'point_rows'").fetchone()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without dbstat")
    assert used / 30_000 <= 34


def old_store(path: Path) -> list[tuple[Any, ...]]:
    """Make a store of schema 1 and return its points."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text())
        return connection.execute(f"SELECT {COLUMNS} FROM points ORDER BY series_id, at").fetchall()


def test_a_store_of_schema_1_is_repacked(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    before = old_store(path)
    with closing(connect(path)) as connection:
        assert connection.execute(f"SELECT {COLUMNS} FROM points ORDER BY series_id, at").fetchall() == before
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kinds = connection.execute("SELECT typeof(time), typeof(value), count(*) FROM point_rows GROUP BY 1, 2 ORDER BY 1, 2").fetchall()
        assert kinds == [
            ("integer", "integer", 12), ("integer", "null", 1), ("null", "integer", 12), ("null", "null", 2), ("null", "real", 1),
            ("real", "integer", 2), ("real", "real", 10),
        ]  # fmt: skip
    with Writer(path) as writer:
        (source,) = writer.run_sources(1)
        assert writer.commit([batch(source, [point(90_000, 0.125, time=1_795_250_000.5)])]).points == 1
        stored = writer.open().execute("SELECT time, value, at FROM metric_points ORDER BY at DESC LIMIT 1").fetchone()
    assert stored == (1_795_250_000.5, 0.125, 90_000)


def test_one_of_several_processes_repacks(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    before = old_store(path)
    code = "from scraper.store.schema import connect; sys.stdin.readline(); connect(sys.argv[1]).close()"
    children = [run_python(code, path) for _ in range(4)]
    for child in children:
        child.communicate("go\n", timeout=60)
    assert [child.returncode for child in children] == [0] * 4
    with closing(connect(path)) as connection:
        assert connection.execute(f"SELECT {COLUMNS} FROM points ORDER BY series_id, at").fetchall() == before


def test_a_store_that_cannot_be_repacked_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    before = old_store(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(StoreFullError), transaction(connection, path):
            packing.repack(connection, STATEMENTS)
        assert connection.execute(f"SELECT {COLUMNS} FROM points ORDER BY series_id, at").fetchall() == before
    with closing(connect(path)) as connection:
        assert connection.execute(f"SELECT {COLUMNS} FROM points ORDER BY series_id, at").fetchall() == before


def test_readers_name_the_verb_that_brings_an_older_store_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    old_store(path)
    refused = CliRunner().invoke(cli, ["ls", "--store", str(path)])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert f"scraper upgrade --store {path}" in refused.stderr
    for _ in range(2):
        upgraded = CliRunner().invoke(cli, ["upgrade", "--store", str(path)])
        assert (upgraded.exit_code, upgraded.stdout) == (0, f"{path} is up to date (schema {SCHEMA_VERSION})\n")
    assert CliRunner().invoke(cli, ["ls", "--store", str(path)]).exit_code == 0
    missing = CliRunner().invoke(cli, ["upgrade", "--store", str(tmp_path / "none.db")])
    assert (missing.exit_code, (tmp_path / "none.db").exists()) == (1, False)
