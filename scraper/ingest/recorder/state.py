"""The recorder's state file, `recorder.json`: who records which command, how far, and how it ended.

Replaced atomically, and padded so that the end can still be written in place when the disk is full.
"""

from __future__ import annotations

import json
import os
from typing import Any

PADDED_BYTES = 4096  # one block, so an overwrite in place needs no new one


def process_started(pid: int) -> int | None:
    """Return when a process of this machine started, in clock ticks since boot (proc(5), stat field 22); None when it is not alive.

    One that has ended and whose parent has not asked after it yet is not alive.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            fields = stat.read().rpartition(b") ")[2].split()  # the name before may hold blanks and brackets
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None


def is_running(pid: object, started: object) -> bool:
    """Tell whether the process `pid` that started at `started` (as `process_started`) runs, and not a later one of the same number."""
    return isinstance(pid, int) and process_started(pid) == started is not None


def boot_id() -> str:
    """Return what names this boot of this machine, "" where the kernel does not say."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


class StateFile:
    """One JSON object on disk: pid, child_pid, started, ended, exit_code, signal, log, log_bytes, gaps (what is not recorded), cut."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.fields: dict[str, Any] = {}
        self.error = ""  # why the file could not be written, "" while it can

    def begin(self, **fields: Any) -> None:
        """Write the first state: `fields`, and which process on which machine this is."""
        pid = os.getpid()
        self.fields = {"version": 1, "pid": pid, "pid_started": process_started(pid), "boot": boot_id(), "host": os.uname().nodename}
        self.update(child_pid=None, ended=None, exit_code=None, signal=None, log_bytes=0, gaps=[], **fields)

    def update(self, **changes: Any) -> None:
        """Change fields and put all on disk. On a full disk the file is overwritten in place; `error` says when that fails too."""
        self.fields.update(changes)
        text = json.dumps(self.fields, ensure_ascii=True).encode().ljust(PADDED_BYTES) + b"\n"
        try:
            self._replace(text)
        except OSError:
            try:
                self._overwrite(text)
            except OSError as error:
                self.error = f"{self.path}: {error.strerror}"

    def _replace(self, text: bytes) -> None:
        temporary = f"{self.path}.new"
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(text)
            os.replace(temporary, self.path)
        except OSError:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise

    def _overwrite(self, text: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(descriptor, text, 0)
            os.ftruncate(descriptor, len(text))
        finally:
            os.close(descriptor)
