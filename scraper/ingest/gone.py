"""Sources whose files are gone: what their parsers held comes out, and that something may be missing is told, once. It opens no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scraper.errors import SourceHeldError
from scraper.ingest.source import CUT
from scraper.model import Batch, Event, SourceMark
from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from scraper.ingest.source import Opener
    from scraper.store.writer import SourceRow


def missing_after(row: SourceRow) -> str:
    """Return the sentence that says what may be missing of a source whose file is gone."""
    return f"a file that was read under this name is gone; what it got after byte {row.offset} is not known"


def give_up(opener: Opener, row: SourceRow, wall: float) -> bool:
    """End a source whose file is gone and store a gap at its end; False when another process reads it. Raises what the store does."""
    try:
        row = opener.writer.claim_source(row.id)
    except SourceHeldError:
        return False  # which has it open still
    parser = Parser(opener.packs, opener.settings, row.parser_state)
    parser.feed_gap(0, CUT)
    out = parser.flush(None)
    event = Event(row.offset, "gap", None, None, wall, missing_after(row))
    mark = SourceMark(
        offset=row.offset,
        line_number=row.line_number,
        tail_hash=row.tail_hash,
        identity=row.identity,
        parser_state=parser.save(),
        counters={**row.counters, **{name: count for name, count in parser.counters.items() if count}},
        finished=True,
        patterns=parser.patterns,
    )
    opener.writer.commit([Batch(row.id, mark, out.points, [*out.events, event], parser.definitions(out.points.metrics()))])
    opener.writer.release_source(row.id)
    return True
