"""A wrapped run's directory, `<store's directory>/runs/<run id>/`: what is in it, and whether its recorder and scraper still live.

- `output.log`: every byte the command printed, unless --log put it elsewhere
- `run.json`: what was asked for and what is known of the run, secrets taken out
- `recorder.json`: the recorder's state
- `scraper.lock`: locked by the scraper that ingests the run; `scraper.log`: what it had to say
- `summary.txt` and `summary.json`: left by the scraper that read all of it; the latter says that nothing is left to do
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO, Any

from scraper.errors import SourceError, StoreError
from scraper.ingest.recorder.state import boot_id, is_running, process_started
from scraper.run_ids import new_run_id
from scraper.store import beside
from scraper.store.filesystem import make_private, put_private, read_object

_REMOTE_SILENCE = 86_400.0  # seconds
_BEGUN = 60.0  # seconds
_LOCK_PAUSE = 0.01  # seconds; someone who only looks holds the lock for far less


class RunDirectory:
    """The files of one wrapped run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self.run_file = path / "run.json"
        self.recorder_file = path / "recorder.json"
        self.lock_file = path / "scraper.lock"
        self.messages = path / "scraper.log"
        self.summary_file = path / "summary.json"
        self.summary_text = path / "summary.txt"

    @property
    def log(self) -> Path:
        """Where the output is: as run.json says, or here when the directory was moved."""
        said = Path(self.run().get("log") or self.path / "output.log")
        return self.path / said.name if said.parent.name == self.id and not said.exists() else said

    def run(self) -> dict[str, Any]:
        """Return run.json, {} when there is none."""
        return read_object(self.run_file)

    def recorder(self) -> dict[str, Any]:
        """Return recorder.json, {} before the recorder has written it."""
        return read_object(self.recorder_file)

    def write(self, path: Path, text: str) -> None:
        """Put a file of this directory in place, whole or not at all, readable by its owner alone. OSError when it cannot be written."""
        put_private(path, text)

    def is_complete(self) -> bool:
        """Tell whether a scraper has read all of it."""
        return self.summary_file.exists()

    def leave(self) -> None:
        """Say that nothing is left to do, as its run was deleted: else it would come back with the next scraper."""
        self.write(self.summary_file, '{"status": "deleted"}')

    def recording(self) -> bool:
        """Tell whether the recorder still runs; on another machine, where that cannot be seen, whether it wrote anything for a day."""
        state = self.recorder()
        if state.get("ended") is not None:
            return False
        if not self.is_local():
            return time.time() - max(_modified(self.log), _modified(self.run_file)) < _REMOTE_SILENCE
        if not state:
            run = self.run()
            return is_running(run.get("pid"), run.get("pid_started"))
        return state.get("boot") == boot_id() and is_running(state.get("pid"), state.get("pid_started"))

    def is_local(self) -> bool:
        """Tell whether it was begun on this machine: several share a store in a cluster's home directory."""
        return bool(self.run().get("host") == os.uname().nodename)

    def lock(self, *, patience: float = 0.0) -> IO[str] | None:
        """Make this process the run's scraper until the returned file is closed; None when another process is, for all of `patience` s."""
        file = os.fdopen(os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+", encoding="utf-8")
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.close()
                    return None
                time.sleep(_LOCK_PAUSE)
            else:
                return file

    def has_scraper(self) -> bool:
        """Tell whether a process ingests the run now, or has been started for it and is about to."""
        lock = self.lock()
        if lock is not None:
            lock.close()
        return lock is None or self._is_starting()

    def _is_starting(self) -> bool:
        """Tell whether the scraper that the run was started with has still to take it up: then everyone else leaves the run to it."""
        if not (self.is_local() and self.recording()):
            return False
        scraper = self.recorder().get("scraper_pid")  # its recorder's child: no other process has the number while that lives
        return scraper is None or bool(scraper and process_started(scraper))


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def check_free(store: Path, log: Path) -> None:
    """Raise SourceError where a wrapped run of the store is recorded into `log`, wherever --log put it: its own scraper reads it.

    What was not written for a minute has been begun to be read by then, so the store knows whose it is.
    """
    if time.time() - _modified(log) > _BEGUN:
        return
    place = os.path.realpath(log)
    for directory in unfinished(store):
        if os.path.realpath(directory.log) == place:
            who = "whose own scraper reads it; if that is gone, scraper tail --resume does"
            raise SourceError(f"{log}: recorded by run {directory.id}, {who}")


def create(store: Path, commit: str, now: float) -> RunDirectory:
    """Make the directory of a new run that starts at `now` (seconds since the epoch); StoreError says why it cannot be made."""
    parent = beside.runs(store)
    try:
        make_private(parent)
        while True:
            path = parent / new_run_id(now, commit)
            try:
                path.mkdir(mode=0o700)
            except FileExistsError:
                continue
            return RunDirectory(path)
    except OSError as error:
        raise StoreError(f"cannot make a run's directory in {parent}: {error.strerror}; name another store with --store FILE") from error


def unfinished(store: Path) -> list[RunDirectory]:
    """Return the wrapped runs of a store whose logs are not known to be fully read, oldest first."""
    try:
        names = sorted(entry.name for entry in os.scandir(beside.runs(store)) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
    found = (RunDirectory(beside.runs(store) / name) for name in names)
    return [one for one in found if one.run_file.exists() and not one.is_complete() and _is_of(one, store)]


def _is_of(directory: RunDirectory, store: Path) -> bool:
    """Tell whether a run was begun in this store, and not in another that lies beside it; both may have been moved since."""
    begun = Path(directory.run().get("store") or store)
    return begun.name == store.name or os.path.realpath(begun) == os.path.realpath(store)
