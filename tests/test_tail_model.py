"""Random writing, rotating, truncating, stopping and killing gives every line once."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tailing import Rig, expected, line

ACTIONS = ("write", "write", "write", "half", "turn", "turn", "rename", "rename keeping", "copytruncate", "stop", "kill", "start")


class Model:
    """A writer and a reader of one log; every line that was written is to be stored once."""

    def __init__(self, rig: Rig, stack: ExitStack) -> None:
        self.rig = rig
        self.stack = stack
        self.step = 0
        self.rest = ""  # of a line that was begun
        self.file = self.open()
        self.kept: list[IO[str]] = []

    def open(self) -> IO[str]:
        return self.stack.enter_context(self.rig.log.open("a", buffering=1))

    def whole(self) -> None:
        """Finish a line that was begun."""
        self.file.write(self.rest)
        self.rest = ""
        self.file.flush()

    def do(self, action: str) -> None:
        getattr(self, action.replace(" ", "_"))()

    def write(self) -> None:
        self.whole()
        for file in [self.file, *self.kept[-1:]]:
            self.step += 1
            file.write(line(self.step))
            file.flush()

    def half(self) -> None:
        self.whole()
        self.step += 1
        text = line(self.step)
        known = text.index(":")  # less than a step number tells nobody which file it is
        cut = known + self.step % (len(text) - known)
        self.file.write(text[:cut])
        self.file.flush()
        self.rest = text[cut:]

    def turn(self) -> None:
        if self.rig._pipeline is not None:
            self.rig.turn()

    def _shift(self) -> Path:
        numbers = sorted((int(path.name.rpartition(".")[2]) for path in self.rig.directory.glob("train.log.*")), reverse=True)
        for number in numbers:
            (self.rig.directory / f"train.log.{number}").rename(self.rig.directory / f"train.log.{number + 1}")
        return self.rig.directory / "train.log.1"

    def rename(self) -> None:
        self.whole()
        self.rig.log.rename(self._shift())
        self.file.close()
        self.file = self.open()

    def rename_keeping(self) -> None:
        self.whole()
        self.rig.log.rename(self._shift())
        self.kept.append(self.file)
        self.file = self.open()

    def copytruncate(self) -> None:
        self.whole()
        if self.rig.log.stat().st_size:
            shutil.copyfile(self.rig.log, self._shift())
            self.file.truncate(0)

    def stop(self) -> None:
        if self.rig._pipeline is not None:
            self.rig.stop()

    def kill(self) -> None:
        if self.rig._pipeline is not None:
            self.rig.kill()

    def start(self) -> None:
        self.rig.restart()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(ACTIONS), max_size=30))
def test_every_line_once(actions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory, Rig(Path(directory)) as rig, ExitStack() as stack:
        model = Model(rig, stack)
        model.write()
        rig.start()
        rig.turn()  # from here on the store knows the log
        for action in actions:
            model.do(action)
        model.whole()
        model.write()
        rig.restart()
        rig.turn()
        rig.turn()
        rig.turn()
        assert rig.losses() == expected(range(1, model.step + 1))
