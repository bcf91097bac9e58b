"""Reading what each fold, run or trial of a log reached: the query, `scraper folds`, curves and the run's document."""

from __future__ import annotations

from pathlib import Path

import pytest
from parsing import parse
from reading_helpers import fill, invoke, read, read_json
from web_helpers import serving

import scraper
from scraper.plot.gather import FOLDS, Wanted, panels

REACHED = {1: (0.5, 0.7, 0.6), 2: (0.4, 0.8, 0.9), 3: (0.6, 0.65, 0.5)}
LOG = "warming up\nEpoch 1: acc 0.1\n" + "".join(
    f"===== Fold {fold}/3 =====\n" + "".join(f"Epoch {epoch}: acc {acc} lr {epoch / 10 + fold}\n" for epoch, acc in enumerate(values, 1))
    for fold, values in REACHED.items()
)


@pytest.fixture
def store(tmp_path: Path) -> str:
    found = parse(LOG)
    fill(tmp_path / "store.db", list(found.points), name="cv", events=list(found.events))
    return str(tmp_path / "store.db")


def test_a_run_tells_its_folds_and_what_a_metric_reached_in_each(store: str) -> None:
    with scraper.open(store) as db:
        run = db.run()
        assert [(fold.name, fold.attempts) for fold in run.folds()] == [("fold 1", (1,)), ("fold 2", (2,)), ("fold 3", (3,))]
        acc = run.over_folds("acc")
        assert acc.higher_is_better
        assert [(one.value, one.epoch) for one in acc.reached if one] == [(0.7, 2), (0.9, 3), (0.65, 2)]
        assert acc.mean == pytest.approx(0.75)
        assert acc.std == pytest.approx((((0.05**2) + (0.15**2) + (0.1**2)) / 2) ** 0.5)
        lr = run.over_folds("lr")
        assert lr.higher_is_better is None
        assert lr.values == [1.3, 2.3, 3.3]  # the last: nobody knows which is better
        with pytest.raises(scraper.NotFoundError, match="did you mean 'acc'"):
            run.over_folds("ac")


def test_a_fold_that_was_restarted_has_all_its_attempts_and_one_that_printed_nothing_has_none(tmp_path: Path) -> None:
    epochs = {1: (1, 2, 1, 2, 3), 2: (1, 2), 3: ()}
    found = parse("".join(f"Fold {n}/3\n" + "".join(f"Epoch {epoch}: acc 0.{n}{epoch}\n" for epoch in epochs[n]) for n in epochs))
    fill(tmp_path / "store.db", list(found.points), events=list(found.events))
    with scraper.open(tmp_path / "store.db") as db:
        run = db.run()
        assert [(fold.name, fold.attempts) for fold in run.folds()] == [("fold 1", (0, 1)), ("fold 2", (2,)), ("fold 3", (3,))]
        acc = run.over_folds("acc")
        assert [one and one.value for one in acc.reached] == [0.13, 0.22, None]
        assert acc.values == [0.13, 0.22]


def test_the_verb_gives_a_row_a_fold_with_mean_and_deviation(store: str) -> None:
    rows = [line.split() for line in read("folds", "--store", store).splitlines()]
    assert rows[0] == ["FOLD", "acc", "lr"]
    assert rows[1:4] == [["fold", "1", "0.7", "1.3"], ["fold", "2", "0.9", "2.3"], ["fold", "3", "0.65", "3.3"]]
    assert rows[4][:2] == ["mean", "0.75"]
    assert rows[5][:2] == ["std", "0.1323"]
    assert " ".join(rows[6]) == "the best of each fold; of lr the last"
    assert read("folds", "--metric", "acc", "--store", store).splitlines()[0].split() == ["FOLD", "acc"]
    found = read_json("folds", "--store", store)
    assert [fold["name"] for fold in found["folds"]] == ["fold 1", "fold 2", "fold 3"]
    assert found["metrics"][0]["mean"] == pytest.approx(0.75)
    assert "folds      3, fold 1 to fold 3" in read("show", "--store", store)


def test_the_verb_says_where_there_are_no_folds(tmp_path: Path, store: str) -> None:
    fill(tmp_path / "other.db", list(parse("Epoch 1: acc 0.1\nEpoch 2: acc 0.2\n").points))
    result = invoke("folds", "--store", str(tmp_path / "other.db"))
    assert result.exit_code == 1
    assert "announces no folds" in result.output
    assert "folds" not in read("show", "--store", str(tmp_path / "other.db"))
    assert invoke("folds", "--metric", "nix*", "--store", store).exit_code == 1


def test_each_fold_is_a_curve_with_its_name(store: str, tmp_path: Path) -> None:
    with scraper.open(store) as db:
        (panel,) = panels([db.run()], ["acc"], Wanted(events=True), {})
    assert [(curve.name, list(curve.values)) for curve in panel.curves] == [("", [0.1]), *((f"fold {n}", [*REACHED[n]]) for n in REACHED)]
    assert panel.best == (3.0, 0.9)
    other = parse("Epoch 1: f1 0.1\nEpoch 2: f1 0.2\n")
    fill(Path(store), list(other.points), name="plain")
    with scraper.open(store) as db:
        for runs in (["cv", "plain"], ["plain", "cv"]):
            (panel,) = panels([db.run(name) for name in runs], ["acc"], Wanted(), {})
            assert len(panel.curves) == 1, "of several runs each has one colour"
    assert panel.marks == []  # all of them begin where the curves do
    text = "".join(f"Fold {n}/20\nEpoch 1: acc 0.1\nEpoch 2: acc 0.2\n" for n in range(1, FOLDS + 2))
    found = parse(text)
    fill(tmp_path / "many.db", list(found.points), events=list(found.events))
    with scraper.open(tmp_path / "many.db") as db:
        (panel,) = panels([db.run()], ["acc"], Wanted(), {})
    assert len(panel.curves) == 1, "more than can be told apart are drawn alike"


def test_the_document_of_a_run_names_its_folds(store: str) -> None:
    with serving(Path(store)) as site:
        found = site.get("/runs/latest").json
    assert found["folds"][1] == {"name": "fold 2", "attempts": [2]}
