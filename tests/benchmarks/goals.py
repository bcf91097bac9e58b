"""The figures that are to be reached: each benchmark tells what it measured of them, and the table of all comes last."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Goal(NamedTuple):
    """A figure with what was measured, and between which bounds it is to be."""

    what: str
    figures: tuple[float, ...]  # of every round
    least: float
    most: float

    @property
    def row(self) -> str:
        """The line of the table: the median, the spread, what is to be reached, and whether it is."""
        middle, bound = statistics.median(self.figures), f"at least {self.least:g}" if self.least > 0 else f"at most {self.most:g}"
        spread = f"({min(self.figures):.2f} to {max(self.figures):.2f})" if len(self.figures) > 1 else ""
        met = "met" if self.least <= middle <= self.most else "NOT MET"
        return f"{self.what:72} {middle:8.2f} {spread:22} {bound:14} {met}"


_GOALS: list[Goal] = []


def goal(what: str, figures: Sequence[float], *, least: float = 0.0, most: float = float("inf")) -> None:
    """Note what the rounds of a benchmark gave for a figure that is to be `least` at least, or `most` at most, by its median."""
    _GOALS.append(Goal(what, tuple(figures), least, most))


def table() -> list[str]:
    """Return the rows of all goals measured so far."""
    return [one.row for one in _GOALS]
