"""The last line of a log has no end yet."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from tailing import LONG, Rig, expected, lines


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


@pytest.mark.parametrize("cut", [True, False])
def test_what_a_recorder_could_not_write_is_told_and_a_line_that_it_cut_is_no_point(rig: Rig, cut: bool) -> None:
    printed = lines(1, 2) + "step 3: loss 0.375"
    rig.log.write_text(printed)
    gaps = [{"at": len(lines(1)), "bytes": 70, "reason": "the disk did not keep up", "from": 5.0, "to": 6.0}]
    gaps += [{"at": len(printed), "bytes": 4000, "reason": "No space left on device", "from": 7.0, "to": 8.0}] * cut
    for _ in range(2):
        rig.start(live=True).lacks({"gaps": gaps, "cut": cut})
        rig.stop()
        assert rig.losses() == expected([1, 2] if cut else [1, 2, 3])
        told = rig.rows("SELECT at, kind, time, line FROM events ORDER BY at")
        assert told[0] == (len(lines(1)), "gap", 5.0, "70 bytes were not recorded: the disk did not keep up")
        assert len(told) == len(gaps)
        ((counters,),) = rig.rows("SELECT counters FROM sources")
        lost = {"cut_line_bytes": len("step 3: loss 0.375"), "unrecorded_bytes": 4070} if cut else {"unrecorded_bytes": 70}
        assert {name: count for name, count in json.loads(counters).items() if name.endswith("_bytes")} == lost
