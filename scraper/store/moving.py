"""One run copied into another store, row by row under new numbers. Knows nothing of what a run means, and deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scraper.errors import NotFoundError, StoreError
from scraper.store.transaction import translated

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from scraper.store.writer import Writer

_OF_RUN: Final = "run_key = :run"
_OF_SERIES: Final = "series_id IN (SELECT id FROM origin.series WHERE run_key = :run)"
# Tables in an order in which rows may be inserted: which rows, and what is put for columns that number something of the store.
_TABLES: Final = (
    ("runs", "key = :run", {"key": ":key", "experiment_id": ":experiment"}),
    ("sources", _OF_RUN, {"id": "id + :sources", "run_key": ":key", "holder": "NULL"}),
    ("series", _OF_RUN, {"id": "id + :series", "run_key": ":key"}),
    ("point_rows", _OF_SERIES, {"series_id": "series_id + :series"}),
    ("rollups", _OF_SERIES, {"series_id": "series_id + :series"}),
    ("events", _OF_RUN, {"id": "NULL", "run_key": ":key"}),
    ("metric_definitions", _OF_RUN, {"run_key": ":key"}),
)
_COMPARED: Final = ("runs", "series", "metric_definitions")  # with their sums, so that points need no look


def copy_run(origin: Writer, run_id: str, target: Writer) -> int:
    """Copy a run and all that is stored of it from one store into another; return its key there, once it is on disk.

    The same run that is there already is taken for its copy, so that a move that was cut off can go on. StoreError when the stores
    are one, or `target` has a run with this id that is not the same any more; NotFoundError when `origin` has no such run.
    """
    if origin.path.resolve() == target.path.resolve():
        raise StoreError(f"{origin.path} is the store that the run is in; name another")
    origin.open()  # so that it is of this version
    connection = target.open()
    with translated(target.path):
        connection.execute("ATTACH ? AS origin", (str(origin.path.absolute()),))
        try:
            with target.transaction():
                key = _copied(connection, run_id, target.path)
        finally:
            connection.execute("DETACH origin")
    target.checkpoint()
    return key


def _copied(connection: sqlite3.Connection, run_id: str, target: Path) -> int:
    """Copy the rows, inside the transaction, from the attached store; return the run's key."""
    found = connection.execute("SELECT key, experiment_id FROM origin.runs WHERE id = ?", (run_id,)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no run {run_id} to copy any more")
    there = connection.execute("SELECT key FROM main.runs WHERE id = ?", (run_id,)).fetchone()
    if there is not None:
        if not all(_is_same(connection, table, found[0], there[0]) for table in _COMPARED):
            advice = f"delete the one you do not want, there with: scraper rm {run_id} --store {target}"
            raise StoreError(f"{target} has a run {run_id} of its own, which is not the same; {advice}")
        return int(there[0])
    key, last_source, last_series = (
        connection.execute(f"SELECT coalesce(max({column}), 0) FROM main.{table}").fetchone()[0]
        for table, column in (("runs", "key"), ("sources", "id"), ("series", "id"))
    )
    numbers = {"run": found[0], "experiment": _experiment(connection, found[1])}
    numbers |= {"key": int(key) + 1, "sources": last_source, "series": last_series}
    for table, where, instead in _TABLES:
        columns = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        values = ", ".join(instead.get(column, f'"{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {values} FROM origin.{table} WHERE {where}", numbers)
    return int(key) + 1


def _is_same(connection: sqlite3.Connection, table: str, key: int, key_there: int) -> bool:
    """Tell whether a table says the same of a run and of its copy, but for what numbers something of the store."""
    left_out = {"key", "id" if table != "runs" else "", "run_key", "experiment_id", "heartbeat"}
    names = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})") if row[1] not in left_out)
    column = "key" if table == "runs" else "run_key"
    here, there = (f"SELECT {names} FROM {name}.{table} WHERE {column} = ?" for name in ("origin", "main"))
    different = f"SELECT 1 FROM (SELECT * FROM ({here} EXCEPT {there}) UNION ALL SELECT * FROM ({there} EXCEPT {here}))"
    return connection.execute(different, (key, key_there, key_there, key)).fetchone() is None


def _experiment(connection: sqlite3.Connection, number: int) -> int:
    """Return the number of the experiment of the same name, made where there is none."""
    name, created = connection.execute("SELECT name, created FROM origin.experiments WHERE id = ?", (number,)).fetchone()
    connection.execute("INSERT INTO main.experiments (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, created))
    return int(connection.execute("SELECT id FROM main.experiments WHERE name = ?", (name,)).fetchone()[0])
