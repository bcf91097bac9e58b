"""Which files are rotations of a log: by their names, in their order, and where programs that rotate put them. It opens none of them."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scraper.ingest.listings import Listings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PACKED_NAME: Final = r"\.(?:gz|zst|xz|bz2)"
_INDEX: Final = r"(?P<index>\d{1,4})"
_DATE: Final = r"[._-](?P<date>\d{4}-?\d\d-?\d\d[\d_.T:-]*)"
_ROTATED: Final = re.compile(rf"(?P<base>.+?)(?:[.-]{_INDEX}|{_DATE})(?:{_PACKED_NAME})?")
# What logrotate's `extension .log` makes of train.log: train.1.log. Files of ranks are called so, too: only content can tell.
_INSIDE: Final = re.compile(rf"(?P<base>.+?)(?:\.{_INDEX}|{_DATE})(?P<ending>\.[A-Za-z]\w*)(?:{_PACKED_NAME})?")
_PACKED: Final = re.compile(rf"(?P<base>.+){_PACKED_NAME}")
_LISTINGS: Final = Listings()  # each log in a directory has its rotations looked for there
_TICK: Final = 0.01  # seconds by which the time a kernel puts on a file may lag behind its clock


def base_names(name: str) -> list[str]:
    """Return the names a rotated or compressed file may have had before, nearest first: train.log.2.gz -> train.log.2, train.log."""
    names = []
    if packed := _PACKED.fullmatch(name):
        names.append(packed["base"])
    if rotated := _ROTATED.fullmatch(name):
        names.append(rotated["base"])
    return names


def possible_names(name: str) -> list[str]:
    """Return the names a file may have had, where its content is to decide: train.1.log -> train.log, beside what `base_names` gives."""
    inside = _INSIDE.fullmatch(name)
    return [*base_names(name), *([inside["base"] + inside["ending"]] if inside else [])]


def is_rotation_of(path: Path, log: Path) -> bool:
    """Tell whether the name of a file whose content was in `log` says that it was rotated, not just renamed."""
    return log.name in possible_names(path.name)


def rotated_from(path: Path) -> Path | None:
    """Return the log that `path` is a rotation of by its name (train.log.1.gz -> train.log); None when its name says no such thing."""
    rotated = _ROTATED.fullmatch(path.name)
    return path.with_name(rotated["base"]) if rotated else None


def _age_key(path: Path) -> tuple[int, str]:
    """Sort older generations first: the higher number, the earlier date. Times of files do not say it: old ones may be written on."""
    rotated = _ROTATED.fullmatch(path.name) or _INSIDE.fullmatch(path.name)
    return -int(rotated["index"] or 0) if rotated else 0, path.name


def _written(path: Path) -> float:
    """Return when a file was written last, in seconds since the epoch; 0 when it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def oldest_first(paths: Iterable[Path]) -> list[Path]:
    """Return rotated files in the order they were written."""
    return sorted(paths, key=_age_key)


def written_since(paths: Iterable[Path], moment: float) -> list[Path]:
    """Return those of the files that were written at or after `moment` (seconds since the epoch), within a clock tick."""
    return [path for path in paths if _written(path) >= moment - _TICK]


def siblings(path: Path) -> list[Path]:
    """Return the rotated generations of `path` that are beside it, oldest first."""
    return _rotations(path.parent, path.name, base_names)


def families(path: Path) -> Iterator[list[Path]]:
    """Yield lists of what may be the rotated generations of `path`, each oldest first, the likeliest list first; content is to decide.

    After those beside it come those with the number inside the name, then those in directories beside it (`olddir` of logrotate).
    """
    yield siblings(path)
    yield _rotations(path.parent, path.name, possible_names)
    for directory in _directories(path.parent):
        yield _rotations(directory, path.name, possible_names)


def _rotations(directory: Path, name: str, names: Callable[[str], list[str]]) -> list[Path]:
    """Return the files in a directory whose names say that they were called `name`; of one that is being compressed, the original."""
    found = {one for one in _LISTINGS.beginning(os.fspath(directory), name.partition(".")[0]) if name in names(one)}
    return oldest_first(directory / one for one in found if not ((packed := _PACKED.fullmatch(one)) and packed["base"] in found))


def _directories(path: Path) -> list[Path]:
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        return sorted(path / entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."))
    return []


def renamed(path: Path, device: int, inode: int) -> Path | None:
    """Return the file with this identity beside `path`, or beside what `path` links to, whatever its name; None: it is not there."""
    for directory in dict.fromkeys((path.parent, path.resolve().parent)):
        with contextlib.suppress(OSError), os.scandir(directory) as entries:
            for entry in entries:
                if entry.inode() == inode and entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_dev == device:
                    return directory / entry.name
    return None
