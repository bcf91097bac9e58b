"""What a daemon says of itself, in a file beside its store for `scraper status`: rules, rates, troubles, events or polling.

How far each file was read is in the store. A file whose daemon is not alive any more says nothing, and the next daemon removes it.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

from scraper.ingest.recorder.state import is_running, process_started
from scraper.store import beside
from scraper.store.filesystem import make_private, put_private, read_object


class StateFile:
    """The file of this process. `write` replaces it whole; `remove` takes it away at the end."""

    def __init__(self, store: Path) -> None:
        self._directory = beside.daemons(store)
        self.path = self._directory / f"{platform.node()}-{os.getpid()}.json"
        self._who = {"host": platform.node(), "pid": os.getpid(), "process_started": process_started(os.getpid())}

    def write(self, said: dict[str, Any]) -> None:
        """Put what is said in place, readable by whoever may read the store's directory. OSError when there is no room for it."""
        make_private(self._directory)
        put_private(self.path, json.dumps({**self._who, **said}))

    def clear_stale(self) -> None:
        """Take away the files of daemons of this machine that were killed."""
        for path in _files(self._directory):
            if _is_stale(read_object(path)):
                _take_away(path)
        for path in self._directory.glob("*.new"):
            pid = path.stem.rpartition(".")[2]
            if path.name.startswith(f"{platform.node()}-{pid}.") and pid.isdecimal() and process_started(int(pid)) is None:
                _take_away(path)  # it was being written

    def remove(self) -> None:
        """Take the file of this process away."""
        self.path.unlink(missing_ok=True)
        with suppress(OSError):  # another daemon's file is in it
            self._directory.rmdir()


def read_all(store: Path) -> list[dict[str, Any]]:
    """Return what the daemons that live say of themselves; of one on another machine, what it said last."""
    return [said for path in _files(beside.daemons(store)) if (said := read_object(path)) and not _is_stale(said)]


def _take_away(path: Path) -> None:
    with suppress(OSError):  # taken away already, or not ours to take
        path.unlink()


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.json"))


def _is_stale(said: dict[str, Any]) -> bool:
    """Tell whether the daemon that said it was one of this machine and has ended."""
    if said.get("host") != platform.node():
        return False
    return not is_running(said.get("pid"), said.get("process_started"))
