"""The store's disk fails, is full or refuses, or its lock is kept: the training is untouched, and storing goes on by itself."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wrapping import DEADLINE, environment, scraper_argv, until

if TYPE_CHECKING:
    from collections.abc import Iterator

SHIM = Path(__file__).parent / "faulty_disk.c"
COMPILER = shutil.which("cc")
TRAIN = """
import sys
for step in range(2000):
    print(f"step {step}: loss {step / 8}")
    if step == 999:
        print("half way", flush=True)
        open(sys.argv[1]).read()
sys.exit(3)
"""
PRINTED = "".join(f"step {step}: loss {step / 8}\n" + "half way\n" * (step == 999) for step in range(2000))


def expected(steps: int) -> Counter[tuple[int, float]]:
    return Counter((step, step / 8) for step in range(steps))


def stored(store: Path) -> Counter[tuple[int, float]]:
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return Counter(connection.execute("SELECT step, value FROM metric_points WHERE metric = 'loss'"))


def is_stored(store: Path, steps: int) -> bool:
    try:
        return sum(stored(store).values()) >= steps
    except sqlite3.OperationalError:  # it is not there yet, or has no tables yet
        return False


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library that makes system calls fail."""
    if COMPILER is None or sys.platform != "linux":
        pytest.skip("no C compiler here to build the library that makes system calls fail")
    library = tmp_path_factory.mktemp("shim") / "faulty_disk.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True, timeout=60)
    return library


@contextmanager
def half_way(directory: Path, *flags: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Wrap a training; yield it when half of it is printed, and the pipe that lets it go on."""
    gate = directory / "gate"
    os.mkfifo(gate)
    argv = scraper_argv("run", "--quiet", *flags, "--", sys.executable, "-c", TRAIN, str(gate))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=environment(**variables), text=True) as process:
        assert process.stdout is not None
        printed = ""
        while not printed.endswith("half way\n"):
            printed += process.stdout.readline()
        try:
            yield process, gate
        except BaseException:
            process.kill()
            raise
        assert printed + process.stdout.read() == PRINTED
        assert process.wait(DEADLINE) == 3


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_a_disk_that_refuses_for_a_while(tmp_path: Path, shim: Path, number: int) -> None:
    store, broken = tmp_path / "store.db", tmp_path / "broken"
    broken.touch()
    faults = {"LD_PRELOAD": str(shim), "FAULTY_NAME": str(store), "FAULTY_WHILE": str(broken), "FAULTY_ERRNO": str(number)}
    with half_way(tmp_path, "--store", str(store), **faults, FAULTY_MET=str(tmp_path / "met")) as (_, gate):
        until((tmp_path / "met").exists, "a write has failed")
        broken.unlink()
        until(lambda: is_stored(store, 1000), "what was printed meanwhile is stored")
        broken.touch()
        gate.write_text("")
    (folder,) = (tmp_path / "runs").iterdir()
    broken.unlink()
    until(lambda: (folder / "summary.json").exists() and is_stored(store, 2000), "the rest is stored after the command's end")
    assert stored(store) == expected(2000)


@contextmanager
def locked(directory: Path) -> Iterator[Path]:
    """Make a store with a run in it and lock it, while another command begins and ends; let it go behind the body."""
    store = directory / "store.db"
    subprocess.run(scraper_argv("run", "--quiet", "--store", str(store), "--", "true"), env=environment(), check=True, timeout=DEADLINE)
    until_complete(directory, 1)
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with half_way(directory, "--store", str(store), SCRAPER_BUSY_SECONDS="0.3") as (_, gate):
            gate.write_text("")
        yield store
        other.execute("ROLLBACK")


def until_complete(directory: Path, runs: int) -> None:
    until(lambda: len(list((directory / "runs").glob("*/summary.json"))) == runs, f"{runs} are complete")


def test_a_store_that_is_locked_for_a_while(tmp_path: Path) -> None:
    with locked(tmp_path) as store:
        assert stored(store) == Counter()
    subprocess.run(
        scraper_argv("tail", "--resume", "--store", str(store)), env=environment(), check=True, timeout=DEADLINE, capture_output=True
    )
    until_complete(tmp_path, 2)
    assert stored(store) == expected(2000)


def test_a_store_that_is_locked_for_longer_than_a_run_takes_gets_the_rest_by_itself(tmp_path: Path) -> None:
    with locked(tmp_path) as store:
        logs = [*(tmp_path / "runs").glob("*/scraper.log")]
        until(lambda: any("tried again" in log.read_text() for log in logs), "the store refused to the end")
    until_complete(tmp_path, 2)
    assert stored(store) == expected(2000)
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT status FROM runs").fetchall() == [("finished",), ("failed",)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a filesystem of 400 KiB, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a small filesystem is not allowed here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(ballast: Path) -> None:
    """Write until the disk is full to the last block."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            continue


@pytest.mark.skipif(shutil.which("mount") is None, reason="there is no mount")
def test_a_full_disk_that_is_made_larger(tmp_path: Path, small_disk: Path) -> None:
    store, ballast = small_disk / "store.db", small_disk / "ballast"
    log = tmp_path / "output.log"
    with half_way(tmp_path, "--store", str(store), "--log", str(log)) as (_, gate):
        until(lambda: is_stored(store, 1000), "what was printed is stored")
        fill(ballast)
        gate.write_text("")
        until(lambda: log.read_text().endswith("step 1999: loss 249.875\n"), "the rest is recorded")
    (folder,) = (small_disk / "runs").iterdir()
    messages = folder / "scraper.log"
    assert sum(stored(store).values()) < 2000
    ballast.unlink()
    until(lambda: (folder / "summary.json").exists() and is_stored(store, 2000), f"the rest is stored; said: {messages}")
    assert stored(store) == expected(2000)


def nth_call_fails(directory: Path, shim: Path, number: int, first: int) -> bool:
    """Follow a log while three system calls on the store from the `first` on fail; tell whether there were so many."""
    directory.mkdir()
    store, log, met = directory / "store.db", directory / "train.log", directory / "met"
    log.write_text("".join(f"step {step}: loss {step / 8}\n" for step in range(300)))
    faults = {
        "FAULTY_NAME": str(store),
        "FAULTY_FIRST": str(first),
        "FAULTY_TIMES": "3",
        "FAULTY_ERRNO": str(number),
        "FAULTY_MET": str(met),
    }
    argv = scraper_argv("tail", "--quiet", "--store", str(store), str(log))
    with subprocess.Popen(argv, env=environment(LD_PRELOAD=str(shim), **faults), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        until(lambda: is_stored(store, 300) or process.poll() is not None, "everything is stored, or it gave up")
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read()
        assert process.wait(DEADLINE) in (1, 128 + signal.SIGTERM)
    if process.returncode == 1:  # it could not begin, and said why
        assert said.startswith("scraper: ")
        subprocess.run([*argv, "--once"], env=environment(), check=True, timeout=DEADLINE)
    assert stored(store) == expected(300), f"{errno.errorcode[number]} at call {first}"
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return met.exists()


@pytest.mark.parametrize(("number", "first"), [(errno.EIO, 40), (errno.ENOSPC, 90)])
def test_some_system_calls_fail(tmp_path: Path, shim: Path, number: int, first: int) -> None:
    assert nth_call_fails(tmp_path / "one", shim, number, first)


@pytest.mark.slow
@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_every_system_call_fails(tmp_path: Path, shim: Path, number: int) -> None:
    first = 1
    while nth_call_fails(tmp_path / str(first), shim, number, first):
        first += 3
    assert first > 90
