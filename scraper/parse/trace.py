"""The parse core slowed down for people who ask why: every line with what stood before it, who read it and what it gave.

It runs the parser of ingest, line by line, and decides nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scraper.model import Event, Parsed, Point
from scraper.parse import prefixes
from scraper.parse.blocks import Box
from scraper.parse.encodings import text_of
from scraper.parse.packs import PackSet, Pattern
from scraper.parse.parser import Parser
from scraper.parse.plans import Found
from scraper.parse.printed import Lines, RawLine
from scraper.parse.records import Record
from scraper.points import Points


@dataclass(frozen=True, slots=True)
class Traced:
    """One printed line, or one redraw of it, and what became of it."""

    number: int  # of the line, from 1; its redraws share it
    at: int  # byte offset in the log
    text: str  # without colour codes
    redraw: bool
    prefix: prefixes.Prefix
    found: list[Found]  # by position in the text, as long as the tracer is `marking`; nothing for a row of a table or box
    records: list[Record]
    block: Pattern | None  # the pattern whose open table or box the line belongs to
    section: str  # the section that was open before the line
    traceback: bool  # it belongs to a traceback and is not searched for numbers
    setting: bool  # it stands in a listing of settings, or of a program
    points: list[Point]  # what the line settled; they may be of earlier lines, see their `at`
    events: list[Event]

    @property
    def read(self) -> bool:
        """Whether anything made sense of the line."""
        return bool(self.records) or self.block is not None

    @property
    def patterns(self) -> list[Pattern]:
        """The patterns that read it, in the order of the line."""
        read = [r.pattern for r in self.records]
        return read or ([self.block] if self.block else [])


class Tracer:
    """Reads one log like `Parser`, and tells about every line."""

    def __init__(self, packs: PackSet, settings: Mapping[str, Any]) -> None:
        self.packs = packs
        self._parser = Parser(packs, settings)
        self.matcher = self._parser.matcher
        self._number = 1
        self.marking = False  # whether to tell where in its text each line's numbers stand, which is slow

    def read(self, log: Iterable[bytes]) -> Iterator[Traced]:
        """Yield the lines of a log; ask `rest` for what was held back when all are taken."""
        for data in log:
            yield from self._told(self._parser.front.feed(data))
        yield from self._told(self._parser.front.flush())

    def _told(self, lines: Lines) -> Iterator[Traced]:
        return (self._trace(line) for line in lines if not self._parser.marks(line.data))

    def rest(self) -> list[Point]:
        """Return the points that were held back until the log's end."""
        return list(self._parser.flush(None).points)

    def _trace(self, line: RawLine) -> Traced:
        text = text_of(line.data)
        block, section = self.matcher.block, self.matcher.section
        prefix, found = self.matcher.analyse(text) if self.marking else (prefixes.take(text, srun=self.matcher.numbered), [])
        out = Parsed(Points(), [], [])
        read = self._parser.read_alone(line.at, line.data, line.redraw, out)
        records = read or []
        rows = block is not None and (any(r.pattern is block.pattern for r in records) or (isinstance(block, Box) and block.took))
        number = self._number
        self._number += not line.redraw
        of = block.pattern if rows and block is not None else None
        found = [] if of is not None or read is None else found
        where = (number, line.at, text, line.redraw, prefix, found)
        return Traced(*where, records, of, section, read is None, self.matcher.lists_settings, list(out.points), out.events)


def trace(packs: PackSet, settings: Mapping[str, Any], text: str) -> tuple[list[Traced], list[Point]]:
    """Return the lines of a short text and all points that it gives."""
    tracer = Tracer(packs, settings)
    lines = list(tracer.read([text.encode()]))
    return lines, [p for line in lines for p in line.points] + tracer.rest()
