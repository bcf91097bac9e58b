"""Opening a store to read it, and finding runs in it. Owns the read-only connection; refuses everything but SELECT."""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, Literal, Self

from scraper.config import store_path
from scraper.configfile import load
from scraper.errors import NotFoundError, ScraperError, StoreError, UsageError
from scraper.model import MetricDefinition
from scraper.nearest import nearest
from scraper.query import search
from scraper.query.align import align, diff
from scraper.query.definitions import of_any_run
from scraper.query.run import COLUMNS, Axis, Run, run_of
from scraper.query.summaries import compare
from scraper.query.values import Aligned, Comparison, Difference, ExperimentSummary, RunPage
from scraper.store.schema import connect_readonly
from scraper.store.transaction import moment
from scraper.text import shown

_FROM_RUNS = f"SELECT {COLUMNS} FROM runs JOIN experiments ON experiments.id = runs.experiment_id"
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_LARGEST_VALUE = 64 << 20  # bytes of one value in a query of the user's: zeroblob() and the like must not take all memory
_NEWEST = "ORDER BY substr(runs.id, 1, 15) DESC, runs.key DESC"  # an id begins with the second its run was recorded in


def open_store(path: str | os.PathLike[str] | None = None) -> Database:
    """Return the store at `path` for reading; None: $SCRAPER_STORE, else ./.scraper/store.db, else the user's own.

    StoreError when there is none or it is not a store, SchemaError when a newer version wrote it.

    >>> import scraper
    >>> db = scraper.open(".scraper/store.db")
    >>> [run.name for run in db.runs(limit=3)]
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

    @cached_property
    def configured(self) -> dict[str, MetricDefinition]:
        """What the configuration in force says of metrics, by name; read once. ConfigError when it is not valid."""
        return {definition.metric: definition for definition in load().metrics}

    def close(self) -> None:
        """Close the connection; runs taken from here cannot be asked any more."""
        self._connection.close()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Have everything that is read in the block be of one moment, whatever others write meanwhile. Keep it short: the WAL grows."""
        try:
            with moment(self._connection):
                yield
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def rows(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a SELECT of ours. StoreError when the store cannot be read."""
        try:
            return self._connection.execute(query, parameters).fetchall()
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise self._failure(error) from error

    def stream(self, query: str, parameters: Sequence[Any] | dict[str, Any] = (), *, size: int = 2048) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a SELECT of ours in flat memory; the rows are those of one moment. StoreError as for `rows`."""
        try:
            cursor = self._connection.execute(query, parameters)
            try:
                while block := cursor.fetchmany(size):
                    yield from block
            finally:
                with suppress(sqlite3.ProgrammingError):  # left half read, and the store was closed first: that closed it, too
                    cursor.close()
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise self._failure(error) from error

    def _failure(self, error: sqlite3.Error | UnicodeEncodeError) -> ScraperError:
        if isinstance(error, UnicodeEncodeError):
            return UsageError(f"{shown(str(error.object), 200)} is no UTF-8; nothing is called so, `scraper ls` shows the names")
        return StoreError(f"cannot read the store {self.path}: {error}; `scraper doctor --store {self.path}` says more")

    def sql(
        self,
        query: str,
        parameters: Sequence[Any] | dict[str, Any] = (),
        *,
        seconds: float | None = None,
        max_rows: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the rows (the first `max_rows`) of any SELECT as dictionaries by column name; a second column `id` is called `id:1`.

        UsageError for wrong SQL, for anything but SELECT, and for a query that takes longer than `seconds`.

        >>> db.sql("SELECT metric, count(*) AS n FROM metric_points GROUP BY metric")
        [{'metric': 'loss', 'n': 3000}, {'metric': 'val/loss', 'n': 9}]
        """
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        self._connection.set_authorizer(_only_select)
        self._connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 10_000)
        large = self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        try:
            cursor = self._connection.execute(query, parameters)
            names = _distinct([column[0] for column in cursor.description or ()])
            return [dict(zip(names, row, strict=True)) for row in islice(cursor, max_rows)]
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise _refused(error, seconds) from error
        finally:
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, large)
            self._connection.set_progress_handler(None, 0)
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
        query: str = "",
        after: Run | None = None,
    ) -> list[Run]:
        """Return the runs of `experiment`, in `status`, carrying `tag`; at most `limit`, newest first, as their ids sort.

        `after` leaves out that run and all newer ones, so that the last run of an answer begins the next. `query` is a search
        (`scraper.query.search.HELP`): words and terms that must all hold, `-` in front of one for its opposite.
        NotFoundError for an experiment that does not exist, UsageError for a search that cannot be understood.

        >>> [run.name for run in db.runs(query="status:failed experiment:vis* val/loss")]
        []
        >>> [run.name for run in db.runs(query="metric:val/loss<1.2 tag:sweep")]
        ['resnet50']
        """
        return self._found(experiment, status, tag, query, limit, order, None if after is None else _cursor_of(after))

    def page(self, query: str = "", *, limit: int = 50, after: str | None = None, experiment: str | None = None) -> RunPage:
        """Return `limit` runs (of `experiment`), newest first, that fit the search `query`, from where the page before ended: its cursor.

        Pages never overlap, and a run that begins meanwhile belongs before the first. UsageError for a cursor that is none, NotFoundError
        for an experiment that does not exist.

        >>> first = db.page(limit=1)
        >>> [run.name for run in db.page(limit=1, after=first.cursor).runs]
        ['resnet18']
        """
        if limit < 1:
            raise UsageError(f"a page has at least 1 run, not {limit}")
        found = self._found(experiment, None, None, query, limit + 1, "newest", after)
        shown = tuple(found[:limit])
        return RunPage(shown, _cursor_of(shown[-1]) if len(found) > limit else None)

    def _found(
        self, experiment: str | None, status: str | None, tag: str | None, query: str, limit: int | None, order: str, after: str | None
    ) -> list[Run]:
        """Return the runs that fulfil everything, behind a page's end where one is given."""
        if experiment is not None:
            self._require_experiment(experiment)
        where, given = _conditions({"experiments.name": experiment, "runs.status": status})
        if tag is not None:
            where.append("EXISTS (SELECT 1 FROM json_each(runs.tags) WHERE json_each.value = ?)")
            given.append(tag)
        for term in search.conditions(query):
            where.append(term.sql)
            given += term.values
        if after is not None:
            where.append("(substr(runs.id, 1, 15), runs.key) < (?, ?)")
            given += _cursor(after)
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

    def compare(self, runs: Iterable[Run | str], metric: str, *, higher_is_better: bool | None = None) -> Comparison:
        """Return what each of `runs` (objects, ids, prefixes or names) reached in `metric`: last, best and where.

        The direction is the one given, else the metric's own. A run that never printed the metric has an empty row; of several
        workers none of which is the first, the one that printed it first stands for a run. NotFoundError when no run has it.
        """
        with self.moment():
            return compare(self._each(runs), metric, higher_is_better)

    def align(
        self,
        runs: Iterable[Run | str],
        metric: str,
        *,
        x: Axis = "step",
        points: int = 200,
        labels: Mapping[str, str] | None = None,
    ) -> Aligned:
        """Return the curves of `metric` of several runs on one common axis `x`, of at most `points` places.

        The places are all that were printed where they are few enough, else evenly apart; between printed points a value lies on the
        line between them, outside of a run there is none. NotFoundError when no run has the metric on this axis.

        >>> db.align(["resnet50", "resnet18"], "val/loss").interpolated
        False
        """
        with self.moment():
            return align(self._each(runs), metric, x, points, labels)

    def diff(self, runs: Iterable[Run | str]) -> list[Difference]:
        """Return the recorded facts in which runs differ: arguments by name, script, git, Python, hardware, environment.

        >>> [(fact.name, fact.values) for fact in db.diff(["resnet50", "resnet18"])]
        [('args.depth', ('50', '18'))]
        """
        return diff(self._each(runs))

    def _each(self, runs: Iterable[Run | str]) -> list[Run]:
        return [run if isinstance(run, Run) else self.run(run) for run in runs]

    def definition(self, metric: str) -> MetricDefinition:
        """Return what a metric means in the newest run that says something of it; `Run.definition` tells it of one run.

        >>> db.definition("val/acc").label, db.definition("val/acc").higher_is_better
        ('Validation accuracy', True)
        """
        return of_any_run(self, metric)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names of columns, each once: further ones of a name are numbered as SQLite does in a subquery."""
    found: dict[str, None] = {}
    for name in names:
        further = (f"{name}:{number}" for number in count(1))
        found[next(one for one in chain([name], further) if one not in found)] = None
    return list(found)


def _refused(error: sqlite3.Error | UnicodeEncodeError, seconds: float | None) -> UsageError:
    """Return what to tell about a query of the user's that failed."""
    said = str(error)
    if "not authorized" in said or "prohibited" in said:
        return UsageError("SQL: only SELECT is allowed; a store is written by `scraper run` and `scraper tail` alone")
    if said == "interrupted":
        return UsageError(f"SQL: not done within {seconds:g} s; ask for less, or for longer")
    hint = "; tables: experiments, runs, series, points, events; view: metric_points" if isinstance(error, sqlite3.DatabaseError) else ""
    return UsageError(f"SQL: {error}{hint}")


def _only_select(action: int, *_: str | None) -> int:
    """Tell SQLite what a query of the user's may do: read. ATTACH, PRAGMA and all writing are refused."""
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _cursor_of(run: Run) -> str:
    """Return the cursor of a page that ends with a run."""
    return f"{run.id[:15]}.{run.key}"


def _cursor(text: str) -> list[Any]:
    """Return what a page's cursor says: the second its last run was recorded in, and that run's key."""
    stamp, dot, key = text.rpartition(".")
    if not dot or not key.isascii() or not key.isdigit():
        raise UsageError(f"{text!r} is no cursor; take the one of the page before")
    return [stamp, int(key)]


def _conditions(wanted: dict[str, str | None]) -> tuple[list[str], list[Any]]:
    """Return `column = ?` terms and their values for what was given."""
    given = {column: value for column, value in wanted.items() if value is not None}
    return [f"{column} = ?" for column in given], list(given.values())

