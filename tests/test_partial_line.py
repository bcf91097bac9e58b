"""The last line of a log has no end yet."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tailing import LONG, Rig, expected, lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path) as rig:
        yield rig


@pytest.mark.parametrize("ending", ["stop", "kill", "stay"])
def test_half_a_number_is_never_a_point(rig: Rig, ending: str) -> None:
    with rig.log.open("a") as log:
        log.write(lines(1) + "step 2: loss 0.1")
        log.flush()
        rig.start()
        rig.turn()
        rig.settle()
        if ending != "stay":
            getattr(rig, ending)()
        assert rig.losses() == expected([1])
        log.write("23\n")
        log.flush()
        rig.restart()
        rig.turn()
    assert rig.losses() == expected([1]) + Counter({(2, 0.123): 1})


@pytest.mark.parametrize("up", [True, False])
def test_the_writer_dies_in_the_middle_of_its_line(rig: Rig, up: bool) -> None:
    with rig.log.open("a") as log:
        log.write(lines(1) + "step 2: loss 0.25")
    rig.start()
    rig.turn()
    if up:
        rig.settle()
    else:
        rig.clock.ahead = LONG
        rig.stop()
        rig.clock.ahead = 0.0
    assert rig.losses() == expected([1, 2]), "stored once it is known that nothing more comes"
    with rig.log.open("a") as log:
        log.write("99\n" + lines(3))
    rig.restart()
    rig.turn()
    rig.settle()
    assert rig.losses() == expected([1, 2, 3]), "and not again, nor something else, when it goes on after all"


def test_read_once_while_it_is_written(rig: Rig) -> None:
    with rig.log.open("a") as log:
        log.write(lines(1) + "step 2: loss 0.1")
        log.flush()
        rig.start().drain()
        assert rig.losses() == expected([1])
    rig.pipeline.close()
    rig.start().drain()
    assert rig.losses() == expected([1]) + Counter({(2, 0.1): 1})
    assert rig.rows("SELECT finished FROM sources") == [(1,)]
