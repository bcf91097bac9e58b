"""What following files costs where nothing is written: parts of a core, beside a bare loop of stat calls. Prints, asserts no time.

    pytest -m benchmark -s tests/benchmarks/bench_idle.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from daemons import READY, Service, lines
from goals import goal
from tailing import until

pytestmark = pytest.mark.benchmark
FILES, LINES = 1000, 20
SETTLE, MEASURE = 30.0, 60.0  # seconds
PAUSE = threading.Event()
FLOOR = """
import os, sys, time
names = sys.argv[1:]
while True:
    for name in names:
        os.stat(name)
    time.sleep(2)
"""


def used(pid: int) -> float:
    """Return the processor seconds a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int, name: str = "VmRSS") -> str:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith(name))


def share(*pids: int) -> list[float]:
    """Return how many parts in a hundred of a core processes take, over the same minute."""
    before, began = [used(pid) for pid in pids], time.monotonic()
    PAUSE.wait(MEASURE)
    return [100 * (used(pid) - start) / (time.monotonic() - began) for pid, start in zip(pids, before, strict=True)]


@pytest.mark.parametrize(
    ("case", "directories", "written"),
    [("complete", 1, False), ("open for writing", 1, True), ("in a directory each, open for writing", FILES, True)],
)
def test_idle_files(tmp_path: Path, case: str, directories: int, written: bool) -> None:
    (tmp_path / "logs").mkdir()
    logs = [tmp_path / "logs" / f"job{number}" / "train.log" for number in range(FILES)]
    if directories == 1:
        logs = [tmp_path / "logs" / f"train{number}.log" for number in range(FILES)]
    with ExitStack() as stack:
        for log in logs:
            log.parent.mkdir(exist_ok=True)
            file = stack.enter_context(log.open("w"))
            file.write(lines(*range(LINES)))
            file.flush()
            if not written:
                file.close()
        daemon = stack.enter_context(Service(tmp_path, '[[watch]]\npaths = ["logs"]\n'))
        daemon.expect(READY)
        until(lambda: daemon.rows("SELECT count(*) FROM metric_points") == [(LINES * FILES,)], 300)
        PAUSE.wait(SETTLE)
        floor = subprocess.Popen([sys.executable, "-I", "-S", "-c", FLOOR, *map(str, logs)])
        stack.callback(floor.wait)
        stack.callback(floor.kill)
        ours, bare = share(daemon.pid, floor.pid)
        print(f"\n{FILES} idle files, {case}: {ours:.2f} % of a core, {ours / bare:.1f} x a loop of stat calls every 2 s ({bare:.2f} %),")
        print(f"    {memory(daemon.pid)} resident, {memory(daemon.pid, 'Threads')} threads")
        goal(f"{FILES} idle files, {case}: parts in a hundred of a core", [ours], most=1)
        assert daemon.stop() == 0
