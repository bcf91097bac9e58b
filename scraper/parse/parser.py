"""The parse core as one object: bytes of a source in, points and events out, and a state that fits beside the offset."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from scraper.model import MetricDefinition, Parsed
from scraper.parse import prefixes
from scraper.parse.front import Front
from scraper.parse.journal import Journal, Noticed
from scraper.parse.lines import Lines
from scraper.parse.matcher import Matcher
from scraper.parse.packs import PackSet
from scraper.parse.records import Record
from scraper.parse.steps import Stepper
from scraper.points import Points


class Parser:
    """Reads one source. Any cut of its bytes, and any restart from `save`, gives the same points and events."""

    def __init__(self, packs: PackSet, settings: Mapping[str, Any], state: bytes | None = None) -> None:
        saved: dict[str, Any] = json.loads(state) if state else {}
        self._packs = packs
        self._front = Front(saved, max_line_bytes=settings["max_line_bytes"])
        self._matcher = Matcher(packs, saved.get("matcher"), timeout=settings["pattern_timeout"], strikes=settings["pattern_strikes"])
        self._stepper = Stepper(packs, saved.get("steps"))
        self._journal = Journal(self._stepper.where, saved.get("journal"))
        self._counters: dict[str, int] = saved.get("counters", {})

    @property
    def consumed(self) -> int:
        """Bytes of the source that are accounted for; the partial last line is not among them."""
        return self._front.consumed

    @property
    def lines(self) -> int:
        """Complete lines seen since the source began."""
        return self._front.lines

    @property
    def counters(self) -> dict[str, int]:
        """Cumulative counts: lines, matched, unmatched, and everything discarded, by reason."""
        self._collect()
        return {**self._counters, "lines": self._front.lines}

    def feed(self, data: bytes, now: float | None) -> Parsed:
        """Take the next bytes; `now` is the time they were read, None for a log written long ago."""
        return self._read(self._front.feed(data), now)

    def flush(self, now: float | None) -> Parsed:
        """The source has ended: give out its partial last line and whatever was held back."""
        out = self._read(self._front.flush(), now)
        self._stepper.flush(out)
        self._journal.check(out, self._stepper.reached)
        self._journal.flush(out)
        return out

    def feed_gap(self, size: int, reason: str) -> None:
        """Account for `size` bytes that cannot be read."""
        self._front.gap(size)
        self._counters[reason] = self._counters.get(reason, 0) + size

    def definitions(self, metrics: Iterable[str]) -> list[MetricDefinition]:
        """Return what the packs that found these metrics say of them."""
        finders = self._stepper.finders
        return [said for metric in metrics for said in self._packs.definitions(metric, finders.get(metric, ""))]

    def save(self) -> bytes:
        """Return the state at `consumed`, for a Parser that goes on from there."""
        state = {
            **self._front.save(),
            "matcher": self._matcher.save(),
            "steps": self._stepper.save(),
            "journal": self._journal.save(),
            "counters": self.counters,
        }
        return json.dumps(state, separators=(",", ":")).encode()

    def _read(self, lines: Lines, now: float | None) -> Parsed:
        out = Parsed(Points(), [], [])
        matcher, journal = self._matcher, self._journal
        match, match_many, place = self._matcher.match, self._matcher.match_many, self._stepper.feed
        matched = number = 0
        ats, datas, redraws = lines.ats, lines.datas, lines.redraws
        matcher.new_block()
        while number < len(ats):
            if journal.reading and journal.take(ats[number], datas[number], redraws[number], srun=matcher.numbered, out=out):
                number += 1
                continue
            passed = matcher.pass_inert(lines, number)
            if passed:
                number += passed
                continue
            columns = match_many(lines, number, now)
            if columns is not None:
                self._stepper.feed_many(columns, out)
                matched += len(columns.ats)
                number += len(columns.ats)
                continue
            at, redraw = ats[number], redraws[number]
            records = match(at, datas[number], redraw, now)
            if matcher.noticed is not None:
                self._notice(at, redraw, records, now, out)
            if records:
                matched += not redraw
                for record in records:
                    place(record, out)
            number += 1
        if matched:
            self._counters["matched"] = self._counters.get("matched", 0) + matched
        self._journal.check(out, self._stepper.reached)
        return out

    def _notice(self, at: int, redraw: bool, records: list[Record], now: float | None, out: Parsed) -> None:
        """Tell the journal of a line that may be an event; before it is placed, but behind all that came before it."""
        text, self._matcher.noticed = self._matcher.noticed or "", None
        prefix = prefixes.take(text, srun=self._matcher.numbered)
        time = prefixes.printed_time(text, now) if prefix.timed else now
        odd = any(not math.isfinite(value) for record in records for value in record.values)
        if odd:
            self._journal.check(out, self._stepper.reached)
        self._journal.notice(at, Noticed(text, time, prefix), redraw=redraw, odd=odd, out=out)

    def _collect(self) -> None:
        """Move what the stages counted into the cumulative counters."""
        for counted in (self._front.counters, self._matcher.counters):
            for reason, count in counted.items():
                self._counters[reason] = self._counters.get(reason, 0) + count
            counted.clear()
        if self._stepper.repeated:
            self._counters["repeated"] = self._counters.get("repeated", 0) + self._stepper.repeated
            self._stepper.repeated = 0
