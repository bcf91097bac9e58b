"""What read each kind of line of a whole log, and why the numeric lines that nothing read were left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scraper.parse.explain import why_generic
from scraper.parse.numbers import shape
from scraper.parse.packs import PackSet
from scraper.parse.trace import Traced, Tracer
from scraper.parse.trial import looks_like_metrics

_MAX_KINDS: Final = 10_000  # kinds of unread lines that are told apart; a log of more has no formats to speak of


@dataclass(slots=True)
class LineKind:
    """Lines that were read by the same patterns, or that differ in nothing but their numbers and were not read."""

    readers: tuple[str, ...]  # ids of patterns; () for unread lines
    first: int  # number of the first line, from 1
    example: str  # that line
    why: str = ""  # it was not read
    likely: bool = False  # it looks like metrics all the same
    lines: int = 0
    values: int = 0


@dataclass(slots=True)
class Overview:
    """A log by kinds of lines."""

    lines: int = 0
    matched: int = 0
    redraws: int = 0  # states of lines that were drawn over; those of a kind count among its lines
    read: list[LineKind] = field(default_factory=list)  # most lines first
    unread: list[LineKind] = field(default_factory=list)  # those that look like metrics first
    silent: int = 0  # lines without any number
    counters: dict[str, int] = field(default_factory=dict)  # time limits that patterns ran into


def overview(packs: PackSet, settings: Mapping[str, Any], log: Iterable[bytes]) -> Overview:
    """Return what became of every kind of line of a log."""
    tracer, out = Tracer(packs, settings), Overview()
    kinds: dict[tuple[tuple[str, ...], str], LineKind] = {}
    for line in tracer.read(log):
        _take(line, out, kinds)
    out.read = sorted((k for k in kinds.values() if k.readers), key=lambda k: -k.lines)
    out.unread = sorted((k for k in kinds.values() if not k.readers), key=lambda k: (not k.likely, -k.lines, k.first))
    out.counters = dict(tracer.matcher.counters)
    return out


def _take(line: Traced, out: Overview, kinds: dict[tuple[tuple[str, ...], str], LineKind]) -> None:
    out.lines += not line.redraw
    out.redraws += line.redraw
    readers = tuple(dict.fromkeys(pattern.id for pattern in line.patterns))
    text = line.text[line.prefix.end :]
    if readers:
        out.matched += not line.redraw
    elif not any(c.isdigit() for c in text):
        out.silent += not line.redraw
        return
    key = (readers, "" if readers else shape(text))
    kind = kinds.get(key)
    if kind is None:
        if len(kinds) >= _MAX_KINDS and not readers:
            return
        why, likely = ("", False) if readers else (why_generic(line), looks_like_metrics(line))
        kind = kinds[key] = LineKind(readers, line.number, line.text, why, likely)
    kind.lines += 1
    kind.values += sum(len(record.values) for record in line.records)
