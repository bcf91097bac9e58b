"""Finding runs and asking them what they came to: bests, metrics, labels, events, comparison, plain SQL."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, point

import scraper
from scraper.model import Event, MetricDefinition, NewRun
from scraper.query.directions import higher_is_better
from scraper.store.writer import Writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def db(path: Path) -> Iterator[scraper.Database]:
    """Three runs: two of one experiment, and one that prints nothing."""
    fill(path, [point(10 * i, 3.0 - i, "val/loss") for i in range(3)], name="first", experiment="a", tags=("x", "y"), started=STARTED)
    second = [point(10 * i, 2.0 - i / 10, "val/loss") for i in range(5)] + [point(100 + i, float(i), "lr") for i in range(3)]
    fill(path, second, name="second", experiment="a", tags=("y",), started=STARTED + 10)
    fill(path, [], name="quiet", experiment="b", started=STARTED + 5)
    with scraper.open(path) as opened:
        yield opened


def test_runs_are_listed_newest_first_and_can_be_chosen(db: scraper.Database) -> None:
    assert [run.name for run in db.runs()] == ["second", "quiet", "first"]
    assert [run.name for run in db.runs(order="oldest")] == ["first", "quiet", "second"]
    assert [run.name for run in db.runs("a")] == ["second", "first"]
    assert [run.name for run in db.runs(tag="x")] == ["first"]
    assert [run.name for run in db.runs(limit=1)] == ["second"]
    assert db.runs(status="failed") == []
    assert [(e.name, e.runs) for e in db.experiments()] == [("a", 2), ("b", 1)]


def test_a_run_is_found_by_id_prefix_name_or_latest(db: scraper.Database) -> None:
    second = db.runs()[0]
    assert db.run() == db.run("latest") == db.run(second.id) == db.run("second") == second
    assert db.run(second.id[:-1]) == second
    with pytest.raises(scraper.UsageError, match="several run ids"):
        db.run("2026")
    with pytest.raises(scraper.NotFoundError, match="did you mean 'second'"):
        db.run("secnd")
    with pytest.raises(scraper.NotFoundError, match="no run ''"):
        db.run("")
    with pytest.raises(scraper.NotFoundError, match="did you mean 'a'"):
        db.runs("aa")


def test_a_name_may_look_like_a_pattern(path: Path) -> None:
    fill(path, [], name="100%_done")
    with scraper.open(path) as db:
        assert db.run("100%_done").name == "100%_done"
        with pytest.raises(scraper.NotFoundError):
            db.run("%")


def test_an_empty_store_says_how_to_fill_it(path: Path) -> None:
    Writer(path).open().close()
    with scraper.open(path) as db, pytest.raises(scraper.NotFoundError, match="scraper run"):
        db.run()


def test_a_store_that_is_none_is_refused(path: Path) -> None:
    with pytest.raises(scraper.StoreError, match="no store at"):
        scraper.open(path)
    path.write_bytes(b"not a database, but long enough to be looked at as if it were one" * 20)
    with pytest.raises(scraper.StoreError):
        scraper.open(path)
    with pytest.raises(scraper.StoreError, match="directory"):
        scraper.open(path.parent)


def test_best_goes_by_definition_then_name_then_what_is_said(path: Path) -> None:
    values = (2.0, math.nan, 5.0, 1.0)
    points = [point(10 * i, value, metric) for metric in ("val/loss", "odd", "accuracy", "x_loss_y") for i, value in enumerate(values)]
    fill(path, points, definitions=[MetricDefinition("odd", higher_is_better=True)])
    with scraper.open(path) as db:
        run = db.run()
        assert (run.best("val/loss").value, run.best("val/loss").step, run.best("val/loss").because) == (1.0, 3, "glossary")
        assert (run.best("x_loss_y").value, run.best("x_loss_y").because) == (1.0, "name")
        assert (run.best("odd").value, run.best("odd").because) == (5.0, "definition")
        assert run.best("accuracy").value == 5.0
        assert run.best("odd", higher_is_better=False).value == 1.0


def test_best_without_a_direction_or_a_finite_value_is_an_error(path: Path) -> None:
    fill(path, [point(0, 1.0, "lr"), point(10, math.nan, "loss"), point(20, math.inf, "loss")])
    with scraper.open(path) as db:
        with pytest.raises(scraper.UsageError, match="higher_is_better=True or False"):
            db.run().best("lr")
        with pytest.raises(scraper.NotFoundError, match="no finite value"):
            db.run().best("loss")
        with pytest.raises(scraper.NotFoundError, match="did you mean 'loss'"):
            db.run().best("los")
        assert db.run().metrics("lo*")[0].best is None


def test_a_best_that_was_overtaken_by_a_restart_does_not_count(path: Path) -> None:
    one = [point(10 * i, 5.0 if i < 8 else 0.5, step=i) for i in range(10)]
    two = [point(1000 + i, 4.0, step=i, attempt=1) for i in range(6, 12)]
    fill(path, [*one, *two])
    with scraper.open(path) as db:
        run = db.run()
        assert (run.best("loss").value, run.best("loss").attempt) == (4.0, 1)
        assert run.best("loss", attempt="all").value == 0.5
        assert run.best("loss", attempt=0).step == 8
        metric = run.metrics()[0]
        assert metric.minimum is not None
        assert (metric.minimum.value, metric.count, metric.attempts) == (4.0, 16, (0, 1))
        assert metric.maximum is not None
        assert (metric.maximum.value, metric.maximum.step) == (5.0, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("loss", False),
        ("val/loss", False),
        ("trainLoss", False),
        ("eval_perplexity", False),
        ("test_acc", True),
        ("metrics/mAP50(B)", True),
        ("valAUC", True),
        ("rollout/ep_rew_mean_reward", True),
        ("lr", None),
        ("closs_x", None),
        ("accuracy_loss", None),
        ("eval_samples_per_second", None),
    ],
)
def test_direction_by_name(name: str, expected: bool | None) -> None:
    assert higher_is_better(name) is expected


def test_labels_choose_a_rank_and_rank_zero_is_meant_by_default(path: Path) -> None:
    points = [point(10 * i, float(rank), labels=(("rank", str(rank)),), step=i) for i in range(3) for rank in range(2)]
    points = [p._replace(at=i) for i, p in enumerate(points)]
    fill(path, points)
    with scraper.open(path) as db:
        run = db.run()
        assert run.series("loss").labels == {"rank": "0"}
        assert run.series("loss", labels={"rank": "1"}).values == [1.0] * 3
        assert run.series("loss", labels={"rank": 1}).values == [1.0] * 3  # type: ignore[dict-item]
        assert [metric.labels for metric in run.metrics()] == [{"rank": "0"}, {"rank": "1"}]
        with pytest.raises(scraper.UsageError, match=r"labels=, of: \{\"rank\": \"0\"\}"):
            run.series("loss", labels={"rank": "7"})


def test_several_label_sets_without_a_rank_zero_are_asked_about(path: Path) -> None:
    fill(path, [point(i, 1.0, labels=(("fold", str(i)),), step=i) for i in range(3)])
    with scraper.open(path) as db:
        with pytest.raises(scraper.UsageError, match=f"run {db.run().id}: .* several sets of labels"):
            db.run().series("loss")
        assert db.run().series("loss", labels={"fold": "2"}).steps == [2]
        first = db.compare(["latest"], "loss").rows[0].last
        assert first is not None
        assert first.step == 0, "beside others the first one stands for a run"


def test_metrics_tell_counts_ends_and_meaning(path: Path) -> None:
    values = (1.0, math.nan, 3.0, -math.inf)
    meaning = MetricDefinition("loss", label="Loss", format="percent", unit="%", tier="primary", description="what it is")
    fill(path, [point(10 * i, value) for i, value in enumerate(values)], definitions=[meaning])
    with scraper.open(path) as db:
        metric = db.run().metrics()[0]
    assert (metric.count, metric.non_finite, metric.mean) == (4, 2, 2.0)
    assert (metric.first.value, metric.last.value, metric.last.step) == (1.0, -math.inf, 3)
    assert (metric.label, metric.format, metric.tier, metric.higher_is_better) == ("Loss", "percent", "primary", False)


def test_summary_events_and_config(path: Path) -> None:
    events = [Event(5, "checkpoint", 1, None, STARTED, "saved", {"path": "a.pt"}), Event(9, "traceback", None, None, None, "Traceback")]
    counters = {"lines": 10, "matched": 4, "too_long": 1}
    points = [point(10 * i, 1.0, attempt=i // 3, step=i % 3) for i in range(5)]
    fill(path, points, events=events, counters=counters, command=("python", "a b.py"), host="n1", git_dirty=True, hardware={"cores": 2})
    with scraper.open(path) as db:
        run = db.run()
        summary = run.summary()
        assert (summary.points, summary.attempts, summary.last_step) == (5, 2, 1)
        assert summary.events == {"checkpoint": 1, "traceback": 1}
        assert (summary.coverage.fraction, summary.coverage.discarded) == (0.4, {"too_long": 1})
        assert [event.kind for event in run.events()] == ["checkpoint", "traceback"]
        assert run.events("checkpoint")[0].detail == {"path": "a.pt"}
        config = run.config()
        assert (config["command"], config["git_dirty"], config["hardware"]) == (["python", "a b.py"], True, {"cores": 2})


def test_compare_gives_a_row_a_run_and_a_winner(db: scraper.Database) -> None:
    comparison = db.compare(["first", "second", "quiet"], "val/loss")
    assert [(row.name, row.count) for row in comparison.rows] == [("first", 3), ("second", 5), ("quiet", 0)]
    assert comparison.winner is not None
    assert comparison.winner.name == "first"
    assert db.compare(["second"], "lr").winner is None
    with pytest.raises(scraper.NotFoundError, match="no metric 'val/los'"):
        db.compare(["first", "second"], "val/los")
    with pytest.raises(scraper.UsageError):
        db.compare([], "val/loss")


def test_sql_reads_and_never_writes(db: scraper.Database) -> None:
    rows = db.sql("SELECT metric, count(*) AS n FROM metric_points WHERE name = ? GROUP BY metric ORDER BY metric", ["second"])
    assert rows == [{"metric": "lr", "n": 3}, {"metric": "val/loss", "n": 5}]
    before = db.sql("SELECT count(*) AS n FROM runs")
    writing = ["DELETE FROM runs", "UPDATE runs SET name = 'x'", "CREATE TABLE t(x)", "DROP TABLE points", "PRAGMA query_only = OFF"]
    for statement in [f"ATTACH '{db.path}x' AS other", *writing]:
        with pytest.raises(scraper.UsageError, match="only SELECT is allowed"):
            db.sql(statement)
    assert not Path(f"{db.path}x").exists()
    with pytest.raises(scraper.UsageError, match="no such column"):
        db.sql("SELECT colour FROM runs")
    with pytest.raises(scraper.UsageError):
        db.sql("SELECT 1; SELECT 2")
    assert db.sql("SELECT count(*) AS n FROM runs") == before


def test_reading_goes_on_while_a_writer_holds_the_store(path: Path) -> None:
    fill(path, [point(0, 1.0)])
    with Writer(path) as writer, scraper.open(path) as db:
        with writer.transaction() as connection:
            connection.execute("UPDATE runs SET name = 'later'")
            assert db.run().name == "train"
            assert db.run().series("loss").values == [1.0]
        assert db.run().name == "later"


def test_a_run_that_starts_later_is_seen_by_an_open_reader(path: Path) -> None:
    fill(path, [], name="one")
    with scraper.open(path) as db, Writer(path) as writer:
        writer.create_run(NewRun(name="two", started=STARTED + 60))
        assert db.run("latest").name == "two"


def test_a_store_that_breaks_while_open_is_a_store_error(path: Path) -> None:
    fill(path, [point(0, 1.0)])
    with scraper.open(path) as db:
        run = db.run()
        broken = sqlite3.connect(path)
        broken.execute("DROP VIEW metric_points")
        broken.execute("DROP TABLE events")
        broken.commit()
        broken.close()
        with pytest.raises(scraper.StoreError, match="scraper doctor"):
            run.events()


def test_pandas_is_asked_for_by_name_when_it_is_not_there(db: scraper.Database) -> None:
    try:
        import pandas as pd  # noqa: PLC0415, F401 - the test is about whether this works
    except ImportError:
        with pytest.raises(scraper.UsageError, match="pip install pandas"):
            db.run("second").series("lr").to_pandas()
    else:
        frame = db.run("second").series("lr").to_pandas()
        assert list(frame["value"]) == [0.0, 1.0, 2.0]
        assert (frame.index.name, list(frame.index)) == ("step", [10, 10, 10])
        assert len(db.compare(["first"], "val/loss").to_pandas()) == 1
