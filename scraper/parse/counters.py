"""Arithmetic on what scripts count: batches within epochs, counters that start over, and steps per epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_NEAR: Final = 0.02  # how far from a whole number epoch x steps per epoch may fall beyond what rounding explains


class Counter:
    """A printed counter `n` of `total` that may run through the whole training or start over with each epoch.

    `mode` is "local" when it starts over, "global" when it runs on, "" while that is not known yet; until then both
    readings give the same step.
    """

    __slots__ = ("base", "epoch", "last", "mode", "offset", "stride")

    def __init__(  # what `save` gives back
        self,
        mode: str = "",
        base: float | None = None,
        epoch: float | None = None,
        last: float | None = None,
        offset: float = 0.0,
        stride: float = 1.0,
    ) -> None:
        self.mode = mode
        self.base = base  # number of the first epoch
        self.epoch = epoch
        self.last = last
        self.offset = offset  # steps in rounds that are over, where the total is not printed
        self.stride = stride

    def locate(self, n: float, total: float | None, epoch: float | None, *, local: bool, done: bool = False) -> int:
        """Return the step at which `n` was printed, counted through all epochs; `done`: it counts what is behind, as bars do."""
        if local and not self.mode:
            self.mode = "local"
        step = self._with_epoch(n, total, math.floor(epoch), done=done) if epoch is not None else self._without_epoch(n, total)
        if self.last is not None and n > self.last:
            self.stride = n - self.last
        self.last, self.epoch = n, epoch
        return int(step)

    def _with_epoch(self, n: float, total: float | None, epoch: int, *, done: bool) -> float:
        if self.base is None:
            self.base = epoch if not self.mode else min(epoch, 1)
        if not self.mode and self.epoch is not None and epoch > self.epoch and self.last is not None:
            self.mode = "local" if n <= self.last else "global"
        if self.mode != "local":
            return n
        if total:
            return (epoch - self.base) * total + n
        if self.epoch is not None and epoch > self.epoch and self.last is not None:
            self.offset += self.last + (0.0 if done else self.stride)
        return self.offset + n

    def _without_epoch(self, n: float, total: float | None) -> float:
        """Return the step where no epoch is known: a counter that falls near its total starts over, one that falls earlier does not."""
        if self.last is not None and n < self.last and (total is None or self.last + 2 * self.stride >= total):
            self.mode = "local"
            self.offset += total or self.last + self.stride
        return self.offset + n

    def save(self) -> list[object]:
        """Return the constructor's arguments."""
        return [self.mode, self.base, self.epoch, self.last, self.offset, self.stride]


class Pace:
    """The steps at which one kind of line was printed, as long as they were regular: every fifth and the last."""

    __slots__ = ("first", "last", "stride")

    def __init__(self, first: float | None = None, last: float | None = None, stride: float = 0.0) -> None:
        self.first, self.last, self.stride = first, last, stride

    def take(self, step: float) -> None:
        """Note a step; only the latest may be off the regular distance."""
        if self.first is None or step < self.first:
            self.first, self.stride = step, 0.0
        elif not self.stride and step > self.first:
            self.stride = step - self.first
        self.last = step

    def covers(self, step: float) -> bool:
        """Whether a line was printed at that step."""
        if self.first is None or self.last is None or not self.first <= step <= self.last:
            return False
        return step in (self.first, self.last) or (self.stride > 0 and (step - self.first) % self.stride == 0)

    def save(self) -> list[float | None]:
        """Return the constructor's arguments."""
        return [self.first, self.last, self.stride]


class EpochRate:
    """Steps per epoch of a trainer that prints the epoch in its lines and the step in its progress bar.

    Learnt from bars drawn directly after such lines; every further one narrows it. Where gradients are accumulated an epoch
    may have up to one step more or less than its fractions suggest: the rate then holds within the first epoch alone.
    """

    __slots__ = ("drifts", "high", "low", "n", "told", "total")

    def __init__(  # what `save` gives back
        self,
        total: float = 0.0,
        n: float = 0.0,
        low: float = 0.0,
        high: float = math.inf,
        told: Sequence[float] = (-1.0, 0.0),
        drifts: bool = False,
    ) -> None:
        self.total = total  # of the training's own bar
        self.n = n
        self.low, self.high = low, high
        self.told = told  # epoch and step of the last line that a bar was drawn for
        self.drifts = drifts

    def draw(self, n: float, total: float) -> bool:
        """Take a bar's state; return whether it is the training's own bar."""
        finished = self.n >= self.total
        if not self.total or (finished and total > self.total):
            self.total = total
        if total != self.total:
            return False
        self.n = n
        return True

    def is_of(self, total: float) -> bool:
        """Whether a bar of that total is the training's own, which counts through all epochs."""
        return self.known and total == self.total

    def learn(self, epochs: list[float | None]) -> bool:
        """Take the epochs of lines printed since the bar before; return whether the last of them stands at the bar just drawn.

        It does when every one of them falls on a whole step, and what was learnt before is not contradicted. An epoch that
        was rounded to nothing falls on any: such a line must be the only one, and so must one that is a few steps off.
        """
        last = epochs[-1] if epochs else None
        if last is None or not self.n or not (self._narrow(epochs, last) or (len(epochs) == 1 and self._strays(last))):
            return False
        self.told = (last, self.n)
        return True

    def _narrow(self, epochs: list[float | None], last: float) -> bool:
        """Narrow the rate by a line that stands at the bar's count, unless it contradicts what is known."""
        if not (self._agrees(epochs, self.n / last) if last else len(epochs) == 1):
            return False
        low, high = self.n / (last + _rounding(last)), self.n / (last - _rounding(last)) if last else math.inf
        if low > self.high or high < self.low:
            return False
        self.low, self.high = max(self.low, low), min(self.high, high)
        return True

    def _strays(self, epoch: float) -> bool:
        """Whether the bar is as far off the rate as whole epochs may bring it."""
        whole = math.floor(epoch)
        if not self.known or not whole or not self._fits(epoch, self.n, whole):
            return False
        self.drifts = True
        return True

    @property
    def known(self) -> bool:
        """Whether a rate has been learnt."""
        return self.high != math.inf

    def step(self, epoch: float | None) -> int | None:
        """Return the step at an epoch, or None where rounding leaves more than one."""
        if epoch is None or not self.known:
            return None
        if epoch == self.told[0] and 2 * self.high * _rounding(epoch) < 1.0:
            return int(self.told[1])
        if self.drifts and epoch > 1:
            return None
        if epoch > 0 and self._fits(epoch, self.n):
            return int(self.n)
        low, high = (epoch - _rounding(epoch)) * self.low, (epoch + _rounding(epoch)) * self.high
        middle = epoch * self._rate()
        near = abs(middle - round(middle)) < _NEAR and high - low < 2.0
        return round(middle) if near or high - low < 1.0 else None

    def _agrees(self, epochs: list[float | None], rate: float) -> bool:
        """Whether all lines fall on whole steps at that rate."""
        for epoch in epochs:
            if epoch is None:
                return False
            step = epoch * rate
            if abs(step - round(step)) > rate * _rounding(epoch) + _NEAR:
                return False
        return True

    def _fits(self, epoch: float, n: float, beside: float = 0.0) -> bool:
        """Whether a count may be that of an epoch, or be up to so many steps beside it."""
        reach = _NEAR + beside
        return (epoch - _rounding(epoch)) * self.low - reach <= n <= (epoch + _rounding(epoch)) * self.high + reach

    def _rate(self) -> float:
        whole = round((self.low + self.high) / 2)
        return whole if self.low <= whole <= self.high else (self.low + self.high) / 2

    def save(self) -> list[object]:
        """Return the constructor's arguments."""
        return [self.total, self.n, self.low, self.high, self.told, self.drifts]


@lru_cache(maxsize=256)
def _rounding(epoch: float) -> float:
    """Return half a unit of the last digit that was printed, taking at least two decimals as printed."""
    decimals = repr(epoch).partition(".")[2]
    return 0.5 * 10.0 ** -max(len(decimals) if decimals != "0" else 0, 2)
