"""What the service manager is told: ready, reloading, stopping, alive, and a line for people. Says nothing where nobody listens.

The datagrams are sent by libsystemd through cysystemd (the `systemd` extra): of the libraries on PyPI that are kept it alone has wheels
and sends several lines in one datagram, which RELOADING=1 with MONOTONIC_USEC needs (sd_notify(3)).
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PINGS: Final = 3  # pings in the time after which the manager takes the daemon for dead
_STATUS_LIMIT: Final = 512  # characters of the line for people


class Manager:
    """The service manager that started this process, or nobody. Times are monotonic seconds."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Raises UsageError when a manager listens and the library that speaks to it is missing."""
        environ = os.environ if environ is None else environ
        self._send = _sender() if environ.get("NOTIFY_SOCKET") else None
        self._pause = _watchdog_seconds(environ) / _PINGS
        self._next_ping = 0.0
        self._status = ""

    def ready(self, status: str) -> None:
        """Say that the daemon follows its files, after a start or a reload."""
        self._status = ""
        self._tell(f"READY=1\nSTATUS={self._line(status)}")

    def reloading(self) -> None:
        """Say that the configuration is being read again; `ready` says that it was."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={microseconds}\nSTATUS=reading the configuration again")
        self._status = ""

    def stopping(self) -> None:
        """Say that no new file is followed any more, and that what is there is being read."""
        self._tell("STOPPING=1\nSTATUS=reading what is there, then stopping")

    def status(self, sentence: str) -> None:
        """Say how it goes, if that has changed."""
        line = self._line(sentence)
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def alive(self, now: float) -> None:
        """Say that the loop turns, as often as the manager's watchdog needs it."""
        if self._pause and now >= self._next_ping:
            self._next_ping = now + self._pause
            self._tell("WATCHDOG=1")

    @staticmethod
    def _line(sentence: str) -> str:
        return " ".join(sentence.split())[:_STATUS_LIMIT]

    def _tell(self, state: str) -> None:
        if self._send is not None:
            self._send(state)


def _sender() -> Callable[[str], object]:
    """Return what sends a state to the manager. A manager that has gone must not end the daemon: what is not sent is dropped."""
    try:
        from cysystemd.daemon import sd_notify  # noqa: PLC0415 - loads libsystemd, which only a service needs
    except ImportError:
        advice = "pip install '.[systemd]', or unset NOTIFY_SOCKET"
        raise UsageError(f"a service manager waits at NOTIFY_SOCKET, and what speaks to it is not installed: {advice}") from None

    def send(state: str) -> bool:
        try:
            sd_notify(state, False)  # noqa: FBT003 - its second parameter has no name: leave the environment as it is
        except (OSError, RuntimeError, ValueError):  # cysystemd raises these two for an errno, and when nobody reads
            return False
        return True

    return send


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """Return after how many silent seconds the manager takes this process for dead; 0: it does not."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    microseconds = environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() else 0.0
