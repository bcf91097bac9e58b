"""logrotate itself rotates a log in the ways people configure it, with the scraper up and with it down: every line is stored once."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

import pytest
from daemons import READY, Service
from tailing import Rig, expected, lines, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed (Debian: apt install logrotate)")
USUAL = (
    "create\ncompress",
    "create\ncompress\ndelaycompress",
    "create\ndateext\ndateformat -%Y%m%d-%s",
    "copytruncate",
    "copytruncate\ncompress",
)
MODES = (
    *USUAL,
    "create",
    "nocreate",
    "create\ncompress\ncompresscmd /usr/bin/xz\nuncompresscmd /usr/bin/unxz\ncompressext .xz",
    "create\ndateext\ndateformat -%Y%m%d-%s\ncompress",
    "create\ndateext\ndateformat -%Y%m%d-%s\ncompress\ndelaycompress",
    "create\ndateext\ndateformat .%Y-%m-%d_%H%M%S",
    "create\nstart 0",
    "create\nolddir old",
    "create\nolddir old\ncompress",
    "create\nextension .log",
    "create\nextension .log\ncompress",
    "copytruncate\ncompress\ndelaycompress",
    "copytruncate\ndateext\ndateformat -%Y%m%d-%s",
    "copytruncate\ndateext\ndateformat -%Y%m%d-%s\ncompress",
    "copytruncate\nolddir old",
    "copytruncate\nextension .log",
)
_TICK = 0.02  # seconds by which the clock that logrotate reads may lag behind the one that Python reads


class Training:
    """Prints steps to a log, and reopens it after a rotation where that does not leave the file in place."""

    def __init__(self, log: Path, how: str, stack: ExitStack) -> None:
        self.log = log
        self.how = how  # "a": it appends; "w": it writes where it stopped, whatever became of the file
        self.step = 0
        self._stack = stack
        self._file = self._open()

    def _open(self) -> IO[str]:
        return self._stack.enter_context(self.log.open(self.how))

    def reopen(self) -> None:
        self._file.close()
        self._file = self._open()

    def print(self, number: int) -> None:
        self._file.write(lines(*range(self.step, self.step + number)))
        self._file.flush()
        self.step += number


class Logrotate:
    """A configuration for one log, carried out when told."""

    def __init__(self, log: Path, mode: str, *, rotate: int = 9) -> None:
        self.mode = mode
        self._folder = log.parent.with_name(f"{log.parent.name}-logrotate")
        self._folder.mkdir()
        (log.parent / "old").mkdir()
        self._configuration = self._folder / "conf"
        who = "su root root\n" if os.getuid() == 0 else ""
        self._configuration.write_text(f"{log} {{\n{who}rotate {rotate}\nnodateext\n{mode}\n}}\n")
        self._configuration.chmod(0o600)
        self._last = 0

    @property
    def moves(self) -> bool:
        """Whether the log is renamed, so that its writer has to reopen it."""
        return "copytruncate" not in self.mode

    def rotate(self) -> None:
        """Rotate now; where names have the second in them, not twice in one."""
        until(lambda: "%" not in self.mode or int(time.time() - _TICK) > self._last)
        command = ["logrotate", "--force", "--state", str(self._folder / "state"), str(self._configuration)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        self._last = int(time.time())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    (tmp_path / "logs").mkdir()
    with Rig(tmp_path / "logs") as rig:
        yield rig


def named(mode: str) -> str:
    return mode.replace("\n", " ")


@pytest.mark.parametrize(("up", "how"), [(True, "a"), (True, "w"), (False, "a")], ids=["up", "up, not appending", "down"])
@pytest.mark.parametrize("mode", USUAL, ids=named)
def test_every_line_once(rig: Rig, mode: str, up: bool, how: str) -> None:
    rotate_twice(rig, mode, up=up, how=how)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["a", "w"], ids=["appends", "does not append"])
@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
@pytest.mark.parametrize("mode", MODES, ids=named)
def test_every_line_once_whatever_the_mode(rig: Rig, mode: str, up: bool, how: str) -> None:
    rotate_twice(rig, mode, up=up, how=how)


def rotate_twice(rig: Rig, mode: str, *, up: bool, how: str) -> None:
    """Print, have logrotate rotate with lines unread, print on, twice; then compare what is stored with what was printed."""
    rotation = Logrotate(rig.log, mode)
    with ExitStack() as stack:
        training = Training(rig.log, how, stack)
        training.print(40)
        rig.start()
        rig.turn()
        if not up:
            rig.stop()
        for _ in range(2):
            training.print(20)  # not read yet when the log is rotated
            rotation.rotate()
            if rotation.moves:
                if "delaycompress" in mode:  # which is for writers that keep the old file open for a while
                    training.print(10)
                training.reopen()
            training.print(20)
            if up:
                rig.turn()
        rig.restart()
        rig.turn()
        rig.turn()
    rig.settle()
    assert rig.losses() == expected(range(training.step))
    assert "gap" not in rig.events()
    assert rig.open_files() <= 1, "rotated files are closed, so that their space comes back"
    rig.stop()
    rig.start()
    rig.settle()
    assert rig.losses() == expected(range(training.step)), "a start on what was read adds nothing"


@pytest.mark.parametrize("mode", ["create\ncompress\ndelaycompress", "copytruncate\ncompress"], ids=named)
def test_a_daemon_reads_a_log_that_is_written_and_rotated_all_the_time(tmp_path: Path, mode: str) -> None:
    """Real time, real events, and a writer that does not stop for logrotate. What copytruncate itself loses was never in any file.

    Each generation is longer than what a file is recognised by: of a shorter copy cannot be told that it is one of more that was read.
    """
    with Service(tmp_path, '[[watch]]\npaths = ["logs"]\n') as daemon, ExitStack() as stack:
        training = Training(daemon.logs / "train.log", "a", stack)
        rotation = Logrotate(training.log, mode, rotate=99)
        daemon.expect(READY)
        lock, stop = threading.Lock(), threading.Event()
        writer = threading.Thread(target=print_until, args=(training, lock, stop))
        writer.start()
        try:
            for number in range(1, 6):
                daemon.until_stored(number * 400)
                begun = training.step
                rotation.rotate()
                until(lambda begun=begun: training.step >= begun + 200)
                if rotation.moves:
                    with lock:
                        training.reopen()
        finally:
            stop.set()
            writer.join()
        training.print(1)  # surely behind the last truncation
        daemon.until_rows(f"SELECT 1 FROM metric_points WHERE step = {training.step - 1}")
        assert daemon.stop() == 0
        assert daemon.rows("SELECT count(*) FROM runs") == [(1,)]
        stored = Counter({step: count for (_, step, _), count in daemon.losses().items()})
        kept = Counter(int(text.split()[1][:-1]) for path in daemon.logs.iterdir() if path.is_file() for text in content(path).splitlines())
    assert max(stored.values()) == 1, "nothing twice"
    assert kept <= stored, "everything that is left in the files"
    assert set(stored) <= set(range(training.step)), "and nothing that was not printed"
    assert stored == Counter(range(training.step)) or not rotation.moves


def print_until(training: Training, lock: threading.Lock, stop: threading.Event) -> None:
    """Print a few lines at a time, about two thousand a second, until told to stop."""
    while not stop.wait(0.005):
        with lock:
            training.print(10)


def content(path: Path) -> str:
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
