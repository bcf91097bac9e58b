"""A directory of thousands of logs is read in the memory and with the descriptors of a few."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sqlite3
import subprocess
import time
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING

from tailing import Rig, lines, until
from wrapping import DEADLINE, environment, scraper_argv

from scraper.ingest.rotations import siblings
from scraper.ingest.writers import OpenForWriting
from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_the_parser_of_a_log_holds_is_let_go_once_that_is_read(tmp_path: Path) -> None:
    logs = [tmp_path / f"{n}.log" for n in range(30)]
    for log in logs:
        log.write_text(lines(*range(1, 20)))
        os.utime(log, (1.7e9, 1.7e9))  # nobody writes to it any more
    before = sum(isinstance(one, Parser) for one in gc.get_objects())
    with Rig(tmp_path, separate_runs=True) as rig:
        pipeline = rig.start(*logs)
        pipeline.drain()
        gc.collect()
        assert sum(isinstance(one, Parser) for one in gc.get_objects()) - before < 3
        assert sum(rig.losses().values()) == 30 * 19
        assert [one.finished for one in pipeline.progress()] == [True] * 30


def test_more_logs_are_followed_than_may_be_open_at_once(tmp_path: Path) -> None:
    logs = [tmp_path / "logs" / f"run{number}.log" for number in range(100)]
    logs[0].parent.mkdir()
    for log in logs:
        log.write_text(lines(1))
    few = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *scraper_argv("tail", "--follow", "--store", "s.db", "logs")]
    with subprocess.Popen(few, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:

        def stored() -> int:
            with suppress(sqlite3.Error), closing(sqlite3.connect(tmp_path / "s.db")) as connection:
                return int(connection.execute("SELECT COUNT(*) FROM metric_points").fetchone()[0])
            return 0

        try:
            until(lambda: stored() == len(logs), DEADLINE)
            for log in logs[::10]:
                with log.open("a") as file:
                    file.write(lines(2))
            until(lambda: stored() == len(logs) + 10, DEADLINE)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=DEADLINE)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Too many open files" not in errors
    assert "Traceback" not in errors


def test_what_cannot_be_looked_at_for_want_of_a_descriptor_may_be_open_for_writing(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    with log.open("w"), ExitStack() as stack:
        status = log.stat()
        assert OpenForWriting().holds((status.st_dev, status.st_ino), 0.0) is True
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, before)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4, before[1]))
        assert OpenForWriting().holds((status.st_dev, status.st_ino), 0.0) is None


def test_a_directory_of_many_logs_is_not_listed_again_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = [tmp_path / f"run{number}.log" for number in range(50)]
    for log in logs:
        log.write_text(lines(1))
    older = tmp_path / "run7.log-2026-01-01"
    older.write_text(lines(2))
    until(lambda: time.time() - tmp_path.stat().st_ctime > 1.1)  # a change that is coming will show
    listed = []
    for name in ("listdir", "scandir"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda path, real=real: listed.append(path) or real(path))
    assert [siblings(log) for log in logs] == [[older] if log == logs[7] else [] for log in logs]
    assert len(listed) == 1
    logs[7].rename(tmp_path / "run7.log.1")
    assert siblings(logs[7]) == [tmp_path / "run7.log.1", older], "what changes is seen at once"
    older.unlink()
    assert siblings(logs[7]) == [tmp_path / "run7.log.1"]
    assert siblings(tmp_path / "none" / "run7.log") == []
