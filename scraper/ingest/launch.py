"""Starting the processes of a wrapped run, the scraper in the background and the recorder in place of the one that asked."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.ingest.run_directory import RunDirectory

PACKAGE = Path(__file__).resolve().parent.parent
RECORDER = PACKAGE / "ingest" / "recorder"
NICENESS = 10  # the scraper yields to the training


def start_scraper(directory: RunDirectory) -> int:
    """Start the process that ingests a run, in a session of its own, and return its pid."""
    return _start_in_background([str(directory.path)], directory.messages)


def start_catching_up(store: Path, messages: Path) -> int:
    """Start a process that completes what earlier scrapers of this store left unread, and return its pid."""
    return _start_in_background(["--resume", str(store)], messages)


def _start_in_background(arguments: list[str], messages: Path) -> int:
    """Fork and run `scraper.ingest.follow_run` with nothing of this process's terminal, pipes or signals."""
    argv = [sys.executable, "-P", "-m", "scraper.ingest.follow_run", *arguments]  # -P: a regex.py beside the training is not ours
    environment = scraper_environment()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.nice(NICENESS)
        nowhere = os.open(os.devnull, os.O_RDWR)
        said = os.open(messages, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for target, descriptor in enumerate((nowhere, said, said)):
            os.dup2(descriptor, target)
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - not all up to the limit: containers have a billion
            with suppress(OSError):  # the descriptor of the listing itself
                os.set_inheritable(int(name), int(name) < 3)
        os.execve(argv[0], argv, environment)  # noqa: S606 - our own interpreter
    finally:
        os._exit(1)


def scraper_environment() -> dict[str, str]:
    """Return the environment in which a new interpreter finds this package where this one found it."""
    environment = dict(os.environ)
    root = str(PACKAGE.parent)
    if PACKAGE.parent.name not in ("site-packages", "dist-packages"):  # those are found anyway, and must not come first
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), root)))
    return environment


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def become_recorder(options: dict[str, Any], argv: Sequence[str]) -> NoReturn:
    """Replace this process by the recorder of `argv`: its pid, status and signals are those the caller sees."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})  # until it can pass them on
    options = {**options, "mask": sorted(blocked)}
    os.execv(sys.executable, [sys.executable, "-I", "-S", str(RECORDER), json.dumps(options), *argv])  # noqa: S606 - our own interpreter


def lc_ctype_was_added() -> bool:
    """Tell whether Python put LC_CTYPE into this process's environment (PEP 538), where the command would not have found it."""
    try:
        given = Path("/proc/self/environ").read_bytes()
    except OSError:
        return False
    return "LC_CTYPE" in os.environ and not any(entry.startswith(b"LC_CTYPE=") for entry in given.split(b"\0"))
