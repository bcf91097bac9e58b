"""A wrapped command that prints very much is neither cut nor slowed by its metrics: every line arrives, and memory stays flat."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from wrapping import DEADLINE, Screen, command_pid, environment, scraper_argv, state, until

LINES = 50_000
FLOOD = f"import os\nfor i in range({LINES}): os.write(1, b'step %d loss %d.5\\n' % (i, i))"
LONG_MB = 100
LONG = f"""
import os, sys
print("step 1 loss 0.5", flush=True)
for _ in range({LONG_MB}): os.write(1, b"x" * (1 << 20))
print("\\nstep 2 loss 0.25", flush=True)
open(sys.argv[1]).read()
"""


def words(folder: Path, *command: str) -> list[str]:
    return scraper_argv("run", "--quiet", "--store", str(folder / "store.db"), "--", sys.executable, "-I", "-S", *command)


def finished(folder: Path) -> Path:
    found: Path = until(lambda: next(iter((folder / "runs").glob("*/summary.json")), None), "the scraper is done").parent
    return found


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("terminal", [True, False])
def test_lines_as_fast_as_they_can_be_written_are_all_shown_recorded_and_stored(tmp_path: Path, terminal: bool) -> None:
    argv = words(tmp_path, "-c", FLOOD)
    if terminal:
        with Screen(argv) as user:
            assert user.finish() == 0
            shown = user.shown.replace(b"\r\n", b"\n").partition(b"scraper: ")[0]  # it may say that it is not done yet
    else:
        shown = subprocess.run(argv, capture_output=True, env=environment(), timeout=DEADLINE, check=True).stdout
    expected = b"".join(b"step %d loss %d.5\n" % (i, i) for i in range(LINES))
    assert shown == expected
    folder = finished(tmp_path)
    assert (folder / "output.log").read_bytes().replace(b"\r\n", b"\n") == expected
    assert state(folder)["gaps"] == []
    found = rows(tmp_path, "SELECT count(*), min(step), max(step), sum(value - step) FROM metric_points WHERE metric = 'loss'")
    assert found == [(LINES, 0, LINES - 1, LINES / 2)]


def test_a_line_of_100_mb_costs_no_memory_and_hides_nothing_behind_it(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    until_stored = "SELECT step, value FROM metric_points WHERE metric = 'loss' ORDER BY step"
    os.mkfifo(gate)
    argv = words(tmp_path, "-c", LONG, str(gate))
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()) as process:
        folder: Path = until(lambda: next(iter((tmp_path / "runs").glob("*/recorder.json")), None), "a run begins").parent
        command_pid(folder)
        until(lambda: _rows_so_far(tmp_path, until_stored) == [(1, 0.5), (2, 0.25)], "the line behind it is stored")
        scraper_pid = int(str(state(folder)["scraper_pid"]))
        peaks = {name: _peak(pid) for name, pid in (("recorder", process.pid), ("scraper", scraper_pid))}
        gate.write_text("")
        assert process.wait(DEADLINE) == 0
    assert all(peak < 64_000 for peak in peaks.values()), peaks
    assert (finished(tmp_path) / "output.log").stat().st_size > LONG_MB << 20
    ((counters,),) = rows(tmp_path, "SELECT counters FROM sources")
    assert json.loads(str(counters))["line_too_long"] == 1


def _rows_so_far(folder: Path, query: str) -> list[tuple[object, ...]]:
    try:
        return rows(folder, query)
    except sqlite3.OperationalError:  # it is being made
        return []


def _peak(pid: int) -> int:
    """Return the most memory a process ever held, in KiB."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0])
