"""What the tests of wrapped commands share: a terminal a person could sit at, and the recorder and `scraper run` as processes."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
RECORDER = ROOT / "scraper" / "ingest" / "recorder"
DEADLINE = 20.0  # seconds; a test that waits longer has failed


def environment(**changes: str) -> dict[str, str]:
    known = {k: v for k, v in os.environ.items() if not k.startswith("SCRAPER_") and k != "PYTHONUNBUFFERED"}
    return {**known, "PYTHONPATH": str(ROOT), "TERM": "xterm", **changes}


def recorder_argv(folder: Path, *argv: str, **options: object) -> list[str]:
    """Return the command that records `argv` into `folder`, without a scraper."""
    given = {
        "dir": str(folder),
        "log": str(folder / "output.log"),
        "pty": None,
        "unbuffered": True,
        "quiet": True,
        "detach": False,
        "scraper": 0,
        "lc_ctype_added": False,
    }
    return [sys.executable, "-I", "-S", str(RECORDER), json.dumps(given | options), *argv]


def scraper_argv(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "scraper", *words]


_PEAK = """
import re, sys
from pathlib import Path
from scraper.__main__ import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def with_peak(*words: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """Run `scraper` with these words to a good end; return also the most KiB it had resident.

    Not the kernel's maximum, which begins with what the process that forked it held.
    """
    command = [sys.executable, "-P", "-c", _PEAK, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True, timeout=60)
    return done, int(done.stderr.split()[-1])


def record(folder: Path, *argv: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Record `argv` with pipes for standard output and error, in a session without a terminal, to its end."""
    return subprocess.run(
        recorder_argv(folder, *argv, **options),
        capture_output=True,
        env=environment(),
        timeout=DEADLINE,
        start_new_session=True,
        check=False,
    )


def state(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "recorder.json").read_text())
    return found


def wait_for(pid: int, seconds: float = DEADLINE) -> int:
    """Wait for the end of a child of this process, without polling; return its wait status."""
    descriptor = os.pidfd_open(pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError(f"process {pid} still runs after {seconds} s")
    finally:
        os.close(descriptor)
    return os.waitpid(pid, 0)[1]


def wait_gone(pid: int, seconds: float = DEADLINE) -> None:
    """Wait for the end of any process, a child or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError(f"process {pid} still runs after {seconds} s")
    finally:
        os.close(descriptor)


def until(condition: Callable[[], T | None], what: str) -> T:
    """Look at the world until `condition` gives something; for what no descriptor tells."""
    pause = threading.Event()
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        pause.wait(0.005)
    raise TimeoutError(f"never: {what}")


def command_pid(folder: Path) -> int:
    """Return the pid of the command that is recorded into `folder`, once it has started."""
    return int(str(until(lambda: (folder / "recorder.json").exists() and state(folder)["child_pid"], "the command starts")))


def wait_for_text(path: Path, text: str) -> None:
    until(lambda: path.exists() and path.read_text() == text, f"{path} says {text!r}")


def wait_stopped(pid: int) -> None:
    until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", f"process {pid} stops")


class Screen:
    """A terminal with a command in it: what it shows, what is typed, how the command ended. Closes like a window does."""

    def __init__(self, argv: list[str], *, rows: int = 40, columns: int = 100, cwd: Path | None = None, **changes: str) -> None:
        sys.stdout.flush()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                termios.tcsetwinsize(0, (rows, columns))
                os.chdir(cwd or "/")
                os.execve(argv[0], argv, environment(**changes))  # noqa: S606 - what the test asked for
            finally:
                os._exit(125)
        self.shown = b""
        self.seen = 0
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.status = os.waitpid(self.pid, 0)[1]

    def close(self) -> None:
        """Close the window, if it is open."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def expect(self, text: bytes, seconds: float = DEADLINE) -> bytes:
        """Wait until `text` is shown after what was expected last; return everything up to its end."""
        deadline = time.monotonic() + seconds
        while (found := self.shown.find(text, self.seen)) < 0:
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"{text!r} is not among {self.shown[self.seen :]!r}")
        since, self.seen = self.seen, found + len(text)
        return self.shown[since : self.seen]

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            return False
        self.shown += data
        return bool(data)

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def resize(self, rows: int, columns: int) -> None:
        termios.tcsetwinsize(self.fd, (rows, columns))

    def modes(self) -> list[object]:
        return termios.tcgetattr(self.fd)

    def finish(self, seconds: float = DEADLINE) -> int:
        """Read to the end, and return the exit code as a shell shows it."""
        deadline = time.monotonic() + seconds
        descriptor = os.pidfd_open(self.pid)
        try:
            while not select.select([descriptor], [], [], 0)[0]:
                ready = select.select([self.fd, descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]
                if not ready:
                    raise TimeoutError(f"still running; shown: {self.shown[-2000:]!r}")
                if self.fd in ready and not self._read(0.01):
                    wait_gone(self.pid, deadline - time.monotonic())
            while self._read(0.05):
                pass
        finally:
            os.close(descriptor)
        self.status = os.waitpid(self.pid, 0)[1]
        return 128 + os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else os.WEXITSTATUS(self.status)


@contextmanager
def shell_job(folder: Path, script: str, *, behind: str = "") -> Iterator[Screen]:
    """Yield an interactive shell with a recorded script as its job, begun as `sh go.sh`; `behind`: redirections. It has to end well."""
    words = shlex.join(recorder_argv(folder, "/bin/sh", "-c", script))
    (folder / "go.sh").write_text(f"exec {words} {behind}")
    with Screen(["/bin/bash", "--norc", "--noprofile", "-i"], PS1="$ ", cwd=folder) as user:
        user.expect(b"$ ")
        user.type(b"sh go.sh\r")
        yield user
        user.expect(b"$ ")
        user.type(b"exit\r")
        assert user.finish() == 0
