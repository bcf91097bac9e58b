"""What the tests of following files share: a log that is written like a training's, and a pipeline whose clock only moves when told."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Self, TextIO

from scraper.config import resolve
from scraper.ingest.pipeline import Pipeline
from scraper.ingest.watcher import Waker
from scraper.model import NewRun
from scraper.parse.packs import PackSet
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_PAUSE = threading.Event()  # never set: waiting for it is how a test looks again a moment later
LONG = 400.0  # seconds; longer than any pause between two looks or questions


class Clock(Waker):
    """A waker that never waits: its time is what the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.ahead = 0.0  # seconds by which files are made to look older than they are

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return time.time() + self.ahead

    def wait(self, seconds: float, readable: Iterable[int] = ()) -> bool:
        self.now += max(seconds, 0.001)
        return super().wait(0, readable)

    def rest(self, seconds: float) -> None:
        self.now += seconds


class Rig:
    """A store, a directory of logs, and a pipeline that can be stopped, killed and started again."""

    def __init__(self, directory: Path, *, separate_runs: bool = False, **settings: Any) -> None:
        self.directory = directory
        self.store = directory / "store.db"
        self.log = directory / "train.log"
        self.said: list[str] = []
        self.clock = Clock()
        self._separate = separate_runs
        self._settings = resolve(environ={}, flags=settings)
        self._writer = Writer(self.store, busy_seconds=0.05)
        self._pipeline: Pipeline | None = None
        self._run_key = 0

    def start(self, *paths: Path, **how: Any) -> Pipeline:
        """Begin to follow `paths`, the log if none is given."""
        self._writer.open()
        if not self._separate and not self._run_key:
            self._run_key = self._new_run(self.log)
        say = self.said.append
        self._pipeline = Pipeline(self._writer, PackSet([]), self._settings, clock=self.clock.wall, waker=self.clock, notify=say)
        for path in paths or (self.log,):
            self._pipeline.add(path, self._new_run if self._separate else self._run_key, **how)
        return self._pipeline

    def _new_run(self, path: Path) -> int:
        return self._writer.create_run(NewRun(name=path.name, kind="tail")).key

    @property
    def pipeline(self) -> Pipeline:
        assert self._pipeline is not None
        return self._pipeline

    def turn(self, seconds: float = 3.0) -> None:
        """Let some time pass, and everything be looked at and read as far as it goes."""
        self.clock.now += seconds
        while self.pipeline.turn():
            self.clock.now += 0.3
        self.clock.now += 0.3
        self.pipeline.turn()

    @contextmanager
    def rotated(self) -> Iterator[tuple[TextIO, TextIO]]:
        """Read line 1 of a log, rename it to .1, and write line 2 where it was, unread; yield both files, still open for writing."""
        with self.log.open("a", buffering=1) as first:
            first.write(lines(1))
            self.start()
            self.turn()
            self.log.rename(self.directory / "train.log.1")
            with self.log.open("a", buffering=1) as second:
                second.write(lines(2))
                yield first, second

    def settle(self) -> None:
        """Let so much time pass that every question about every file was asked."""
        self.clock.ahead = LONG
        for _ in range(4):
            self.turn(LONG)
        self.clock.ahead = 0.0

    def stop(self) -> None:
        """End as on SIGTERM: read what is there, commit."""
        self.clock.now += 1.0  # the time of files is real: what was seen of their writers must not seem fresh for ever
        self.pipeline.run(lambda: True)
        self.pipeline.close()
        self._pipeline = None

    def kill(self) -> None:
        """End as by SIGKILL: what was not committed is lost from memory, and the store goes on saying who reads what."""
        for source in self.pipeline._sources():
            source.close()
        self.pipeline._desk.close()
        self._pipeline = None

    def restart(self, **how: Any) -> None:
        """Start again when it is not running."""
        if self._pipeline is None:
            self.start(**how)

    def close(self) -> None:
        if self._pipeline is not None:
            self._pipeline.close()
        self._writer.close()
        self.clock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.store)) as connection:
            return connection.execute(query).fetchall()

    def losses(self) -> Counter[tuple[int, float]]:
        """Return every stored (step, loss), as often as it is stored."""
        return Counter(self.rows("SELECT step, value FROM metric_points WHERE metric = 'loss'"))

    def losses_by_run(self) -> list[list[float]]:
        """Return the losses of every run in printed order, runs in the order they were made."""
        found: dict[int, list[float]] = {}
        query = "SELECT run_key, value FROM series LEFT JOIN points ON series_id = series.id WHERE metric = 'loss' ORDER BY run_key, at"
        for run_key, value in self.rows(query):
            found.setdefault(run_key, []).append(value)
        return list(found.values())

    def events(self) -> list[str]:
        return [kind for (kind,) in self.rows("SELECT kind FROM events ORDER BY id")]

    def open_files(self) -> int:
        """Return how many log files this process has open for reading."""
        return len(self.pipeline._sources())


def line(step: int, loss: float | None = None) -> str:
    """Return one printed line of a training, with its newline."""
    return f"step {step}: loss {step / 8 if loss is None else loss}\n"


def lines(*steps: int) -> str:
    return "".join(map(line, steps))


def expected(steps: Iterable[int]) -> Counter[tuple[int, float]]:
    """Return what `Rig.losses` gives when every one of these lines was stored once."""
    return Counter((step, step / 8) for step in steps)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> float:
    """Wait until `condition` holds; return how long that took. Fails after `seconds`."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it did not happen in time"
        _PAUSE.wait(0.005)
    return time.monotonic() - start


_CAPABILITIES = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread
_OVER_PERMISSIONS = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: what lets root read everything


@contextmanager
def permissions_count() -> Iterator[None]:
    """Let the permissions of files hold for root, too, as they do for everybody else."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    before = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable ones, of the first 32 capabilities and of the rest
    assert libc.capget(_CAPABILITIES, before) == 0, os.strerror(ctypes.get_errno())
    now = (ctypes.c_uint32 * 6)(*before)
    now[0] &= ~_OVER_PERMISSIONS
    assert libc.capset(_CAPABILITIES, now) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        assert libc.capset(_CAPABILITIES, before) == 0, os.strerror(ctypes.get_errno())
