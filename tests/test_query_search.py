"""Finding runs: the search language, pages by cursor, limits on SQL, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, point

import scraper
from scraper.errors import UsageError
from scraper.model import Event
from scraper.query.database import Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "store.db"
    resumed = [point(10, 1.0, "val_loss", step=5), point(20, 3.0, "val_loss", step=3, attempt=1)]
    fill(path, resumed, name="resumed", experiment="gpt-small", tags=("sweep", "a*b"), host="n1", git_commit="1a2b3c4d5e")
    fill(path, [point(10, 2.5, "val_loss"), point(20, math.nan, "val_loss")], name="diverged", experiment="gpt", started=STARTED + 1,
         events=[Event(5, "traceback", 1, None, None, "ValueError")])  # fmt: skip
    command = ("train", "--lr", "0.1")
    fill(path, [point(10, 90.0, "acc", step=2000)], name="my run", experiment="vision", started=STARTED + 2, command=command)
    with scraper.open(path) as db:
        yield db


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "my run,diverged,resumed"),
        ("metric:val_loss<2.0", "resumed"),
        ("metric:val_loss<=1", "resumed"),
        ("metric:val_loss=2.5", "diverged"),
        ("metric:val_loss>2.7", "resumed"),
        ("metric:val*", "diverged,resumed"),
        ("last:val_loss<2", ""),
        ("last:val_loss>=3", "resumed"),
        ("last:acc>=90", "my run"),
        ("experiment:gpt", "diverged"),
        ("experiment:gpt* tag:sweep", "resumed"),
        ("tag:a[*]b", "resumed"),
        ("-tag:sweep", "my run,diverged"),
        ("-host:n1", "my run,diverged"),
        ("name:'my run'", "my run"),
        ("git:1a2b", "resumed"),
        ("step>=1000", "my run"),
        ("event:traceback", "diverged"),
        ("command:'*--lr 0.1*'", "my run"),
        ("status:running -diverged", "my run,resumed"),
        ("res", "resumed"),
        ("re*ed", ""),
    ],
)
def test_a_search_finds_the_runs_for_which_every_term_holds(db: Database, query: str, names: str) -> None:
    assert ",".join(run.name for run in db.runs(query=query)) == names


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("statsu:failed", "did you mean 'status'"),
        ("metric:loss<1e", "is no number"),
        ("last:loss", "needs a comparison"),
        ("name:'open", "cannot read the search"),
    ],
)
def test_a_search_that_cannot_be_understood_is_refused(db: Database, query: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        db.runs(query=query)


def test_hostile_searches_are_text(db: Database) -> None:
    for query in ('name:"x\' OR 1=1 --"', "\"'; DROP TABLE runs\"", "tag:%"):
        assert db.runs(query=query) == []


def test_pages_follow_each_other_without_gap_or_overlap_while_runs_begin(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for i in range(7):
        fill(path, [], name=f"run{i}", started=STARTED + i // 3)  # several in one second
    with scraper.open(path) as db:
        expected = [run.name for run in db.runs()]
        found, cursor = [], None
        for turn in range(4):
            page = db.page(limit=2, after=cursor)
            found += [run.name for run in page.runs]
            cursor = page.cursor
            assert (cursor is None) == (turn == 3)
            fill(path, [], name="later", started=STARTED + 100)
        assert found == expected
        assert [run.name for run in db.page("name:run*", limit=9).runs] == expected
        fill(path, [], name="elsewhere", experiment="other", started=STARTED + 200)
        assert [run.name for run in db.page(limit=1, experiment="other").runs] == ["elsewhere"]
        assert "elsewhere" not in [run.name for run in db.page(limit=99, experiment="default").runs]
        with pytest.raises(UsageError, match="no cursor"):
            db.page(after="nonsense")


def test_sql_ends_when_its_time_is_over_and_gives_no_more_rows_than_asked(db: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
    with pytest.raises(UsageError, match=r"not done within 0.05 s"):
        db.sql(f"{endless} COUNT(*) FROM n", seconds=0.05)
    assert len(db.sql(f"{endless} i FROM n", max_rows=5)) == 5
    with pytest.raises(UsageError, match="too big"):
        db.sql("SELECT length(zeroblob(1000000000))")
    assert db.sql("SELECT 1 AS one") == [{"one": 1}]
