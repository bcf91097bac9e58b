"""Opening a store to read it, and finding runs in it. Owns the read-only connection; refuses everything but SELECT."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from scraper.config import store_path
from scraper.errors import NotFoundError, StoreError, UsageError
from scraper.nearest import nearest
from scraper.query.run import COLUMNS, Run, run_of
from scraper.query.summaries import compare
from scraper.query.values import Comparison, ExperimentSummary
from scraper.store.schema import connect_readonly

_FROM_RUNS = f"SELECT {COLUMNS} FROM runs JOIN experiments ON experiments.id = runs.experiment_id"
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_NEWEST = "ORDER BY substr(runs.id, 1, 15) DESC, runs.key DESC"  # an id begins with the second its run was recorded in


def open_store(path: str | os.PathLike[str] | None = None) -> Database:
    """Return the store at `path` for reading; None: $SCRAPER_STORE, else ./.scraper/store.db, else the user's own.

    StoreError when there is none or it is not a store, SchemaError when a newer version wrote it.

    >>> import scraper
    >>> db = scraper.open(".scraper/store.db")  # doctest: +SKIP
    >>> [run.name for run in db.runs(limit=3)]  # doctest: +SKIP
    ['resnet50', 'resnet18', 'train']
    """
    return Database(store_path(path))


class Database:
    """A store, open for reading. Works while others write to it; usable as a context manager, from the thread that opened it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = connect_readonly(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; runs taken from here cannot be asked any more."""
        self._connection.close()

    def rows(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a SELECT of ours. StoreError when the store cannot be read."""
        try:
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def stream(self, query: str, parameters: Sequence[Any] | dict[str, Any] = (), *, size: int = 2048) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a SELECT of ours in flat memory; the rows are those of one moment. StoreError as for `rows`."""
        try:
            cursor = self._connection.execute(query, parameters)
            try:
                while block := cursor.fetchmany(size):
                    yield from block
            finally:
                cursor.close()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _failure(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"cannot read the store {self.path}: {error}; `scraper doctor --store {self.path}` says more")

    def sql(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of any SELECT as dictionaries by column name. UsageError for wrong SQL, and for anything but SELECT.

        >>> db.sql("SELECT metric, count(*) AS n FROM metric_points GROUP BY metric")  # doctest: +SKIP
        [{'metric': 'loss', 'n': 1000}]
        """
        self._connection.set_authorizer(_only_select)
        try:
            cursor = self._connection.execute(query, parameters)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]
        except sqlite3.DatabaseError as error:
            if "not authorized" in str(error) or "prohibited" in str(error):
                raise UsageError("SQL: only SELECT is allowed; a store is written by `scraper run` and `scraper tail` alone") from error
            raise UsageError(f"SQL: {error}; tables: experiments, runs, series, points, events; view: metric_points") from error
        except sqlite3.Error as error:
            raise UsageError(f"SQL: {error}") from error
        finally:
            self._connection.set_authorizer(None)

    def experiments(self) -> list[ExperimentSummary]:
        """Return every experiment with its number of runs, by name."""
        query = (
            "SELECT experiments.name, experiments.created, COUNT(runs.key), MAX(runs.started) FROM experiments "
            "LEFT JOIN runs ON runs.experiment_id = experiments.id GROUP BY experiments.id ORDER BY experiments.name"
        )
        return [ExperimentSummary(*row) for row in self.rows(query)]

    def runs(
        self,
        experiment: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
        order: Literal["newest", "oldest"] = "newest",
    ) -> list[Run]:
        """Return the runs of `experiment`, in `status`, carrying `tag`; at most `limit`, newest first, as their ids sort.

        NotFoundError for an experiment that does not exist.
        """
        if experiment is not None:
            self._require_experiment(experiment)
        where, given = _conditions({"experiments.name": experiment, "runs.status": status})
        if tag is not None:
            where.append("EXISTS (SELECT 1 FROM json_each(runs.tags) WHERE json_each.value = ?)")
            given.append(tag)
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        sort = _NEWEST if order == "newest" else _NEWEST.replace("DESC", "ASC")
        rows = self.rows(f"{_FROM_RUNS}{condition} {sort} LIMIT ?", [*given, -1 if limit is None else limit])
        return [run_of(self, row) for row in rows]

    def _require_experiment(self, name: str) -> None:
        known = [row[0] for row in self.rows("SELECT name FROM experiments")]
        if name not in known:
            raise NotFoundError(f"no experiment {name!r} in {self.path}{nearest(name, known)}; `scraper ls` shows them")

    def run(self, which: str = "latest") -> Run:
        """Return the run with this id, unique beginning of an id, or name (the newest of that name); "latest" is the newest run.

        NotFoundError names the nearest; UsageError lists the candidates when a beginning fits several ids.
        """
        if which == "latest":
            return self._latest()
        exact = self.rows(f"{_FROM_RUNS} WHERE runs.id = ?", [which])
        if exact:
            return run_of(self, exact[0])
        named = self.rows(f"{_FROM_RUNS} WHERE runs.name = ? {_NEWEST} LIMIT 1", [which])
        if named:
            return run_of(self, named[0])
        return self._by_prefix(which)

    def _latest(self) -> Run:
        newest = self.runs(limit=1)
        if not newest:
            raise NotFoundError(f"the store {self.path} holds no run yet; make one with: scraper run -- COMMAND")
        return newest[0]

    def _by_prefix(self, prefix: str) -> Run:
        found = self.rows(f"{_FROM_RUNS} WHERE substr(runs.id, 1, ?) = ? ORDER BY runs.id LIMIT 6", [len(prefix), prefix]) if prefix else []
        if len(found) == 1:
            return run_of(self, found[0])
        if found:
            ids = ", ".join(run_of(self, row).id for row in found[:5])
            raise UsageError(f"{prefix!r} is the beginning of several run ids ({ids}{', …' if len(found) > 5 else ''}); give more of it")
        known = [name for row in self.rows(f"SELECT id, name FROM runs {_NEWEST} LIMIT 2000") for name in row]
        raise NotFoundError(f"no run {prefix!r} in {self.path}{nearest(prefix, known)}; `scraper ls` shows them")

    def compare(self, runs: Iterable[Run | str], metric: str) -> Comparison:
        """Return what each of `runs` (objects, ids, prefixes or names) reached in `metric`: last, best and where.

        A run that never printed the metric has an empty row. NotFoundError when none of them did.
        """
        return compare([run if isinstance(run, Run) else self.run(run) for run in runs], metric)


def _only_select(action: int, *_: str | None) -> int:
    """Tell SQLite what a query of the user's may do: read. ATTACH, PRAGMA and all writing are refused."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _conditions(wanted: dict[str, str | None]) -> tuple[list[str], list[Any]]:
    """Return `column = ?` terms and their values for what was given."""
    given = {column: value for column, value in wanted.items() if value is not None}
    return [f"{column} = ?" for column in given], list(given.values())

