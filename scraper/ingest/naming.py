"""What file names say: which files are rotations of one log, what a log's run is called, and which rank printed it. Opens no file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scraper.ingest.rotations import base_names, rotated_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scraper.model import Labels

_ENDING: Final = re.compile(r"\.(?:log|out|err|txt|jsonl|ndjson|json|csv|stdout|stderr)$", re.IGNORECASE)
_RANK: Final = re.compile(r"(?<![A-Za-z])(?:(?:global|local|node|proc)[-_]?)?rank[-_.=]?(\d+)(?!\d)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\d+")


def group_rotations(paths: Iterable[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return every log with its rotated generations: those are no logs of their own when the log itself is among `paths`."""
    paths = list(paths)
    among = set(paths)
    groups: dict[Path, tuple[Path, ...]] = {}
    for path in paths:
        base = rotated_from(path)
        if base not in among:
            groups.setdefault(path, ())
        else:
            groups[base] = (*groups.get(base, ()), path)
    return groups


def stem(path: Path) -> str:
    """Return a log's name without what says that it is a log: train.log.2.gz -> train, slurm-12.out -> slurm-12."""
    names = base_names(path.name)
    bare = _ENDING.sub("", names[-1] if names and (_ENDING.search(names[-1]) or not _ENDING.search(path.name)) else path.name)
    return bare or path.name


def run_names(paths: Sequence[Path]) -> dict[Path, str]:
    """Return a name for the run of every file, with as many directories in front as tell them apart."""
    names = {path: stem(path) for path in paths}
    for depth in range(1, max((len(path.parts) for path in paths), default=0)):
        twice = {name for name, count in Counter(names.values()).items() if count > 1}
        if not twice:
            break
        for path, name in names.items():
            if name in twice and depth < len(path.parts) - 1:
                names[path] = f"{path.parts[-1 - depth]}/{name}"
    return names


def rank_labels(paths: Sequence[Path], *, joined: bool) -> dict[Path, Labels]:
    """Return the rank label of every file whose name says it, like `rank3.log`.

    Where files are joined into one run, the one number in which all their names differ is the rank, if there is exactly one.
    """
    labels: dict[Path, Labels] = {path: _rank(path) for path in paths}
    if any(labels.values()) or not joined or len(paths) < 2:
        return labels
    numbers = {path: _NUMBER.findall(path.name) for path in paths}
    shapes = {(path.parent, _NUMBER.sub("#", path.name)) for path in paths}
    differing = [column for column in zip(*numbers.values(), strict=False) if len(set(column)) > 1]
    if len(shapes) > 1 or len(differing) != 1 or len(set(differing[0])) != len(paths):
        return labels
    return {path: (("rank", str(int(number))),) for path, number in zip(paths, differing[0], strict=True)}


def _rank(path: Path) -> Labels:
    """Return the rank that the file's name, or its directory's, spells out."""
    for name in (path.name, path.parent.name):
        found = _RANK.search(name)
        if found:
            return (("rank", str(int(found[1]))),)
    return ()
