"""The files that names, directories and glob patterns mean: what a look at the disk says now. Opens no file and waits for nothing.

A directory is listed again only when its own time of change says so, where the filesystem keeps that time; else at every look.
"""

from __future__ import annotations

import fnmatch
import functools
import glob
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scraper.config import expanded
from scraper.ingest.listings import Sign, keeps_times, sign_of
from scraper.store.beside import is_own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LOG_NAME: Final = re.compile(
    r".*\.(?:log|out|err|txt|jsonl|ndjson|csv|stdout|stderr)(?:[.-]\d[\w.:-]*)?(?:\.(?:gz|zst|xz|bz2))?|stdout|stderr", re.IGNORECASE
)


class _Entry(NamedTuple):
    """One name in a directory."""

    name: str
    is_directory: bool  # a real one
    is_file: bool
    is_link: bool


class _Tree:
    """Directories as they were listed. `turn` begins a look; what it does not come by is forgotten."""

    def __init__(self) -> None:
        self._listed: dict[str, tuple[Sign, list[_Entry]]] = {}
        self._trusted: dict[int, bool] = {}  # by device
        self._signs: dict[str, Sign | None] = {}  # what the look that goes on came by
        self._settled = False

    def is_same(self) -> bool:
        """Tell whether everything that the last look came by is as it was, so that another would find the same."""
        return self._settled and all(sign_of(path) == sign for path, sign in self._signs.items())

    def turn(self) -> None:
        """Begin a look."""
        self._listed = {path: listed for path, listed in self._listed.items() if path in self._signs}
        self._trusted = {sign.device: self._trusted[sign.device] for sign, _ in self._listed.values() if sign.device in self._trusted}
        self._signs, self._settled = {}, True

    def sign(self, path: str) -> Sign | None:
        """Return what a path means, links followed; None: nothing."""
        found = self._signs[path] = sign_of(path)
        return found

    def is_file(self, path: str) -> bool:
        """Tell whether a path means a regular file, links followed."""
        sign = self.sign(path)
        return sign is not None and sign.mode == stat.S_IFREG

    def entries(self, directory: str) -> list[_Entry]:
        """Return what is in a directory; nothing when it is none, or may not be read."""
        sign = self.sign(directory)
        if sign is None or sign.mode != stat.S_IFDIR:
            return []
        known = self._listed.get(directory)
        if known is not None and known[0] == sign:
            return known[1]
        found = _list(directory)
        if self._keeps_times(directory, sign.device) and sign.is_settled():
            self._listed[directory] = sign, found
        else:
            self._settled = False
            self._listed.pop(directory, None)
        return found

    def _keeps_times(self, directory: str, device: int) -> bool:
        if device not in self._trusted:
            self._trusted[device] = keeps_times(directory)
        return self._trusted[device]


def _list(directory: str) -> list[_Entry]:
    try:
        with os.scandir(directory) as entries:
            return [_Entry(e.name, e.is_dir(follow_symlinks=False), e.is_file(follow_symlinks=False), e.is_symlink()) for e in entries]
    except OSError:  # removed while we looked, or not ours to read: its files are named where they are named one by one
        return []


class FileSet:
    """The files that names, directories and glob patterns mean, now or later. `**` crosses directories.

    What the processes of `store` keep beside it is meant only where it is named: its wrapped runs have scrapers of their own.
    """

    def __init__(self, patterns: Iterable[str], store: Path) -> None:
        self.patterns = tuple(patterns)
        self._store = store.absolute()
        self._tree = _Tree()
        self._found: list[Path] | None = None
        self._paths: dict[str, Path] = {}

    def scan(self) -> list[Path]:
        """Return the files there are now, each once under its shortest name, in natural order: the same list while nothing has changed."""
        if self._found is not None and self._tree.is_same():
            return self._found
        self._tree.turn()
        names = dict.fromkeys(name for pattern in self.patterns for name in self._expand(pattern))
        self._paths = {name: self._paths.get(name) or Path(os.path.abspath(name)) for name in names}  # noqa: PTH100 - links keep their names
        found = _one_name_each(sorted(set(self._paths.values()), key=natural))
        self._found = self._found if found == self._found else found
        return self._found

    def directories(self, paths: Iterable[Path]) -> list[Path]:
        """Return the directories in which a new file could become one of the set, `paths` being the files there are."""
        places: dict[Path, None] = {}
        for pattern in self.patterns:
            fixed = expanded(pattern)
            while glob.has_magic(str(fixed)):
                fixed = fixed.parent
            places.setdefault(fixed if os.path.isdir(fixed) else fixed.parent)  # noqa: PTH112 - is_dir raises where it may not look
        for path in paths:
            places.setdefault(path.parent)
        return [Path(os.path.abspath(place)) for place in places]  # noqa: PTH100 - links keep their names

    def missing(self) -> list[str]:
        """Return the patterns that mean no file now."""
        self._found = None
        return [pattern for pattern in self.patterns if next(self._expand(pattern), None) is None]

    def _expand(self, pattern: str) -> Iterator[str]:
        """Yield what one pattern means now. A directory means the logs below it, without hidden ones."""
        path = str(expanded(pattern))
        sign = self._tree.sign(path)
        if sign is not None and sign.mode == stat.S_IFDIR:
            return self._others(self._logs(path))
        if os.path.lexists(path):
            return iter((path,))
        if not glob.has_magic(path):
            return iter(())
        first, *parts = Path(path).parts
        return self._others(self._glob(first, parts) if path.startswith("/") else self._glob(".", [first, *parts]))

    def _others(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the paths without those of the store's own files."""
        return (path for path in paths if not is_own(self._store, path))

    def _logs(self, directory: str) -> Iterator[str]:
        """Yield the logs in a directory and below it."""
        for entry in self._tree.entries(directory):
            if entry.name.startswith("."):
                continue
            path = f"{directory}/{entry.name}"
            if entry.is_directory:
                yield from self._logs(path)
            elif _LOG_NAME.fullmatch(entry.name) and (entry.is_file or (entry.is_link and self._tree.is_file(path))):
                yield path

    def _glob(self, place: str, parts: list[str], above: tuple[tuple[int, int], ...] = ()) -> Iterator[str]:
        """Yield the files below a directory that the parts of a pattern mean; `above` are the directories that `**` came through."""
        part, rest = parts[0], parts[1:]
        if part == "**":
            yield from self._deep(place, rest, above)
        elif not glob.has_magic(part):
            path = os.path.join(place, part)  # noqa: PTH118 - strings all the way: a Path for every directory is most of the cost
            if rest:
                yield from self._glob(path, rest)
            elif self._tree.is_file(path):
                yield path
        else:
            matches = _matcher(part)
            for entry in self._tree.entries(place):
                if matches(entry.name) and (part.startswith(".") or not entry.name.startswith(".")):
                    yield from self._step(os.path.join(place, entry.name), entry, rest)  # noqa: PTH118 - strings, as above

    def _step(self, path: str, entry: _Entry, rest: list[str]) -> Iterator[str]:
        """Yield what a name that a pattern's part takes leads to: itself, or what is below it."""
        if rest and (entry.is_directory or entry.is_link):
            yield from self._glob(path, rest)
        elif not rest and (entry.is_file or (entry.is_link and self._tree.is_file(path))):
            yield path

    def _deep(self, place: str, rest: list[str], above: tuple[tuple[int, int], ...]) -> Iterator[str]:
        """Yield what the rest of a pattern means here and in every directory below; links that lead back up are not followed."""
        sign = self._tree.sign(place)
        if sign is None or sign.mode != stat.S_IFDIR or (sign.device, sign.inode) in above:
            return
        yield from self._glob(place, rest or ["*"])
        for entry in self._tree.entries(place):
            if (entry.is_directory or entry.is_link) and not entry.name.startswith("."):
                yield from self._deep(os.path.join(place, entry.name), rest, (*above, (sign.device, sign.inode)))  # noqa: PTH118 - strings, as above


@functools.lru_cache
def _matcher(part: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(part)).match


def natural(path: Path) -> list[Any]:
    """Return a sort key that puts log2 before log10."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", str(path)) if part]


def _one_name_each(paths: list[Path]) -> list[Path]:
    """Drop further names of one file (links); a real name is kept before a link's, else the first."""
    chosen: dict[Any, Path] = {}
    for path in sorted(paths, key=Path.is_symlink):
        try:
            status = path.stat()
            chosen.setdefault((status.st_dev, status.st_ino), path)
        except OSError:  # unreadable or dangling: opening it says why
            chosen.setdefault(path, path)
    kept = set(chosen.values())
    return [path for path in paths if path in kept]
