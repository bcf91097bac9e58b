"""A reading that is cut short on purpose, as by a second Ctrl-C: what was not read yet is read next time, whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tailing import Rig, expected, lines

NUMBER = 100_000  # lines, several blocks of reading


@pytest.mark.parametrize("turns", [1, 2])
def test_an_abandoned_file_is_not_taken_for_finished(tmp_path: Path, turns: int) -> None:
    with Rig(tmp_path) as rig:
        rig.log.write_text(lines(*range(NUMBER)))
        old = time.time() - 100  # quiet for long, so complete as soon as it is read to its end
        os.utime(rig.log, (old, old))
        rig.start()
        for _ in range(turns):
            rig.pipeline.turn()
        rig.pipeline.abandon()
        rig.pipeline.run(lambda: True)
        rig.pipeline.close()
        rig._pipeline = None
        assert len(rig.losses()) < NUMBER
        assert rig.rows("SELECT finished FROM sources") == [(0,)]
        rig.start()
        rig.pipeline.run(lambda: True)
        assert rig.losses() == expected(range(NUMBER))
