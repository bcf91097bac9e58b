"""One pack tried on one log: what it reads, and the first lines that look like metrics and that it leaves alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scraper.model import Point
from scraper.parse import numbers, pairs
from scraper.parse.packs import Pack, PackSet
from scraper.parse.trace import Traced, Tracer
from scraper.parse.words import CONFIG

_MAX_SHAPES: Final = 20_000  # of unread lines that are remembered


@dataclass(frozen=True, slots=True)
class Mark:
    """A number in a line and what it is."""

    start: int
    end: int
    name: str  # the metric, or the fact such as "step"
    fact: bool  # it places values instead of being one


@dataclass(frozen=True, slots=True)
class Seen:
    """A line to be shown."""

    number: int  # from 1
    text: str
    marks: list[Mark] = field(default_factory=list)  # in the order of the line
    values: list[tuple[str, float]] = field(default_factory=list)  # those that have no mark: of JSON, a row, a box


@dataclass(slots=True)
class Tally:
    """What one metric got."""

    points: int = 0
    first: Point | None = None
    last: Point | None = None

    def add(self, point: Point) -> None:
        """Count a point."""
        self.points += 1
        self.first = self.first or point
        self.last = point


@dataclass(slots=True)
class Trial:
    """What a pack made of a log."""

    lines: int = 0
    matched: int = 0
    patterns: Counter[str] = field(default_factory=Counter)  # pattern -> lines it read
    metrics: dict[str, Tally] = field(default_factory=dict)
    shown: list[Seen] = field(default_factory=list)  # the first lines that the pack read
    missed: int = 0  # lines that look like metrics and that it did not read
    first_missed: list[Seen] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)  # time limits that patterns ran into


def try_pack(pack: Pack, settings: Mapping[str, Any], log: Iterable[bytes], *, show: int = 20, show_missed: int = 10) -> Trial:
    """Read a log with one pack alone and return what it found; values of the reader without a pack, which always helps, do not count."""
    tracer, trial = Tracer(PackSet([pack]), settings), Trial()
    own = _Owned(pack, trial)
    tracer.marking = show > 0
    for line in tracer.read(log):
        own.take(line, show, show_missed)
        tracer.marking = len(trial.shown) < show
    own.count(tracer.rest())
    trial.counters = dict(tracer.matcher.counters)
    return trial


class _Owned:
    """Sorts what a log gives by whether the pack read it."""

    def __init__(self, pack: Pack, trial: Trial) -> None:
        self._pack, self._trial = pack, trial
        self._metrics: set[str] = set()
        self._alike: dict[str, bool] = {}  # shape of an unread line -> whether it looks like metrics

    def take(self, line: Traced, show: int, show_missed: int) -> None:
        trial = self._trial
        trial.lines += not line.redraw
        mine = [r for r in line.records if r.pattern.pack == self._pack.name]
        self._metrics.update(name for record in mine for name in record.names)
        if mine or (line.block is not None and line.block.pack == self._pack.name):
            trial.matched += not line.redraw
            trial.patterns.update(dict.fromkeys((p.id for p in line.patterns if p.pack == self._pack.name), 1))
            if line.found or line.block is not None or len(trial.shown) < show:
                _keep(trial.shown, _seen(line, self._pack.name), show)
        elif self._is_likely(line):
            known = bool(trial.first_missed) and trial.first_missed[-1].number == line.number
            trial.missed += not known
            _keep(trial.first_missed, Seen(line.number, line.text), show_missed)
        self.count(line.points)

    def _is_likely(self, line: Traced) -> bool:
        """Whether a line looks like metrics; those of one shape are looked at once."""
        if line.traceback or line.records:
            return looks_like_metrics(line)
        shape = numbers.shape(line.text[line.prefix.end :])
        if shape not in self._alike and len(self._alike) < _MAX_SHAPES:
            self._alike[shape] = looks_like_metrics(line)
        return self._alike[shape] if shape in self._alike else looks_like_metrics(line)

    def count(self, points: Iterable[Point]) -> None:
        for point in points:
            if point.metric in self._metrics or any(point.metric.endswith("/" + name) for name in self._metrics):
                self._trial.metrics.setdefault(point.metric, Tally()).add(point)


def _keep(kept: list[Seen], line: Seen, limit: int) -> None:
    """Add a line while there is room; a redraw takes the place of the one before."""
    if kept and kept[-1].number == line.number:
        kept[-1] = line
    elif len(kept) < limit:
        kept.append(line)


def _seen(line: Traced, pack: str) -> Seen:
    found = [f for f in line.found if f.pattern.pack == pack]
    slots = [(name, slot, fact) for f in found for fact, named in ((True, f.facts), (False, f.pairs)) for name, slot in named]
    marks = [Mark(slot.start, slot.end, name, fact) for name, slot, fact in slots]
    marked = {mark.name for mark in marks}
    pairs_of = [pair for r in line.records if r.pattern.pack == pack for pair in zip(r.names, r.values, strict=True)]
    return Seen(line.number, line.text, sorted(marks, key=lambda m: m.start), [pair for pair in pairs_of if pair[0] not in marked])


def looks_like_metrics(line: Traced) -> bool:
    """Whether a line states a number under a name that training scripts give to a metric, or any fraction beside a step or epoch."""
    if line.traceback:
        return False
    text = line.text[line.prefix.end :]
    if any(r.values for r in line.records):
        return True  # the reader without a pack took it
    scan = pairs.scan(text)
    if not scan.pairs or CONFIG.search(text) or scan.wordy > len(scan.pairs):
        return False
    return scan.known > 0 or (bool(scan.facts) and scan.fractional > 0)
