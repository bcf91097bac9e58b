"""When what is in a directory may have changed: one whose own time of change is as it was need not be listed again.

Not so on network and FUSE filesystems: their directories may change and show no newer time.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from bisect import bisect_left
from typing import Final, NamedTuple

from scraper.store.filesystem import filesystem_type, is_network

_NO_TIMES: Final = frozenset({"fuse", "fuseblk", ""})  # and every network filesystem
_SETTLED_NS: Final = 1_000_000_000  # a listing made this soon after a change may miss another one of the same clock tick
_LAST: Final = "\U0010ffff"  # no character sorts behind it
_MOST_KEPT: Final = 8  # directories: the names of a large one take a megabyte


class Sign(NamedTuple):
    """What a stat result says of whether a name means something else now, or a directory holds something else."""

    mode: int
    device: int
    inode: int
    changed: int  # ns; of directories. Their ctime: an mtime can be set back, as copying a tree does

    def is_settled(self) -> bool:
        """Tell whether the last change is so long ago that what is listed now holds all of it."""
        return time.time_ns() - self.changed > _SETTLED_NS


def sign_of(path: str) -> Sign | None:
    """Return the sign of what a path means, links followed; None: nothing."""
    try:
        status = os.stat(path)  # noqa: PTH116 - a third of the time of pathlib's, and called for every directory at every look
    except OSError:
        return None
    kind = stat.S_IFMT(status.st_mode)
    return Sign(kind, status.st_dev, status.st_ino, status.st_ctime_ns if kind == stat.S_IFDIR else 0)


def keeps_times(directory: str) -> bool:
    """Tell whether the filesystem gives a directory another time of change whenever something else is in it."""
    kind = filesystem_type(directory)
    return kind not in _NO_TIMES and not is_network(kind)


class Listings:
    """The names in the directories that were asked about last."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Sign, list[str]]] = {}

    def beginning(self, directory: str, begin: str) -> list[str]:
        """Return the names in a directory that begin so; none where it may not be listed."""
        names = self._sorted(directory)
        return names[bisect_left(names, begin) : bisect_left(names, begin + _LAST)]

    def _sorted(self, directory: str) -> list[str]:
        sign = sign_of(directory)
        kept = self._kept.pop(directory, None)
        if kept is None or kept[0] != sign:
            names: list[str] = []
            with contextlib.suppress(OSError):
                names = sorted(os.listdir(directory))  # noqa: PTH208 - names alone, of a directory that may hold 100,000
            if sign is None or not sign.is_settled() or not keeps_times(directory):
                return names
            kept = sign, names
        self._kept[directory] = kept
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept[1]
