"""Arithmetic on what scripts count: batches within epochs, and counters that start over."""

from __future__ import annotations

import math
from collections.abc import Sequence


class Counter:
    """A printed counter `n` of `total` that may run through the whole training or start over with each epoch.

    `mode` is "local" when it starts over, "global" when it runs on, "" while that is not known yet; until then both
    readings give the same step.
    """

    __slots__ = ("ahead", "base", "end", "epoch", "last", "mode", "offset", "stride")

    def __init__(  # what `save` gives back
        self,
        mode: str = "",
        base: float | None = None,
        epoch: float | None = None,
        last: float | None = None,
        offset: float = 0.0,
        stride: float = 0.0,
        end: float | None = None,
        ahead: bool = False,
    ) -> None:
        self.mode = mode
        self.base = base  # number of the first epoch
        self.epoch = epoch
        self.last = last
        self.offset = offset  # steps in rounds that are over, where the total is not printed, or was another one
        self.stride = stride  # from one count to the next; 0 before there is a second one
        self.end = end  # the last step of this epoch, where the total is printed; where it is ahead, the last count of the one before
        self.ahead = ahead  # lines tell an epoch when it is over, and it counts in the next one from there on

    def locate(
        self,
        n: float,
        total: float | None,
        epoch: float | None,
        *,
        local: bool,
        likely: bool = False,
        done: bool = False,
        length: float | None = None,
    ) -> int:
        """Return the step at which `n` was printed, counted through all epochs; `done`: it counts what is behind, as bars do.

        `local`: it starts over with each epoch; `likely`: unless the next one goes on where the one before ended; `length`: how many
        batches another line told that the epochs have.
        """
        if local and not self.mode:
            self.mode = "local"
        if epoch is None:
            step = self._without_epoch(n, total, done=done)
        else:
            step = self._with_epoch(n, total, math.floor(epoch), likely=likely, done=done, length=length)
        self._note(n)
        self.epoch = epoch
        return int(step)

    def locate_ahead(
        self, n: float, total: float | None, over: float | None, *, done: bool = False, ended: bool = False, sure: bool = False
    ) -> int:
        """Return the step of `n`, where `over` is the epoch that was told last.

        `ended`: no epoch comes behind it; `sure`: where it goes back, one does, though none was told.
        """
        last, told = self.last, over is not None and (self.epoch is None or over >= self.epoch)
        goes_back = last is not None and (n < last or (n == last and told and not done))
        if self.mode == "global":
            self.epoch = None if over is None else over + 1
        elif last is not None and goes_back and not ended and (told or sure or self._is_full(total)):
            self.mode, self.end = "local", last
            self.offset += total or self._round(last, n, done=done)
            if over is not None and told:
                self.epoch = over + 1
            elif self.epoch is not None:
                self.epoch += 1
        self._note(n)
        return int(self.offset + n)

    @property
    def goes_on(self) -> bool:
        """Whether it counts on from where one of another total ended."""
        return self.offset > 0 and self.end is not None and not self.ahead

    def renewed(self) -> Counter:
        """Return what counts in another attempt, where epochs are numbered and told as before."""
        if self.ahead:
            return Counter(self.mode, end=self.end, ahead=True)
        return Counter("local", base=self.base, stride=self.stride) if self.mode == "local" else Counter()

    def begins_anew(self, n: float, *, done: bool) -> bool:
        """Whether it goes back to `n` for the first time, having counted before any epoch was told; a bar is drawn again at its end."""
        return self.epoch is None and self.last is not None and not self.offset and (n < self.last or (n == self.last and not done))

    def passes(self, n: float) -> bool:
        """Whether it goes on to `n`, having counted before any epoch was told: through the whole training, then."""
        return self.epoch is None and not self.mode and self.last is not None and n > self.last

    def run_on(self, counts: Sequence[float], epoch: float | None) -> None:
        """Note counts that go up from what it was, in one go, within an epoch or where none is told."""
        before = counts[-2] if len(counts) > 1 else self.last
        self.stride = counts[-1] - before if before is not None else self.stride
        self.last, self.epoch = counts[-1], epoch

    def _note(self, n: float) -> None:
        if self.last is not None and n > self.last:
            self.stride = n - self.last
        self.last = n

    def _is_full(self, total: float | None) -> bool:
        """Whether it has counted as far as there are batches, or as the last time."""
        whole = total or self.end
        return whole is not None and self.last is not None and self.last + 2 * (self.stride or 1.0) >= whole

    def _round(self, last: float, n: float, *, done: bool, length: float | None = None) -> float:
        """Return how many steps a round had, as far as can be told from its `last` count and the `n` that the next one begins with.

        Where `last` was the only one, and the next begins amid its round, every so many steps are told through all rounds.
        """
        stride = self.stride or (last if n > 1 else 1.0)
        if length is not None and last <= length < last + stride:
            return length
        return last + (0.0 if done else max(stride - n, 0.0))

    def _with_epoch(self, n: float, total: float | None, epoch: int, *, likely: bool, done: bool, length: float | None) -> float:
        if self.base is None or epoch < self.base:
            self.base = epoch if not self.mode else min(epoch, 1)
        if not self.mode and self.epoch is not None and epoch > self.epoch and self.last is not None:
            goes_on = n > self.last and not (likely and n - self.last != (self.stride or 1.0))
            self.mode = "global" if goes_on else "local"
        if self.mode != "local":
            return n
        if total:
            self.end = self.offset + (epoch + 1 - self.base) * total
            return self.end - total + n
        if self.epoch is not None and epoch > self.epoch and self.last is not None:
            self.offset += self._round(self.last, n, done=done, length=length)
        if self.epoch is not None and self.base <= epoch < self.epoch:  # about there that epoch began
            self.offset = self.offset * (epoch - self.base) // (self.epoch - self.base)
        return self.offset + n

    def _without_epoch(self, n: float, total: float | None, *, done: bool) -> float:
        """Return the step where no epoch is known: a counter that falls near its total starts over, one that falls earlier does not."""
        if self.last is not None and n < self.last and (not total or self._is_full(total)):
            self.mode = "local"
            self.offset += total or self._round(self.last, n, done=done)
        return self.offset + n

    def save(self) -> list[object]:
        """Return the constructor's arguments."""
        return [self.mode, self.base, self.epoch, self.last, self.offset, self.stride, self.end, self.ahead]


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
