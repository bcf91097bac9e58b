"""What the matcher hands to the stepper: one pattern's reading of one place in the log."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

from scraper.model import BAR, DERIVED, EPOCH, EXPLICIT, SAMPLES, Labels
from scraper.parse.packs import Pattern
from scraper.parse.words import phase as phase_of

# Stand-ins for a pack's pattern where the generic reader read a line.
GENERIC: Final = Pattern("generic", "pairs")
REDRAWN: Final = Pattern("generic", "redrawn", redraw="last")  # the same on a line that is drawn over and over
HEADER: Final = Pattern("generic", "header")  # says where the training is, and nothing else
BLOCK: Final = Pattern("generic", "block")  # one name=value under such a header
SCHEDULED: Final = frozenset(("learning_rate", "lr"))  # of a training, and of no evaluation; another one, and a line is no repeated one
_SELF_PLACED: Final = (EXPLICIT, DERIVED, BAR, SAMPLES, EPOCH)
ASIDE: Final = ("val", "test")  # phases whose counters say nothing about where the training is


class Kind(NamedTuple):
    """What all records of one pattern with the same names share."""

    pattern: Pattern
    names: tuple[str, ...]
    key: str  # tells counters of one kind of line from those of another
    aside: bool  # of validation or test: says nothing about where the training is
    distinct: bool  # no name occurs twice
    plain: bool  # placed as it comes: no bar, no redraw, nothing to wait for


@lru_cache(maxsize=8192)
def kind_of(pattern: Pattern, names: tuple[str, ...]) -> Kind:
    """Return what records of `pattern` with these names share."""
    drawn_over = pattern is REDRAWN
    trains = pattern.kind == "json" and not SCHEDULED.isdisjoint(names)  # an evaluation's scores ahead of the training's own
    aside = any(phase_of(name) in ASIDE for name in names[:1]) and (drawn_over or not pattern.redraw) and not trains
    # These read all kinds of lines: those of an evaluation may count by themselves.
    shared = pattern is GENERIC or pattern.kind == "json" or (drawn_over and aside)
    key = f"{pattern.id} {' '.join(names[:1]) if shared else ''}"
    told_twice = pattern.summary or pattern.echoed or pattern.barless
    plain = not (pattern.kind == "bar" or pattern.redraw or pattern.wait or pattern.once or told_twice)
    return Kind(pattern, names, key, aside, len(set(names)) == len(names), plain)


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

    @property
    def state(self) -> tuple[float, float, float]:
        """What tells one state of a bar from the next: count, or the step that it says of its values, total, epoch."""
        facts = self.facts
        count = next((facts[name] for name in ("step", "bar", "batch", "counter") if name in facts), -1.0)
        return count, facts.get("bar_total", -1.0), facts.get("epoch", -1.0)

    @property
    def complete(self) -> bool:
        """Whether a bar, or a count within an epoch, is at its end."""
        total = self.facts.get("bar_total", self.facts.get("batches"))
        return total is not None and self.facts.get("bar", self.facts.get("batch")) == total

    @property
    def is_of_epochs(self) -> bool:
        """Whether a bar has as many counts as there are epochs."""
        return "epochs" in self.facts and self.facts["epochs"] == self.facts.get("bar_total")

    def is_placed_by_itself(self, kind: int) -> bool:
        """Whether its place, of that kind of step, is its own; where no pack knows the line, an epoch in it is enough."""
        return kind in _SELF_PLACED or ("epoch" in self.facts and self.pattern in (GENERIC, REDRAWN))

    def total(self, epoch: float | None) -> float | None:
        """Return what tells its count from others of its kind: a bar's total; within an epoch any, as evaluations count for themselves."""
        facts = self.facts
        if self.pattern.once:
            return None  # an evaluation has names of its own
        if epoch is None or "bar_total" in facts:
            return facts.get("bar_total")
        return facts.get("steps", facts.get("counters", facts.get("batches")))

    def as_end_of(self, before: Record | None) -> Record:
        """Return a bar's first drawing in an epoch, which still shows what the last one ended with, as a drawing of that end."""
        facts, last = self.facts, {} if before is None else before.facts
        if facts.get("bar") != 0 or not self.values or "bar_total" not in last or not facts.get("epoch", 0.0) > last.get("epoch", math.nan):
            return self
        return self._replace(facts={**last, "bar": last["bar_total"], "epoch": facts["epoch"] - 1})

    def named(self, names: tuple[str, ...], values: list[float] | None = None) -> Record:
        """Return the record with other names, and other values where given."""
        return self._replace(kind=kind_of(self.kind.pattern, names), values=self.values if values is None else values)
