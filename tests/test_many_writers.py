"""Many wrapped commands write one store at once: every point is there once, nobody hears of a lock, and no run is taken up twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from crowd import measure
from wrapping import DEADLINE

from scraper.ingest.recorder.state import boot_id, process_started
from scraper.ingest.run_directory import RunDirectory
from scraper.store.writer import Writer


def check(directory: Path, writers: int, lines: int, seconds: float) -> None:
    latencies, said = measure(directory, writers, lines, seconds)
    count = int(lines * seconds)
    assert len(latencies.seconds) == writers * count, "the reader saw every point"
    assert said == []
    with closing(sqlite3.connect(directory / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = Counter(connection.execute("SELECT run, step, value FROM metric_points WHERE metric = 'loss'"))
        runs = [run for (run,) in connection.execute("SELECT id FROM runs WHERE status = 'finished'")]
    assert len(runs) == writers
    assert stored == Counter((run, step, step / 8) for run in runs for step in range(count))


def test_some_at_once(tmp_path: Path) -> None:
    check(tmp_path, writers=5, lines=200, seconds=1.0)


@pytest.mark.slow
def test_sixteen_at_a_thousand_lines_a_second(tmp_path: Path) -> None:
    check(tmp_path, writers=16, lines=1000, seconds=20.0)


def test_a_waiting_writer_goes_on_soon_after_the_lock_is_free_and_keeps_its_patience(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        writer.open()
        holder = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
        holder += "print('held', flush=True); sys.stdin.read(1); c.execute('COMMIT')"
        argv = [sys.executable, "-c", holder, str(writer.path)]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdin is not None
            assert other.stdout.readline() == b"held\n"
            tries = 0

            def traced(statement: str) -> None:
                nonlocal tries
                if statement == "BEGIN IMMEDIATE":
                    tries += 1
                if statement == "BEGIN IMMEDIATE" and tries == 20:  # it is still looking, every few milliseconds
                    assert other.stdin is not None
                    other.stdin.write(b"x")
                    other.stdin.flush()

            writer.open().set_trace_callback(traced)
            writer.heartbeat([1])
            assert other.wait(DEADLINE) == 0
        assert tries >= 20
        assert writer.open().execute("PRAGMA busy_timeout").fetchone() == (30_000,)


def test_a_run_whose_scraper_is_about_to_begin_is_left_to_it(tmp_path: Path) -> None:
    """Otherwise each of many runs that begin together would start another scraper for each of the others."""
    directory = RunDirectory(tmp_path)
    me = {"pid": os.getpid(), "pid_started": process_started(os.getpid())}
    directory.write(directory.run_file, json.dumps({"host": os.uname().nodename, **me}))
    assert directory.has_scraper(), "the recorder has not begun yet"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as scraper:
        state = {**me, "boot": boot_id(), "ended": None, "scraper_pid": scraper.pid}
        directory.write(directory.recorder_file, json.dumps(state))
        assert directory.has_scraper()
        scraper.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, scraper.pid, os.WEXITED | os.WNOWAIT)
        assert not directory.has_scraper(), "it is dead, if not yet buried"
    directory.write(directory.recorder_file, json.dumps({**state, "scraper_pid": 0}))
    assert not directory.has_scraper()
