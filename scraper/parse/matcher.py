"""Lines into records: which numbers of a line are values, under which names, and which say where the training is.

A line is analysed in full, by every pack, once per shape: lines that differ in nothing but their numbers have one
shape, and the plan made for the first serves the others. So cost hardly depends on how many packs there are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from scraper.model import Labels
from scraper.parse import careful, encodings, events, folded, items, jsonlines, marks, opened, prefixes, reports
from scraper.parse.contexts import Contexts
from scraper.parse.inert import WORTH_KEEPING, Inert
from scraper.parse.listings import Listing
from scraper.parse.numbers import TOKENS, shape
from scraper.parse.packs import PackSet
from scraper.parse.plans import (
    FEWEST,
    Columns,
    Found,
    LinePlan,
    apply,
    apply_many,
    below,
    compile_plans,
    evaluate,
    has_fraction,
    sharpened,
    shifted,
)
from scraper.parse.printed import Lines
from scraper.parse.ranks import Ranks
from scraper.parse.records import BLOCK, GENERIC, HEADER, Record, kind_of
from scraper.parse.search import Search
from scraper.parse.uses import Uses
from scraper.parse.words import phase

_MOST: Final = 2048  # lines read in one go at most
_PAUSE: Final = 32  # lines read one by one where too few have one shape, and more each time
_LONGEST: Final = 16_384  # characters of a line that is searched
_BLOB: Final = re.compile(r"(?<![\w./@+%&'])(?:[\w./@+%&']-*+){256}")  # a word as long is no name: encoded data, a hash, a path
_MAX_PLANS: Final = 2048
_BAR: Final = re.compile(r"\|[█▉▊▋▌▍▎▏#\d ]*\|(?= )|\[[=>.]*\]|[━╸╺─]{4,}")  # bars differ in nothing that matters
_OF_BARS: Final = frozenset(("bar", "bar_total"))


class Matcher:
    """Turns lines into records. Holds the open table, box or section, which `save` gives as plain data."""

    def __init__(
        self, packs: PackSet, state: dict[str, Any] | None = None, *, timeout: float = 0.01, strikes: int = 5, uses: Uses | None = None
    ) -> None:
        state = state or {}
        self.packs = packs
        self._objects = [p for p in packs.patterns if p.kind == "json"]
        self.counters: Counter[str] = Counter()
        self.search = Search(packs, uses or Uses(packs), self.counters, state.get("timeouts", {}), timeout=timeout, strikes=strikes)
        self._open = Contexts(state.get("contexts"), {p.id: p for p in packs.patterns})
        self._ranks = Ranks(state.get("ranks"))
        self._form: str = state.get("form", "")  # how the line above was written, where it was a name and a metric's value and no more
        self._listing = Listing(state.get("listing"))  # of settings, before a training began
        self._plans: dict[tuple[str, str, bool, bool, str, str], LinePlan] = {}
        self._inert = Inert()
        self.noticed: str | None = None  # the last line's text if it may be an event or has a NaN; whoever reads it sets it back
        self._last: LinePlan | None = None
        self._before: LinePlan | None = None  # of the last line that was read, and whether its shape is that of the one before
        self.is_alike = False
        self._stride, self._pause, self._single_until = FEWEST, _PAUSE, 0

    @property
    def numbered(self) -> bool:
        """Whether the number in front of a line is that of a task, as `srun --label` puts it there."""
        return self._ranks.numbered

    @property
    def section(self) -> str:
        """The open section; empty for none."""
        return self._open.here.section.name

    @property
    def block(self) -> opened.Block | None:
        """The open table, box, tree or wrapped bar."""
        return self._open.here.block

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "contexts": self._open.save(),
            "ranks": self._ranks.save(),
            "form": self._form,
            "listing": self._listing.save(),
            "timeouts": self.search.save(),
        }

    def match(self, at: int, data: bytes, redraw: bool, now: float | None) -> list[Record]:
        """Return the records of one line, in printed order."""
        text = self._text(data, redraw=redraw)
        taken = self._go_on(at, text, redraw=redraw, now=now) if self._open.here.spans else None
        if taken is not None:
            return taken
        plan, tokens = self._guess(text)
        found: list[Found] | None = None
        if plan is None:
            plan = self._plan(text)
            if not plan.records:
                return self._take_item(plan, at, data, text, redraw=redraw, now=now)
            found, plan.found = plan.found, None
            if found is None:
                tokens = plan.tokens(text, self.analyse)
            if self._last is not None and tokens is not None:
                self._last.follower = plan
            self._last = plan if plan.quiet and not self._has_context else None
        self.is_alike, self._before, self._form = plan is self._before, plan, plan.form
        if plan.notable:
            self.noticed = text
        time = prefixes.printed_time(text, now) if plan.timed else now
        labels = self._ranks.label(plan.labels, text, anew=plan.relabel, redraw=redraw)
        if tokens is not None:
            records = [apply(p, tokens, at, redraw, time, labels) for p in plan.records]
        else:
            records = [evaluate(f, text, at, redraw, time, labels) for f in found or self.analyse(text)[1]]
        if self._open.here.listed or not plan.quiet or self._listing.possible or self._open.here.above.phase:
            self._follow(records, text, labels)
        return records

    def _text(self, data: bytes, *, redraw: bool) -> str:
        """Decode a line, learn from it what the numbers in front are, as what is known of shapes depends on it, and go where it stands."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.counters["bad_utf8"] += 1
            text = encodings.decode(data)
        text = marks.framed(text)
        if self._ranks.watch(text, redraw=redraw):
            self._forget_shapes()
        if self._open.are_several and self._open.is_open:
            self._open.turn(self._ranks.whose(text, redraw=redraw))
        return text

    def _own(self, text: str) -> str:
        """Return a line without what stands before its own text."""
        return text[prefixes.take(text, srun=self.numbered).end :].rstrip(" ")

    def _guess(self, text: str) -> tuple[LinePlan | None, Sequence[str] | None]:
        """Return the plan and tokens of a line that has the shape of what came after the line before the last time, or that line's own."""
        last = self._last
        if self._listing.open:
            self._listing.meet(text)
        if last is None or self._has_context:
            return None, None
        for plan in (last.follower, last):
            if plan is not None and plan.template is not None and (m := plan.template.fullmatch(text)):
                self._last = plan
                return plan, m.groups()
        return None, None

    def match_many(self, lines: Lines, first: int, now: float | None) -> Columns | None:
        """Read several lines from number `first` on if they have the shape of the line before them; else None.

        How many are tried grows while it succeeds, and how long single lines are read while it fails.
        """
        if first < self._single_until or self._ranks.reads_all or self._has_context or not self._last or not self._last.template:
            return None
        columns = apply_many(self._last, lines, first, first + self._stride, now)
        if columns is None:
            self._single_until = first + self._pause
            self._stride, self._pause = FEWEST, min(self._pause * 2, _MOST)
            return None
        self._stride, self._pause = min(self._stride * 2, _MOST), _PAUSE
        self._form = self._last.form
        return columns

    def pass_inert(self, lines: Lines, first: int) -> int:
        """Return how many lines from number `first` on are known to say nothing."""
        shapes = lines.zeroed
        if shapes[first] not in self._inert.shapes or self._form or self._ranks.watching or self._has_context:
            return 0
        passed = self._inert.run(shapes, first)
        self._ranks.pass_over(lines, first, first + passed, self._inert.fronts)
        self._listing.pass_over()
        return passed

    @property
    def lists_settings(self) -> bool:
        """Whether the last line was one of a listing of settings, or of a program."""
        return self._listing.open

    @property
    def _has_context(self) -> bool:
        """Whether what a line says depends on those before it, so that it is read by itself."""
        return self._listing.open or self._open.is_open

    def new_block(self) -> None:
        """Begin to count lines anew."""
        self._single_until = 0

    def _go_on(self, at: int, text: str, *, redraw: bool, now: float | None) -> list[Record] | None:
        """Offer a line to those above: a row adds to the line that it goes on with. None: it is no part of them and is read as usual."""
        line = self._open.here.folded
        if not line.goes_on(text):
            line.begin("")
            return self._feed_block(at, text, redraw, now)
        if line.waits:
            return []
        prefix, found = self.analyse(line.whole)
        time = prefixes.printed_time(line.whole, now) if prefix.timed else now
        labels = self._ranks.label(prefix.labels, line.whole, anew=False, redraw=redraw)
        before = [evaluate(f, line.told, at, redraw, time, labels) for f in self.analyse(line.told)[1]]
        return folded.added([evaluate(f, line.whole, at, redraw, time, labels) for f in found], before)

    def _take_item(self, plan: LinePlan, at: int, data: bytes, text: str, *, redraw: bool, now: float | None) -> list[Record]:
        """Return the record of a line that says something only below another of its form; most say nothing at all."""
        labels = self._ranks.label(plan.labels, text, anew=plan.relabel, redraw=redraw)
        one = None if self._listing.possible else items.below(self._form, text, self._open.here.above.phase, srun=self.numbered)
        if one is None:
            return self._pass_over(plan, data, text, labels)
        time = prefixes.printed_time(text, now) if plan.timed else now
        return [evaluate(one, text, at, redraw, time, labels)]

    def _pass_over(self, plan: LinePlan, data: bytes, text: str, labels: Labels) -> list[Record]:
        """Note that a line gives no record, whatever its numbers, so that its like need not be looked at; unless it does more than that."""
        self._form = ""
        self._begin_rows(text, labels)
        if plan.notable:
            self.noticed = text
        if self._open.here.listed and text.strip():
            self._open.here.listed = False
            return []
        own = text[plan.body :]
        if self._open.skip(own, labels):
            return []
        if not self._listing.open and self._open.head(own, labels):
            self._last = None  # what is known of the next line's shape was found out without the heading
            return []
        if plan.notable or (self._listing.take(own) if self._listing.possible else self._listing.recall(own)):
            return []
        is_sound = text.isascii() or text.encode() == data  # a line with bytes that are no UTF-8 is counted every time
        if is_sound and plan.settled and not (self._open.here.section.name or self._open.here.folded.open):
            self._inert.add(data, has_labels=bool(plan.labels))
        return []

    def _plan(self, text: str) -> LinePlan:
        if len(text) > _LONGEST:
            return self._oversize(text)
        canon = shape(text)
        if "|" in text or "━" in text or "=>" in text or "==]" in text:
            canon = _BAR.sub("|", canon, count=1)
        here = self._open.here
        key = (here.section.name, here.section.part, here.listed, self._listing.open, here.above.phase, canon)
        plan = self._plans.get(key)
        if plan is None and _BLOB.search(text):
            return self._oversize(text)
        if plan is None or not (plan.settled or self._settle(plan, text)):
            doubted = plan is not None
            if plan is None and len(self._plans) >= _MAX_PLANS:
                self._forget_plans()
            plan = self._make_plan(text)
            plan.doubted = doubted
            plan.settled = bool(plan.records) or not has_fraction(text, plan.body)
            if len(canon) <= WORTH_KEEPING:
                self._plans[key] = plan
            plan.notable = events.may_tell(text, plan.body) or plan.is_odd(text)
        return plan

    def _settle(self, plan: LinePlan, text: str) -> bool:
        """Whether no line of a shape says anything, as its first one did not: some are told by the digits of their fractions."""
        plan.settled = not plan.doubted and not self.analyse(sharpened(text, plan.body))[1]
        return plan.settled

    def _oversize(self, text: str) -> LinePlan:
        """Plan a line that is too long, or holds too long a word, to be searched: none of it is read unless it is a JSON object."""
        prefix = prefixes.take(text[: events.MAX_TEXT], srun=self.numbered)
        for pattern in self._objects:
            if jsonlines.read(text, pattern):
                found = [Found(pattern, (), ())]
                return LinePlan(prefix, found, compile_plans(text, found), relabel=False)
        self.counters["line_not_searched"] += 1
        plan = LinePlan(prefix, [], (), relabel=False)
        plan.notable = events.TRACEBACK in text or events.may_tell(text[: prefix.end + events.MAX_TEXT], prefix.end)
        return plan

    def _forget_shapes(self) -> None:
        self._forget_plans()
        self._inert.clear()

    def _forget_plans(self) -> None:
        for plan in self._plans.values():
            plan.follower = None
        self._plans.clear()
        self._last = None

    # --- a shape's first line

    def _make_plan(self, text: str) -> LinePlan:
        prefix, found = self.analyse(text)
        before = prefixes.take(text, srun=self.numbered).labels and not prefixes.rank_within(text, prefix.end)
        head = text[: prefix.end] if before else text  # or in it, or behind a bar
        relabel = any(value.isdigit() and value in TOKENS.findall(head) for _, value in prefix.labels)
        plan = LinePlan(prefix, found, compile_plans(text, found), relabel=relabel)
        plan.form = items.form(text, prefix, found)
        if folded.may_go_on(text):
            plan.quiet = False
        return plan

    def analyse(self, text: str) -> tuple[prefixes.Prefix, list[Found]]:
        """Return what stands before a line's text, and by position what it says, were it the next line and no part of a block.

        The first pattern that matches has it, and may leave the rest of the line to others.
        """
        text = text.rstrip(" ")  # what a terminal shows may end with blanks
        prefix = prefixes.take(text, srun=self.numbered)
        found: list[Found] = []
        at, section = prefix.end, self._open.here.section.name
        while at < len(text):
            body = text[at:]
            hit = self.search.first(body, section)
            known = hit is not None
            hit = hit or careful.read(body, prefix, self._open.here, self._listing)
            if hit is None:
                break
            one, start, end = self._open.here.section.named(hit[0]), *hit[1:]
            if one.pattern.wait and "%|" in body[:start]:  # bars whose carriage returns were lost
                found += [shifted(bar, at) for bar in self.analyse(body[:start])[1]]
            found.append(shifted(below(self._open.here.above.phase, one), at))
            closed = bool(section) and one.pattern.closes
            if (known and not one.pattern.rest) or (end <= 0 and not closed):
                break
            at, section = at + end, "" if closed else section
            again = prefixes.take(text[at:])  # a logger's line right behind a bar
            if again.timed or again.level:
                own = () if any(one.pairs for one in found) else again.labels  # what a bar shows is of all ranks, and so is its line
                at, prefix = at + again.end, prefix._replace(labels=prefix.labels or own)
        return prefix, found

    # --- state that one line leaves for the next

    def _begin_rows(self, text: str, labels: Labels) -> None:
        """Let a line go on in rows where it is written as one that may."""
        if folded.may_go_on(text):
            self._open.begin(labels)
            self._open.here.folded.begin(text)

    def _follow(self, records: list[Record], text: str, labels: Labels) -> None:
        self._begin_rows(text, labels)
        if self._listing.possible or self._open.here.above.phase:
            self._end_context(records, text, labels)
        if records and (records[0].pattern is HEADER or records[0].pattern.opens or records[0].pattern.closes):  # `** Eval results **`
            self._open.head(self._own(text), labels)  # `Validating epoch 3`
        for record in records:
            pattern = record.pattern
            behind = "" if record is records[0] else prefixes.behind_bar(text)  # what a logger printed there begins anew
            if pattern is HEADER or pattern.opens or opened.opens(pattern):
                self._open.begin(labels)
            here = self._open.here
            here.block = opened.begin(pattern, behind or text, here.above.phase, here.block, srun=self.numbered)
            if pattern.opens or pattern.closes:
                here.section.follow(pattern, self._own(text) if record is records[0] else behind)
            goes_on = here.listed and pattern in (BLOCK, GENERIC) and not record.facts
            here.listed = goes_on or (pattern is HEADER and reports.is_bare_header(self._own(text)))

    def _end_context(self, records: list[Record], text: str, labels: Labels) -> None:
        """Tell the listing and the heading above of a line that was read; where it gives nothing, it may be a heading to others."""
        if any(record.facts or record.values for record in records):
            possible = self._listing.possible
            placed = any(record.facts and (record.values or not record.facts.keys() <= _OF_BARS) for record in records)
            self._listing.end(placed=placed, valued=any(record.values for record in records))
            if possible and not self._listing.possible:
                self._forget_shapes()  # what said nothing among settings may say something now
            is_within = text[:1].isspace() and ":" in text and not any(record.values for record in records)  # `  epoch: 3` below `val:`
            trains = any(not record.facts.keys() <= _OF_BARS or "train" in map(phase, record.names) for record in records) and not is_within
            self._open.here.above.read(placed=trains)
            return
        own = self._own(text)
        if self._listing.possible:
            self._listing.take(own)
        if self._open.here.above.phase:
            self._open.head(own, labels)

    def _feed_block(self, at: int, text: str, redraw: bool, now: float | None) -> list[Record] | None:
        """Offer a line to the open passage and block; None: it is no part of them and is read as usual."""
        if self._open.here.passage.open and self._open.here.passage.holds(text):
            return []
        if (block := self._open.here.block) is None:
            return None
        prefix = prefixes.take(text, srun=self.numbered)
        cells = block.feed(opened.body(block, text, prefix))
        if not block.open:
            self._open.here.block = None
        if cells is None and not block.took:
            return None
        labels = self._ranks.label(prefix.labels, text, anew=False, redraw=redraw)
        if cells is None:
            return []
        time = prefixes.printed_time(text, now) if prefix.timed else now
        kind = kind_of(block.pattern, self._open.here.above.over(cells.names) if block.pattern.headed else cells.names)
        return [Record(at, redraw or opened.is_drawn_again(block, text), time, labels, kind, cells.facts, cells.values)]
