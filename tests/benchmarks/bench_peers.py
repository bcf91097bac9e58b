"""The same work by packages from PyPI that read training output: guildai, epochix and runmedic for logs, trackio for reading a series.

    python -m venv peers && peers/bin/pip install guildai epochix runmedic trackio
    PEERS=peers/bin/python pytest -m benchmark -s tests/benchmarks/bench_peers.py

They have environments of their own because they need other versions of what this package needs; whichever is not there is left out.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from measuring import nanogpt, once, show, turns

import scraper
from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

pytestmark = pytest.mark.benchmark
SHORT, LONG = 2_000, 100_000  # lines: the peers read hundreds to thousands a second
PLOTTED = 20_000  # points
GUILD = r"""
import sys, tempfile
from guild.summary import OutputScalars
wanted = {"step": r"iter (\step)", "loss": r"loss (\value)", "time": r"time (\value)ms", "mfu": r"mfu (\value)%"}
scalars = OutputScalars([wanted], tempfile.mkdtemp())
for line in open(sys.argv[1]):
    scalars.write(line)
scalars.close()
"""
TRACKIO = """
import sys, time
from trackio.sqlite_storage import SQLiteStorage
count = int(sys.argv[1])
SQLiteStorage.bulk_log("bench", "run", [{"loss": 1 / (1 + i)} for i in range(count)], steps=list(range(count)))
began = time.perf_counter()
found = SQLiteStorage.get_logs("bench", "run", max_points=1000)
print(len(found), time.perf_counter() - began)
"""


@pytest.fixture
def peers() -> str:
    python = os.environ.get("PEERS")
    if not python:
        pytest.skip("PEERS names no Python that has the peers")
    return os.path.abspath(python)  # noqa: PTH100 - a link to the interpreter must stay one, or its packages are not found


def has(python: str, package: str) -> bool:
    known = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False).returncode == 0
    if not known:
        print(f"\n{package} is not installed there: left out")
    return known


def test_reading_a_log(tmp_path: Path, peers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    short, long = tmp_path / "short.log", tmp_path / "long.log"
    short.write_text(nanogpt(SHORT))
    long.write_text(nanogpt(LONG))
    commands = {
        "guild": [peers, "-c", GUILD, str(short)],
        "epochix": [peers, "-m", "epochix", "run", str(short), "--headless", "--json", "--no-llm"],
        "runmedic": [peers, "-m", "runmedic", "series", str(short)],
    }
    cases = {"scraper": once(long), **{name: command for name, command in commands.items() if has(peers, name)}}
    lines = {name: LONG if name == "scraper" else SHORT for name in cases}
    found = turns(cases, tmp_path, rounds=3)
    show(found, lines, "scraper")


def test_reading_a_series(tmp_path: Path, peers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has(peers, "trackio"):
        return
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    said = subprocess.run([peers, "-c", TRACKIO, str(PLOTTED)], capture_output=True, text=True, check=True).stdout.split()
    store = tmp_path / "store.db"
    with Writer(store) as writer:
        run = writer.create_run(NewRun(name="bench"))
        source = writer.open_source(run.key, "train.log", FileIdentity(1, 1, "00", 0))
        points = Points(Point(i * 60, "loss", (), 0, i, 0, None, None, 1 / (1 + i)) for i in range(PLOTTED))
        writer.commit([Batch(source.id, SourceMark(1, 1, "", source.identity, b"", {}), points)])
    with scraper.open(store) as database:
        found = database.run("latest")
        began = time.perf_counter()
        chart = found.series("loss", max_points=1000)
        taken = time.perf_counter() - began
    print(f"\n{PLOTTED:,} points: trackio gives {said[0]} rows in {float(said[1]) * 1e3:.1f} ms,", end=" ")
    print(f"scraper {len(chart):,} by {chart.method} in {taken * 1e3:.1f} ms")
