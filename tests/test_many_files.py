"""A directory of thousands of logs is read in the memory of a few."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from tailing import Rig, lines

from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from pathlib import Path


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
