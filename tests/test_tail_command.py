"""`scraper tail`, `scraper reparse` and `scraper status` as a user runs them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from tailing import lines, until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def scraper(directory: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in `directory`, with a store of its own."""
    given = subprocess.PIPE if stdin is None else None
    command = [sys.executable, "-m", "scraper", arguments[0], "--store", "store.db", *arguments[1:]]
    with subprocess.Popen(
        command, cwd=directory, env=ENVIRONMENT, stdin=given or subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = process.communicate(stdin or b"", timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out.decode(), err.decode())


def points(directory: Path) -> list[tuple[str, str, int, float]]:
    """Return run name, labels, step and loss of every stored point."""
    with closing(sqlite3.connect(directory / "store.db")) as connection:
        query = "SELECT name, labels, step, value FROM metric_points WHERE metric = 'loss' ORDER BY name, labels, at"
        return connection.execute(query).fetchall()


def test_once_and_again_and_grown(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_text(lines(1, 2))
    first = scraper(tmp_path, "tail", "--once", "train.log")
    assert first.returncode == 0
    assert "2 points from train.log; 2 of 2 lines carried metrics" in first.stderr
    assert first.stdout == ""
    second = scraper(tmp_path, "tail", "--once", "train.log")
    assert (second.returncode, "nothing new in train.log" in second.stderr) == (0, True)
    with log.open("a") as file:
        file.write(lines(3))
    third = scraper(tmp_path, "tail", "--once", "train.log")
    assert "1 points more from train.log" in third.stderr
    log.write_text(lines(7, 8, 9))
    scraper(tmp_path, "tail", "--once", "--quiet", "train.log")
    assert sorted((step, value) for _, _, step, value in points(tmp_path)) == [(s, s / 8) for s in (1, 2, 3, 7, 8, 9)]
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert connection.execute("SELECT name, status, kind FROM runs").fetchall() == [("train", "ended", "tail")] * 2


@contextmanager
def opened_for_each_line(log: Path) -> Iterator[None]:
    """Have lines appended to a log as `echo … >> log` does, many a second, by one who never has it open for long."""
    ended = threading.Event()

    def write() -> None:
        step = 0
        while not ended.wait(0.01):
            step += 1
            with log.open("a") as file:
                file.write(lines(step))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: log.exists() and log.stat().st_size > 0)
        yield
    finally:
        ended.set()
        writer.join()


def test_reading_once_ends_while_a_log_is_opened_and_written_for_each_line(tmp_path: Path) -> None:
    with opened_for_each_line(tmp_path / "train.log"):
        assert scraper(tmp_path, "tail", "--once", "train.log").returncode == 0
        assert scraper(tmp_path, "tail", "--once", "train.log").returncode == 0
    assert scraper(tmp_path, "tail", "--once", "train.log").returncode == 0
    printed = (tmp_path / "train.log").read_text().count("\n")
    assert [step for _, _, step, _ in points(tmp_path)] == [*range(1, printed + 1)]


@pytest.mark.parametrize(
    ("arguments", "content", "status", "message"),
    [
        (["--once", "no.log"], None, 2, "no.log: no such file"),
        (["--once", "*.log"], None, 2, "*.log: no such file"),
        (["--once", "empty.log"], b"", 1, "empty, nothing to read"),
        (["--once", "model.log"], b"\x7fELF" + bytes(500), 1, "a binary file, not a log"),
        (["--once", "bad.log.gz"], b"\x1f\x8bnot really", 1, "damaged or not complete"),
        (["--once", "."], None, 2, "no log in this directory"),
        (["--once", "--follow", "a.log"], None, 2, "give one of them"),
        (["--once", "--from", "end", "a.log"], None, 2, "drop one of them"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, arguments: list[str], content: bytes | None, status: int, message: str) -> None:
    if content is not None:
        (tmp_path / arguments[-1]).write_bytes(content)
    result = scraper(tmp_path, "tail", *arguments)
    assert result.returncode == status
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert not (tmp_path / "store.db").exists(), "nothing is half-written"


def test_ranks_join_one_run(tmp_path: Path) -> None:
    for rank in (0, 1):
        (tmp_path / f"rank{rank}.log").write_text(lines(rank + 1))
    assert scraper(tmp_path, "tail", "--once", "--run", "exp7", "rank0.log", "rank1.log").returncode == 0
    assert points(tmp_path) == [("exp7", '{"rank": "0"}', 1, 1 / 8), ("exp7", '{"rank": "1"}', 2, 2 / 8)]


def test_a_glob_makes_a_run_a_file_and_folds_rotations(tmp_path: Path) -> None:
    (tmp_path / "slurm-9.out").write_text(lines(9))
    (tmp_path / "slurm-10.out").write_text(lines(10))
    (tmp_path / "slurm-10.out.1").write_text(lines(8))
    (tmp_path / "slurm-10.out.2.gz").write_bytes(gzip.compress(lines(7).encode()))
    assert scraper(tmp_path, "tail", "--once", "slurm-*").returncode == 0
    assert [(name, step) for name, _, step, _ in points(tmp_path)] == [("slurm-10", 7), ("slurm-10", 8), ("slurm-10", 10), ("slurm-9", 9)]


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    result = scraper(tmp_path, "tail", "-", stdin=lines(1, 2).encode() + b"step 3: loss 0.375")
    assert result.returncode == 0
    assert [step for _, _, step, _ in points(tmp_path)] == [1, 2, 3]


def _await(stream: IO[bytes], text: bytes) -> None:
    for printed in stream:
        if text in printed:
            return
    raise AssertionError(f"{text!r} was not printed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_following(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "a.log").write_text(lines(1))
    command = [sys.executable, "-m", "scraper", "tail", "--store", "store.db", "--follow", "a.log", "later.log"]
    with subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        _await(process.stderr, b"waiting for later.log")
        until(lambda: len(points(tmp_path)) == 1)
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait(30) == 128 + number
    assert b"1 points from a.log" in rest
    assert b"Traceback" not in rest


def test_reparse_gives_the_same_or_refuses(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_text(lines(*range(500)))
    scraper(tmp_path, "tail", "--once", "train.log")
    before = points(tmp_path)
    again = scraper(tmp_path, "reparse", "latest")
    assert (again.returncode, "500 points before, 500 now" in again.stderr) == (0, True), again.stderr
    assert points(tmp_path) == before
    log.write_text(lines(*range(7)))
    refused = scraper(tmp_path, "reparse", "latest")
    assert (refused.returncode, "changed since it was read" in refused.stderr) == (1, True)
    log.unlink()
    gone = scraper(tmp_path, "reparse", "latest")
    assert (gone.returncode, "the log is gone" in gone.stderr) == (1, True)
    assert points(tmp_path) == before


def test_reparse_with_a_new_pack_finds_more(tmp_path: Path) -> None:
    (tmp_path / "train.log").write_text("".join(f"@{step} zeta -> {step}.5\n" for step in range(5)))
    scraper(tmp_path, "tail", "--once", "train.log")
    assert points(tmp_path) == []
    packs = tmp_path / ".scraper" / "patterns"
    packs.mkdir(parents=True)
    (packs / "mine.toml").write_text(
        '[pack]\nname = "mine"\ntitle = "Mine"\n\n[[pattern]]\nname = "zeta"\nregex = "@(?P<step>{INT}) zeta -> (?P<loss>{NUM})"\n\n'
        '[[sample]]\nlog = "@3 zeta -> 3.5\\n"\npoints = [{metric = "loss", step = 3, value = 3.5}]\n'
    )
    result = scraper(tmp_path, "reparse", "latest")
    assert result.returncode == 0, result.stderr
    assert [(step, value) for _, _, step, value in points(tmp_path)] == [(step, step + 0.5) for step in range(5)]


def test_status_shows_the_lag_and_what_was_discarded(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    with log.open("a", buffering=1) as file:
        file.write(lines(1) + "nothing here\n")
        scraper(tmp_path, "tail", "--once", "train.log")
        file.write(lines(2))
        (source,) = json.loads(scraper(tmp_path, "status", "--json").stdout)["sources"]
    assert source["lag"] == len(lines(2))
    assert (source["lines"], source["matched"], source["state"]) == (2, 1, "waiting")
    assert scraper(tmp_path, "status").returncode == 0


def test_a_run_goes_on_with_the_patterns_it_began_with(tmp_path: Path) -> None:
    (tmp_path / "odd.log").write_text("fit<0.5> at 1\n")
    scraper(tmp_path, "tail", "--once", "--pattern", r"fit<(?P<fit>{NUM})> at (?P<step>\d+)", "odd.log")
    store = tmp_path / "store.db"

    def fits() -> list[tuple[int, float]]:
        with closing(sqlite3.connect(store)) as connection:
            return connection.execute("SELECT step, value FROM metric_points WHERE metric = 'fit' ORDER BY at").fetchall()

    assert fits() == [(1, 0.5)]
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE sources SET finished = 0, holder = NULL")  # as a tail that was killed leaves them
    with (tmp_path / "odd.log").open("a") as file:
        file.write("fit<0.75> at 2\n")
    assert scraper(tmp_path, "tail", "--resume").returncode == 0
    assert fits() == [(1, 0.5), (2, 0.75)]
    assert scraper(tmp_path, "reparse", "latest").returncode == 0
    assert fits() == [(1, 0.5), (2, 0.75)]


def test_a_pattern_given_later_is_kept_with_the_run_too(tmp_path: Path) -> None:
    (tmp_path / "odd.log").write_text("fit<0.5> at 1\n")
    scraper(tmp_path, "tail", "--once", "odd.log")
    with (tmp_path / "odd.log").open("a") as file:
        file.write("fit<0.75> at 2\n")
    scraper(tmp_path, "tail", "--once", "--pattern", r"fit<(?P<fit>{NUM})> at (?P<step>\d+)", "odd.log")
    assert scraper(tmp_path, "reparse", "latest").returncode == 0
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        found = connection.execute("SELECT step, value FROM metric_points WHERE metric = 'fit' ORDER BY at").fetchall()
    assert found == [(1, 0.5), (2, 0.75)]


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_a_compressed_log_that_was_given_up_is_told_once_and_in_the_exit_status(tmp_path: Path, quiet: tuple[str, ...]) -> None:
    (tmp_path / "train.log.gz").write_bytes(gzip.compress(lines(*range(1000)).encode())[:-200])
    done = scraper(tmp_path, "tail", "--once", *quiet, "train.log.gz")
    assert done.returncode == 1
    assert done.stderr.count("is damaged or not complete") == 1
    assert len(points(tmp_path)) > 100


def test_the_summary_counts_what_is_stored(tmp_path: Path) -> None:
    (tmp_path / "train.log").write_text("".join(f'{{"step": {step}, "loss": 0.5, "{"n" * 3000}": 1}}\n' for step in range(10)))
    done = scraper(tmp_path, "tail", "--once", "train.log")
    assert "10 points from train.log" in done.stderr, "and none of those whose name is too long"
    assert "10 values refused for too long a name" in done.stderr


def test_the_summary_tells_what_the_store_refused(tmp_path: Path) -> None:
    (tmp_path / "scraper.toml").write_text("max_series = 1\n")
    log = tmp_path / "train.log"
    log.write_text("".join(f"step {step} loss 0.{step} acc 0.5 lr 0.1\n" for step in range(1, 4)) + f"step {1 << 64} loss 0.5\n")
    said = scraper(tmp_path, "tail", "--once", "train.log").stderr
    assert "3 points from train.log" in said
    assert "1 values refused for a step beyond 64 bits; 6 values refused above max_series" in said
    with log.open("a") as more:
        more.write("acc 0.5\n")
    said = scraper(tmp_path, "tail", "--once", "train.log").stderr
    assert "nothing new in train.log; 2 values refused for a step" in said, "as everything that is counted, from the log's beginning"
