"""Reads printed text the way a source is read, for tests that care about points alone."""

from __future__ import annotations

from typing import NamedTuple

from scraper.config import SETTINGS
from scraper.model import STEP_KINDS, Event, Point
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

DEFAULTS = {s.name: s.default for s in SETTINGS}


def parser(state: bytes | None = None) -> Parser:
    return Parser(PackSet(builtin_packs()), DEFAULTS, state)


class Read(NamedTuple):
    """What a text came to, in printed order."""

    points: list[Point]
    events: list[Event]


def parse(text: str | bytes, now: float | None = None) -> Read:
    reader = parser()
    first = reader.feed(text.encode() if isinstance(text, str) else text, now)
    last = reader.flush(now)
    return Read([*first.points, *last.points], [*first.events, *last.events])


def points(text: str | bytes) -> list[Point]:
    return sorted(parse(text).points, key=lambda p: p.at)


def placed(text: str) -> list[tuple[str, int | None, float | None, float]]:
    """Metric, step, epoch and value of every point, in printed order."""
    return [(p.metric, p.step, p.epoch, p.value) for p in points(text)]


def kinds(text: str) -> set[str]:
    return {STEP_KINDS[p.step_kind] for p in points(text)}
