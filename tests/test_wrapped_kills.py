"""A scraper that is killed again and again at random moments still stores every printed value once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from wrapping import DEADLINE, command_pid, environment, scraper_argv, state, until, wait_gone

import scraper

TRAIN = """
import time
for i in range(6000):
    print(f"iter {i}: loss {4 / (1 + i / 100):.4f}, time 12.50ms, mfu 12.34%")
    if i % 10 == 0: time.sleep(0.005)
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_kills_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    store = tmp_path / "store.db"
    argv = scraper_argv("run", "--quiet", "--store", str(store), "--", sys.executable, "-c", TRAIN)
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment()) as process:
        folder: Path = until(lambda: next(iter((tmp_path / "runs").glob("*/recorder.json")), None), "a run begins").parent
        command_pid(folder)
        first = int(str(state(folder)["scraper_pid"]))
        os.kill(first, signal.SIGKILL)
        kills = 0
        follow = [sys.executable, "-P", "-m", "scraper.ingest.follow_run", str(folder)]
        while process.poll() is None:
            with subprocess.Popen(follow, env=environment(), stderr=subprocess.DEVNULL) as scraping:
                try:
                    scraping.wait(chance.uniform(0.3, 0.9))
                except subprocess.TimeoutExpired:
                    scraping.kill()
                    kills += 1
        subprocess.run(follow, env=environment(), timeout=DEADLINE, check=True)
    wait_gone(first)
    assert kills > 3
    with scraper.open(store) as database:
        series = database.run("latest").series("loss")
        assert list(series.steps) == list(range(6000))
        assert list(series.values) == [float(f"{4 / (1 + i / 100):.4f}") for i in range(6000)]
        assert database.run("latest").summary().points == 18_000
