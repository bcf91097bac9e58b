"""What a metric means follows the pack that found it, in its run; the configuration's word stands above, the glossary's below."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from reading_helpers import read, read_json

import scraper
from scraper.model import MetricDefinition
from scraper.parse.limits import LIMITS
from scraper.parse.packs import Pack, PackSet, parse_pack
from scraper.parse.parser import Parser
from scraper.store.schema import connect

SHARE = """
[pack]
name = "share"
title = "Prints accuracy as a share"
[[pattern]]
name = "line"
regex = "SHARE (?P<accuracy>{NUM}) at (?P<step>{INT})"
[metrics.accuracy]
label = "Share of right answers"
format = "fraction"
[[sample]]
log = "SHARE 0.5 at 1"
points = [{ metric = "accuracy", step = 1, value = 0.5 }]
"""
PERCENT = SHARE.replace("share", "percent").replace("SHARE", "PERCENT").replace("fraction", "percent").replace("Share of", "Percent of")


def packs(*extra: Pack) -> PackSet:
    return PackSet([*extra, *(parse_pack(text, "x.toml", user=True) for text in (SHARE, PERCENT))])


def meanings(log: str, known: PackSet) -> list[MetricDefinition]:
    parser = Parser(known, LIMITS)
    found = [*parser.feed(log.encode(), None).points, *parser.flush(None).points]
    return parser.definitions({point.metric for point in found})


def test_the_pack_that_read_a_metric_says_what_it_means() -> None:
    (share,), (percent,) = meanings("SHARE 0.5 at 1\n", packs()), meanings("PERCENT 50.0 at 1\n", packs())
    assert (share.format, share.label, share.pack) == ("fraction", "Share of right answers", "share")
    assert (percent.format, percent.label, percent.pack) == ("percent", "Percent of right answers", "percent")


def test_lines_that_are_read_by_column_are_of_their_pack_too() -> None:
    log = "".join(f"PERCENT {i / 3:.3f} at {i}\n" for i in range(200))
    assert [one.pack for one in meanings(log, packs())] == ["percent"]


def test_no_pack_speaks_for_a_line_that_it_did_not_read() -> None:
    assert meanings("step 1 accuracy 0.5\nstep 2 accuracy 0.6\n", packs()) == []


def test_the_configuration_is_heard_whichever_pack_read_it() -> None:
    said = MetricDefinition("accuracy", label="Mine")
    known = packs(Pack("configuration", user=True, after=-(1 << 30), metrics=(said,)))
    assert [one.label for one in meanings("SHARE 0.5 at 1\n", known)] == ["Share of right answers", "Mine"]
    assert [one.label for one in meanings("step 1 accuracy 0.5\nstep 2 accuracy 0.6\n", known)] == ["Mine"]


def test_what_was_found_before_a_restart_is_not_said_again() -> None:
    known = packs()
    first = Parser(known, LIMITS)
    first.feed(b"SHARE 0.5 at 1\n", None)
    again = Parser(known, LIMITS, first.save())
    points = again.feed(b"SHARE 0.6 at 2\nPERCENT 50.0 at 3\n", None).points
    assert {point.metric for point in points} == {"accuracy"}
    assert again.definitions(["accuracy"]) == []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with both packs, and one run read with each into one store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPER_STORE", str(tmp_path / "store.db"))
    (tmp_path / ".scraper" / "patterns").mkdir(parents=True)
    for name, text in (("share", SHARE), ("percent", PERCENT)):
        (tmp_path / ".scraper" / "patterns" / f"{name}.toml").write_text(text)
    (tmp_path / "share.log").write_text("".join(f"SHARE 0.{i} at {i}\n" for i in range(1, 10)))
    (tmp_path / "percent.log").write_text("".join(f"PERCENT {i}.5 at {i}\n" for i in range(80, 90)))
    read("tail", "--once", "share.log", "percent.log")
    return tmp_path


@pytest.mark.usefixtures("place")
def test_each_run_of_a_store_shows_its_own_meaning() -> None:
    with scraper.open() as db:
        said = {name: db.run(name).definition("accuracy") for name in ("share", "percent")}
        assert {name: (one.format, one.pack) for name, one in said.items()} == {
            "share": ("fraction", "share"),
            "percent": ("percent", "percent"),
        }
        assert db.compare(["share", "percent"], "accuracy").winner.name == "share"  # 0.9 is more than 89.5 %
    assert "89.5%" in read("show", "percent")
    assert "%" not in read("show", "share").partition("METRIC")[2]
    ranked = read("best", "accuracy").splitlines()
    assert [line.split()[1:3] for line in ranked[1:3]] == [["share", "0.9"], ["percent", "89.5%"]]
    assert [line.split()[4] for line in read("compare", "share", "percent").splitlines()[2:4]] == ["0.9", "89.5%"]


def test_the_configuration_in_force_stands_above_what_was_stored(place: Path) -> None:
    (place / "scraper.toml").write_text('[metrics.accuracy]\nlabel = "Mine"\nhigher_is_better = false\n')
    (metric,) = read_json("summary", "percent")["metrics"]
    assert (metric["label"], metric["format"], metric["best"]["value"]) == ("Mine", "percent", 80.5)
    (place / "scraper.toml").unlink()
    (metric,) = read_json("summary", "percent")["metrics"]
    assert (metric["label"], metric["best"]["value"]) == ("Percent of right answers", 89.5)


def test_what_was_in_force_when_a_run_was_read_is_kept_with_it(place: Path) -> None:
    (place / "scraper.toml").write_text('[metrics.accuracy]\ntier = "primary"\nunit = "pt"\n')
    (place / "third.log").write_text("SHARE 0.5 at 1\n")
    read("tail", "--once", "third.log")
    (place / "scraper.toml").unlink()
    with scraper.open() as db:
        third, share = (db.run(name).definition("accuracy") for name in ("third", "share"))
    assert (third.tier, third.unit, third.format, third.label) == ("primary", "pt", "fraction", "Share of right answers")
    assert (share.tier, share.unit) == ("primary", "")  # the glossary's tier


def test_reading_again_forgets_what_a_pack_said_before(place: Path) -> None:
    path = place / ".scraper" / "patterns" / "percent.toml"
    path.write_text(path.read_text().replace("Percent of right answers", "Hits").replace('format = "percent"\n', ""))
    read("reparse", "percent")
    with scraper.open() as db:
        said = db.run("percent").definition("accuracy")
        assert (said.label, said.format) == ("Hits", "float")
        assert db.run("share").definition("accuracy").format == "fraction"


def test_an_older_store_gives_each_run_what_it_said_of_all(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((Path(__file__).parent / "stores" / "schema_1.sql").read_text())
        said = "('loss', 'Cost', 'fraction', 'mine'), ('other', '', 'int', '')"
        connection.execute(f"INSERT INTO metric_definitions (metric, label, format, pack) VALUES {said}")
        connection.commit()
    connect(path).close()
    with scraper.open(path) as db:
        assert db.rows("SELECT run_key, metric, label, format, pack FROM metric_definitions") == [(1, "loss", "Cost", "fraction", "mine")]
        assert db.run().definition("loss").label == "Cost"
