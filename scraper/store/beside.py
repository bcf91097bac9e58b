"""What the processes of a store keep beside it, and how to tell that from other people's files. Opens and makes nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

from scraper.run_ids import RUN_ID

_STORE = re.compile(r"(?:-wal|-shm|-journal|\.reparse-.+)?")  # behind the store's name: what SQLite and a reparse keep
_KEPT = re.compile(rf"{RUN_ID}\.\d+\.log\.gz")  # a log that was archived with its run


def runs(store: Path) -> Path:
    """Return the directory that holds the directories of a store's wrapped runs, each called after its id."""
    return store.parent / "runs"


def pictures(store: Path) -> Path:
    """Return the directory of the pictures that are drawn while runs go on, each called after its run's id."""
    return store.parent / "plots"


def daemons(store: Path) -> Path:
    """Return where the daemons of a store leave what they say."""
    return store.with_name(f"{store.name}-daemons")


def archived_logs(store: Path) -> Path:
    """Return the directory of the logs that were archived with the runs of a store."""
    return store.with_name(f"{store.stem}-logs")


def is_own(store: Path, path: str) -> bool:
    """Tell whether `path` is a file that a process of the store keeps: no log of somebody's, whatever pattern it fits."""
    folder, name = os.path.split(path)
    above, parent = os.path.split(folder)
    if name.startswith(store.name) and _STORE.fullmatch(name, len(store.name)):
        return _same(folder, store.parent)
    if parent == daemons(store).name or (parent.endswith("-logs") and _KEPT.fullmatch(name)):
        return _same(above, store.parent)
    if re.fullmatch(RUN_ID, parent):
        return _same(above, runs(store))
    return re.fullmatch(rf"{RUN_ID}\.png", name) is not None and _same(folder, pictures(store))


def _same(one: str, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
