"""Commands of many processes: launchers whose workers lead groups or sessions of their own, and processes that do not want to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from wrapping import DEADLINE, Screen, command_pid, environment, recorder_argv, state, wait_gone

# As torchrun does it (torch/distributed/elastic/multiprocessing): each worker in a session of its own, ended by the agent on a signal.
LAUNCHER = """
import os, signal, subprocess, sys
worker = "import os, signal; print('rank', os.getpid(), flush=True); signal.pause()"
workers = [subprocess.Popen([sys.executable, "-I", "-S", "-c", worker], start_new_session=True) for _ in range(2)]
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
print("up", flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
for process in workers:
    os.killpg(process.pid, signal.SIGTERM)
print("closed", [process.wait() for process in workers], flush=True)
sys.exit(7)
"""
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"heard\\n"))
os.write(1, b"up\\n")
while True: signal.pause()
"""


@contextmanager
def started(folder: Path, code: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """Record a Python program with a pipe for its standard output; whatever is left of the recorder at the end is killed."""
    argv = recorder_argv(folder, sys.executable, "-I", "-S", "-c", code, **options)
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment(), start_new_session=True)
    with process:
        try:
            yield process
        finally:
            process.kill()


def ranks(text: bytes) -> list[int]:
    words = text.split()
    return [int(after) for word, after in pairwise(words) if word == b"rank"]


def test_a_launcher_ends_its_workers_sessions_when_told(tmp_path: Path) -> None:
    with started(tmp_path, LAUNCHER) as process:
        assert process.stdout is not None
        said = b"".join(process.stdout.readline() for _ in range(3))
        process.send_signal(signal.SIGTERM)
        said += process.stdout.read()
        assert process.wait(DEADLINE) == 7
    assert b"closed [-15, -15]" in said
    assert len(ranks(said)) == 2
    for pid in ranks(said):
        wait_gone(pid)


def test_ctrl_c_at_a_launcher_is_heard_by_it_alone(tmp_path: Path) -> None:
    with Screen(recorder_argv(tmp_path, sys.executable, "-I", "-S", "-c", LAUNCHER)) as user:
        user.expect(b"rank ")
        user.expect(b"rank ")
        user.expect(b"\r\n")
        if b"up" not in user.shown:
            user.expect(b"up")
        user.type(b"\x03")
        user.expect(b"closed [-15, -15]")
        assert user.finish() == 7
        for pid in ranks(user.shown):
            wait_gone(pid)


def test_a_launcher_that_is_killed_leaves_its_workers_as_it_would_without_us(tmp_path: Path) -> None:
    with started(tmp_path, LAUNCHER) as process:
        assert process.stdout is not None
        said = b"".join(process.stdout.readline() for _ in range(3))
        os.kill(command_pid(tmp_path), signal.SIGKILL)
        process.stdout.read()
        assert process.wait(DEADLINE) == 137
    for pid in ranks(said):
        os.kill(pid, signal.SIGKILL)
        wait_gone(pid)


@pytest.mark.parametrize("forced", [False, True])
def test_a_command_that_ignores_sigterm_is_waited_for(tmp_path: Path, forced: bool) -> None:
    with started(tmp_path, STUBBORN, pty=forced) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"up"
        for _ in range(3):
            process.send_signal(signal.SIGTERM)
            assert process.stdout.readline().strip() == b"heard"
        os.kill(command_pid(tmp_path), signal.SIGKILL)
        process.stdout.read()
        assert process.wait(DEADLINE) == 137
    assert state(tmp_path)["signal"] == signal.SIGKILL
