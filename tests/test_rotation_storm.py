"""Logs that are written, rotated in every way and compressed without pause, while the daemon that reads them is killed and reloaded.

The clock and the events are real, so that names change while the daemon finds out what they mean.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

import pytest
from daemons import READY, Service
from tailing import lines

if TYPE_CHECKING:
    from pathlib import Path

RULE = '[[watch]]\npaths = ["logs"]\n'
ACTIONS = {"write": 10, "rename": 2, "copytruncate": 2, "write old": 2, "compress": 1, "kill": 0.7, "stop": 0.3, "reload": 0.3, "pass": 4}


class Log:
    """A log as its training and a program that rotates know it."""

    def __init__(self, path: Path, chance: random.Random, stack: ExitStack) -> None:
        self.path, self.chance, self._stack = path, chance, stack
        self.step = 0
        self._rest = ""  # of a line that was begun
        self._file = self._open()
        self._old: list[IO[str]] = []  # renamed, and written on for a while

    def _open(self) -> IO[str]:
        return self._stack.enter_context(self.path.open("a", buffering=1))

    def _lines(self, number: int) -> str:
        self.step += number
        return lines(*range(self.step - number + 1, self.step + 1))

    def write(self) -> None:
        text = self._rest + self._lines(self.chance.randrange(1, 40))
        begun = text.rindex("\n", 0, -1) + 1 if text.count("\n") > 1 else 0
        known = text.index(":", begun)  # less than a step number tells nobody which file it is
        cut = self.chance.choice([len(text), len(text), known + self.chance.randrange(1, 6)])
        self._file.write(text[:cut])
        self._file.flush()
        self._rest = text[cut:]

    def whole(self) -> None:
        """Finish a line that was begun."""
        self._file.write(self._rest)
        self._file.flush()
        self._rest = ""

    def write_old(self) -> None:
        for file in self._old:
            file.write(self._lines(2))
            file.close()
        self._old = []

    def _rotations(self) -> list[tuple[int, Path]]:
        found = self.path.parent.glob(f"{self.path.name}.*")
        return sorted((int(path.name.removeprefix(f"{self.path.name}.").partition(".")[0]), path) for path in found)

    def _shift(self) -> Path:
        for number, path in reversed(self._rotations()):
            path.rename(path.with_name(path.name.replace(f".log.{number}", f".log.{number + 1}")))
        return self.path.with_name(f"{self.path.name}.1")

    def rename(self) -> None:
        self.whole()
        self.path.rename(self._shift())
        if self.chance.random() < 0.4:
            self._file.write(self._lines(3))
        if self.chance.random() < 0.3:
            self._old.append(self._file)
        else:
            self._file.close()
        self._file = self._open()
        if self.chance.random() < 0.6:
            self.write()

    def copytruncate(self) -> None:
        self.whole()
        if self.path.stat().st_size:
            shutil.copyfile(self.path, self._shift())
            os.truncate(self.path, 0)
        if self.chance.random() < 0.6:
            self.write()

    def compress(self) -> None:
        """Compress what nobody writes to any more, as with delaycompress."""
        for number, path in [] if self._old else self._rotations():
            if number > 1 and path.suffix != ".gz":
                with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb") as packed:
                    shutil.copyfileobj(plain, packed)
                path.unlink()

    def end(self) -> None:
        self.write_old()
        self.write()
        self.whole()
        self._file.close()


class Reader:
    """The daemon, and those that follow it."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._directory, self._stack = directory, stack
        self.start()

    def start(self) -> None:
        self.daemon = self._stack.enter_context(Service(self._directory, RULE))
        self._is_ready = False

    def expect_ready(self) -> None:
        if not self._is_ready:
            self.daemon.expect(READY)
        self._is_ready = True

    def interrupt(self, action: str) -> None:
        """Reload it, or end it and start another: logs are written and rotated while that begins."""
        self.expect_ready()
        if action == "reload":
            self.daemon.send(signal.SIGHUP)
            self._is_ready = False
            return
        if action == "kill":
            self.daemon.kill()
        else:
            assert self.daemon.stop() == 0
        self.start()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_every_line_of_three_logs_once_and_each_log_one_run(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with ExitStack() as stack:
        reader = Reader(tmp_path, stack)
        logs = [Log(reader.daemon.logs / f"{name}.log", chance, stack) for name in "abc"]
        for log in logs:
            log.write()
            log.whole()
        reader.expect_ready()
        reader.daemon.until_stored(sum(log.step for log in logs))  # what is rotated away before it was ever seen is not asked for
        end = time.monotonic() + 15
        while time.monotonic() < end:
            action, log = chance.choices([*ACTIONS], [*ACTIONS.values()])[0], chance.choice(logs)
            if action == "pass":
                time.sleep(chance.random() * 0.6)
            elif action in ("kill", "stop", "reload"):
                reader.interrupt(action)
            else:
                getattr(log, action.replace(" ", "_"))()
        for log in logs:
            log.end()
        reader.expect_ready()
        assert reader.daemon.stop() == 0, reader.daemon.said
        printed = Counter((log.path.stem, step, step / 8) for log in logs for step in range(1, log.step + 1))
        assert reader.daemon.losses() == printed
        assert Counter(name for (name,) in reader.daemon.rows("SELECT name FROM runs")) == Counter("abc")
