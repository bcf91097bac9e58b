"""The Nth statement of SQLite fails, for N = 1, 2, … to the end: nothing is lost, nothing doubled, reading goes on by itself."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tailing import Rig, expected, lines

from scraper.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR_WRITE")


class Faults:
    """Which of the coming statements fail, and how."""

    def __init__(self) -> None:
        self.name, self.first, self.times, self.seen = "", 0, 0, 0

    def arm(self, name: str, first: int, times: int) -> None:
        self.name, self.first, self.times, self.seen = name, first, times, 0

    def disarm(self) -> bool:
        """Let every statement succeed again; tell whether the faults had happened."""
        met, self.times = self.seen >= self.first, 0
        return met

    def check(self) -> None:
        """Raise what SQLite would when it is a failing statement's turn."""
        self.seen += 1
        if self.first <= self.seen < self.first + self.times:
            error = sqlite3.OperationalError("this statement was chosen to fail")
            error.sqlite_errorname, error.sqlite_errorcode = self.name, getattr(sqlite3, self.name)
            raise error


FAULTS = Faults()


class Faulty(sqlite3.Connection):
    """A connection whose statements fail when their turn comes, without being executed; but a ROLLBACK ends a transaction all the same."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement == "ROLLBACK":
            found = super().execute(statement, *values)
            FAULTS.check()
            return found
        FAULTS.check()
        return super().execute(statement, *values)

    def executemany(self, statement: str, values: Any) -> sqlite3.Cursor:
        FAULTS.check()
        return super().executemany(statement, values)


@pytest.fixture(autouse=True)
def _faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Faulty))
    yield
    FAULTS.disarm()


def begin(rig: Rig) -> None:
    """Begin to follow, again as long as the store refuses, as whoever started it would."""
    for _ in range(5):
        try:
            rig.restart()
        except StoreError:
            continue
        return
    raise AssertionError("it never began")


def follow(rig: Rig) -> None:
    """Follow a log that grows, is rotated, and ends."""
    begin(rig)
    for step in (10, 20, 30):
        with rig.log.open("a") as log:
            log.write(lines(*range(step, step + 10)))
        rig.turn()  # no error may come out of here: the loop goes on by itself
    rig.log.rename(rig.directory / "train.log.1")
    rig.log.write_text(lines(*range(40, 50)))
    for _ in range(3):
        rig.turn(30)
    try:
        rig.stop()
    except StoreError:  # it said that the store refused to the end: the next one reads on
        rig.kill()


def survive(directory: Path, name: str, first: int, times: int) -> bool:
    """Let `times` statements from the `first` one on fail while a log is followed; tell whether there were so many."""
    directory.mkdir()
    with Rig(directory) as rig:
        rig.log.write_text(lines(*range(10)))
        FAULTS.arm(name, first, times)
        follow(rig)
        met = FAULTS.disarm()
        rig.restart()
        rig.turn(30)
        rig.turn(30)
        assert rig.losses() == expected(range(50)), f"{name} at statement {first}, {times} times"
        assert rig.rows("PRAGMA integrity_check") == [("ok",)]
        assert rig.rows("SELECT count(*) FROM runs") == [(1,)]
        assert rig.rows("SELECT count(*) FROM sources") == [(2,)]
    return met


def sweep(directory: Path, name: str, *, stride: int, times: int) -> None:
    """Let every `stride`th statement fail, one scenario each, until there are no more."""
    first = 1
    while survive(directory / str(first), name, first, times):
        first += stride
    assert first > 100


@pytest.mark.parametrize("name", CODES)
def test_some_statements_fail(tmp_path: Path, name: str) -> None:
    sweep(tmp_path, name, stride=61, times=1)


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("name", CODES)
def test_every_statement_fails(tmp_path: Path, name: str, times: int) -> None:
    sweep(tmp_path, name, stride=times, times=times)
