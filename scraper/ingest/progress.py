"""How far a source was read: the facts that summaries are made of. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.ingest.source import Source


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one source was read by this pipeline."""

    path: Path
    run_key: int
    points: int  # stored by this pipeline
    counters: dict[str, int]  # cumulative: lines, matched, and everything discarded, by reason
    offset: int  # bytes accounted for
    lag: int  # bytes in the file that were not read
    finished: bool
    printed: tuple[float, float] | None  # seconds since the epoch: earliest and latest time of a point
    modified: float  # seconds since the epoch: when the file was last written


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 when it cannot be seen."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def progress_of(source: Source) -> Progress:
    """Return how far `source` was read."""
    return Progress(
        path=source.tail.path,
        run_key=source.run_key,
        points=source.stored,
        counters=source.counters(),
        offset=source.parser.consumed,
        lag=source.lag,
        finished=source.finished,
        printed=source.printed,
        modified=source.modified,
    )
