"""Putting text into a file whole or not at all: written beside it under another name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from scraper.errors import UsageError


def write_whole(target: Path, pieces: Iterable[str]) -> None:
    """Write `pieces` to `target`, replacing it only once everything is on disk. UsageError when it cannot be written.

    A symbolic link keeps pointing where it does; a pipe or device is written to as it stands.
    """
    try:
        real = target.resolve()
        if real.exists() and not real.is_file():
            _write_through(real, pieces)
        else:
            _replace(real, pieces)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}; choose another file with --out") from error


def _write_through(device: Path, pieces: Iterable[str]) -> None:
    """Write to what is no file and must not be replaced by one."""
    with device.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


def _replace(target: Path, pieces: Iterable[str]) -> None:
    """Write a file beside `target`, then give it its name."""
    beside = target.with_name(f".{target.name[:200]}.{os.getpid()}.partial")
    try:
        _write_new(beside, pieces)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _write_new(path: Path, pieces: Iterable[str]) -> None:
    """Write a new file and wait until it is on disk."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
