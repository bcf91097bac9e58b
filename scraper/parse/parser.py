"""The parse core as one object: bytes of a source in, points and events out, and a state that fits beside the offset."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from scraper.model import Event, MetricDefinition, Parsed, PatternUse
from scraper.parse import folds, prefixes
from scraper.parse.encodings import text_of
from scraper.parse.front import Front
from scraper.parse.journal import Journal, Noticed
from scraper.parse.lines import MARKS, UP, WIPE
from scraper.parse.matcher import Matcher
from scraper.parse.packs import PackSet
from scraper.parse.plans import Columns
from scraper.parse.printed import Lines, is_blank
from scraper.parse.records import Record
from scraper.parse.steps import Stepper
from scraper.parse.twice import Twice
from scraper.parse.uses import Uses
from scraper.points import Points

FAILED: Final = "unreadable_lines"  # counter: lines that a fault of this program kept from being read
_MOST_TOLD: Final = 20  # of these, those that an event tells of
_MAX_TOLD: Final = 500  # characters of such an event


class Parser:
    """Reads one source. Any cut of its bytes, and any restart from `save`, gives the same points and events.

    `clock` gives seconds, to tell what time each pattern takes; without one that is not known.
    """

    def __init__(
        self, packs: PackSet, settings: Mapping[str, Any], state: bytes | None = None, *, clock: Callable[[], float] = float
    ) -> None:
        saved: dict[str, Any] = json.loads(state) if state else {}
        self._packs = packs
        self.front = Front(saved, max_line_bytes=settings["max_line_bytes"])
        self._uses = Uses(packs, saved.get("uses"), clock)
        limits = {"timeout": settings["pattern_timeout"], "strikes": settings["pattern_strikes"]}
        self.matcher = Matcher(packs, saved.get("matcher"), **limits, uses=self._uses)
        self._stepper = Stepper(packs, saved.get("steps"))
        self._twice = Twice(saved.get("twice"))
        self._folds = folds.Folds(saved.get("folds", ()))
        self._journal = Journal(self._stepper.where, saved.get("journal"))
        self._wiped: bool = saved.get("wiped", False)  # the last line was blanks over a bar: the outermost, if the cursor does not go up
        self._counters: dict[str, int] = saved.get("counters", {})

    @property
    def consumed(self) -> int:
        """Bytes of the source that are accounted for; the partial last line is not among them."""
        return self.front.consumed

    @property
    def lines(self) -> int:
        """Complete lines seen since the source began."""
        return self.front.lines

    @property
    def counters(self) -> dict[str, int]:
        """Cumulative counts: lines, matched, unmatched, and everything discarded, by reason."""
        self._collect()
        return {**self._counters, "lines": self.front.lines}

    @property
    def patterns(self) -> dict[str, PatternUse]:
        """What each pattern did that read a line or is the user's, by its id."""
        return self._uses.all()

    @property
    def finders(self) -> dict[str, str]:
        """The pack that found each metric first, of those found since this object was made."""
        return self._stepper.finders

    def feed(self, data: bytes, now: float | None) -> Parsed:
        """Take the next bytes; `now` is the time they were read, None for a log written long ago."""
        return self._read(self.front.feed(data), now)

    def flush(self, now: float | None) -> Parsed:
        """The source has ended: give out its partial last line and whatever was held back."""
        out = self._read(self.front.flush(), now)
        for finish in (self._stepper.flush, self._check, self._journal.flush):
            try:
                finish(out)
            except Exception as error:  # noqa: BLE001 - as for a line: no fault here may end the reading of other sources
                self._fail(self.consumed, b"", 1, error, now, out)
        return out

    def feed_gap(self, size: int, reason: str) -> None:
        """Account for `size` bytes that cannot be read."""
        self.front.gap(size)
        self._counters[reason] = self._counters.get(reason, 0) + size

    def definitions(self, metrics: Iterable[str]) -> list[MetricDefinition]:
        """Return what the packs that found these metrics say of them."""
        return [said for metric in metrics for said in self._packs.definitions(metric, self.finders.get(metric, ""))]

    def save(self) -> bytes:
        """Return the state at `consumed`, for a Parser that goes on from there."""
        state = {
            **self.front.save(),
            "matcher": self.matcher.save(),
            "steps": self._stepper.save(),
            "twice": self._twice.save(),
            "folds": self._folds.seen,
            "journal": self._journal.save(),
            "wiped": self._wiped,
            "counters": self.counters,
            "uses": self._uses.save(),
        }
        return json.dumps(state, separators=(",", ":")).encode()

    def _read(self, lines: Lines, now: float | None) -> Parsed:
        out = Parsed(Points(), [], [])
        matcher, journal = self.matcher, self._journal
        matched = number = 0
        matcher.new_block()
        while number < len(lines):
            taken = 1
            try:
                if journal.reading and self._is_of_traceback(*lines.line(number), out):
                    pass
                elif passed := matcher.pass_inert(lines, number):
                    taken = passed
                elif (columns := self._columns(lines, number, now)) is not None:
                    taken = len(columns.ats)
                    self._uses.count_lines(columns.kind.pattern, taken, columns.ats[0], columns.ats[-1])
                    self._stepper.feed_many(columns, out)
                    matched += taken
                else:
                    at, data, redraw = lines.line(number)
                    if not self.marks(data) and self._read_line(at, data, redraw, now, out):
                        matched += not redraw
            except Exception as error:  # noqa: BLE001 - a fault in reading one line may cost that line, and nothing else
                at, data, _ = lines.line(number)
                self._fail(at, data, taken, error, now, out)
            number += taken
        if matched:
            self._counters["matched"] = self._counters.get("matched", 0) + matched
        self._check(out)
        return out

    def _is_of_traceback(self, at: int, data: bytes, redraw: bool, out: Parsed) -> bool:
        return data not in MARKS and self._journal.take(at, data, redraw, srun=self.matcher.numbered, out=out)

    def marks(self, data: bytes) -> bool:
        """Take what tells that a bar was wiped; return whether it is a mark for that and no line."""
        if self._wiped and data != UP:
            self._stepper.streams.wipe()
        self._wiped = data == WIPE or is_blank(data)
        return data in MARKS

    def _columns(self, lines: Lines, number: int, now: float | None) -> Columns | None:
        """Return the lines of one shape from `number` on, column by column; None where that line is to be read by itself."""
        try:
            return self.matcher.match_many(lines, number, now)
        except Exception:  # noqa: BLE001 - which of them cannot be read shows when they are read one by one
            return None

    def _check(self, out: Parsed) -> None:
        self._journal.check(out, self._stepper.reached)

    def _fail(self, at: int, data: bytes, lines: int, error: Exception, now: float | None, out: Parsed) -> None:
        """Count lines that could not be read by a fault of this program, and tell of the first ones where they stand."""
        self.matcher.noticed = None
        before = self._counters.get(FAILED, 0)
        self._counters[FAILED] = before + lines
        if before < _MOST_TOLD:
            why = f"{type(error).__name__}: {error}"
            said = f"not read, by a fault of the reader ({why}); please report it: {text_of(data)}"
            out.events.append(Event(at, "gap", None, None, now, said[:_MAX_TOLD], {"lines": lines, "fault": type(error).__name__}))

    def read_alone(self, at: int, data: bytes, redraw: bool, out: Parsed) -> list[Record] | None:
        """Read one line of `front`, written long ago, as if alone; return its records, None for one of a traceback."""
        if self._journal.reading and self._is_of_traceback(at, data, redraw, out):
            return None
        return self._read_line(at, data, redraw, None, out)

    def _read_line(self, at: int, data: bytes, redraw: bool, now: float | None, out: Parsed) -> list[Record]:
        if data.startswith(b"[") and (starts := prefixes.glued_ranks(data)):
            parts = pairwise([0, *starts, len(data)])
            return [record for a, b in parts for record in self._read_line(at + a, data[a:b], redraw, now, out)]
        records = self.matcher.match(at, data, redraw, now)
        if records and not redraw and self._twice.says(at, data, alike=self.matcher.is_alike):
            self.matcher.noticed = None
            self._counters["repeated"] = self._counters.get("repeated", 0) + sum(len(record.values) for record in records)
            return records
        noticed = self.matcher.noticed is not None
        behind = noticed and any(record.pattern.kind == "bar" and all(map(math.isfinite, record.values)) for record in records)
        if noticed and not behind:
            self._notice(at, redraw, records, now, out)
        self._uses.count(records)
        for record in records:
            self._stepper.feed(record, out)
        if behind:
            self._notice(at, redraw, records, now, out)
        return records

    def _notice(self, at: int, redraw: bool, records: list[Record], now: float | None, out: Parsed) -> None:
        """Tell the journal of a line that may be an event; before it is placed, but behind all that came before it and behind its bar."""
        text, self.matcher.noticed = self.matcher.noticed or "", None
        prefix = prefixes.take(text, srun=self.matcher.numbered)
        time = prefixes.printed_time(text, now) if prefix.timed else now
        own = text[prefix.end :]
        if folds.begins(own):
            self._stepper.start(out)
        part, is_new = self._folds.take(own)
        if part:
            alone = not any(record.values for record in records)
            self._stepper.begin(part, at, time, alone=alone, is_new=is_new, out=out)
        odd = any(not math.isfinite(value) for record in records for value in record.values)
        if odd:
            self._journal.check(out, self._stepper.reached)
        self._journal.notice(at, Noticed(text, time, prefix), redraw=redraw, odd=odd, out=out)

    def _collect(self) -> None:
        """Move what the stages counted into the cumulative counters."""
        for counted in (self.front.counters, self.matcher.counters):
            for reason, count in counted.items():
                self._counters[reason] = self._counters.get(reason, 0) + count
            counted.clear()
        if self._stepper.streams.forgotten:
            self._counters["ranks_forgotten"] = self._counters.get("ranks_forgotten", 0) + self._stepper.streams.forgotten
            self._stepper.streams.forgotten = 0
        if self._stepper.repeated:
            self._counters["repeated"] = self._counters.get("repeated", 0) + self._stepper.repeated
            self._stepper.repeated = 0
