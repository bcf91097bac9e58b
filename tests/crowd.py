"""What the test and the benchmark of many writers share: commands that say when they printed each line, wrapped at once into one store."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from wrapping import environment, scraper_argv, until

BURST = """
import sys, time
lines, seconds, begin = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
for step in range(int(lines * seconds)):
    wait = begin + step / lines - time.time()
    if wait > 0:
        sys.stdout.flush()
        time.sleep(max(wait, 0.01))
    print(f"step={step} loss={step / 8} sent={time.time() - begin:.6f}")
"""  # prints what is due every 10 ms or so, and when each line was printed: what the reader measures by


class Latencies:
    """A reader that looks at a store again and again, and notes how old each new point of `sent` is when it is first seen."""

    def __init__(self, store: Path, begin: float) -> None:
        self.store, self.begin = store, begin
        self.seconds: list[float] = []
        self._seen: dict[int, int] = {}

    def watch(self, total: int, deadline: float) -> None:
        """Look until `total` points were seen, or the deadline (seconds since the epoch)."""
        until(self.store.exists, "there is a store")
        with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30)) as connection:
            until(lambda: connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'series'").fetchone(), "the store has tables")
            version = -1
            while len(self.seconds) < total and time.time() < deadline:
                (now,) = connection.execute("PRAGMA data_version").fetchone()
                if now != version:
                    version = now
                    self._look(connection)
                time.sleep(0.005)

    def _look(self, connection: sqlite3.Connection) -> None:
        series = connection.execute("SELECT id FROM series WHERE metric = 'sent'").fetchall()
        for (key,) in series:
            query = "SELECT at, value FROM points WHERE series_id = ? AND at > ? ORDER BY at"
            found = connection.execute(query, (key, self._seen.get(key, -1))).fetchall()
            if found:
                now = time.time() - self.begin
                self._seen[key] = found[-1][0]
                self.seconds += [now - value for _, value in found]

    def at(self, part: float) -> float:
        """Return the latency that `part` of the points do not exceed, in milliseconds."""
        return sorted(self.seconds)[min(int(part * len(self.seconds)), len(self.seconds) - 1)] * 1e3


def measure(directory: Path, writers: int, lines: int, seconds: float) -> tuple[Latencies, list[str]]:
    """Wrap `writers` commands at once, each printing `lines` lines a second; return the latencies, and what any scraper complained of."""
    store = directory / "store.db"
    begin = time.time() + 1.0 + writers * 0.25
    argv = scraper_argv("run", "--quiet", "--store", str(store), "--", sys.executable, "-c", BURST, str(lines), str(seconds), repr(begin))
    runs = [subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment()) for _ in range(writers)]
    latencies = Latencies(store, begin)
    latencies.watch(int(writers * lines * seconds), begin + seconds + 60)
    assert [run.wait(60) for run in runs] == [0] * writers
    until(lambda: len(list(directory.glob("runs/*/summary.json"))) == writers, "every scraper has ended")
    said = [line for path in directory.glob("runs/*/scraper.log") for line in path.read_text().splitlines()]
    return latencies, said
