"""However a wrapped command, its recorder or its scraper dies, the user's terminal is afterwards as it was: `stty -a` says the same."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from wrapping import Screen, command_pid, scraper_argv, state, until, wait_gone

# What full-screen programs and password prompts do to their terminal, and a command that then waits to be killed.
UNSETTLED = "stty raw -echo; echo step 1 loss 0.5; echo up; "


def wrapped(folder: Path, script: str) -> Screen:
    """Return a shell at a terminal that wraps `script`, keeps `stty -a` from before and after in files, and says the exit code."""
    (folder / "inner.sh").write_text(script)
    words = shlex.join(scraper_argv("run", "--quiet", "--store", str(folder / "store.db"), "--", "/bin/sh", str(folder / "inner.sh")))
    outer = f"stty -a > {folder}/before; {words}; echo code $?; read go; stty -a > {folder}/after"
    return Screen(["/bin/sh", "-c", outer])


def run_folder(folder: Path) -> Path:
    found: Path = until(lambda: next(iter((folder / "runs").glob("*/recorder.json")), None), "a run begins").parent
    command_pid(found)
    return found


def finish(user: Screen, folder: Path, code: int) -> None:
    """Let the outer shell look at its terminal once that is as it was, and hold it to what it saw."""
    user.expect(f"code {code}".encode())
    user.type(b"go\n")
    assert user.finish() == 0
    assert (folder / "after").read_text() == (folder / "before").read_text() != ""


@pytest.mark.parametrize(("end", "code"), [("exit 3", 3), ("kill -SEGV $$", 139), ("kill -KILL $$", 137), ("exec true", 0)])
def test_the_command_dies(tmp_path: Path, end: str, code: int) -> None:
    with wrapped(tmp_path, UNSETTLED + end) as user:
        finish(user, tmp_path, code)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_recorder_is_told_to_end_or_killed(tmp_path: Path, number: signal.Signals) -> None:
    with wrapped(tmp_path, UNSETTLED + "exec sleep 60") as user:
        before = user.modes()
        user.expect(b"up")
        folder = run_folder(tmp_path)
        child = command_pid(folder)
        os.kill(int(str(state(folder)["pid"])), number)
        until(lambda: user.modes() == before, "the terminal is as it was")
        finish(user, tmp_path, 128 + number)
    if number == signal.SIGKILL:
        os.kill(child, signal.SIGKILL)
    wait_gone(child)


def test_the_scraper_is_killed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    with wrapped(tmp_path, f"{UNSETTLED} read line < {tmp_path}/gate; exit 5") as user:
        user.expect(b"up")
        scraper = int(str(state(run_folder(tmp_path))["scraper_pid"]))
        os.kill(scraper, signal.SIGKILL)
        (tmp_path / "gate").write_text("go\n")
        finish(user, tmp_path, 5)


def test_the_window_is_closed(tmp_path: Path) -> None:
    with wrapped(tmp_path, UNSETTLED + "exec sleep 60") as user:
        user.expect(b"up")
        folder = run_folder(tmp_path)
        recorder, child = int(str(state(folder)["pid"])), command_pid(folder)
        user.close()
        wait_gone(child)
        wait_gone(recorder)
    until((folder / "summary.json").exists, "the scraper is done")
    assert json.loads((folder / "summary.json").read_text())["status"] == "killed"
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert connection.execute("SELECT metric, value FROM metric_points").fetchall() == [("loss", 0.5)]
