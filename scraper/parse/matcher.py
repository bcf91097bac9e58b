"""Lines into records: which numbers of a line are values, under which names, and which say where the training is.

A line is analysed in full, by every pack, once per shape: lines that differ in nothing but their numbers have one
shape, and the plan made for the first serves the others. So cost hardly depends on how many packs there are.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import repeat
from typing import Any, Final, NamedTuple

from scraper.model import Labels
from scraper.parse import blocks, jsonlines, pairs, prefixes
from scraper.parse.numbers import TOKENS, to_float
from scraper.parse.packs import PackSet, Pattern
from scraper.parse.pairs import Slot
from scraper.parse.words import phase as phase_of

GENERIC: Final = Pattern("generic", "pairs")
REDRAWN: Final = Pattern("generic", "redrawn", redraw="last")  # the same on a line that is drawn over and over
HEADER: Final = Pattern("generic", "header")
BLOCK: Final = Pattern("generic", "block")
_MAX_PLANS: Final = 8192
_MAX_INERT: Final = 32768
_BAR: Final = re.compile(r"\|[█▉▊▋▌▍▎▏#\d ]*\|(?= )|\[[=>.]*\]|[━╸╺─]{4,}")
_DIGIT_IN_WORD: Final = re.compile(rb"[A-Za-z_@]\d")
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_ANY_DIGITS: Final = r"\d+(?:,\d{3})*"
_ASIDE: Final = ("val", "test")  # phases whose counters say nothing about where the training is
_LOUD: Final = frozenset(("warning", "error", "critical"))


class Kind(NamedTuple):
    """What all records of one pattern with the same names share."""

    pattern: Pattern
    names: tuple[str, ...]
    key: str  # tells counters of one kind of line from those of another
    aside: bool  # of validation or test: says nothing about where the training is
    plain: bool  # placed as it comes: no bar, no redraw, nothing to wait for


@lru_cache(maxsize=8192)
def kind_of(pattern: Pattern, names: tuple[str, ...]) -> Kind:
    """Return what records of `pattern` with these names share."""
    aside = any(phase_of(name) in _ASIDE for name in names[:1]) and not pattern.redraw
    plain = not (pattern.kind == "bar" or pattern.redraw or pattern.wait or pattern.once or pattern.joins or pattern.summary)
    return Kind(pattern, names, f"{pattern.id} {' '.join(names[:1]) if pattern is GENERIC else ''}", aside, plain)


class Record(NamedTuple):
    """What one pattern read at one place."""

    at: int
    redraw: bool
    time: float | None
    labels: Labels
    kind: Kind
    facts: dict[str, float]
    values: list[float]

    @property
    def pattern(self) -> Pattern:
        """The pattern that read it."""
        return self.kind.pattern

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics' names, one a value."""
        return self.kind.names

    def named(self, names: tuple[str, ...], values: list[float] | None = None) -> Record:
        """Return the record with other names, and other values where given."""
        return self._replace(kind=kind_of(self.kind.pattern, names), values=self.values if values is None else values)


class Found(NamedTuple):
    """What one pattern found in one line, by position: analysis before any number is read."""

    pattern: Pattern
    facts: tuple[tuple[str, Slot], ...]
    pairs: tuple[tuple[str, Slot], ...]


class RecordPlan(NamedTuple):
    """The same by number of token, good for every line of a shape."""

    kind: Kind
    facts: tuple[tuple[str, int], ...]
    tokens: tuple[int, ...]  # -1: the value is no token but a constant of the shape, such as nan
    scales: tuple[float, ...] | None  # factors, or the constants themselves; None: all 1


class LinePlan:
    """How to read every line of a shape. Only `uses` changes."""

    __slots__ = ("labels", "quiet", "records", "relabel", "template", "timed", "uses")

    def __init__(self, prefix: prefixes.Prefix, records: tuple[RecordPlan, ...], template: re.Pattern[str] | None, *, relabel: bool) -> None:
        self.timed = prefix.timed
        self.labels = prefix.labels
        self.relabel = relabel  # the labels stand in numbers: read them anew
        self.records = records
        self.template = template  # matches the shape and gives its tokens; None: analyse each line by itself
        self.quiet = all(_is_quiet(r.kind.pattern) for r in records)  # leaves no state behind
        self.uses = 0


def _is_quiet(pattern: Pattern) -> bool:
    return pattern is not HEADER and pattern is not BLOCK and not (pattern.opens or pattern.closes or pattern.kind in ("table", "box"))


class Matcher:
    """Turns lines into records. Holds the open table, box or section, which `save` gives as plain data."""

    def __init__(self, packs: PackSet, state: dict[str, Any] | None = None, *, timeout: float = 0.01, strikes: int = 5) -> None:
        state = state or {}
        self.packs = packs
        self.counters: Counter[str] = Counter()
        self._patterns = packs.patterns
        self._block = blocks.load(state.get("block"), {p.id: p for p in packs.patterns})
        self._section: str = state.get("section", "")
        self._srun: bool | None = state.get("srun")  # None: no line seen yet
        self._list: bool = state.get("list", False)  # behind a header that is followed by one name=value a line
        self._plans: dict[tuple[str, bool, str], LinePlan] = {}
        self._inert: set[bytes] = set()
        self._timeout, self._strikes = timeout, strikes
        self._last: LinePlan | None = None
        self._timeouts: Counter[str] = Counter(state.get("timeouts", {}))

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "block": self._block.save() if self._block else None,
            "section": self._section,
            "srun": self._srun,
            "list": self._list,
            "timeouts": dict(self._timeouts),
        }

    def match(self, at: int, data: bytes, redraw: bool, now: float | None) -> list[Record]:  # noqa: FBT001 - the fields of a RawLine, in their order
        """Return the records of one line, in printed order."""
        if self._block is None and not self._list and not self._section and data.translate(_ZEROS) in self._inert:
            return []
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.counters["bad_utf8"] += 1
            text = data.decode(errors="replace")
        if self._block is not None:
            taken = self._feed_block(at, text, redraw, now)
            if taken is not None:
                return taken
        plan = self._last
        m = plan.template.fullmatch(text) if plan is not None and plan.template is not None else None
        if m is None or plan is None:
            plan = self._plan(text)
            if not plan.records:
                self._remember_inert(data, text)
                return []
            m = plan.template.fullmatch(text) if plan.template is not None else None
            self._last = plan if plan.quiet and not self._section else None
        plan.uses += 1
        time = prefixes.printed_time(text, now) if plan.timed else now
        labels = prefixes.take(text, srun=bool(self._srun)).labels if plan.relabel else plan.labels
        if m is not None:
            tokens = m.groups()
            records = [_apply(p, tokens, at, redraw, time, labels) for p in plan.records]
        else:
            records = [_evaluate(f, text, at, redraw, time, labels) for f in self._analyse(text)[1]]
        if self._list or not plan.quiet:
            self._follow(records, text)
        return records

    def _remember_inert(self, data: bytes, text: str) -> None:
        """A line that says nothing need not be looked at again, whatever its numbers; unless it just ended a list."""
        if self._list and text.strip():
            self._list = False
            return
        if not self._section and not _DIGIT_IN_WORD.search(data):
            if len(self._inert) >= _MAX_INERT:
                self._inert.clear()
            self._inert.add(data.translate(_ZEROS))

    def _plan(self, text: str) -> LinePlan:
        if self._srun is not False and text.strip():
            self._watch_srun(text)
        canon = pairs.shape(text)
        if "|" in text or "━" in text or "=>" in text or "==]" in text:
            canon = _BAR.sub("|", canon)
        key = (self._section, self._list, canon)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._make_plan(text)
        return plan

    def _watch_srun(self, text: str) -> None:
        """`srun -l` puts the task's number in front of every line, from the first on; one line without it settles that it is no prefix."""
        has = prefixes.srun_prefix(text, first=self._srun is None)
        if has != self._srun:
            self._srun = has
            self._last = None
            self._plans.clear()
            self._inert.clear()

    # --- a shape's first line

    def _make_plan(self, text: str) -> LinePlan:
        prefix, found = self._analyse(text)
        if not found:
            return LinePlan(prefix, (), None, relabel=False)
        compiled = _compile(text, found)
        steady = compiled is not None and all(self._same_plan(variant, compiled) for variant in _variants(text, prefix.end))
        relabel = any(value.isdigit() and value in TOKENS.findall(text[: prefix.end]) for _, value in prefix.labels)
        if compiled is None or not steady:
            return LinePlan(prefix, tuple(RecordPlan(kind_of(f.pattern, ()), (), (), None) for f in found), None, relabel=relabel)
        return LinePlan(prefix, compiled, _template(text), relabel=relabel)

    def _same_plan(self, variant: str, plan: tuple[RecordPlan, ...]) -> bool:
        return _compile(variant, self._analyse(variant)[1]) == plan

    def _analyse(self, text: str) -> tuple[prefixes.Prefix, list[Found]]:
        """Find what a line says: the first pattern that matches has it, and may leave the rest of the line to others."""
        prefix = prefixes.take(text, srun=bool(self._srun))
        found: list[Found] = []
        at = prefix.end
        while at < len(text):
            body = text[at:]
            hit = self._try_patterns(body)
            if hit is None:
                generic = self._generic(body, prefix)
                found += [_shift(generic, at)] if generic else []
                break
            one, end = hit
            found.append(_shift(one, at))
            if not one.pattern.rest or end <= 0:
                break
            at += end
        return prefix, found

    def _try_patterns(self, body: str) -> tuple[Found, int] | None:
        for pattern in self._patterns:
            if pattern.inside and pattern.inside != self._section:
                continue
            if any(literal not in body for literal in pattern.literals):
                continue
            if pattern.kind == "json":
                if hit := jsonlines.read(body, pattern):
                    return Found(pattern, (), ()), len(body)
                continue
            if pattern.regex is None or (pattern.user and self._timeouts[pattern.id] >= self._strikes):
                continue
            m = self._search(pattern, body)
            if m:
                return _read_match(m, pattern), m.end()
        return None

    def _search(self, pattern: Pattern, body: str) -> Any:
        assert pattern.regex is not None  # noqa: S101 - the caller looked
        if not pattern.user:
            return pattern.regex.search(body)
        try:
            return pattern.regex.search(body, timeout=self._timeout, concurrent=False)
        except TimeoutError:
            self._timeouts[pattern.id] += 1
            self.counters["pattern_timeout"] += 1
            return None

    def _generic(self, body: str, prefix: prefixes.Prefix) -> Found | None:
        """Read a line that no pack knows, if it clearly reports progress."""
        if prefix.level in _LOUD or not any(c.isdigit() for c in body) and "nan" not in body.lower() and "inf" not in body.lower():
            return None
        if self._list and (one := pairs.listed(body)):
            return Found(BLOCK, (), (one,))
        scan = pairs.scan(body)
        facts = tuple(scan.facts.items())
        if pairs.reports_progress(body, scan):
            return Found(GENERIC, facts, tuple((_phased(scan.phase, name), slot) for name, slot in scan.pairs))
        if pairs.is_header(body, scan):
            return Found(HEADER, facts, ())
        return None

    # --- state that one line leaves for the next

    def _follow(self, records: list[Record], text: str) -> None:
        for record in records:
            pattern = record.pattern
            if pattern.kind == "table":
                self._block = blocks.Table(pattern, text[prefixes.take(text).end :])
            elif pattern.kind == "box":
                self._block = blocks.Box(pattern)
            if pattern.opens:
                self._section = pattern.opens
            elif pattern.closes:
                self._section = ""
            self._list = (pattern is HEADER and pairs.is_bare_header(text[prefixes.take(text).end :])) or (self._list and pattern in (BLOCK, GENERIC) and not record.facts)

    def _feed_block(self, at: int, text: str, redraw: bool, now: float | None) -> list[Record] | None:  # noqa: FBT001
        """Offer a line to the open block; None: it is no part of it and is read as usual."""
        block = self._block
        assert block is not None  # noqa: S101 - the caller looked
        prefix = prefixes.take(text)
        cells = block.feed(text[prefix.end :] if prefix.timed or prefix.level else text)
        taken = cells is not None or (isinstance(block, blocks.Box) and block.took)
        if not block.open:
            self._block = None
        if cells is not None:
            time = prefixes.printed_time(text, now) if prefix.timed else now
            return [Record(at, redraw, time, prefix.labels, kind_of(block.pattern, cells.names), cells.facts, cells.values)]
        return [] if taken else None


def _phased(phase: str, name: str) -> str:
    """Put the phase in front of a name that does not tell it."""
    return name if not phase or phase_of(name) else f"{phase}/{name}"


def _shift(found: Found, by: int) -> Found:
    move = lambda items: tuple((name, Slot(s.start + by, s.end + by, s.scale)) for name, s in items)  # noqa: E731 - used twice, right here
    return Found(found.pattern, move(found.facts), move(found.pairs))


def _read_match(m: Any, pattern: Pattern) -> Found:
    """Sort the groups of a match into facts and pairs."""
    facts: list[tuple[str, Slot]] = []
    values: list[tuple[str, Slot]] = []
    prefix = pattern.prefix
    for group, number in m.re.groupindex.items():
        if m.start(number) < 0:
            continue
        slot = Slot(m.start(number), m.end(number))
        if group == "pairs":
            scan = pairs.scan(m[number], trusted=True)
            values += [(prefix + pattern.names.get(n, n), Slot(s.start + slot.start, s.end + slot.start, s.scale)) for n, s in scan.pairs if n not in pattern.skip]
        elif group == "key":
            spans = zip(m.captures("key"), m.spans("value"), strict=False)
            values += [(prefix + pattern.names.get(k, k), Slot(*span)) for k, span in spans if k not in pattern.skip]
        elif group == "desc":
            facts += [(n, Slot(s.start + slot.start, s.end + slot.start)) for n, s in pairs.scan(m[number]).facts.items()]
        elif group == "phase":
            prefix = prefix or _phase_prefix(m[number])
        elif group in _FACTS:
            facts.append((group, slot))
        elif group != "value":
            values.append((prefix + pattern.names.get(group, group), slot))
    return Found(pattern, tuple(facts), tuple(values))


_FACTS: Final = frozenset(("step", "steps", "epoch", "epochs", "batch", "batches", "samples", "total_samples", "counter", "counters", "bar", "bar_total"))


def _phase_prefix(word: str) -> str:
    known = phase_of(word)
    return f"{known}/" if known else ""


def _compile(text: str, found: list[Found]) -> tuple[RecordPlan, ...] | None:
    """Return the plans of a line, or None where a value is no token of its shape."""
    where = {m.span(1): i for i, m in enumerate(TOKENS.finditer(text))}
    plans = []
    for f in found:
        if f.pattern.kind == "json":
            return None
        try:
            facts = tuple((name, where[slot.start, slot.end]) for name, slot in f.facts)
            placed = [_place(text, slot, where) for _, slot in f.pairs]
        except KeyError:
            return None
        scales = tuple(scale for _, scale in placed)
        plain = all(scale == 1.0 and token >= 0 for token, scale in placed)
        plans.append(RecordPlan(kind_of(f.pattern, tuple(n for n, _ in f.pairs)), facts, tuple(t for t, _ in placed), None if plain else scales))
    return tuple(plans)


def _place(text: str, slot: Slot, where: dict[tuple[int, int], int]) -> tuple[int, float]:
    token = where.get((slot.start, slot.end))
    if token is not None:
        return token, slot.scale
    word = text[slot.start : slot.end]
    if any(c.isdigit() for c in word):
        raise KeyError(word)
    return -1, to_float(word)  # nan and infinity are letters, and so part of the shape


def _apply(plan: RecordPlan, tokens: tuple[str, ...], at: int, redraw: bool, time: float | None, labels: Labels) -> Record:  # noqa: FBT001
    kind, placed, wanted, scales = plan
    try:
        facts = {name: float(tokens[i]) for name, i in placed}
        values = [float(tokens[i]) for i in wanted] if scales is None else [float(tokens[i]) * s if i >= 0 else s for i, s in zip(wanted, scales, strict=True)]
    except ValueError:  # thousands separators
        facts = {name: to_float(tokens[i]) for name, i in placed}
        values = [to_float(tokens[i]) * s if i >= 0 else s for i, s in zip(wanted, scales or repeat(1.0), strict=False)]
    return Record(at, redraw, time, labels, kind, facts, values)


def _evaluate(found: Found, text: str, at: int, redraw: bool, time: float | None, labels: Labels) -> Record:  # noqa: FBT001
    """Read one line's numbers without a plan."""
    if found.pattern.kind == "json":
        read = jsonlines.read(text, found.pattern)
        assert read is not None  # noqa: S101 - it was found in the same text a moment ago
        return Record(at, redraw, read.time if read.time is not None else time, labels, kind_of(found.pattern, read.names), read.facts, read.values)
    facts = {name: to_float(text[s.start : s.end]) for name, s in found.facts}
    values = [to_float(text[s.start : s.end]) * s.scale for _, s in found.pairs]
    return Record(at, redraw, time, labels, kind_of(found.pattern, tuple(n for n, _ in found.pairs)), facts, values)


def _template(text: str) -> re.Pattern[str]:
    """Return a regex that matches the lines of a text's shape and captures their tokens."""
    edges: dict[int, str] = {}
    for m in TOKENS.finditer(text):
        edges[m.start(1)] = edges.get(m.start(1), "") + "("
        edges[m.end(1)] = ")" + edges.get(m.end(1), "")
    runs = {m.start(): m.end() for m in pairs.DIGITS.finditer(text)}
    out, at = [], 0
    while at < len(text):
        out.append(edges.get(at, ""))
        end = runs.get(at)
        out.append(_ANY_DIGITS if end else re.escape(text[at]))
        at = end or at + 1
    out.append(edges.get(len(text), ""))
    return re.compile("".join(out))


def _variants(text: str, body: int) -> list[str]:
    """Return a shape's line with other numbers, longer and shorter, to see whether its plan depends on them."""
    head, tail = text[:body], text[body:]
    longer = pairs.DIGITS.sub(lambda m: "1" + m[0].replace(",", ""), tail)
    shorter = pairs.DIGITS.sub("7", tail)
    return [head + longer, head + shorter]
