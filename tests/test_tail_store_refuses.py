"""The store is locked, or its disk is full, for a while."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from tailing import Rig, expected, lines

from scraper.errors import StoreBusyError


def test_reading_pauses_and_goes_on(rig: Rig) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    with closing(sqlite3.connect(rig.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for step in range(2, 6):
            with rig.log.open("a") as log:
                log.write(lines(step))
            rig.turn()
        assert rig.losses() == expected([1])
        held = rig.pipeline._sources()[0]
        assert held.tail.history.end < rig.log.stat().st_size, "what cannot be stored is left in the file, not in memory"
        other.execute("ROLLBACK")
    rig.turn(30)
    rig.turn(30)
    assert rig.losses() == expected(range(1, 6))
    assert [text.rpartition(";")[2] for text in rig.said] == [" reading pauses and goes on by itself", " reading goes on"]


def test_locked_before_the_first_line(rig: Rig) -> None:
    rig.start()
    rig.log.write_text(lines(1, 2))
    with closing(sqlite3.connect(rig.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        rig.turn()
        other.execute("ROLLBACK")
    rig.turn(30)
    assert rig.losses() == expected([1, 2])


def test_locked_to_the_end(rig: Rig) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    with rig.log.open("a") as log:
        log.write(lines(2))
    with closing(sqlite3.connect(rig.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError):
            rig.pipeline.drain()
        other.execute("ROLLBACK")
    rig.kill()
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2])
