"""How many steps an epoch has, learnt from lines that print the epoch and from the bar that counts the steps beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from scraper.parse import uneven
from scraper.parse.numbers import rounding
from scraper.parse.wipes import Wipes

_NEAR: Final = 0.02  # how far from a whole number epoch x steps per epoch may fall beyond what rounding explains
_CANDIDATES: Final = 1000  # steps that are tried for one line
_SEVERAL: Final = 2  # lines that came together, steps from one to the next, and how often that is seen
_MAX_WRITTEN: Final = 512  # counts that are remembered
_LOST: Final = [-1.0]  # what is drawn anew tells no more
_WHOLE: Final = 0.005  # how far from a whole number a training's epochs may be beyond what rounding explains


class EpochRate:
    """Steps per epoch of a trainer that prints the epoch in its lines and the step in its progress bar.

    Learnt from bars drawn directly after such lines; every further one narrows it. Where gradients are accumulated an epoch
    may have up to one step more or less than its fractions suggest: the rate then holds within the first epoch alone.

    A pipe holds lines back until another bar begins. They were printed before the bar drawn last above them and after the one above
    those that came before; a training logs every so many steps, and most have a whole number of epochs.
    """

    __slots__ = (
        "apart", "beat", "doubt", "drifts", "every", "held", "high", "last", "least", "low", "most", "n", "other", "paced", "places",
        "rest", "seen", "since", "told", "total", "wipes", "written",
    )  # fmt: skip

    def __init__(  # what `save` gives back
        self,
        total: float = 0.0,
        n: float = 0.0,
        low: float = 0.0,
        high: float = math.inf,
        told: Sequence[float] = (-1.0, 0.0),
        drifts: bool = False,
        held: bool = False,
        seen: float = 0.0,
        since: float = 0.0,
        least: float = 0.0,
        most: float = math.inf,
        every: float = 0.0,
        doubt: Sequence[float] = (),
        apart: bool = False,
        last: float = -1.0,
        other: Sequence[float] = (0.0, 0.0),
        places: Sequence[tuple[float, bool, int | None]] = (),
        beat: float = 0.0,
        rest: float = 0.0,
        written: Sequence[float] = (),
        paced: Sequence[float] = (),
        wipes: Sequence[Any] = (),
    ) -> None:
        self.total = total  # of the training's own bar
        self.n = n
        self.low, self.high = low, high
        self.told = told  # epoch and step of the last line that a bar was drawn for
        self.drifts = drifts
        self.held = held  # the lines that wait were held back
        self.seen = seen  # the count that was drawn before the present one
        self.since = since  # the count that was drawn before the last lines came
        self.least, self.most = least, most  # bounds of the rate that lines gave which were held back
        self.doubt = doubt  # the bounds that one line gave, and no second one yet
        self.apart = apart  # lines and bars come through pipes of their own: none tells of the other
        self.every = every  # steps from one regular line to the next; 0 while that is not known
        self.last = last  # epoch of the last line
        self.other = other  # count and total of another bar that was drawn since the training's own was
        self.places = {(epoch, regular): step for epoch, regular, step in places}  # of lines in uneven epochs; None: of several
        self.beat = beat  # step of the last regular line, while it may be the first
        self.rest = rest  # by how much more than the rate a whole epoch has, where epochs are uneven
        self.written = list(written)  # counts at which the bar was drawn anew, as it is below a line, behind the last one whose line came
        self.wipes = Wipes(*wipes)
        self.paced = paced  # of a block: step of the last regular line, how far apart these are, step and epoch of its last line

    def draw(self, n: float, total: float) -> bool:
        """Take a bar's state; return whether it is the training's own bar."""
        self.wipes.draw(n, total)
        finished = self.n >= self.total
        if not self.total or (finished and total > self.total and self.last <= 0):  # what came so far is an evaluation before the training
            self.total = total
        if total != self.total:
            self.other = (n, total)
            return False
        self.other = (0.0, 0.0)
        self.seen, self.n = self.n, n
        if self.twice and self.written != _LOST and len(self.written) < _MAX_WRITTEN:
            self.written.append(n)
        return True

    def begins_anew(self, n: float, total: float) -> bool:
        """Whether a bar that is drawn next is of another training: the training's own was complete, and counts from the front again."""
        return n < self.n == self.total == total

    def turns_back(self, epoch: float | None) -> bool:
        """Take the epoch of a line; return whether another training began, as the epochs went back, of which nothing is known yet."""
        self.wipes.arrive(self.total)
        last, self.last = self.last, self.last if epoch is None else epoch
        return self.last < last

    def renewed(self) -> EpochRate:
        """Return the rate of another training, of which no more is known than which bars were drawn."""
        n = self.total if self.other[1] and self.n else self.n  # the bar of the one before was not drawn again: it is as good as complete
        return EpochRate(self.total, n, held=self.held, apart=self.apart, last=self.last, other=self.other, wipes=self.wipes.save())

    def adopt(self) -> None:
        """A regular line came while another bar was drawn: that is the training's own if the one before is complete and it is not."""
        n, total = self.other
        if total and self.n >= self.total and not (self.known and n == total):
            self.total, self.n, self.other, self.held = total, n, (0.0, 0.0), False
            self.wipes.arrive(total)

    def is_of(self, total: float) -> bool:
        """Whether a bar of that total is the training's own, which counts through all epochs."""
        return self.known and total == self.total

    def excludes(self, total: float) -> bool:
        """Whether a bar of that total is another than the training's own, as that of an evaluation is."""
        return self.known and total not in (0.0, self.total)

    def learn(self, lines: list[tuple[float | None, bool]], fresh: int, *, ended: bool = False, piped: bool = False) -> bool:
        """Take epoch and regularity of the lines that wait, `fresh` of which came since the bar before.

        Return whether the last of them stands at the bar just drawn, or the training has `ended` there: when every fresh one falls on
        a whole step, and what was learnt before is not contradicted. An epoch that was rounded to nothing falls on any: such a line
        must be the only one, and so must one that is a few steps off. `piped`: a launcher reads what is printed, bars and lines from
        pipes of their own, and one may come before or behind the other; two lines must agree before any is believed.
        """
        epochs = [epoch for epoch, _ in lines[len(lines) - fresh :]]
        last = epochs[-1] if epochs else None
        held, self.held = self.held and not (ended or piped), False
        if last is None or held:
            self._bound(lines, epochs)
            return False
        self.since = self.n
        if not self.n or (self.apart and not ended):
            return False
        agrees = self._narrow(epochs, last) if ended or not piped or self.known else self._believes(epochs, last)
        if not agrees and (len(epochs) != 1 or not self._strays(last)):
            if ended and not self.known:
                self._divide(lines)
            return False
        if self.told[0] < 0 < last and not ended:
            self._pace([epoch for epoch, regular in lines if regular], last)
        self.told = (last, self.n)
        return True

    def stop(self, lines: list[tuple[float | None, bool]]) -> None:
        """Take the lines that were held back until a training was stopped: the bar drawn last is the one above them."""
        if not self.apart:
            self.seen = self.n
            self._bound(lines, [epoch for epoch, _ in lines])

    def rewritten(self, lines: list[tuple[float | None, bool]]) -> Sequence[float]:
        """Return the steps of all lines that wait where their bar was wiped for each of them, and learn from them."""
        steps = self.wipes.take(self.total, [epoch for epoch, _ in lines], (self.low, self.high))
        for (epoch, _), step in zip(lines if steps else (), steps, strict=True):
            low, high = _rates([(step, epoch)]) if epoch else (0.0, math.inf)
            if epoch and epoch <= 1 and max(low, self.low) <= min(high, self.high):
                self.low, self.high = max(low, self.low), min(high, self.high)
            elif epoch and self.known and not self._fits(epoch, step):
                self.drifts = True
            self.told = (epoch or 0.0, step)
        if steps:
            self.held, self.since = False, steps[-1]
            self.miscount(len(lines))
        return steps

    def places_of(self, lines: list[tuple[float | None, bool]]) -> list[float]:
        """Return the steps of all lines that wait and came in one block; nothing where that may not be so.

        A file or a pipe gets such lines later than the bars. Regular ones come every so many steps, as far apart as the counts at which
        the bar was drawn anew; others behind them, or at such a count between them. Their epochs must suit one rate.
        """
        if len(lines) < _SEVERAL:
            return []
        last, distance, step, before = self.paced or (0.0, self._distance(), 0.0, -1.0)
        if distance < _SEVERAL:
            return []
        steps: list[float] = []
        low, high = self.low, self.high
        for number, (epoch, is_regular) in enumerate(lines):
            if epoch is None:
                return []
            if is_regular:
                last = 1.0 if not (last or number) and 1.0 in self.written else (last // distance + 1) * distance
                step = last
            elif epoch != before:
                step = next((n for n in self.written if last < n < last + distance), 0.0)
            error, beside = rounding(epoch), math.floor(epoch)  # an uneven epoch may have a step more or less
            low = max(low, (step - beside) / (epoch + error))
            high = min(high, (step + beside) / (epoch - error) if epoch > error else math.inf)
            before = epoch
            steps.append(step)
        if low > high or 0.0 in steps or not last <= self.n < last + 2 * distance:
            return []
        if before is not None and before < 1:
            self.low, self.high = low, high
        self.written, self.paced = [n for n in self.written if n > last], (last, distance, step, before)
        return steps

    def _distance(self) -> float:
        """Return how far apart most of the counts are at which the bar was drawn anew; 0 where that cannot be told."""
        known = sorted({*self.written} - {1.0})
        apart = Counter(b - a for a, b in pairwise([0.0, *known]))
        distance, times = apart.most_common(1)[0] if apart else (0.0, 0)
        return distance if times >= _SEVERAL and 2 * sum(n % distance == 0 for n in known) > len(known) else 0.0

    def miscount(self, lines: int) -> None:
        """That many lines got their steps by other means: for a single one the bar was drawn anew right behind it."""
        self.written = [] if lines < _SEVERAL and self.written != _LOST else _LOST

    def _divide(self, lines: list[tuple[float | None, bool]]) -> None:
        """Find out where all lines of a training stand that has come to its end, though its epochs do not divide into steps."""
        for (epoch, regular), step in zip(lines, uneven.places(lines, self.total, rounding), strict=False):
            if step is not None and epoch is not None:
                self.places[epoch, regular] = step if self.places.get((epoch, regular), step) == step else None

    def _believes(self, epochs: list[float | None], last: float) -> bool:
        """Narrow the rate by a second line that agrees with the first; where it does not, no line is believed any more."""
        first, self.doubt = self.doubt, ()
        if first:
            self.low, self.high = first
        agrees = self._narrow(epochs, last)
        if first and agrees:
            return True
        if agrees:
            self.doubt = (self.low, self.high)
        self.low, self.high, self.apart = 0.0, math.inf, bool(first)
        return False

    def _bound(self, lines: list[tuple[float | None, bool]], epochs: list[float | None]) -> None:
        """Bound the rate by lines that were held back; take it when no other suits all that wait."""
        known = sorted({epoch for epoch, _ in lines if epoch})
        fresh = [epoch for epoch in epochs if epoch]
        if self.known or not fresh:
            self.since = self.seen
            return
        last, reach = fresh[-1], max(b - a for a, b in pairwise([0.0, *known]))
        self.least = max(self.least, self.since / (fresh[0] + rounding(fresh[0])), self.seen / (last + reach + 2 * rounding(last)))
        self.most = min(self.most, self.seen / (last - rounding(last)))
        self.since = self.seen
        beats = [epoch for epoch, regular in lines if regular]
        every = _every(beats, last)
        fitting = [step for step in self._steps(last, every or 1) if self._agrees(known, step / last)]
        if len(fitting) > 1:
            fitting = [step for step in fitting if self._is_whole(step / last, rounding(last) / last)]
        if len(fitting) == 1:
            step = fitting[0]
            self.every = step / every if every else 0.0
            placed = [(self.every * i, epoch) for i, epoch in enumerate(beats, 1) if epoch] if every else [(step, last)]
            low, high = _rates(placed)
            self.low, self.high = (low, high) if low <= high else _rates([(step, last)])

    def _steps(self, epoch: float, by: int) -> range:
        """Return the steps that an epoch may stand for, multiples of `by`; none where they are too many."""
        low, high = math.ceil(self.least * epoch / by), math.floor(self.most * (epoch + rounding(epoch)) / by)
        return range(max(low, 1) * by, (high + 1) * by, by) if high - low < _CANDIDATES else range(0)

    def _is_whole(self, rate: float, error: float) -> bool:
        """Whether the training has a whole number of epochs at a rate that may be off by a share `error`."""
        epochs = self.total / rate
        return round(epochs) > 0 and abs(epochs - round(epochs)) <= _WHOLE + error * epochs

    def _narrow(self, epochs: list[float | None], last: float) -> bool:
        """Narrow the rate by a line that stands at the bar's count, unless it contradicts what is known."""
        if not (self._agrees(epochs, self.n / last) if last else len(epochs) == 1):
            return False
        low, high = self.n / (last + rounding(last)), self.n / (last - rounding(last)) if last else math.inf
        if low > self.high or high < self.low:
            return False
        self.low, self.high = max(self.low, low), min(self.high, high)
        return True

    def _pace(self, beats: list[float | None], last: float) -> None:
        """Learn how far apart regular lines are from the first ones, which came at once, and narrow the rate by all of them."""
        count = _every(beats, last)
        if count < _SEVERAL or self.n % count or not self._is_whole(self.n / last, rounding(last) / last):
            return
        placed = [(self.n / count * i, epoch) for i, epoch in enumerate(beats, 1) if epoch]
        low, high = _rates(placed)
        if max(self.low, low) <= min(self.high, high):
            self.low, self.high, self.every = max(self.low, low), min(self.high, high), self.n / count

    def _strays(self, epoch: float) -> bool:
        """Whether the bar is as far off the rate as whole epochs may bring it."""
        whole = math.floor(epoch)
        if not self.known or not whole or not self._fits(epoch, self.n, whole):
            return False
        self.drifts = True
        return True

    @property
    def twice(self) -> bool:
        """Whether the bar was drawn twice at its count, as it is around a line that is written above it."""
        return 0 < self.n == self.seen

    @property
    def known(self) -> bool:
        """Whether a rate has been learnt."""
        return self.high != math.inf

    def step(self, epoch: float | None, *, regular: bool = False, latest: bool = True) -> int | None:
        """Return the step at an epoch, or None where rounding leaves more than one, of those at which `regular` lines are printed.

        A line that is the `latest` of its kind stands at the bar's count where that may be.
        """
        if epoch is None:
            return None
        if not self.known:
            return self.places.get((epoch, regular))
        if regular and self.every and (step := self._regular(epoch)):
            return step
        if epoch == self.told[0] and 2 * self.high * rounding(epoch) < 1.0:
            return int(self.told[1])
        return None if self.drifts and epoch > 1 and not self.rest else self._whole(epoch, regular=regular, latest=latest)

    def _whole(self, epoch: float, *, regular: bool, latest: bool) -> int | None:
        """Return the one whole step that the rate gives at an epoch; where none does, epochs are uneven."""
        if latest and epoch > 0 and not self.rest and self._fits(epoch, self.n):
            return int(self.n)
        beside = math.floor(epoch) * self.rest
        low, high = (bound + beside for bound in self._bounds(epoch))
        middle = epoch * self._rate() + beside
        whole = round(middle)
        if epoch > 1 and not low - _NEAR <= whole <= high + _NEAR:
            self.drifts = True
            return None
        near = abs(middle - whole) < _NEAR and high - low < 2.0
        if not (near or high - low < 1.0):
            return (self._regular(epoch) or None) if self.every and epoch < 1 and not regular else None  # an evaluation, at a logged step
        if regular and epoch < 1 and not self.every:
            self.every, self.beat = (self.beat if whole == 2 * self.beat else 0.0), whole
        return whole

    def _regular(self, epoch: float) -> int:
        """Return the one step near an epoch at which a regular line is printed, or 0; whole epochs may put it off by a step each."""
        low, high = self._bounds(epoch)
        for beside in (0, math.floor(epoch)):
            first, last = math.ceil((low - beside) / self.every), math.floor((high + beside) / self.every)
            if first == last:
                if beside:
                    self.drifts, self.rest = True, (first * self.every - epoch * self._rate()) / beside
                return int(first * self.every)
            if first < last:
                break
        return 0

    def _bounds(self, epoch: float) -> tuple[float, float]:
        """Return the least and the most steps that the rate gives at an epoch, as it may have been rounded."""
        return (epoch - rounding(epoch)) * self.low, (epoch + rounding(epoch)) * self.high

    def _agrees(self, epochs: Sequence[float | None], rate: float) -> bool:
        """Whether all lines fall on whole steps at that rate."""
        for epoch in epochs:
            if epoch is None:
                return False
            step = epoch * rate
            if abs(step - round(step)) > rate * rounding(epoch) + _NEAR:
                return False
        return True

    def _fits(self, epoch: float, n: float, beside: float = 0.0) -> bool:
        """Whether a count may be that of an epoch, or be up to so many steps beside it."""
        reach = _NEAR + beside
        return (epoch - rounding(epoch)) * self.low - reach <= n <= (epoch + rounding(epoch)) * self.high + reach

    def _rate(self) -> float:
        whole = round((self.low + self.high) / 2)
        return whole if self.low <= whole <= self.high else (self.low + self.high) / 2

    def save(self) -> list[object]:
        """Return the constructor's arguments."""
        bounds = [self.held, self.seen, self.since, self.least, self.most, self.every, self.doubt, self.apart, self.last, self.other]
        places = [[*line, step] for line, step in self.places.items()]
        behind = [places, self.beat, self.rest, self.written, self.paced, self.wipes.save()]
        return [self.total, self.n, self.low, self.high, self.told, self.drifts, *bounds, *behind]


def _rates(placed: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return between which steps per epoch these steps and epochs, none of them 0, lie."""
    return max(n / (epoch + rounding(epoch)) for n, epoch in placed), min(n / (epoch - rounding(epoch)) for n, epoch in placed)


def _every(epochs: list[float | None], last: float) -> int:
    """Return how many lines there are up to epoch `last`, when they are evenly apart from the beginning on; else 0."""
    count = len(epochs)
    even = epochs[-1:] == [last] and all(e is not None and abs(e - last * i / count) <= 2 * rounding(e) for i, e in enumerate(epochs, 1))
    return count if even else 0
