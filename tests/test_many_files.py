"""A directory of thousands of logs is read in the memory of a few."""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING

from tailing import Rig, lines, until

from scraper.ingest.rotations import siblings
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
