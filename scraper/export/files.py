"""Putting a file or a directory in its place whole or not at all: written beside it under another name, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import UsageError


def write_whole(target: Path, pieces: Iterable[str]) -> None:
    """Write `pieces` to `target`, replacing it only once everything is on disk. UsageError when it cannot be written.

    A symbolic link keeps pointing where it does; a pipe or device is written to as it stands.
    """
    with _refusing(target):
        real = target.resolve()
        if real.exists() and not real.is_file():
            write_text(real, pieces)
            return
    with whole_file(target) as beside:
        write_text(beside, pieces)


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write pieces of text to a file or device; a byte of a command that is no UTF-8 is spelt out."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.writelines(pieces)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path to write to, and give what is there the name `target` at the end. UsageError when it cannot be written.

    An exception inside the block leaves what was at `target` before, and nothing beside it.
    """
    with _refusing(target):
        real = target.resolve()
        beside = _beside(real, "partial")
        try:
            yield beside
            _sync(beside)
            beside.replace(real)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def whole_directory(target: Path, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield a new directory to fill, and give it the name `target` at the end, in place of an older one that `is_ours`.

    UsageError when `target` is something else, or cannot be written; what was there is then as it was.
    """
    with _refusing(target):
        real = target.resolve()
        if real.exists() and not (real.is_dir() and (is_ours(real) or not any(real.iterdir()))):
            raise UsageError(f"{target} exists and is no earlier export; choose another directory with --out")
        beside, old = _beside(real, "partial"), _beside(real, "old")
        try:
            beside.mkdir(parents=True)
            yield beside
            for file in beside.rglob("*"):
                if file.is_file() and not file.is_symlink():
                    _sync(file)
            _swap(beside, real, old)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def _swap(new: Path, target: Path, old: Path) -> None:
    """Give `new` the name `target`; what had it is called `old`, and gets its name back where that fails."""
    if not target.exists():
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(f".{target.name[:200]}.{os.getpid()}.{ending}")


def _sync(path: Path) -> None:
    """Wait until a file is on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _refusing(target: Path) -> Iterator[None]:
    """Raise what the system refuses as a UsageError that says what to do."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}; choose another file with --out") from error
