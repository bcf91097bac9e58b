"""What the tests of the parse core share: a parser with the built-in packs, fed in any cut and restarted anywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.config import resolve
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.model import Event, Point

SETTINGS = resolve(environ={})
PACKS = PackSet(builtin_packs())


class Outcome(NamedTuple):
    """All that a log came to, in an order that does not depend on how it was fed."""

    points: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    consumed: int
    counters: dict[str, int]


def read(log: bytes, cuts: Iterable[int] = (), restarts: Iterable[int] = (), *, now: float | None = None, **settings: Any) -> Outcome:
    """Feed a log cut at `cuts`; at each of `restarts` the parser is saved, thrown away and fed again from where it was."""
    chosen = {**SETTINGS, **settings}
    parser = Parser(PACKS, chosen)
    points: list[Point] = []
    events: list[Event] = []
    position, again = 0, {at for at in restarts if at < len(log)}
    for cut in [*sorted({*cuts, *again}), len(log)]:
        parsed = parser.feed(log[position:cut], now)
        points += parsed.points
        events += parsed.events
        position = cut
        if cut in again:
            parser = Parser(PACKS, chosen, parser.save())
            position = parser.consumed
    parsed = parser.flush(now)
    points += parsed.points
    events += parsed.events
    rows = sorted(((p.at, p.metric, p.labels, p.attempt, p.step, p.step_kind, p.epoch, p.time, _shown(p.value)) for p in points), key=repr)
    said = sorted(((e.at, e.kind, e.step, e.epoch, e.time, e.line, sorted(e.detail.items())) for e in events), key=repr)
    return Outcome(rows, said, parser.consumed, parser.counters)


def _shown(value: float) -> str:
    return repr(value) if math.isfinite(value) else str(value)
