"""An answer that takes several queries is of one moment of the store, although a writer commits and thins between any two of them."""

from __future__ import annotations

import json
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from store_helpers import batch, mark, new_source, point

import scraper
from scraper.cli.status import command
from scraper.store.writer import Writer
from scraper.text import QUARANTINED
from scraper.web.chosen import Asked, read

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scraper.query import Database, Run

BUDGET = 500  # raw points kept of a series, so that what is read is being thinned, too
BATCH = 70


class Busy:
    """A writer that commits a batch before every query of a reader: value i at step i, two metrics, a counter for the batches."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = Writer(path, raw_budget=BUDGET)
        self._source = new_source(self._writer)
        self._done = 0
        for _ in range(20):
            self.commit()

    def commit(self) -> None:
        begun, self._done = self._done * BATCH, self._done + 1
        points = [point(i * 60, float(i), name) for i in range(begun, begun + BATCH) for name in ("loss", "accuracy")]
        told = mark((begun + BATCH) * 60, lines=self._done, **{f"{QUARANTINED}bad:p{self._done}": 1})
        self._writer.commit([batch(self._source, points, mark=told)])

    @contextmanager
    def between(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Commit before each SELECT of a connection while the block lasts."""
        before = self._done
        connection.set_trace_callback(lambda query: self.commit() if query.lstrip().startswith("SELECT") else None)
        yield
        connection.set_trace_callback(None)
        assert self._done > before + 1, "nothing was committed between two queries"

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    writer = Busy(tmp_path / "store.db")
    yield writer
    writer.close()


@pytest.fixture
def db(busy: Busy) -> Iterator[Database]:
    with scraper.open(busy.path) as opened:
        yield opened


def whole(run: Run) -> bool:
    series = run.series("loss")
    kept = [int(value) for value in series.values][-BUDGET:]
    return series.raw_count == series.values[-1] + 1 and kept == list(range(kept[0], kept[0] + BUDGET))


def thinned(run: Run) -> bool:
    series = run.series("loss", max_points=40)
    return series.raw_count == series.values[-1] + 1


def bounded(run: Run) -> bool:
    series = run.series("loss", max_points=40, min_step=100)
    return series.raw_count == series.values[-1] + 1


def means(run: Run) -> bool:
    with run.db.moment():
        return sum(run.means("loss", columns=8).counts) == run.series("loss").raw_count


def metrics(run: Run) -> bool:
    return len({one.count for one in run.metrics()}) == 1


def summary(run: Run) -> bool:
    found = run.summary()
    return found.coverage.lines * BATCH == found.metrics[0].count


def best(run: Run) -> bool:
    with run.db.moment():
        return run.best("accuracy").value == run.series("loss").values[-1]


def page(run: Run) -> bool:
    found = read(run, Asked(means=True))
    return len({one.raw_count for one in found.series}) == 1 == len({one.values[-1] for one in found.series})


@pytest.mark.parametrize("holds", [whole, thinned, bounded, means, metrics, summary, best, page])
def test_an_answer_is_of_one_moment(busy: Busy, db: Database, holds: Callable[[Run], bool]) -> None:
    run = db.run()
    with busy.between(db._connection):
        assert holds(run)
    assert holds(run), "and nothing is held behind it"
    assert not db._connection.in_transaction


def test_runs_are_compared_at_one_moment(busy: Busy, db: Database) -> None:
    run = db.run()
    with busy.between(db._connection):
        (row,) = db.compare([run], "accuracy").rows
    assert row.best is not None
    assert row.last is not None
    assert row.best.value == row.last.value


def test_status_is_of_one_moment(busy: Busy, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.query.open_store", lambda _: nullcontext(db))  # the reader whose queries the writer knows of
    with busy.between(db._connection):
        done = CliRunner().invoke(command, ["--all", "--json"], catch_exceptions=False)
    said = json.loads(done.stdout)
    (source,) = said["sources"]
    assert (source["lines"], source["quarantined"]) == (said["lines"], said["quarantined"])


def test_an_error_inside_holds_nothing(busy: Busy, db: Database) -> None:
    run = db.run()
    with pytest.raises(scraper.ScraperError, match="has no metric"):
        run.series("los")
    assert not db._connection.in_transaction
    before = run.summary().coverage.lines
    busy.commit()
    assert run.summary().coverage.lines == before + 1
