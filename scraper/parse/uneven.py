"""Steps of a training whose epochs do not divide into its steps: accumulated gradients leave a rest of batches at each epoch's end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

_SLACK: Final = 1e-9
_WAYS: Final = 100  # that are tried
Line = tuple[float | None, bool]  # epoch, and whether it is one of those that come every so many steps


class _Course(NamedTuple):
    """One way in which steps may lie in epochs."""

    steps: int  # of an epoch
    low: float  # bounds of the steps that a whole epoch would have without the rest: batches / batches of a step
    high: float

    def _split(self, step: int) -> tuple[int, int, bool]:
        """Return the epochs before a step's own, the step's number in that, and whether it takes what is left of it."""
        before, within = divmod(step - 1, self.steps)
        return before, within + 1, within + 1 == self.steps and self.high <= self.steps

    def epoch(self, step: int) -> tuple[float, float]:
        """Return the bounds of the epoch that is printed at a step: the last step of one takes what is left of it."""
        before, within, is_rest = self._split(step)
        if is_rest:
            return before + 1.0, before + 1.0
        return before + within / self.high, before + within / self.low

    def narrowed(self, step: int, epoch: float, error: float) -> _Course | None:
        """Return what is left of it where `epoch` was printed at `step`, if anything is."""
        before, within, is_rest = self._split(step)
        if is_rest:
            return self if abs(before + 1 - epoch) <= error + _SLACK else None
        if epoch - error <= before:
            return None
        low, high = max(self.low, within / (epoch - before + error)), min(self.high, within / (epoch - before - error))
        return self._replace(low=low, high=high) if low <= high + _SLACK else None

    def steps_at(self, epoch: float, error: float, total: int) -> list[int]:
        """Return the steps at which that epoch may have been printed."""
        near: list[int] = []
        for before in range(max(0, math.floor(epoch) - 1), math.floor(epoch + error) + 1):
            first, last = math.floor((epoch - before - error) * self.low), math.ceil((epoch - before + error) * self.high)
            near += range(before * self.steps + max(1, first), min(total, before * self.steps + min(self.steps, last)) + 1)
        bounds = ((step, *self.epoch(step)) for step in near)
        return [step for step, low, high in bounds if low - error - _SLACK <= epoch <= high + error + _SLACK]


def places(lines: Sequence[Line], total: float, rounding: Callable[[float], float]) -> list[int | None]:
    """Return the steps of a whole training's lines, the last of which came at its end, `total` steps; nothing where several ways fit.

    `rounding` tells by how much a printed epoch may be off. Regular lines come from the first on, or at step 1 and from then on.
    """
    epochs = [epoch for epoch, _ in lines if epoch is not None]
    regular = [i for i, (_, is_regular) in enumerate(lines) if is_regular]
    if len(epochs) != len(lines) or not regular or epochs != sorted(epochs) or not epochs[0] > 0:
        return []
    found: list[list[int | None]] = []
    for told in _regular_steps(len(regular), int(total)):
        known = dict(zip(regular, told, strict=True))
        known.setdefault(len(lines) - 1, int(total))
        for course in _courses(known, epochs, rounding):
            found.append([known.get(i) or _only(course.steps_at(epoch, rounding(epoch), int(total))) for i, epoch in enumerate(epochs)])
            if found[0] != found[-1]:
                return []
    return found[0] if found else []


def _regular_steps(count: int, total: int) -> Iterator[list[int]]:
    """Yield the steps at which that many regular lines may have been printed."""
    for first in ([], [1]):
        rest = count - len(first)
        if not rest or total // rest - total // (rest + 1) > _WAYS:
            continue
        for every in range(total // (rest + 1) + 1, total // rest + 1):
            if every > len(first):
                yield first + [every * i for i in range(1, rest + 1)]


def _courses(known: dict[int, int], epochs: Sequence[float], rounding: Callable[[float], float]) -> Iterator[_Course]:
    """Yield the ways in which the lines at `known` steps may have come to their epochs."""
    rate = max(known.values()) / max(epochs)
    for steps in range(max(1, math.floor(rate - 1)), math.ceil(rate + 1) + 1):
        for low, high in ((steps - 1.0 + _SLACK, float(steps)), (steps + _SLACK, steps + 1.0)):
            course: _Course | None = _Course(steps, max(low, _SLACK), high)
            for i, step in known.items():
                course = course and course.narrowed(step, epochs[i], rounding(epochs[i]))
            if course:
                yield course


def _only(steps: list[int]) -> int | None:
    return steps[0] if len(steps) == 1 else None
