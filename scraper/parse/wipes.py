"""Counts at which bars were wiped and drawn anew, as tqdm does for each line that it writes above them, also if a pipe holds that back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from scraper.parse.numbers import rounding

_MOST: Final = 512  # counts of one bar that are remembered
_MOST_BARS: Final = 8


class Wipes:
    """The counts at which bars were drawn anew behind a wipe, by their totals; oldest first, without those whose lines have come."""

    __slots__ = ("_arrived", "_counts", "_drawn")

    def __init__(self, counts: Iterable[tuple[float, list[float]]] = (), drawn: Iterable[float] | None = None, arrived: int = 0) -> None:
        self._counts = dict(counts)
        self._drawn = None if drawn is None else set(drawn)  # totals of the bars that were drawn since the last wipe; None: there was none
        self._arrived = arrived  # how many counts the bar had, or was about to have, when the last line came

    def wipe(self) -> None:
        """A bar was wiped."""
        self._drawn = set()

    def draw(self, n: float, total: float) -> None:
        """A bar was drawn."""
        is_new, drawn = total not in self._counts, self._drawn
        counts = self._counts[total] = self._counts.pop(total, [])
        if drawn is not None and total not in drawn:
            drawn.add(total)
            if len(counts) == _MOST or counts[-1:] > [n]:
                counts.clear()
            if not is_new:  # it was there when the wipe came
                counts.append(n)
        if len(self._counts) > _MOST_BARS:
            del self._counts[next(iter(self._counts))]

    def arrive(self, total: float) -> None:
        """A line came that is written above the bar with that total."""
        self._arrived = len(self._counts.get(total, ())) + (self._drawn is not None and total not in self._drawn)

    def take(self, total: float, epochs: Sequence[float | None], bounds: tuple[float, float]) -> Sequence[float]:
        """Return the counts of all lines that wait, which have these epochs; nothing where they do not suit.

        `bounds`: of the steps an epoch has, as far as that is known. There are as many counts as lines; but a full pipe gives out the first
        lines alone, and of the one that it cuts nothing is left: then those behind it are the last ones. So is one that comes alone, as
        on a terminal.
        """
        counts, size = self._counts.get(total, []), len(epochs)
        due = min(self._arrived, len(counts))
        if not size or not due or self._arrived > len(counts):
            return ()
        self._arrived = 0
        for end in () if size > due else (size, due) if size > 1 else (due, size):
            steps = counts[end - size : end]
            if _suits(steps, epochs, bounds, is_even=size < due):
                self._counts[total] = counts[end:]
                return steps
        self._counts[total] = counts[due:]
        return ()

    def save(self) -> list[object]:
        """Return the constructor's arguments."""
        return [list(self._counts.items()), None if self._drawn is None else sorted(self._drawn), self._arrived]


def _suits(steps: Sequence[float], epochs: Sequence[float | None], bounds: tuple[float, float], *, is_even: bool) -> bool:
    """Whether lines may have been printed at these steps: at some rate, to which an uneven epoch adds one or takes one away."""
    low, high = bounds
    before = (-1.0, -1.0)
    for step, epoch in zip(steps, epochs, strict=True):
        if epoch is None or epoch < before[1] or (step == before[0] and epoch != before[1]):
            return False
        error, beside = rounding(epoch), 0 if is_even else math.floor(epoch)
        if not step and epoch > error:
            return False
        low = max(low, (step - beside) / (epoch + error))
        high = min(high, (step + beside) / (epoch - error) if epoch > error else math.inf)
        before = step, epoch
    return low <= high
