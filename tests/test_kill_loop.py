"""SIGKILL at random moments, again and again, of each process there is: the store opens, is sound, and in the end holds each point once."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wrapping import DEADLINE, environment, scraper_argv, until, wait_gone

from scraper.ingest.run_directory import RunDirectory, unfinished
from scraper.store.schema import connect_readonly

if TYPE_CHECKING:
    from collections.abc import Callable

Points = Counter[tuple[str, int, float]]  # run's name, step, loss
SETTINGS = {"SCRAPER_BATCH_SECONDS": "0.01"}  # a commit every moment, so that many kills meet one
LINE = re.compile(r"step (\d+): loss ([\d.]+)\n")
TRAIN = """
import itertools, os, time
try:
    for step in itertools.count():
        os.write(1, f"step {step}: loss {step / 8}\\n".encode())
        if step % 20 == 0:
            time.sleep(0.01)
        if os.path.exists("stop"):
            break
except OSError:  # its recorder was killed
    os._exit(1)
"""


class Log:
    """A log that grows by pieces of random length, which end anywhere in a line."""

    def __init__(self, path: Path) -> None:
        self.path, self.steps, self.rest = path, 0, b""
        self.file = path.open("ab", buffering=0)

    def grow(self, lines: int, chance: random.Random) -> None:
        text = "".join(f"step {step}: loss {step / 8}\n" for step in range(self.steps, self.steps + lines))
        self.steps += lines
        data = self.rest + text.encode()
        cut = chance.randrange(len(data) + 1)
        self.file.write(data[:cut])
        self.rest = data[cut:]

    def close(self) -> None:
        self.file.write(self.rest)
        self.file.close()

    def expected(self) -> Points:
        return Counter((self.path.stem, step, step / 8) for step in range(self.steps))


def stored(store: Path) -> Points:
    """Return every stored loss, after a look at the whole store."""
    with closing(connect_readonly(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        uncounted = connection.execute(
            "SELECT id FROM series WHERE count <> (SELECT count(*) FROM point_rows WHERE series_id = id)"
        ).fetchall()
        assert uncounted == []
        return Counter(connection.execute("SELECT name, step, value FROM metric_points WHERE metric = 'loss'").fetchall())


def is_sound(store: Path) -> bool:
    """Tell whether the store is there and sound; one killed before its first transaction has no tables."""
    if not store.exists():
        return False
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone())


def kill_later(process: subprocess.Popen[Any], seconds: float, meanwhile: Callable[[], None]) -> bool:
    """Kill a process after some seconds in which something else goes on; tell whether it still lived."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        meanwhile()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
            break
    alive = process.poll() is None
    process.kill()
    process.wait(DEADLINE)
    return alive


def kill_followers(directory: Path, kills: int, argv: list[str], last: list[str], *, logs: int) -> None:
    """Kill `argv`, which follows growing logs, at random moments; let `last` finish them, and compare."""
    chance, store = random.Random(kills), directory / "store.db"
    files = [Log(directory / f"train{number}.log") for number in range(logs)]
    for log in files:
        log.grow(20, chance)
    done = 0
    while done < kills:
        with subprocess.Popen(argv, cwd=directory, env=environment(**SETTINGS), stderr=subprocess.DEVNULL) as process:
            done += kill_later(process, chance.uniform(0.05, 1.0), lambda: chance.choice(files).grow(chance.randrange(1, 20), chance))
        is_sound(store)
    for log in files:
        log.close()
    subprocess.run(last, cwd=directory, env=environment(), stderr=subprocess.DEVNULL, timeout=DEADLINE, check=True)
    assert stored(store) == sum((log.expected() for log in files), Points())


def kill_tails(directory: Path, kills: int) -> None:
    tail = scraper_argv("tail", "--store", "store.db", "--quiet", "train0.log")
    kill_followers(directory, kills, tail, [*tail, "--once"], logs=1)


def kill_daemons(directory: Path, kills: int) -> None:
    (directory / "scraper.toml").write_text('store = "store.db"\n[[watch]]\npaths = ["train*.log"]\n')
    kill_followers(
        directory,
        kills,
        scraper_argv("daemon", "--config", "scraper.toml"),
        scraper_argv("tail", "--store", "store.db", "--once", "."),
        logs=3,
    )


def wrap(directory: Path, *flags: str) -> subprocess.Popen[bytes]:
    """Start a wrapped training that prints until there is a file called stop."""
    argv = scraper_argv("run", "--quiet", "--store", "store.db", *flags, "--", sys.executable, "-c", TRAIN)
    return subprocess.Popen(argv, cwd=directory, env=environment(**SETTINGS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def printed(folder: Path, name: str) -> Points:
    """Return what a run's log says, line by line."""
    log = RunDirectory(folder).log
    text = log.read_text() if log.exists() else ""
    return Counter((name, int(step), float(loss)) for step, loss in LINE.findall(text))


def kill_scrapers(directory: Path, kills: int) -> None:
    """Kill the scraper of a run that goes on, and those that take up the run after it."""
    chance, store = random.Random(kills), directory / "store.db"
    with wrap(directory, "--name", "train") as process:
        folder: Path = until(lambda: next(iter(directory.glob("runs/*/recorder.json")), None), "a run begins").parent
        first = int(RunDirectory(folder).recorder()["scraper_pid"])
        os.kill(first, signal.SIGKILL)
        follow = [sys.executable, "-P", "-m", "scraper.ingest.follow_run", str(folder)]
        done = 1
        while done < kills:
            with subprocess.Popen(follow, env=environment(**SETTINGS), stderr=subprocess.DEVNULL) as scraping:
                done += kill_later(scraping, chance.uniform(0.05, 1.0), lambda: None)
            is_sound(store)
        (directory / "stop").touch()
        assert process.wait(DEADLINE) == 0
    subprocess.run(scraper_argv("tail", "--resume", "--store", str(store)), env=environment(), timeout=60, check=True, capture_output=True)
    assert unfinished(store) == []
    assert stored(store) == printed(folder, "train")


def kill_recorders(directory: Path, kills: int) -> None:
    """Kill the recorder of one run after the other, and of every third its scraper too; what was recorded by then is stored."""
    chance, store = random.Random(kills), directory / "store.db"
    for number in range(kills):
        with wrap(directory, "--name", f"train{number}") as process:
            if not number:  # on a busy machine, all could be killed before they begin, and nothing would be there to resume
                until(lambda: next(iter(directory.glob("runs/*/run.json")), None), "a run begins")
            kill_later(process, chance.uniform(0.1, 1.0), lambda: None)
        is_sound(store)
        if number % 3 == 0:
            for left in unfinished(store)[-1:]:
                scraper = left.recorder().get("scraper_pid")
                if scraper:
                    with suppress(ProcessLookupError):
                        os.kill(scraper, signal.SIGKILL)
                    wait_gone(scraper)
    until(lambda: not any(left.has_scraper() for left in unfinished(store)), "every scraper has ended")
    subprocess.run(scraper_argv("tail", "--resume", "--store", str(store)), env=environment(), timeout=120, check=True, capture_output=True)
    assert unfinished(store) == []
    expected = Points()
    for folder in directory.glob("runs/*"):
        if (folder / "run.json").exists():
            expected += printed(folder, str(RunDirectory(folder).run()["name"]))
    assert stored(store) == expected


@pytest.mark.parametrize("kill", [kill_tails, kill_daemons, kill_scrapers, kill_recorders])
def test_four_kills_of_each_process(tmp_path: Path, kill: Callable[[Path, int], None]) -> None:
    kill(tmp_path, 4)


@pytest.mark.slow
@pytest.mark.parametrize("kill", [kill_tails, kill_daemons, kill_scrapers, kill_recorders])
def test_a_thousand_kills(tmp_path: Path, kill: Callable[[Path, int], None]) -> None:
    kill(tmp_path, 250)
