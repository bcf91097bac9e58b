"""Why a line was read as it was: what was taken off, which patterns were tried and how far each got, and where the step came from.

It takes bytes and gives values and sentences; printing them is the command line's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scraper.model import BAR, COUNT, DERIVED, EPOCH, EXPLICIT, INHERITED, SAMPLES, Point
from scraper.parse import jsonlines, pairs
from scraper.parse.matcher import Matcher
from scraper.parse.packs import SPANNING, PackSet, Pattern
from scraper.parse.reach import reach, wrong_group
from scraper.parse.trace import Traced, Tracer
from scraper.parse.words import CONFIG

READ, MATCHES, FAILS, SKIPPED = "read", "matches", "fails", "skipped"
_STEPS: Final = ("step", "counter", "batch", "samples", "bar")
_SAID: Final = {
    DERIVED: "worked out from the epoch and the position in it",
    BAR: "of the progress bar drawn with the line or after it",
    SAMPLES: "counted in samples seen, which are printed in the line",
    COUNT: "neither step nor epoch is printed: it counts the values of this name",
}


@dataclass(frozen=True, slots=True)
class Try:
    """One pattern and one line."""

    pattern: Pattern
    outcome: str  # READ: it has the line. MATCHES: an earlier one has it. FAILS: tried in vain. SKIPPED: ruled out without trying
    why: str  # a sentence's end: "matches up to …"
    part: float  # how much of its regex matches, 0 to 1


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one line, and why."""

    line: Traced
    tries: list[Try]
    generic: str  # what the reader without a pack makes of the line
    points: list[Point]
    origins: list[str]  # where each point's step or epoch came from, in the order of `points`
    opened: int  # the line that opened the block this line is a row of; 0 for none


def explain(packs: PackSet, settings: Mapping[str, Any], log: Iterable[bytes], number: int) -> Explanation | None:
    """Return what became of line `number` (from 1) of a log; None when the log ends before it. Reads on until its points are settled."""
    tracer = Tracer(packs, settings)
    above = _Above()
    target: Traced | None = None
    wanted, points = 0, []
    for line in tracer.read(log):
        if target is None or line.number == number:
            above.note(line, number)
        if line.number == number and (target is None or line.read or not target.read):
            target, wanted = line, sum(len(r.values) for r in line.records)
            tries = _tries(packs, tracer.matcher, line)
        points += line.points
        if target is not None and line.number > number and (target.block or len(_own(points, target)) >= wanted):
            break
    if target is None:
        return None
    own = _own([*points, *tracer.rest()], target)
    generic = "" if target.block else why_generic(target)
    return Explanation(target, tries, generic, own, [above.origin(target, p) for p in own], above.opened if target.block else 0)


def _own(points: Iterable[Point], line: Traced) -> list[Point]:
    """Return those of the points that were printed in a line."""
    return [p for p in points if line.at <= p.at <= line.at + len(line.text.encode())]


class _Above:
    """The lines above that said where the training is."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[int, str]] = {}
        self.opened = 0

    def note(self, line: Traced, until: int) -> None:
        """Take the next line; those from `until` on are not above."""
        for record in line.records if line.number < until else ():
            for fact in ("step", "epoch"):
                if fact in record.facts or (fact == "step" and record.facts.keys() & set(_STEPS)):
                    self._said[fact] = (line.number, line.text.strip())
            if record.pattern.kind in SPANNING and line.block is None:
                self.opened = line.number

    def origin(self, line: Traced, point: Point) -> str:
        """Say where a point's step, or its epoch where it has no step, came from."""
        facts = {name for record in line.records for name in record.facts}
        if point.step_kind == EXPLICIT:
            return "printed in the line" if facts & set(_STEPS) else f"printed above, in {self._line('step')}"
        if point.step_kind == INHERITED:
            return f"the last step printed above, in {self._line('step')}"
        if point.step_kind == EPOCH:
            where = "in the line" if "epoch" in facts else f"that of {self._line('epoch')}"
            return f"no step is printed; its epoch is {where}"
        if point.step_kind == BAR and all(record.facts.get("bar") != point.step for record in line.records) and point.step and point.epoch:
            return f"{_SAID[BAR]}, and at {point.step / point.epoch:g} steps an epoch where that had moved on before the line was printed"
        if point.step_kind == DERIVED and "epoch" not in facts and "epoch" in self._said:
            return f"{_SAID[DERIVED]}; the epoch is that of {self._line('epoch')}"
        return _SAID[point.step_kind]

    def _line(self, fact: str) -> str:
        number, text = self._said.get(fact, (0, ""))
        return f"line {number}: {text[:60]}" if number else "the lines around it"


def _tries(packs: PackSet, matcher: Matcher, line: Traced) -> list[Try]:
    """Return what each pattern makes of a line, in the order in which they are tried."""
    readers = {pattern.id for pattern in line.patterns}
    text = line.text[line.prefix.end :]
    return [_try(pattern, text, line, matcher, read=pattern.id in readers) for pattern in packs.patterns]


def _try(pattern: Pattern, text: str, line: Traced, matcher: Matcher, *, read: bool) -> Try:
    if read:
        return Try(pattern, READ, "has the line" if line.block is None else "has the line, as a row of what it opened", 1.0)
    if ruled_out := _ruled_out(pattern, text, line.section):
        return ruled_out
    if matcher.search.is_quarantined(pattern):
        return Try(pattern, SKIPPED, "is in quarantine: it ran into its time limit too often", 0.0)
    if pattern.kind == "json":
        is_json = jsonlines.read(text, pattern) is not None
        return Try(pattern, MATCHES if is_json else FAILS, "wants a JSON object with numbers and a metric or step", float(is_json))
    return _search(pattern, text, timeout=matcher.search.timeout)


def _ruled_out(pattern: Pattern, text: str, section: str) -> Try | None:
    """Return why the matcher does not try a pattern on a text; None when it does."""
    missing = [need for need in pattern.demands.needs if not any(literal in text for literal in need)]
    if pattern.inside and pattern.inside != section:
        return Try(pattern, SKIPPED, f"is only for lines in the section {pattern.inside!r}, which is not open here", 0.0)
    if text and not missing and not pattern.demands.may_begin(text[0]):
        return Try(pattern, FAILS, str(begins := reach(pattern, text)), begins.nearness)
    if missing:
        got = reach(pattern, text) if pattern.user or 2 * len(missing) < len(pattern.demands.needs) else None
        needs = f"needs {' or '.join(map(repr, missing[0]))}, which the line does not hold"
        return Try(pattern, SKIPPED, f"{got}; it {needs}" if got and got.nearness else needs, got.nearness if got else 0.0)
    return None


def _search(pattern: Pattern, text: str, *, timeout: float) -> Try:
    assert pattern.regex is not None  # noqa: S101 - the caller looked
    try:
        m = pattern.regex.search(text, timeout=timeout, concurrent=False)
    except TimeoutError:
        return Try(pattern, FAILS, f"ran into its time limit of {timeout * 1000:g} ms", 0.0)
    if m is None:
        got = reach(pattern, text)
        return Try(pattern, FAILS, str(got), got.nearness)
    if wrong := wrong_group(pattern, text):
        return Try(pattern, FAILS, f"matches, but {wrong}", 1.0)
    return Try(pattern, MATCHES, "matches, but an earlier pattern has the line", 1.0)


def why_generic(line: Traced) -> str:
    """Say what the reader without a pack makes of a line that no pack has, or why it leaves it alone."""
    if any(pattern.pack != "generic" for pattern in line.patterns):
        return "not asked: a pack has the line"
    if line.traceback:
        return "not asked: the line belongs to a traceback"
    if line.read:
        return "has the line" if any(r.values for r in line.records) else "has the line, as a header that says where the training is"
    return f"leaves it alone: {_left_alone(line)}"


def _left_alone(line: Traced) -> str:
    """Return what about a line keeps the reader without a pack from it, in the order in which it looks."""
    text = line.text[line.prefix.end :]
    scan = pairs.scan(text)
    names = ", ".join(name for name, _ in scan.pairs[:4])
    wordy = scan.wordy > len(scan.pairs) or (scan.wordy > 0 and not scan.known)
    reasons = (
        (line.prefix.is_loud, f"its level is {line.prefix.level}"),
        (not scan.pairs, "no number stands behind a name that could be a metric's"),
        (CONFIG.search(text), "it reads like a configuration"),
        (wordy, "most of its values are words, as in a configuration"),
        (not scan.known and not scan.facts, f"it tells no step or epoch, and of its names ({names}) none is known for a metric"),
        (not scan.known, f"of its names ({names}) none is known for a metric, and too much of it is something else"),
    )
    too_much = f"it tells no step or epoch, and too much of it is something else than {names}"
    return next((said for holds, said in reasons if holds), too_much)
