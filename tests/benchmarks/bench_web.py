"""What the metrics route gives to fifty clients at once, and what an unchanged answer costs. Prints; asserts nothing about time.

Run with: pytest -m benchmark -s tests/benchmarks/bench_web.py (it drives `wrk`, from Debian's package of that name)
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench_charts import IDENTITY, long_run

from scraper.model import Batch, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 8


@contextmanager
def served(store: Path) -> Iterator[str]:
    """Serve a store from a process of its own; yield the address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "scraper", "serve", "--port", "0", "--store", str(store)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found
            yield found[0]
        finally:
            process.terminate()


def under_load(url: str, *headers: str) -> str:
    """Return what wrk says of 50 connections on one thread."""
    given = [part for header in headers for part in ("-H", header)]
    done = subprocess.run(["wrk", "-t1", "-c50", f"-d{SECONDS}s", "--latency", *given, url], capture_output=True, text=True, check=True)
    return " ".join(line.strip() for line in done.stdout.splitlines() if re.search(r"^\s*(50|99)%|Requests/sec|Non-2xx|Socket", line))


def _another_run(store: Path) -> Callable[[], None]:
    """Return what adds a run of 100 points."""
    return lambda: long_run(store, 100)


def _the_same_run(store: Path) -> Callable[[], None]:
    """Return what adds 30 points to the newest run."""
    step = itertools.count(1_000_000, 30)

    def add() -> None:
        first = next(step)
        points = [Point(i * 60, "loss", (), 0, i, 0, None, None, 0.1) for i in range(first, first + 30)]
        with Writer(store) as writer:
            source = writer.run_sources(1)[0]
            writer.commit([Batch(source.id, SourceMark(points[-1].at + 60, first, "", IDENTITY, b"", {}), Points(points))])

    return add


@contextmanager
def growing(add: Callable[[], None]) -> Iterator[None]:
    """Call `add` a few times a second while the block goes on."""
    stop = threading.Event()

    def grow() -> None:
        while not stop.wait(0.5):
            add()

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.benchmark
@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_fifty_clients_of_a_million_points(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    long_run(store, 1_000_000)
    with served(store) as base:
        asked = subprocess.run(["curl", "-sI", f"{base}runs/latest/metrics"], capture_output=True, text=True, check=True).stdout
        etag = re.search(r'etag: ("\w+")', asked)
        assert etag
        run = re.search(r'"id":"([^"]+)"', subprocess.run(["curl", "-s", f"{base}runs"], capture_output=True, text=True, check=True).stdout)
        assert run
        url = f"{base}experiments/default/runs/{run[1]}/metrics"
        print(f"\nload average {os.getloadavg()[0]:.1f}")
        print("metrics, 1,000 of 1,000,000 points  ", under_load(url))
        print("the same, unchanged (304)           ", under_load(url, f"If-None-Match: {etag[1]}"))
        with growing(_another_run(store)):
            print("the same while another run is stored", under_load(url))
        with growing(_the_same_run(store)):
            print("the same while this run grows       ", under_load(url))
