"""The verbs that change what is kept of a run: tag, note, rename, rm; they ask, they say what they did, and they touch no log."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, identity_of, invoke, point

import scraper
from scraper.store.writer import Writer

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "store.db"
    for i, name in enumerate(("one", "two")):
        log = tmp_path / f"{name}.log"
        log.write_text(f"loss {i}\n")
        fill(path, [point(0, float(i))], log=log, name=name, started=STARTED + i, tags=("base",), log_path=str(log))
    return str(path)


def names(store: str) -> list[str]:
    with scraper.open(store) as db:
        return [run.name for run in db.runs()]


def test_tags_come_and_go(store: str) -> None:
    assert invoke("tag", "one", "two", "--add", "good", "--add", "a b", "--remove", "base", "--store", store).exit_code == 0
    with scraper.open(store) as db:
        assert [run.tags for run in db.runs()] == [("good", "a b")] * 2
    assert invoke("tag", "--query", "one", "--add", "best", "--remove", "nix", "--store", store).exit_code == 0
    listed = json.loads(invoke("tag", "one", "--json", "--store", store).stdout)
    assert listed[0]["tags"] == ["good", "a b", "best"]
    assert "two  good, a b" in invoke("tag", "two", "--store", store).stdout
    assert invoke("tag", "one", "--add", " ", "--store", store).exit_code == 2


def test_notes_are_kept_shown_and_cleared(store: str) -> None:
    assert "has no note" in invoke("note", "one", "--store", store).stdout
    invoke("note", "one", "first \x1b[31m", "--store", store)
    invoke("note", "one", "-", "--append", "--store", store, given="second\n")
    assert invoke("note", "one", "--store", store).stdout == "first \\x1b[31m\nsecond\n"
    assert json.loads(invoke("note", "one", "--json", "--store", store).stdout)["note"] == "first \x1b[31m\nsecond"
    invoke("note", "one", "--clear", "--store", store)
    assert "has no note" in invoke("note", "one", "--store", store).stdout
    assert invoke("note", "one", "x", "--clear", "--store", store).exit_code == 2
    assert invoke("note", "one", "--append", "--store", store).exit_code == 2


def test_a_run_gets_another_name_and_keeps_its_id(store: str) -> None:
    with scraper.open(store) as db:
        before = db.run("one").id
    assert "is now two; 1 other run has that name" in invoke("rename", "one", "two", "--store", store).stdout
    with scraper.open(store) as db:
        assert db.run(before).name == "two"
    assert invoke("rename", "two", "latest", "--store", store).exit_code == 2


def test_nothing_is_deleted_where_nobody_can_be_asked(store: str) -> None:
    result = invoke("rm", "one", "--store", store)
    assert (result.exit_code, "nothing was deleted" in result.stderr) == (2, True)
    assert invoke("rm", "one", "--dry-run", "--store", store).exit_code == 0
    assert invoke("rm", "--yes", "--store", store).exit_code == 2
    assert names(store) == ["two", "one"]


def test_runs_are_deleted_and_their_logs_are_not(store: str, tmp_path: Path) -> None:
    result = invoke("rm", "one", "--yes", "--store", store)
    assert (result.exit_code, str(tmp_path / "one.log") in result.stdout) == (0, True)
    assert names(store) == ["two"]
    assert (tmp_path / "one.log").exists()
    with scraper.open(store) as db:
        assert [db.rows(f"SELECT COUNT(*) FROM {table}") for table in ("points", "rollups", "sources")] == [[(1,)]] * 3


def test_a_run_that_a_live_process_reads_is_not_deleted(store: str, tmp_path: Path) -> None:
    code = (
        "import sys; from scraper.store.writer import Writer; w = Writer(sys.argv[1]); "
        "[w.claim_source(s) for (s,) in w.open().execute('SELECT id FROM sources WHERE run_key = 1').fetchall()]; "
        "print('held', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, store], env=environment, text=True, **pipes) as holder:  # type: ignore[call-overload]
        assert holder.stdout.readline() == "held\n"
        result = invoke("rm", "one", "--yes", "--store", store)
        assert (result.exit_code, str(holder.pid) in result.stderr) == (1, True)
        assert names(store) == ["two", "one"]
        holder.stdin.close()
        holder.wait(60)
    assert invoke("rm", "one", "--yes", "--store", store).exit_code == 0
    with Writer(store) as writer:  # what was not deleted can be read on
        assert writer.find_sources_by_path(str(tmp_path / "two.log"))[0].identity == identity_of(tmp_path / "two.log")


@pytest.mark.parametrize(("answer", "left"), [(b"n\n", ["two", "one"]), (b"y\n", ["two"])])
def test_a_person_at_a_terminal_is_asked(store: str, answer: bytes, left: list[str]) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "scraper", "rm", "one", "--store", store]
    try:
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
            said = b""
            while b"cannot be undone. [y/N]" not in said:
                assert select.select([ours], [], [], 60)[0], said
                said += os.read(ours, 4096)
            os.write(ours, answer)
            assert process.wait(60) == (0 if answer == b"y\n" else 1)
    finally:
        os.close(ours)
        os.close(theirs)
    assert names(store) == left
