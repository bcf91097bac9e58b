"""Which files are open for writing on this machine: a look at every process's descriptors. Says "unknown" where it may not look."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

_WRITE_FLAGS: Final = os.O_WRONLY | os.O_RDWR
_NONE_LEFT: Final = (errno.EMFILE, errno.ENFILE)  # no descriptor to look with
_FRESH: Final = 0.5  # seconds for which one look is good: asking about 1,000 files costs one


def _writes(pid: str, number: str) -> bool:
    """Tell whether a process opened this descriptor for writing. OSError where there is no descriptor left to look with."""
    try:
        descriptor = os.open(f"/proc/{pid}/fdinfo/{number}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NONE_LEFT:
            raise
        return False  # the process or its descriptor ended while we looked
    try:
        for line in os.read(descriptor, 4096).splitlines():
            if line.startswith(b"flags:"):
                return bool(int(line.split()[1], 8) & _WRITE_FLAGS)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _written_by(pid: str) -> dict[tuple[int, int], tuple[str, str]]:
    """Return the regular files that a process has open for writing and where that is seen. OSError where it may not be looked into."""
    found: dict[tuple[int, int], tuple[str, str]] = {}
    with os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:
                continue  # closed while we looked, or not a file one can reach
            if stat.S_ISREG(status.st_mode) and _writes(pid, entry.name):
                found[status.st_dev, status.st_ino] = pid, entry.name
    return found


def _still(file: tuple[int, int], holder: tuple[str, str]) -> bool:
    """Tell whether a process still has the file open for writing under the descriptor it was seen under."""
    try:
        status = os.stat("/proc/{}/fd/{}".format(*holder))  # noqa: PTH116 - half the time of pathlib's
        return (status.st_dev, status.st_ino) == file and _writes(*holder)
    except OSError:
        return False


def _owner(pid: str) -> int | None:
    """Return the user id a process runs as; None when it has ended."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except OSError:
        return None


class OpenForWriting:
    """The files that are open for writing on this machine, as of at most half a second ago."""

    def __init__(self) -> None:
        self._looked = -1e9
        self._holders: dict[tuple[int, int], tuple[str, str]] = {}  # file -> process and descriptor
        self._hidden = False

    def holds(self, file: tuple[int, int], now: float) -> bool | None:
        """Tell whether a process has the file (device, inode) open for writing; `now` is monotonic seconds.

        None: nobody that can be seen has, but there is no /proc, or not every process may, or can, be looked into.
        """
        if now - self._looked >= _FRESH:
            if file in self._holders and _still(file, self._holders[file]):
                return True  # looking at every descriptor there is can take as long as reading a log
            self._look()
            self._looked = now
        if file in self._holders:
            return True
        return None if self._hidden else False

    def _look(self) -> None:
        self._holders.clear()
        self._hidden = not (Path("/proc/self/fd").exists() and Path("/proc/1").exists())  # mounted with hidepid, it shows one's own alone
        me = os.getuid()
        for pid in () if self._hidden else self._processes():
            try:
                self._holders |= _written_by(pid)
            except PermissionError:
                self._hidden = self._hidden or _owner(pid) not in (0, me, None)  # root's services write no training logs
            except OSError as error:  # it ended, or cannot be looked at for want of a descriptor
                self._hidden = self._hidden or error.errno in _NONE_LEFT

    def _processes(self) -> list[str]:
        """Return the processes there are; none, and unknown, where they cannot be listed."""
        try:
            return [*filter(str.isdigit, os.listdir("/proc"))]  # noqa: PTH208 - half the time of pathlib's
        except OSError:
            self._hidden = True
            return []
