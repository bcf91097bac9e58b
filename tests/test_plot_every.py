"""Pictures drawn while a run goes on: they come by themselves, show what is new, and cost the training nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from daemons import Service
from reading_helpers import fill, point
from wrapping import command_pid, environment, scraper_argv, until, wait_gone

import scraper
from scraper.errors import UsageError
from scraper.ingest import pictures
from scraper.ingest.pictures import Pictures, check

pytest.importorskip("matplotlib")

PNG = b"\x89PNG"
# Prints a line a step, waits for the gate, prints more, waits for the second gate.
TRAIN = """
import os, sys, time
for part, gate in enumerate(sys.argv[1:]):
    for i in range(50):
        print(f"step {50 * part + i} loss {4 / (1 + 50 * part + i):.4f}", flush=True)
    while not os.path.exists(gate):
        time.sleep(0.01)
sys.exit(7)
"""


class Hands:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(store: Path) -> Path:
    """Return the picture of the newest run once there is one."""
    with scraper.open(store) as db:
        path = store.parent / "plots" / f"{db.run().id}.png"
    until(path.exists, "a picture is drawn")
    return path


def test_a_picture_of_what_is_new_is_drawn_when_it_is_due(tmp_path: Path) -> None:
    store, clock = tmp_path / "store.db", Hands()
    fill(store, [point(10 * i, 1 / (i + 1)) for i in range(50)])
    asked = []

    def points() -> dict[int, int]:
        asked.append(clock.now)
        return {1: 50}

    due = Pictures(store, 60, clock)
    due.tick(points)
    clock.now = 61.0
    due.tick(points)
    path = drawn(store)
    assert path.read_bytes().startswith(PNG)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o644 & ~_umask(), 0o700)
    (process,) = [due._process]
    assert process is not None
    assert process.wait(20) == 0
    clock.now = 122.0
    due.tick(points)  # nothing is new
    assert due._process is None
    assert asked == [61.0, 122.0]
    Pictures(store, 0, clock).tick(points)
    assert asked == [61.0, 122.0]


def _umask() -> int:
    before = os.umask(0o077)
    os.umask(before)
    return before


def test_one_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = tmp_path / "store.db", Hands()
    fill(store, [point(0, 1.0)])
    due = Pictures(store, 1, clock)
    clock.now = 2.0
    due.tick(lambda: {1: 1})
    process = due._process
    assert process is not None
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
    loaded = Path(f"/proc/{process.pid}/maps")
    until(lambda: "_umath_linalg" in loaded.read_text(), "numpy is loaded")
    os.kill(process.pid, signal.SIGSTOP)
    assert len([*Path(f"/proc/{process.pid}/task").iterdir()]) == 1, "a training needs the processors"
    clock.now = 4.0
    due.tick(lambda: {1: 2})
    assert due._process is process  # one at a time
    monkeypatch.setattr(pictures, "PATIENCE", 0)
    clock.now = 1000.0
    due.tick(lambda: {1: 2})
    wait_gone(process.pid)
    assert due._process is None
    due.tick(lambda: {1: 2})
    due.stop()
    assert due._process is None


def test_without_matplotlib_it_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _name: None)
    check({"plot_every": 0.0})
    with pytest.raises(UsageError, match="pip install"):
        check({"plot_every": 5.0})


def test_a_wrapped_run_is_drawn_while_it_goes_on_and_at_its_end(tmp_path: Path) -> None:
    store, script, gates = tmp_path / "store.db", tmp_path / "train.py", [tmp_path / "one", tmp_path / "two"]
    script.write_text(TRAIN)
    words = ["run", "--store", str(store), "--plot-every", "1", "--quiet", "--", sys.executable, str(script), *map(str, gates)]
    with subprocess.Popen(scraper_argv(*words), env=environment(), stdout=subprocess.DEVNULL, start_new_session=True) as process:
        folder = until(lambda: next(iter((tmp_path / "runs").glob("*/recorder.json")), None), "a run begins").parent
        command_pid(folder)
        path = tmp_path / "plots" / f"{folder.name}.png"
        until(path.exists, "a first picture")
        first = path.stat().st_mtime_ns
        gates[0].touch()
        until(lambda: path.stat().st_mtime_ns > first, "a second picture")
        gates[1].touch()
        assert process.wait(20) == 7
    until((folder / "summary.json").exists, "the scraper is done")
    assert path.read_bytes().startswith(PNG)
    assert "Traceback" not in (folder / "scraper.log").read_text()


@pytest.mark.slow
def test_a_daemon_draws_every_run_that_goes_on(tmp_path: Path) -> None:
    with Service(tmp_path, 'plot_every = 1.0\n[[watch]]\npaths = ["logs"]\n') as daemon:
        logs = [(daemon.logs / f"{name}.log").open("a") for name in ("one", "two")]
        for log in logs:
            with log:
                log.write("step 1 loss 0.5\nstep 2 loss 0.25\n")
        until(lambda: len(list((tmp_path / "plots").glob("*.png"))) == 2, "two pictures")
        assert daemon.stop() == 0


def test_where_priorities_may_not_be_changed_it_is_drawn_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    store, clock = tmp_path / "store.db", Hands()
    fill(store, [point(10 * i, 1 / (i + 1)) for i in range(50)])
    pictures = Pictures(store, 10.0, clock)
    clock.now = 10.0
    pictures.tick(lambda: {1: 50})
    assert drawn(store).read_bytes().startswith(PNG)
    pictures.stop()
    assert capfd.readouterr().err == ""
