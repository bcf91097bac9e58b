"""A pack for a log that no pack reads: its unread numeric lines by format, each with a pattern, and samples from the log that prove it.

What comes out passes the check every pack must pass. It takes bytes and gives TOML text; files are the command line's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scraper.model import Point
from scraper.parse import events, numbers, pairs
from scraper.parse.check import check_pack
from scraper.parse.formats import ASIDE, Format, Guess, guess, skeleton
from scraper.parse.limits import LIMITS as DEFAULTS
from scraper.parse.numbers import OF_TIME
from scraper.parse.packs import PackSet, compile_regex, parse_pack
from scraper.parse.reach import farthest
from scraper.parse.sheets import Sheet, Sheets
from scraper.parse.trace import Traced, Tracer, trace
from scraper.parse.trial import looks_like_metrics
from scraper.parse.words import COMMAND, CONFIG, REPEATS, is_metric, words
from scraper.parse.writing import Draft, as_pack, write

_MAX_FORMATS: Final = 20_000  # formats that are told apart
_MAX_LINES: Final = 60  # lines of a format that are looked at
_MAX_PATTERNS: Final = 40
_IN_SAMPLE: Final = 2  # lines of one format
_HEADERS: Final = 5  # formats that give no values and say where those below belong
_OFTEN: Final = 2  # a format with names that comes more often is suggested, whatever the names
_MISSES: Final = 2
_MISS_LENGTH: Final = 200
_MISS_TRIED: Final = 40
_DURATION: Final = re.compile(r"\d" + OF_TIME.pattern)
_LAYER: Final = re.compile(r"\s*\(\w+\): [A-Z]\w*\(|.*[\"']--\w")  # of a model, or an argument of a command that is printed as a list
_BAR: Final = re.compile(r".*\d+%\|[^|]*\| *\d+/\d+ \[[^\]]*\]\s*(?=\S)")  # in front of what is printed before its line has ended


@dataclass(slots=True)
class Suggestion:
    """What was found and written."""

    text: str = ""  # TOML; "" when there is nothing to suggest
    patterns: int = 0
    lines: int = 0  # lines, and redraws, of the log that the patterns were made from
    unread: int = 0  # lines, and redraws, with a number that nothing reads
    matched: int = 0  # lines that something reads already
    metrics: tuple[str, ...] = ()


@dataclass(slots=True)
class _Unread:
    """The numeric lines of a log that no pack reads."""

    formats: dict[str, Format] = field(default_factory=dict)
    sheets: Sheets = field(default_factory=Sheets)
    count: int = 0
    shapes: dict[str, Format] = field(default_factory=dict)  # the same by shape, of which a format has a few
    matched: int = 0
    settled: set[str] = field(default_factory=set)  # names read in lines that stay, and so at the end of their bars
    bars: int = 0  # states of progress bars that say nothing but how far they are

    def take(self, line: Traced) -> None:
        text = line.text[line.prefix.end :]
        self.bars += any(r.pattern.kind == "bar" and not r.values for r in line.records)
        if line.read:
            self.matched += not line.redraw
            self.sheets.interrupt()
            if not line.redraw:
                self.settled.update(name for record in line.records for name in record.names)
            if all(pattern.pack == "generic" for pattern in line.patterns):
                self._note(line, text)
            elif line.patterns[-1].pack == "generic" and (bar := _BAR.match(text)):
                self._note(line, text[bar.end() :], glued=True)
            return
        if line.traceback or not text.strip():
            return
        row = self.sheets.feed(line.number, text)
        if not any(c.isdigit() for c in text):
            return
        self.count += 1
        if not (row or line.prefix.is_loud):
            self._note(line, text)

    def _note(self, line: Traced, text: str, *, glued: bool = False) -> None:
        """Keep a line with those of its format; `glued`: it stands behind a bar, which is left out."""
        shape = numbers.shape(text)
        found = self.shapes.get(shape) or self._format(line, text)
        if found is None:
            return
        if len(self.shapes) < _MAX_FORMATS:
            self.shapes[shape] = found
        found.count += 1
        found.last = line.number
        found.redraws += line.redraw
        found.settings += line.setting
        found.prefixes += line.prefix.end > 0 and not glued
        if len(found.lines) < _MAX_LINES:
            found.lines.append(text)
            found.whole.append(text if glued else line.text)

    def _format(self, line: Traced, text: str) -> Format | None:
        """Return the format of a line; None for a new one where there are too many already."""
        key = skeleton(text)
        if key not in self.formats and len(self.formats) >= _MAX_FORMATS:
            return None
        names = frozenset(name for record in line.records for name in record.names)
        facts = frozenset(name for record in line.records for name in record.facts)
        return self.formats.setdefault(key, Format(line.number, config=_is_config(text), aside=_is_aside(text), names=names, facts=facts))


def _is_config(text: str) -> bool:
    """Whether a line states settings, beside which it tells nothing; JSON with words among its values states none."""
    own = ASIDE.sub("", text)
    stated = CONFIG.search(own) is not None or COMMAND.search(own) is not None or _LAYER.match(own) is not None
    return stated or (not own.startswith("{") and (scan := pairs.scan(own)).wordy > max(len(scan.pairs), 1))


def _is_aside(text: str) -> bool:
    """Whether a line tells what happened, or repeats the best so far, instead of reporting values."""
    return bool(events.kinds(text)) or REPEATS.match(text) is not None


def suggest(packs: PackSet, settings: Mapping[str, Any], log: Iterable[bytes], *, name: str, origin: str) -> Suggestion:
    """Return a pack called `name` for the lines of a log that `packs` leave unread. `origin` is what the log is called in it."""
    unread = _collect(packs, settings, log)
    out = Suggestion(unread=unread.count, matched=unread.matched)
    drafts = _drafts(unread)
    text = _settled(drafts, unread, name, origin)
    if text:
        kept = [draft for draft in drafts if draft.points]
        out.text, out.patterns = text, len(kept)
        out.lines = sum(draft.count for draft in kept)
        out.metrics = tuple(dict.fromkeys(p.metric for draft in kept for p in draft.points))
    return out


def _collect(packs: PackSet, settings: Mapping[str, Any], log: Iterable[bytes]) -> _Unread:
    tracer, unread = Tracer(packs, settings), _Unread()
    for line in tracer.read(log):
        unread.take(line)
    return unread


def _drafts(unread: _Unread) -> list[Draft]:
    """Return a draft for each format and each table that is worth one, the longest regex first: it is the most exact."""
    drafts = [draft for sheet in unread.sheets.found if (draft := _of_sheet(sheet))]
    headers: list[Draft] = []
    guesses = [(found, guess(found.lines, known=found.names)) for found in unread.formats.values()]
    # Values that tell an epoch to a fraction stand in front of the progress bar that says their step.
    drawn = unread.bars > 0 and any(made.fractional for _, made in guesses if made)
    for found, first in guesses:
        waits = drawn and not found.redraws and first is not None and first.facts == ("epoch",) and bool(first.metrics)
        made = guess(found.lines, constants=True) if waits else first
        if made is None or (found.redraws * 2 > found.count and unread.settled & set(made.metrics)):
            continue
        if not _is_worth(found, made, waits=waits):
            continue
        regex = made.whole if _is_part(made, found, unread) else made.regex
        draft = Draft(
            name=_called(made),
            regex=regex.removeprefix("^") if waits else regex,  # it may be glued to its bar
            names=made.names,
            notes=made.notes,
            wait=waits,
            redraw="last" if found.redraws * 2 > found.count else "",
            sample=_excerpt(found),
            count=found.count,
            first=found.first,
            heads=not made.metrics,
            last=found.last,
        )
        (drafts if made.metrics else headers).append(draft)
    drafts.sort(key=lambda d: -d.count)
    del drafts[_MAX_PATTERNS:]
    placed = [draft.first for draft in drafts if draft.notes]  # by what stands above them
    drafts += [draft for draft in headers if placed and draft.last > min(placed)][:_HEADERS]
    drafts.sort(key=lambda d: (not d.kind, -len(d.regex)))
    return _distinct(drafts)


def _is_worth(found: Format, made: Guess, *, waits: bool) -> bool:
    """Whether a format is likely to report a training: its numbers come again and again, or are called like a metric."""
    stated = found.config or (found.settings * 2 > found.count and made.metrics and not made.moving)
    if found.aside or stated or _is_read(found, made, waits=waits):
        return False
    if not made.metrics:
        return found.count > 1 and bool(made.facts)
    took = _DURATION.search(found.lines[0]) and all("time" in words(name) for name in made.metrics)
    if not made.facts and (took or (found.count > _OFTEN and not made.varies)):
        return False  # how long it took, somewhere; set once, and shown again and again
    known = any(is_metric(name) for name in made.metrics)
    if not (known or made.facts or made.moving):
        return False  # as in a listing of settings or of a model's layers
    return found.count > _OFTEN or (known and bool(made.facts)) or (found.count > 1 and (known or bool(made.facts)))


def _is_read(found: Format, made: Guess, *, waits: bool) -> bool:
    """Whether the reader without a pack does as well, or nothing can be done."""
    if found.redraws * 2 > found.count and not made.facts:
        return True  # a state of a bar that does not say how far it is has no place
    if found.names and (len(made.metrics) < len(found.names) or found.redraws * 2 > found.count):
        return True  # it finds more, or takes the last state of a bar by itself
    alike = len(made.metrics) <= len(found.names) and found.facts.issuperset(made.facts)
    return bool(found.names or found.facts) and alike and not waits


def _is_part(made: Guess, found: Format, unread: _Unread) -> bool:
    """Whether lines of another format begin like these, and the reader without a pack finds more in them."""
    regex = compile_regex(made.regex, "")
    others = (other for other in unread.formats.values() if other is not found and len(other.names) > len(made.metrics))
    return any(regex.search(other.lines[0]) for other in others)


def _called(made: Guess) -> str:
    words = made.metrics[0] if made.metrics else f"{made.facts[0]}-header"
    return "-".join("".join(c if c.isalnum() else " " for c in words).lower().split()) or "line"


def _excerpt(found: Format) -> str:
    """Return a few lines of a format that differ, as they were printed."""
    lines = list(dict.fromkeys(found.whole))[:_IN_SAMPLE]
    return "".join(line + "\n" for line in lines)


def _of_sheet(sheet: Sheet) -> Draft | None:
    if sheet.rows < _IN_SAMPLE and sheet.kind == "table":
        return None
    return Draft(
        name=sheet.kind,
        kind=sheet.kind,
        regex=sheet.regex,
        columns=sheet.columns,
        skip=sheet.skip,
        sample=sheet.sample,
        count=sheet.rows,
        first=sheet.first,
    )


def _distinct(drafts: list[Draft]) -> list[Draft]:
    """Give each draft a name of its own, and leave out a second one with the same regex."""
    seen: dict[str, Draft] = {}
    used: dict[str, int] = {}
    for draft in drafts:
        if draft.regex in seen:
            continue
        seen[draft.regex] = draft
        used[draft.name] = used.get(draft.name, 0) + 1
        if used[draft.name] > 1:
            draft.name += f"-{used[draft.name]}"
    return list(seen.values())


def _settled(drafts: list[Draft], unread: _Unread, name: str, origin: str) -> str:
    """Fill in the points that each sample gives, drop drafts that give none, and return the pack's text once it passes its check."""
    while drafts:
        packs = PackSet([as_pack(drafts, name)])
        for draft in drafts:
            draft.points = _points(packs, draft)
        idle = [draft for draft in drafts if not draft.points and not draft.heads]
        if not idle:
            text = write(drafts, _misses(packs, unread), name, origin) if any(draft.points for draft in drafts) else ""
            if not text or not check_pack(parse_pack(text, name, user=True)):
                return text
            idle = drafts[-1:]
        drafts[:] = [draft for draft in drafts if draft not in idle]
    return ""


def _points(packs: PackSet, draft: Draft) -> list[Point]:
    """Return the points that a draft's sample gives, if it is the draft that gives them."""
    lines, points = trace(packs, DEFAULTS, draft.sample)
    return points if any(pattern.name == draft.name for line in lines for pattern in line.patterns) else []


def _misses(packs: PackSet, unread: _Unread) -> list[str]:
    """Return lines of the log that hold numbers and must stay unread, those first that begin most like what is read."""
    single = [found for found in unread.formats.values() if found.count == 1 and not found.names]
    fit = [(found.whole[0], found.lines[0]) for found in single if len(found.whole[0]) < _MISS_LENGTH and found.whole[0].isprintable()]
    near = {whole: max(farthest(p, [own]).nearness for p in packs.patterns) for whole, own in fit[:_MISS_TRIED]}
    out: list[str] = []
    for line in sorted(near, key=lambda whole: -near[whole]):
        if len(out) < _MISSES and not any(map(_tells, trace(packs, DEFAULTS, line + "\n")[0])):
            out.append(line + "\n")
    return out


def _tells(line: Traced) -> bool:
    return line.read or looks_like_metrics(line)
