"""Pictures of runs drawn now and then while they go on, in a process of its own that nothing waits for and that yields to the training.

Owns when one is due and what becomes of the process; what is drawn is what `scraper plot RUN --out FILE` draws.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from scraper.errors import ScraperError, UsageError
from scraper.ingest.launch import scraper_environment
from scraper.store import beside

PATIENCE: Final = 300.0  # seconds after which a process that draws is ended
_LOWEST: Final = 19  # nice value


def check(settings: Mapping[str, float]) -> None:
    """UsageError where pictures are asked for and cannot be drawn."""
    if settings["plot_every"] > 0 and find_spec("matplotlib") is None:
        raise UsageError("--plot-every needs matplotlib, which is missing; install it with: pip install '.[plot]'")


class Pictures:
    """Draws the runs that have new points every so many seconds, 0: never. `tick` costs nothing while none is due."""

    def __init__(self, store: Path, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._seconds, self._clock = store, seconds, clock
        self._due = clock() + seconds
        self._drawn: Mapping[int, int] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0

    def tick(self, points: Callable[[], Mapping[int, int]]) -> None:
        """Begin to draw when it is time; `points` gives how many points of each run (by key) are stored."""
        now = self._clock()
        if self._seconds <= 0 or now < self._due or self._is_busy(now):
            return
        self._due = now + self._seconds
        self._begin(points())

    def last(self, points: Mapping[int, int]) -> None:
        """Draw what is new at the end of a run; the process outlives this one."""
        if self._seconds > 0:
            self.stop()
            self._begin(points)

    def stop(self) -> None:
        """End the process that draws, if there is one: the next picture shows as much."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _is_busy(self, now: float) -> bool:
        """Whether the picture before is still being drawn; one that takes too long is given up."""
        if self._process is None or self._process.poll() is not None:
            self._process = None
            return False
        if now > self._deadline:
            self.stop()
        return True

    def _begin(self, points: Mapping[int, int]) -> None:
        """Start the process that draws the runs with new points."""
        new = [key for key, number in points.items() if number > self._drawn.get(key, 0)]
        self._drawn = dict(points)
        if not new:
            return
        argv = [sys.executable, "-P", "-m", "scraper.ingest.pictures", str(self._store), *map(str, new)]
        environment = {**scraper_environment(), "OPENBLAS_NUM_THREADS": "1"}  # numpy starts one a processor, and a service may have 32
        nowhere = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(argv, env=environment, stdin=nowhere, stdout=nowhere, start_new_session=True)
        except OSError as error:  # no process to be had: the training goes on, and the next time may do
            sys.stderr.write(f"scraper: no picture was drawn: {error}\n")
        else:
            with suppress(OSError):  # a service that may not change priorities has its own
                os.setpriority(os.PRIO_PROCESS, self._process.pid, _LOWEST)
        self._deadline = self._clock() + PATIENCE


def draw(store: Path, keys: list[int]) -> None:
    """Draw every metric of the runs with these keys, each into its file; a run without one is left out."""
    from scraper.export.files import whole_file  # noqa: PLC0415 - only in the process that draws
    from scraper.plot import gather, picture  # noqa: PLC0415 - only in the process that draws
    from scraper.query import open_store  # noqa: PLC0415 - only in the process that draws

    folder = beside.pictures(store)
    folder.mkdir(mode=0o700, exist_ok=True)
    with open_store(store) as db:
        for (name,) in db.rows(f"SELECT id FROM runs WHERE key IN ({', '.join('?' * len(keys))})", keys):
            run = db.run(name)
            if any(run.series_rows()):
                panels = gather.panels([run], (), gather.Wanted(events=True), {})
                with whole_file(folder / f"{run.id}.png") as file:
                    picture.save(file, panels, title=gather.title_of([run], {}), form="png")


if __name__ == "__main__":
    try:
        draw(Path(sys.argv[1]), [int(key) for key in sys.argv[2:]])
    except ScraperError as error:
        sys.exit(f"scraper: no picture was drawn: {error}")
