"""A disk that fills up, fails, hangs or loses the log: the command is untouched, and what was not recorded is counted and said once."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from wrapping import DEADLINE, record, recorder_argv, state, wait_for_text

from scraper.ingest.recorder.log import Log

LINES = "import os\nfor i in range(4000): os.write(1, b'step %06d loss %.6f\\n' % (i, 1 / (i + 1)))"
PRINTED = b"".join(b"step %06d loss %.6f\n" % (i, 1 / (i + 1)) for i in range(4000))


def gaps(folder: Path) -> list[dict[str, Any]]:
    found = state(folder)["gaps"]
    assert isinstance(found, list)
    return found


def test_a_full_disk_costs_the_log_and_nothing_else(tmp_path: Path) -> None:
    done = record(tmp_path, sys.executable, "-c", LINES, log="/dev/full")
    assert (done.returncode, done.stdout) == (0, PRINTED)
    assert done.stderr.count(b"No space left on device") == done.stderr.count(b"\n") == 1
    assert sum(gap["bytes"] for gap in gaps(tmp_path)) == len(PRINTED)
    assert state(tmp_path)["log_bytes"] == 0


def test_standard_output_on_a_full_disk_is_counted_and_said(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        words = recorder_argv(tmp_path, sys.executable, "-c", LINES)
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, timeout=DEADLINE, check=False)
    assert done.returncode == 0
    assert f"{len(PRINTED):,} bytes of the command's output could not be passed on".encode() in done.stderr
    assert (tmp_path / "output.log").read_bytes() == PRINTED


def test_a_quota_reached_in_the_middle_of_a_line_keeps_whole_lines_and_counts_the_rest(tmp_path: Path) -> None:
    limit = 20_010
    words = recorder_argv(tmp_path, sys.executable, "-c", LINES)
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@"', "sh", *words],
        capture_output=True,
        timeout=DEADLINE,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (done.returncode, done.stdout) == (0, PRINTED)
    kept = (tmp_path / "output.log").read_bytes()
    assert kept == PRINTED[:limit]
    assert sum(gap["bytes"] for gap in gaps(tmp_path)) == len(PRINTED) - limit
    assert gaps(tmp_path)[0]["at"] == limit
    assert state(tmp_path)["cut"], "the last line that is kept is no whole one"


def test_a_log_that_is_deleted_is_begun_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    script = f"echo one; read x < {tmp_path}/gate; echo two"
    with subprocess.Popen(recorder_argv(tmp_path, "/bin/sh", "-c", script), stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"one\n"
        wait_for_text(tmp_path / "output.log", "one\n")
        (tmp_path / "output.log").unlink()
        (tmp_path / "gate").write_text("go\n")
        assert process.stdout.read() == b"two\n"
        assert process.wait(DEADLINE) == 0
    assert (tmp_path / "output.log").read_bytes() == b"two\n"


def test_a_log_whose_directory_is_deleted_is_missed_once(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    os.mkfifo(tmp_path / "gate")
    script = f"echo one; read x < {tmp_path}/gate; echo two; echo three; exit 3"
    words = recorder_argv(tmp_path, "/bin/sh", "-c", script, log=str(folder / "output.log"))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"one\n"
        wait_for_text(folder / "output.log", "one\n")
        (folder / "output.log").unlink()
        folder.rmdir()
        (tmp_path / "gate").write_text("go\n")
        assert process.stdout.read() == b"two\nthree\n"
        assert process.stderr.read().count(b"\n") == 1
        assert process.wait(DEADLINE) == 3
    assert sum(gap["bytes"] for gap in gaps(tmp_path)) == len("two\nthree\n")


def test_a_disk_that_does_not_answer_neither_slows_the_command_nor_keeps_the_recorder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "output.log")  # to open it for writing waits for a reader, as an NFS server that is gone does
    began = time.monotonic()
    done = record(tmp_path, sys.executable, "-c", LINES)
    assert (done.returncode, done.stdout) == (0, PRINTED)
    assert time.monotonic() - began < 5
    assert sum(gap["bytes"] for gap in gaps(tmp_path)) == len(PRINTED)


def test_a_state_file_that_cannot_be_written_is_said_and_nothing_else(tmp_path: Path) -> None:
    done = record(tmp_path, "/bin/sh", "-c", "echo out; exit 3", dir=str(tmp_path / "missing"))
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert done.stderr.count(b"\n") == 1
    assert b"missing" in done.stderr
    assert (tmp_path / "output.log").read_bytes() == b"out\n"


class Pipe:
    """A named pipe as a disk: takes bytes only while they are read."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.taken = b""
        self.thread = threading.Thread(target=self._read)

    def _read(self) -> None:
        self.taken = self.path.read_bytes()


@pytest.mark.parametrize("size", [777, 40])
def test_a_disk_that_falls_behind_loses_whole_lines_that_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Whether or not what is printed at once holds a line's end."""
    monkeypatch.setattr("scraper.ingest.recorder.log.BOUND_BYTES", 10_000)
    monkeypatch.setattr("scraper.ingest.recorder.log.PATIENCE_SECONDS", 0.05)
    disk = Pipe(tmp_path / "disk")
    said: list[str] = []
    log = Log(str(disk.path), said.append, lambda: None)
    log.start()
    printed = [b"step %06d " % i + b"x" * 90 + b"\n" for i in range(1000)]
    stream = b"".join(printed)
    for start in range(0, len(stream), size):
        log.append(stream[start : start + size])
    disk.thread.start()
    log.close(DEADLINE)
    disk.thread.join()
    kept = disk.taken.splitlines(keepends=True)
    assert set(kept) <= set(printed)
    assert kept == sorted(kept)
    assert len(disk.taken) + sum(gap["bytes"] for gap in log.gaps) == len(stream)
    assert 0 < len(kept) < 1000
    assert len(said) == 1


def test_a_disk_with_room_again_is_used_again_at_a_lines_beginning(tmp_path: Path) -> None:
    said: list[str] = []
    told = threading.Event()
    log = Log(str(tmp_path / "missing" / "log"), said.append, told.set)
    log.start()
    log.append(b"lost 1\nlost 0.")
    assert told.wait(DEADLINE)
    (tmp_path / "missing").mkdir()
    log.append(b"23\nkept 1\nkept ")
    log.append(b"2\n")
    log.close(DEADLINE)
    assert (tmp_path / "missing" / "log").read_bytes() == b"kept 1\nkept 2\n"
    assert sum(gap["bytes"] for gap in log.gaps) == len(b"lost 1\nlost 0.23\n")
    assert len(said) == 1
