"""Runs move into another store whole and back again, whatever happens on the way; a run that goes on stays where it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, invoke, point
from wrapping import environment

import scraper
from scraper.model import Event, MetricDefinition
from scraper.store.moving import copy_run
from scraper.store.writer import Writer


def told(run: str, store: Path) -> dict[str, object]:
    """Everything that can be read of a run."""
    detail: dict[str, object] = json.loads(invoke("show", run, "--json", "--store", store).stdout)
    points = invoke("export", run, "--format", "jsonl", "--store", store).stdout
    charts = invoke("plot", run, "--metric", "*", "--json", "--store", store).stdout
    return {**detail, "points_": points, "charts": charts}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three runs: one long enough for rollups and thinned, one with an event and a meaning, one that goes on."""
    path = tmp_path / "store.db"
    log = tmp_path / "train.log"
    log.write_text("".join(f"step {i:4d} loss {i:4d}.0\n" for i in range(3000)))
    long = [point(22 * i, float(i), step=i, time=STARTED + i / 3) for i in range(3000)]
    fill(path, long, name="long", raw_budget=512, log=log)
    said = [MetricDefinition("odd", unit="dB", higher_is_better=True, pack="p")]
    events = [Event(7, "checkpoint", 1, None, None, "saved", {"path": "a.pt"})]
    odd = [point(10 * i, float("nan" if i == 3 else i), "odd") for i in range(9)]
    fill(path, odd, name="odd", events=events, definitions=said, experiment="x")
    fill(path, [point(0, 1.0)], name="live")
    with Writer(path) as writer:
        for name in ("long", "odd"):
            writer.update_run(writer.find_run("x" if name == "odd" else "default", name).key, status="finished")
    return path


def test_a_run_moves_whole_and_comes_back(store: Path, tmp_path: Path) -> None:
    other = tmp_path / "archive.db"
    before = {name: told(name, store) for name in ("long", "odd")}
    result = invoke("archive", "odd", "long", "--store", store)
    assert (result.exit_code, result.stdout.count(" points -> ")) == (0, 2)
    assert {name: told(name, other) for name in ("long", "odd")} == before
    with scraper.open(store) as db:
        assert [run.name for run in db.runs()] == ["live"]
    with Writer(other) as writer:
        assert writer.open().execute("PRAGMA foreign_key_check").fetchall() == []
    assert invoke("archive", "--query", "name:*", "--store", other, "--to", store).exit_code == 0
    assert {name: told(name, store) for name in ("long", "odd")} == before
    with scraper.open(other) as db:
        assert db.runs() == []
        for table in ("points", "rollups", "sources", "metric_definitions"):
            assert db.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_copy_leaves_the_run_and_a_second_time_adds_nothing(store: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert invoke("archive", "long", "--copy", "--store", store, "--to", tmp_path / "other.db").exit_code == 0
    assert told("long", store) == told("long", tmp_path / "other.db")
    with scraper.open(tmp_path / "other.db") as db:
        assert len(db.runs()) == 1


def test_a_move_that_was_killed_between_copy_and_delete_goes_on(store: Path, tmp_path: Path) -> None:
    before = told("long", store)
    with Writer(store) as here, Writer(tmp_path / "archive.db") as there:
        copy_run(here, str(before["id"]), there)
    assert invoke("archive", "long", "--store", store).exit_code == 0
    assert told("long", tmp_path / "archive.db") == before


def test_another_run_of_the_same_id_is_not_overwritten(store: Path, tmp_path: Path) -> None:
    other = tmp_path / "archive.db"
    assert invoke("archive", "odd", "--copy", "--store", store).exit_code == 0
    with Writer(other) as writer:
        writer.open().execute("UPDATE series SET count = count + 1")
    result = invoke("archive", "odd", "--store", store)
    assert (result.exit_code, "of its own" in result.stderr) == (1, True)
    with scraper.open(store) as db:
        assert db.run("odd").name == "odd"


def test_what_was_said_of_a_run_since_it_was_copied_is_not_lost(store: Path) -> None:
    assert invoke("archive", "odd", "--copy", "--store", store).exit_code == 0
    assert invoke("tag", "odd", "--add", "keep", "--store", store).exit_code == 0
    result = invoke("archive", "odd", "--store", store)
    assert (result.exit_code, "delete the one you do not want" in result.stderr) == (1, True)
    with scraper.open(store) as db:
        assert db.run("odd").tags == ("keep",)


@pytest.mark.parametrize(
    ("given", "said"), [(["live"], "goes on"), (["long", "--to", "store.db"], "the store the runs are in"), ([], "say which")]
)
def test_what_cannot_be_archived_is_said(store: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], said: str) -> None:
    monkeypatch.chdir(store.parent)
    result = invoke("archive", *given, "--store", store)
    assert (result.exit_code, said in result.stderr, result.stdout) == (2, True, "")


def test_a_run_that_a_process_reads_stays(store: Path) -> None:
    code = """
import sys
from scraper.store.writer import Writer
with Writer(sys.argv[1]) as writer:
    (source,) = writer.run_sources(writer.find_run("default", "long").key)
    writer.claim_source(source.id)
    print("held", flush=True)
    sys.stdin.readline()
"""
    argv = [sys.executable, "-c", code, str(store)]
    with subprocess.Popen(argv, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        result = invoke("archive", "long", "--store", store)
        assert (result.exit_code, f"process {other.pid}" in result.stderr) == (1, True)
        other.communicate("go\n", timeout=20)
    with scraper.open(store) as db:
        assert db.run("long").series_rows()


def test_logs_go_with_it_compressed_and_lines_are_found_there(store: Path, tmp_path: Path) -> None:
    assert invoke("archive", "long", "--logs", "--store", store, "--to", tmp_path / "away" / "old.db").exit_code == 0
    (tmp_path / "train.log").unlink()
    shown = invoke("line", "latest", "loss@2999", "--store", tmp_path / "away" / "old.db")
    assert "> step 2999 loss 2999.0" in shown.stdout
    assert "old-logs" in shown.stdout
    gone = invoke("archive", "odd", "--logs", "--store", store)  # its log never was there
    assert (gone.exit_code, "0 logs" in gone.stdout, "is gone" in gone.stderr) == (0, True, True)
