"""One JSON document: an array of the objects that `jsonl` writes one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scraper.export.jsonl import objects
from scraper.query import Run


def render(runs: Iterable[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the pieces of a .json file; no point at all gives an empty array."""
    before = "[\n"
    for text in objects(runs, patterns):
        yield before + text
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
