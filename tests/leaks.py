"""What a test must not leave behind: threads, descriptors and children of the test process, and processes that any test started."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

GRACE = float(os.environ.get("LEAK_GRACE", "5"))  # seconds in which what was told to end may do so
MARK = "TESTED_BY_SESSION"  # in the environment of every process that a test starts
# Threads that libraries keep for the life of a process, by the beginning of their names; a test is not to blame for them.
KEPT_THREADS = (
    "asyncio_",  # asyncio's own pool of workers, ended with the interpreter
    "AnyIO worker",  # anyio's, which end when idle
    "scraper-reader",  # of a server that a module's tests share: its pool grows with the first requests
)
# Descriptors that libraries keep, by what they are.
KEPT_DESCRIPTORS = (
    "/dev/urandom",  # CPython keeps it open once it was needed
    "anon_inode:[eventpoll]",  # the event loop that AnyIO's test client keeps for its thread
)
KEPT_FILES = (".ttf", ".otf")  # fonts, which matplotlib keeps open
SERVER = "server"  # the name of a thread that serves a module's tests: connections to it are kept by its clients


class Held(NamedTuple):
    """What a process has at one moment."""

    threads: frozenset[threading.Thread]
    descriptors: frozenset[tuple[int, str]]
    children: frozenset[int]


def held() -> Held:
    return Held(frozenset(threading.enumerate()), frozenset(_descriptors()), frozenset(_children()))


def _descriptors() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own
            target = str(entry.readlink())
            if target not in KEPT_DESCRIPTORS and not target.startswith("/proc/") and not target.endswith(KEPT_FILES):
                yield int(entry.name), target


def _children() -> Iterator[int]:
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread that has ended meanwhile
            yield from map(int, (task / "children").read_text().split())


def left(before: Held, shared: Path, own: Path | None) -> list[str]:
    """Return what is there that was not, in a sentence each; what is about to end is waited for.

    Open files in the directory `shared` by all tests are those of a wider fixture, but for those in the test's `own`.
    """

    def new() -> list[str]:
        return _new(before, lambda target: target.startswith(f"{shared}/") and not (own and target.startswith(f"{own}/")))

    if new():
        gc.collect()  # what only a cycle holds is closed
        _wait(lambda: not new(), GRACE)
    return new()


def _new(before: Held, is_shared: Callable[[str], bool]) -> list[str]:
    now = held()
    threads = [thread.name for thread in now.threads - before.threads if not thread.name.startswith(KEPT_THREADS)]
    served = any(thread.name == SERVER for thread in before.threads)
    opened, closed = now.descriptors - before.descriptors, before.descriptors - now.descriptors
    opened = {entry for entry in opened if not (is_shared(entry[1]) or (served and entry[1].startswith("socket:")))}
    descriptors = sorted(opened) if len(opened) > len(closed) else []
    return [
        *(f"thread {name}" for name in threads),
        *(f"descriptor {number}: {target}" for number, target in descriptors),
        *(f"child {pid}: {_command(pid)}" for pid in now.children - before.children),
    ]


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        pause.wait(0.02)


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:300] or "a zombie"
    return "ended"


def left_running(mark: str) -> list[str]:
    """Return the processes that tests of this session started and that still run, whoever their parent is now."""
    _wait(lambda: not _marked(mark), 2 * GRACE)
    return [f"process {pid}: {_command(pid)}" for pid in _marked(mark)]


def _marked(mark: str) -> list[int]:
    entry = f"{MARK}={mark}".encode()
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with suppress(OSError):  # another user's, or one that has ended
                if entry in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
    return found
