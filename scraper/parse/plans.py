"""How to read every line of a shape, once one of them was analysed: by number of token, through one regex."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple

from scraper.model import Labels
from scraper.parse import jsonlines, pairs, prefixes
from scraper.parse.numbers import DECIMAL, DIGITS, NONFINITE, NUMBER, TOKENS, all_or_none, to_float
from scraper.parse.packs import FACTS, SPANNING, Pattern
from scraper.parse.places import Slot
from scraper.parse.printed import Lines
from scraper.parse.records import BLOCK, HEADER, Kind, Record, kind_of
from scraper.parse.words import ANY_PHASE, is_metric, phase, phased

_DECIMAL: Final = re.compile(rf"[-+]?{DECIMAL}")
_NUMBER: Final = re.compile(NUMBER)
FEWEST: Final = 16  # lines worth reading in one go
_HOT: Final = 64  # lines of a shape from which on it is worth a template, which takes as long to make as to read some 100 lines
_NONFINITE: Final = re.compile(NONFINITE)
_EXPONENT: Final = r"[eE][-+]?\d++"
_SCALED: Final = all_or_none(_EXPONENT)
_UNSIGNED: Final = rf"\d++(?:,\d{{3}})*\.\d*+{_SCALED}|\.\d++{_SCALED}|\d++{_EXPONENT}"
_FRACTION: Final = re.compile(rf"[-+]?(?:{_UNSIGNED})")
_BAR_BEFORE: Final = re.compile(r"^.*/[a-z]{1,12}\]")  # the end of a bar whose carriage return was lost
_ROUNDS: Final = re.compile(
    rf"\s*(?:\[[^\]\d]*\d?\]\s*)?(?:(?i:{ANY_PHASE})[\s:-]*)?(?:\(|\[|#|[Ee](?:p\.? ?)?)?"
    r"(?P<n>\d{1,4})\s*/\s*(?P<total>\d{1,4})[\])]?\s*"
)
_RATES: Final = ("lr", "learning rate", "learning_rate")  # what a bar's description tells beside its metrics
_DECIMALS: Final = re.compile(r"(?<=\d)\.\d+(?![\d.])")
_PADDING: Final = re.compile(r"(?:\\ ){2,}")
_ANY_DIGITS: Final = r"\d++(?:,\d{3})*"
_EXACT: Final = 1 << 53  # whole numbers below it are floats exactly


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


class Columns(NamedTuple):
    """What one plan read in consecutive lines: a value a line in every column."""

    ats: list[int]
    times: list[float | None]
    labels: Labels
    kind: Kind
    facts: dict[str, list[float]]
    values: list[list[float]]  # a column a name

    def rows(self) -> Iterator[Record]:
        """Return the lines' records one by one."""
        for i, (at, time) in enumerate(zip(self.ats, self.times, strict=True)):
            facts = {name: column[i] for name, column in self.facts.items()}
            values = [column[i] for column in self.values]
            yield Record(at=at, redraw=False, time=time, labels=self.labels, kind=self.kind, facts=facts, values=values)


class LinePlan:
    """How to read every line of a shape."""

    __slots__ = (
        "body", "count", "doubted", "follower", "form", "found", "labels", "many", "notable", "quiet", "reads", "records", "relabel",
        "settled", "template", "timed",
    )  # fmt: skip

    def __init__(self, prefix: prefixes.Prefix, found: list[Found], records: tuple[RecordPlan, ...], *, relabel: bool) -> None:
        self.timed = prefix.timed
        self.labels = prefix.labels
        self.body = prefix.end  # where the own text of the line begins that the plan was made from
        self.relabel = relabel  # the labels stand in numbers: read them anew
        self.found: list[Found] | None = found  # of the first line, until that is read
        self.records = records
        self.reads = 0  # lines behind the first that were read, but for those read by the template
        self.count: int | None = None  # of tokens in every line, where the plan does not depend on the numbers
        self.template: re.Pattern[str] | None = None  # matches lines of the shape and gives their tokens
        self.many: re.Pattern[bytes] | None = None  # matches every line of a text that has the shape; made when it is first wanted
        self.quiet = all(_is_quiet(r.kind.pattern) for r in records)  # leaves no state behind
        self.settled = bool(records)  # where this line said nothing, so do all of the shape
        self.doubted = False  # as its numbers have fractions, by whose digits some are told
        self.notable = False  # its lines may be events, or have a value that is no finite number
        self.form = ""  # of lines that are a name and a value and no more, how they are written
        self.follower: LinePlan | None = None  # of the line that came after one of this shape the last time

    def tokens(self, text: str, analyse: Callable[[str], tuple[prefixes.Prefix, list[Found]]]) -> Sequence[str] | None:
        """Return the tokens of a line that has been found to have the plan's shape; None where the plan depends on the numbers.

        That is tried out with the shape's second line, as many shapes have but one, and the template made when it has had many.
        """

        def is_alike(variant: str) -> bool:
            return compile_plans(variant, analyse(variant)[1]) == self.records

        if not self.reads:
            count = len(TOKENS.findall(text))  # a timestamp is one token; in a variant it may be none, and its numbers tokens each
            if all(record.tokens or record.facts for record in self.records) and all(
                len(TOKENS.findall(variant)) == count and is_alike(variant) for variant in variants(text, self.body)
            ):
                self.count = count
        self.reads += 1
        if self.count is None:
            return None
        if self.template is not None and (m := self.template.fullmatch(text)):
            return m.groups()
        tokens = TOKENS.findall(text)
        if len(tokens) != self.count:
            return None  # what is drawn of a bar has digits in some lines, and is no part of the shape
        if self.template is None and self.reads >= _HOT:
            self.template = template(text, loose=all(is_alike(rewritten(text, self.body, sign)) for sign in ("-", "")))
        return tokens

    def is_odd(self, text: str) -> bool:
        """Whether lines of the shape may have a value that is not finite: it is made of letters, and so part of the shape."""
        if any(not r.tokens for r in self.records):
            return _NONFINITE.search(text) is not None
        constants = (s for r in self.records if r.scales for i, s in zip(r.tokens, r.scales, strict=True) if i < 0)
        return not all(map(math.isfinite, constants))


def _is_quiet(pattern: Pattern) -> bool:
    is_stateful = pattern.opens or pattern.closes or pattern.wraps or pattern.kind in SPANNING
    return pattern is not HEADER and pattern is not BLOCK and not is_stateful


def below(heading: str, found: Found) -> Found:
    """Return what was found with the phase that the heading above it tells, where its pattern asks for it and the names do not tell."""
    if not (heading and found.pattern.headed):
        return found
    return found._replace(pairs=tuple((phased(heading, name), slot) for name, slot in found.pairs))


def shifted(found: Found, by: int) -> Found:
    """Return what was found in the end of a line by its position in the whole line."""
    return Found(found.pattern, _moved(found.facts, by), _moved(found.pairs, by))


def _moved(items: tuple[tuple[str, Slot], ...], by: int) -> tuple[tuple[str, Slot], ...]:
    return tuple((name, Slot(s.start + by, s.end + by, s.scale)) for name, s in items)


def read_match(m: Any, pattern: Pattern) -> Found:
    """Sort the groups of a match into facts and pairs."""
    facts: list[tuple[str, Slot]] = []
    values: list[tuple[str, Slot]] = []
    part, said = "", ""  # what the values are of, and which phase the line says
    for group, number in m.re.groupindex.items():
        if m.start(number) < 0:
            continue
        slot = Slot(m.start(number), m.end(number))
        if group == "pairs":
            scan = pairs.scan(m[number], trusted=True)
            kept = tuple((_named(pattern, part, said, n), s) for n, s in scan.pairs if n not in pattern.skip)
            values += _moved(kept, slot.start)
            facts = _own_step(facts, scan.facts, slot.start)
        elif group == "key":
            spans = zip(m.captures("key"), m.spans("value"), strict=False)
            values += [(_named(pattern, part, said, k), Slot(*span)) for k, span in spans if k not in pattern.skip]
        elif group == "desc":
            text = _BAR_BEFORE.sub(lambda m: " " * len(m[0]), m[number])
            scan = pairs.scan(text)
            facts += _moved(_rounds(scan.facts, text, m), slot.start)
            alike = scan.known > 0 and scan.marked == len(scan.pairs)  # `reward=0.5 avg=0.4`: what stands beside a metric in its form
            kept = tuple((_named(pattern, part, scan.phase, n), s) for n, s in scan.pairs if alike or is_metric(n) or n.lower() in _RATES)
            values += _moved(kept, slot.start)
        elif group == "phase":
            said = phase(m[number])
        elif group == "part":
            part += m[number].strip() + "/"
        elif group in FACTS:
            facts.append((group, slot))
        elif group != "value":
            values.append((_named(pattern, part, said, group), slot))
    return Found(pattern, tuple(facts), tuple(values))


def _rounds(told: dict[str, Slot], text: str, m: Any) -> tuple[tuple[str, Slot], ...]:
    """Return the facts of a bar's description, where a bare `[1/3]` or `1/3` counts the rounds where the bar counts to more."""
    bare = None if told else _ROUNDS.fullmatch(text)
    told = {"counter": Slot(*bare.span("n")), "counters": Slot(*bare.span("total"))} if bare else told
    total = m.groupdict().get("bar_total")
    if "epoch" in told or "counters" not in told or not total or not total.isdigit():
        return () if bare else tuple(told.items())
    rounds = text[slice(*told["counters"][:2])]
    are = rounds.isdigit() and int(rounds) < int(total)
    names = {"counter": "epoch", "counters": "epochs"} if are else {}
    return () if bare and not are else tuple((names.get(name, name), slot) for name, slot in told.items())


def _own_step(facts: list[tuple[str, Slot]], told: dict[str, Slot], by: int) -> list[tuple[str, Slot]]:
    """Return the facts of a bar whose description counts rounds, with the step that its values tell: `Iteration 3: … episode=40`."""
    if "step" not in told or all(name != "step" for name, _ in facts):
        return facts
    return [(name, Slot(told[name].start + by, told[name].end + by) if name == "step" else slot) for name, slot in facts]


def _named(pattern: Pattern, part: str, said: str, printed: str) -> str:
    """Return a metric's name with the pattern's prefix, and with what the line says that it is of, which may be all of the name."""
    name = phased(said, pattern.names.get(printed, printed))
    return f"{pattern.prefix}{part}{name}".removesuffix("/") if part else pattern.named(name)


def strangers(text: str, found: Found) -> list[tuple[str, str]]:
    """Return the facts and metrics, with their text, that a pattern took for numbers and that are none; a fact must be finite, too."""
    facts = [(name, text[s.start : s.end]) for name, s in found.facts if not _DECIMAL.fullmatch(text, s.start, s.end)]
    return facts + [(name, text[s.start : s.end]) for name, s in found.pairs if not _NUMBER.fullmatch(text, s.start, s.end)]


def compile_plans(text: str, found: list[Found]) -> tuple[RecordPlan, ...]:
    """Return the plans of a line, without any token where a value is none of its shape."""
    if not found or any(f.pattern.kind == "json" for f in found):
        return _unplanned(found)
    where = {m.span(1): i for i, m in enumerate(TOKENS.finditer(text))}
    plans = []
    for f in found:
        try:
            facts = tuple((name, where[slot.start, slot.end]) for name, slot in f.facts)
            placed = [_place(text, slot, where) for _, slot in f.pairs]
        except KeyError:
            return _unplanned(found)
        scales = tuple(scale for _, scale in placed)
        plain = all(scale == 1.0 and token >= 0 for token, scale in placed)
        kind = kind_of(f.pattern, tuple(n for n, _ in f.pairs))
        plans.append(RecordPlan(kind, facts, tuple(t for t, _ in placed), None if plain else scales))
    return tuple(plans)


def _unplanned(found: list[Found]) -> tuple[RecordPlan, ...]:
    return tuple(RecordPlan(kind_of(f.pattern, ()), (), (), None) for f in found)


def _place(text: str, slot: Slot, where: dict[tuple[int, int], int]) -> tuple[int, float]:
    token = where.get((slot.start, slot.end))
    if token is not None:
        return token, slot.scale
    word = text[slot.start : slot.end]
    if any(c.isdigit() for c in word):
        raise KeyError(word)
    return -1, to_float(word)  # nan and infinity are letters, and so part of the shape


def apply(plan: RecordPlan, tokens: Sequence[str], at: int, redraw: bool, time: float | None, labels: Labels) -> Record:
    """Return the record of a line from its tokens."""
    kind, placed, wanted, scales = plan
    try:
        facts = {name: float(tokens[i]) for name, i in placed}
        if scales is None:
            values = [float(tokens[i]) for i in wanted]
        else:
            values = [float(tokens[i]) * s if i >= 0 else s for i, s in zip(wanted, scales, strict=True)]
    except ValueError:  # thousands separators
        facts = {name: to_float(tokens[i]) for name, i in placed}
        values = [to_float(tokens[i]) * s if i >= 0 else s for i, s in zip(wanted, scales or repeat(1.0), strict=False)]
    return Record(at, redraw, time, labels, kind, facts, values)


def apply_many(plan: LinePlan, lines: Lines, first: int, end: int, now: float | None) -> Columns | None:
    """Read lines from number `first` to `end` in one go, as many as have the plan's shape; None where too few do to be worth it."""
    if plan.template is None or plan.notable or len(plan.records) != 1 or plan.relabel or not plan.records[0].tokens:
        return None
    end = min(end, len(lines))
    if end - first < FEWEST:
        return None
    if plan.many is None:
        plan.many = re.compile(f"^{plan.template.pattern}$".encode(), re.MULTILINE)  # bytes take two thirds of the time of text
    text = lines.joined(first, end)
    pieces = plan.many.split(text)  # tokens, and in front of every line's first one the end of the line before
    width = plan.many.groups + 1
    ends = pieces[::width]
    fitting = next((n for n, between in enumerate(ends[1:], 1) if between != b"\n"), len(ends) - 1) if not ends[0] else 0
    if fitting < FEWEST or lines.has_redraw(first, first + fitting):
        return None
    columns = [pieces[i : fitting * width : width] for i in range(1, width)]
    kind, placed, wanted, scales = plan.records[0]
    facts = {name: _counts(columns[i]) if name == "step" else _floats(columns[i]) for name, i in placed}
    values = [_floats(columns[i]) if i >= 0 else [] for i in wanted]
    if scales is not None:
        values = [[s] * fitting if i < 0 else [v * s for v in c] for i, s, c in zip(wanted, scales, values, strict=True)]
    printed = text.decode(errors="replace").split("\n")[:fitting] if plan.timed else ()  # what is no UTF-8 comes behind the fitting ones
    times = [prefixes.printed_time(line, now) for line in printed] or [now] * fitting
    return Columns(lines.ats(first, first + fitting), times, plan.labels, kind, facts, values)


def _floats(column: Sequence[bytes]) -> list[float]:
    try:
        return list(map(float, column))
    except ValueError:  # thousands separators
        return [to_float(token.decode()) for token in column]


def _counts(column: Sequence[bytes]) -> list[float]:
    """Return whole numbers, which take half as long to read as such; what `float` would round is left to it."""
    try:
        counts: list[float] = list(map(int, column))
    except ValueError:
        return _floats(column)
    return counts if max(counts) < _EXACT else _floats(column)


def evaluate(found: Found, text: str, at: int, redraw: bool, time: float | None, labels: Labels) -> Record:
    """Read one line's numbers without a plan."""
    if found.pattern.kind == "json":
        read = jsonlines.read(text[text.find("{") :], found.pattern)  # what stands before it was taken off when it was found
        assert read is not None  # noqa: S101 - it was found in the same text a moment ago
        printed = read.time if read.time is not None else time
        return Record(at, redraw, printed, labels, kind_of(found.pattern, read.names), read.facts, read.values)
    facts = {name: to_float(text[s.start : s.end]) for name, s in found.facts}
    values = [to_float(text[s.start : s.end]) * s.scale for _, s in found.pairs]
    return Record(at, redraw, time, labels, kind_of(found.pattern, tuple(n for n, _ in found.pairs)), facts, values)


def template(text: str, *, loose: bool) -> re.Pattern[str]:
    """Return a regex that matches the lines of a text's shape and captures their tokens.

    `loose`: a fraction may have another sign, an exponent or none, and be padded otherwise; `rewritten` tells whether that is safe.
    """
    out, at = [], 0
    for m in TOKENS.finditer(text):
        token = m[1]
        out.append(_literal(text[at : m.start(1)], loose=loose))
        if loose and _FRACTION.fullmatch(token):
            signed = m.start(1) == 0 or not (text[m.start(1) - 1].isalnum() or text[m.start(1) - 1] in "_@.")
            out.append(f"({'[-+]?' if signed else ''}(?:{_UNSIGNED}))")
        else:
            out.append(f"({_literal(token, loose=False)})")
        at = m.end(1)
    out.append(_literal(text[at:], loose=loose))
    return re.compile("".join(out))


def _literal(text: str, *, loose: bool) -> str:
    """Return a regex for text whose numbers may have any digits; `loose`: and any width of padding."""
    out, at = [], 0
    for m in DIGITS.finditer(text):
        out.append(re.escape(text[at : m.start()]) + _ANY_DIGITS)
        at = m.end()
    pattern = "".join(out) + re.escape(text[at:])
    return _PADDING.sub(r"\\ {2,}", pattern) if loose else pattern


def rewritten(text: str, body: int, sign: str) -> str:
    """Return a shape's line with its fractions of one sign and with an exponent, to see whether its plan depends on that."""
    out, at = [text[:body]], body
    for m in TOKENS.finditer(text, body):
        if _FRACTION.fullmatch(m[1]):
            before = text[m.start(1) - 1 : m.start(1)]
            out.append(text[at : m.start(1)] + ("" if before.isalnum() or before in ("_", "@", ".") else sign) + "7.5e-07")
            at = m.end(1)
    return "".join(out) + text[at:]


def has_fraction(text: str, body: int) -> bool:
    """Whether there is a fraction in what a line says itself."""
    return _DECIMALS.search(text, body) is not None


def sharpened(text: str, body: int) -> str:
    """Return a shape's line with fractions of four digits, by which values are told from settings: `1.0000` may be either."""
    return text[:body] + _DECIMALS.sub(".3719", text[body:])


def variants(text: str, body: int) -> list[str]:
    """Return a shape's line with other numbers, longer and shorter, to see whether its plan depends on them."""
    head, tail = text[:body], text[body:]
    longer = DIGITS.sub(lambda m: "1" + m[0].replace(",", ""), tail)
    shorter = DIGITS.sub("7", tail)
    return [head + longer, head + shorter]
