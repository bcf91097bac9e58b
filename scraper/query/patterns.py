"""What each pattern did in the files of a store: lines read, time taken, and those that read no line any more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scraper.model import PatternUse

if TYPE_CHECKING:
    from scraper.query.database import Database

_REGULAR: Final = 10  # lines a pattern has read before it can be missed
_PAUSE: Final = 20  # times the mean distance of its lines
_LEAST: Final = 16_384  # bytes of a log that may be without it at any time: what is printed at the end of an epoch
_QUERY: Final = """
SELECT runs.id, sources.path, sources."offset", sources.finished, sources.updated, sources.patterns
FROM sources JOIN runs ON runs.key = sources.run_key WHERE sources.patterns != '{}' ORDER BY sources.updated
"""


@dataclass(frozen=True, slots=True)
class PatternTotal:
    """What one pattern did in all files of a store."""

    pattern: str  # pack:pattern
    reads: int  # lines, and states of lines that were redrawn
    seconds: float  # that lines were searched for it; of built-in patterns an estimate
    files: int  # in which it read a line
    run: str | None  # that it read a line of last
    updated: float | None  # seconds since the epoch: when that run's file was last read


@dataclass(frozen=True, slots=True)
class Silence:
    """A pattern that read lines of a file at short distances and reads none any more, although the file went on."""

    pattern: str
    run: str
    path: str
    reads: int
    last_at: int  # byte offset of the last line that it read
    silent: int  # bytes read behind that line


def pattern_totals(database: Database) -> list[PatternTotal]:
    """Return what each pattern did, those that read most lines first; a user's that read none come last."""
    totals: dict[str, PatternTotal] = {}
    for run, _, _, _, updated, text in database.rows(_QUERY):
        for name, use in _uses(text):
            before = totals.get(name) or PatternTotal(name, 0, 0.0, 0, None, None)
            where = (run, updated) if use.reads else (before.run, before.updated)
            files = before.files + bool(use.reads)
            totals[name] = PatternTotal(name, before.reads + use.reads, before.seconds + use.seconds, files, *where)
    return sorted(totals.values(), key=lambda total: (-total.reads, total.pattern))


def idle_patterns(database: Database, run_key: int, pack: str) -> list[str]:
    """Return the user's patterns of a pack that read no line of any file of a run."""
    used: dict[str, int] = {}
    for (text,) in database.rows("SELECT patterns FROM sources WHERE run_key = ?", (run_key,)):
        for name, use in _uses(text):
            used[name] = used.get(name, 0) + use.reads
    return sorted(name for name, reads in used.items() if not reads and name.startswith(f"{pack}:"))


def silences(database: Database, *, finished: bool = False) -> list[Silence]:
    """Return the patterns that stopped matching in files that may still grow, and in `finished` ones where these are asked for."""
    found = []
    for run, path, offset, done, _, text in database.rows(_QUERY):
        for name, use in () if done and not finished else _uses(text):
            distance = (use.last_at - use.first_at) / max(use.reads - 1, 1)
            silent = offset - use.last_at
            if use.reads >= _REGULAR and silent > max(_PAUSE * distance, _LEAST):
                found.append(Silence(name, run, path, use.reads, use.last_at, silent))
    return sorted(found, key=lambda silence: -silence.silent)


def _uses(text: str) -> Iterable[tuple[str, PatternUse]]:
    """Return the patterns of one file, as the store keeps them."""
    kept: dict[str, dict[str, Any]] = json.loads(text)
    return ((name, PatternUse(**use)) for name, use in kept.items())
