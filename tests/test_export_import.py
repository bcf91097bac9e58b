"""What was exported comes back equal: csv, json, jsonl and parquet read into another store, whole or not at all."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_helpers import STARTED, fill, invoke, point
from wrapping import with_peak

import scraper
from scraper.export.table import harmless, plain_text
from scraper.model import EPOCH, SOURCE_SHIFT, Batch, FileIdentity, NewRun, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

FORMS = ("csv", "json", "jsonl")
NAMES = ["loss", "=1+1", "'quoted", "a\\x1bb", "a\x1b[31m", "\\u202e", "\u202e", "\\", "x" * 3000, 'a"b,c\nd', "模型 λ", ""]


def export(store: Path, form: str = "jsonl") -> str:
    result = invoke("export", "--all", "--format", form, "--store", str(store))
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    values = [0.1, math.nan, math.inf, -math.inf, 1e-320, -0.0, 1e300]
    points = [point(10 * i + j, values[(i + j) % 7], name, step=i, time=STARTED + i / 3) for i in range(9) for j, name in enumerate(NAMES)]
    points.append(point(500, 1.0, "late", step=None, step_kind=EPOCH, epoch=0.25, attempt=2))
    fill(path, points, name="one")
    with Writer(path) as writer:
        run = writer.create_run(NewRun(name="ranks", started=STARTED + 60))
        for rank in range(3):
            identity = FileIdentity(1, 100 + rank, "00" * 16, 0)
            source = writer.open_source(run.key, f"rank{rank}.log", identity, labels=(("rank", str(rank)),))
            mark = SourceMark(100, 10, "", source.identity, b"", {})
            writer.commit([Batch(source.id, mark, Points(point(10 * i, float(rank)) for i in range(3 * (rank != 1))))])
    return path


@pytest.mark.parametrize("form", FORMS)
def test_what_comes_back_is_equal(store: Path, tmp_path: Path, form: str) -> None:
    file, other = tmp_path / f"points.{form}", tmp_path / "other.db"
    file.write_text(export(store, form), encoding="utf-8", newline="")
    result = invoke("import", str(file), "--store", str(other), "--tag", "copy", "--experiment", "merged")
    assert result.exit_code == 0, result.stderr
    assert export(other) == export(store)
    with scraper.open(other) as db:
        assert [(run.status, run.tags, run.experiment) for run in db.runs()] == [("ended", ("copy",), "merged")] * 2
        ranks = db.run(db.runs()[0].id)
        assert ranks.series("loss", labels={"rank": "2"}).positions[0] == 2 << SOURCE_SHIFT
        with scraper.open(store) as original:
            for run, copy in zip(original.runs(), db.runs(), strict=True):
                assert repr([metric.maximum for metric in run.metrics()]) == repr([metric.maximum for metric in copy.metrics()])


def test_parquet_comes_back_equal(store: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "points.parquet", tmp_path / "other.db"
    assert invoke("export", "--all", "--out", str(file), "--store", str(store)).exit_code == 0
    result = invoke("import", str(file), "--store", str(other))
    assert result.exit_code == 0, result.stderr
    assert export(other) == export(store)
    for content, told in ((b"no parquet", "no parquet of"), (file.read_bytes()[:-40], "no parquet of")):
        (tmp_path / "broken.parquet").write_bytes(content)
        result = invoke("import", str(tmp_path / "broken.parquet"), "--store", str(tmp_path / "third.db"))
        assert (result.exit_code, told in result.stderr) == (2, True)


def test_a_wide_csv_comes_back_as_the_same_table(store: Path, tmp_path: Path) -> None:
    named_like_keys = [point(10 * i, float(i), name) for i in range(3) for name in ("step", "metric:step", "run", "metric:metric:step")]
    fill(store, named_like_keys, name="three", started=STARTED + 120)
    file, other = tmp_path / "table.csv", tmp_path / "other.db"
    assert invoke("export", "--all", "--wide", "--out", str(file), "--store", str(store)).exit_code == 0
    result = invoke("import", str(file), "--store", str(other))
    assert result.exit_code == 0, result.stderr
    again = tmp_path / "again.csv"
    assert invoke("export", "--all", "--wide", "--out", str(again), "--store", str(other)).exit_code == 0
    assert sorted(again.read_text().splitlines()) == sorted(file.read_text().splitlines())
    with scraper.open(store) as db, scraper.open(other) as copied:
        for run in db.runs():
            for metric in run.metrics():
                printed, copy = (store.run(run.id).series(metric.name, labels=metric.labels, attempt="all") for store in (db, copied))
                one, other = (sorted(map(repr, zip(found.steps, found.values, strict=True))) for found in (printed, copy))
                assert one == other


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_is_there_already_is_refused_or_gets_a_new_id(store: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"points.{form}"
    file.write_text(export(store, form), encoding="utf-8", newline="")
    before = export(store)
    result = invoke("import", str(file), "--store", str(store))
    assert (result.exit_code, result.stdout, "already in the store; remove it" in result.stderr) == (1, "", True)
    assert export(store) == before
    assert invoke("import", str(file), "--store", str(store), "--new-id", "--name", "again").exit_code == 0
    with scraper.open(store) as db:
        assert [run.name for run in db.runs()].count("again") == 2


GOOD = {
    "run": "r", "metric": "m", "labels": {}, "step": 1, "step_kind": "explicit", "epoch": None, "time": None, "value": 1.0, "attempt": 0,
    "line": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": "nan"}, "is no value"),
        ({"value": None}, "is no value"),
        ({"value": True}, "is no value"),
        ({"step": 1.5}, "is no step"),
        ({"step_kind": "guess"}, "is no step_kind"),
        ({"line": -1}, "is no line"),
        ({"line": 1 << 62}, "is no position"),
        ({"labels": {"rank": 0}}, "is no labels"),
        ({"run": ""}, "is no run"),
        ({"step_kind": []}, "is no step_kind"),
        ({"epoch": math.nan}, "is no epoch"),
        ({"time": 10**400}, "is no time"),
        ({"time": 1e300}, "is no time"),
        ({"time": -1e13}, "is no time"),
        ({"value": 10**400}, "is no value"),
        ({"attempt": 1 << 63}, "is no attempt"),
        ({"metric": None}, "is no metric"),
        ({"line": 0}, "cannot be stored"),
        ({"step": 1 << 70, "line": 5}, "cannot be stored"),
    ],
)
def test_an_entry_that_is_no_point_leaves_nothing_behind(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    file, store = tmp_path / "points.jsonl", tmp_path / "store.db"
    file.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD | wrong)}\n")
    result = invoke("import", str(file), "--store", str(store))
    assert (result.exit_code, result.stdout, said in result.stderr) == (2, "", True), result.stderr
    with scraper.open(store) as db:
        assert db.rows("SELECT (SELECT COUNT(*) FROM runs) + (SELECT COUNT(*) FROM points) + (SELECT COUNT(*) FROM sources)") == [(0,)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "a,b\n", "its first line is not"),
        ("a.csv", "run,attempt,labels\n", "nor does it begin with run,attempt,labels,step,epoch,time"),
        ("a.csv", "run,attempt,labels,step,epoch,time,loss\nr,0,{},1,,,much\n", "line 2"),
        ("a.csv", "run,attempt,labels,step,epoch,time,loss\nr,0,{},1,,,0.5,0.6\n", "8 cells where 7 belong"),
        ("a.csv", ",".join(GOOD) + "\n1,2\n", "line 2: 2 cells"),
        ("a.csv", "", "its first line is not"),
        ("a.json", "{}", "holds no array"),
        ("a.json", '[\n{"run": 1},\n]\n', "here is no metric"),
        ("a.json", "[1]", "here is no run"),
        ("a.json", "[" * 100_000, "recursion"),
        ("a.jsonl", "{nonsense\n", "line 1"),
        ("a.txt", "", "say --format"),
        ("none.csv", None, "cannot read"),
    ],
)
def test_a_file_that_is_no_export_is_one_line(tmp_path: Path, name: str, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    result = invoke("import", str(tmp_path / name), "--store", str(tmp_path / "store.db"))
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert said in result.stderr


@pytest.mark.parametrize("text", ["[]", "[\n]\n", json.dumps([GOOD]), json.dumps([GOOD], indent=2), f"[\n{json.dumps(GOOD)}\n]\n"])
def test_json_may_be_laid_out_otherwise(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    result = invoke("import", str(tmp_path / "a.json"), "--store", str(tmp_path / "store.db"))
    assert (result.exit_code, "1 points" in result.stdout) == (0, "run" in text), result.stderr


@given(st.text())
def test_a_cell_tells_the_text_it_was_made_of(text: str) -> None:
    assert plain_text(harmless(text)) == text


def test_a_long_run_is_imported_in_flat_memory_and_nothing_is_thinned(tmp_path: Path) -> None:
    file, store = tmp_path / "points.jsonl", tmp_path / "store.db"
    number = 60_000
    with file.open("w") as out:
        out.writelines(json.dumps(GOOD | {"step": i, "line": i, "value": i % 7}) + "\n" for i in range(number))
    done, peak = with_peak("import", str(file), "--store", str(store))
    assert "60,000 points" in done.stdout
    assert peak < 150_000, "KiB"
    with scraper.open(store) as db:
        assert (db.run().metrics()[0].count, db.run().metrics()[0].thinned) == (number, 0)
