"""What the tests of the daemon share: `scraper daemon` as a process, with its logs, its store and what it says."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from wrapping import DEADLINE, environment, scraper_argv, until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

READY = "following "


class Service:
    """A daemon in a directory of its own. `said` is everything it wrote to standard error so far."""

    def __init__(self, directory: Path, configuration: str, *flags: str, within: Sequence[str] = (), **variables: str) -> None:
        """`within` is a command that replaces itself with the daemon, as `unshare` does."""
        self.directory = directory
        self.logs = directory / "logs"
        self.logs.mkdir(exist_ok=True)
        self.store = directory / "store.db"
        self.file = directory / "scraper.toml"
        self.write(configuration)
        self.said = ""
        self._process = subprocess.Popen(
            [*within, *scraper_argv("daemon", *(flags or ("--config", str(self.file))))],
            cwd=directory,
            env=environment(XDG_CONFIG_HOME=str(directory), **variables),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(DEADLINE)
        assert self._process.stderr is not None
        self._process.stderr.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def write(self, configuration: str) -> None:
        """Write the configuration, for this store and these logs unless it says otherwise."""
        self.file.write_text(f'store = "store.db"\nbatch_seconds = 0.05\n{configuration}')

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def expect(self, text: str) -> str:
        """Wait until `text` is said after what was expected last; return everything up to its end."""
        assert self._process.stderr is not None
        descriptor = self._process.stderr.fileno()
        deadline = time.monotonic() + DEADLINE
        while text not in self.said:
            ready = select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))[0]
            data = os.read(descriptor, 65536) if ready else b""
            became = f"ended with {self._process.wait(DEADLINE)}" if ready and not data else "still runs"
            assert data, f"{text!r} is not among {self.said!r} of a daemon that {became}"
            self.said += data.decode()
        before, _, self.said = self.said.partition(text)
        return before + text

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask for an end; return the exit status."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        assert self._process.stderr is not None
        self.said += self._process.stderr.read().decode()
        return self._process.wait(DEADLINE)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(DEADLINE)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"{self.store.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def until_rows(self, query: str) -> list[tuple[Any, ...]]:
        """Wait until a query of a store that may not be there yet gives something."""

        def look() -> list[tuple[Any, ...]] | None:
            try:
                return self.rows(query)
            except sqlite3.OperationalError as error:
                if str(error).startswith(("unable to open", "no such table")):
                    return None
                raise

        return until(look, query)

    def losses(self) -> Counter[tuple[str, int, float]]:
        """Return every stored (run's name, step, loss), as often as it is stored."""
        return Counter(self.rows("SELECT name, step, value FROM metric_points WHERE metric = 'loss'"))

    def until_stored(self, number: int) -> None:
        self.until_rows(f"SELECT 1 WHERE (SELECT count(*) FROM metric_points) >= {number}")

    def status(self, *flags: str) -> dict[str, Any]:
        """Return what `scraper status --json` says."""
        done = scraper(self.directory, "status", "--json", "--store", str(self.store), *flags)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def until_status(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        self.until_rows("SELECT 1 FROM sqlite_master WHERE name = 'runs'")

        def look() -> dict[str, Any] | None:
            status = self.status("--all")
            return status if condition(status) else None

        return until(look, what)


def scraper(directory: Path, *words: str, seconds: float = DEADLINE, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end, for at most so long."""
    return subprocess.run(
        scraper_argv(*words),
        cwd=directory,
        env=environment(XDG_CONFIG_HOME=str(directory), **variables),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


class Manager:
    """A service manager's end of the notification socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self._socket.settimeout(DEADLINE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def next(self) -> dict[str, str]:
        """Wait for a datagram and return its assignments."""
        return dict(line.split("=", 1) for line in self._socket.recv(65536).decode().splitlines())

    def until(self, name: str, value: str | None = None) -> dict[str, str]:
        """Wait for a datagram that assigns `name`, to `value` if that is given."""
        while True:
            state = self.next()
            if name in state and value in (None, state[name]):
                return state


def lines(*steps: int) -> str:
    return "".join(f"step {step}: loss {step / 8}\n" for step in steps)
