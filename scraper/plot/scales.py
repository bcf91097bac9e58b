"""Where an axis has its ticks and what they read. Pure numbers and text."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

_SIXTIETHS = (1, 2, 5, 10, 15, 30)
_ROUND_SPANS = (*_SIXTIETHS, *(60 * i for i in _SIXTIETHS), *(3600 * i for i in (1, 2, 3, 6, 12, 24, 48, 168)))  # seconds
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most about `most` round numbers (1, 2 or 5 times a power of ten apart) between `low` and `high`, and at least two."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    steps = [power * factor for factor in (0.1, 0.2, 0.5, 1, 2, 5, 10)]
    fitting = next(i for i, step in enumerate(steps) if step >= rough * 0.999)
    found = [low]
    for step in reversed(steps[: fitting + 1]):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        found = [i * step for i in range(first, last + 1)] or found
        if len(found) > 1:
            break
    return found


def span_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most about `most` lengths of time in seconds that clocks and calendars call round, between `low` and `high`."""
    rough = (high - low) / max(1, most)
    step = next((size for size in _ROUND_SPANS if size >= rough * 0.999), 0.0)
    if not step or rough < 1:
        return nice_ticks(low, high, most)
    return [i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def moment_ticks(low: float, high: float, most: int) -> list[float]:
    """Return at most about `most` times, in seconds since the epoch, at which a clock here shows something round."""
    offset = time.localtime(low).tm_gmtoff
    return [tick - offset for tick in span_ticks(low + offset, high + offset, most)]


def axis_ticks(x: str, low: float, high: float, most: int) -> tuple[list[float], list[str]]:
    """Return at most about `most` ticks of a horizontal axis, of steps, epochs, times or seconds, and what they read."""
    if x == "time":
        ticks = moment_ticks(low, high, most)
        return ticks, [moment(tick, high - low) for tick in ticks]
    if x == "relative":
        ticks = span_ticks(low, high, most)
        return ticks, [span(tick) for tick in ticks]
    ticks = nice_ticks(low, high, most)
    if x == "step":
        ticks = [tick for tick in ticks if tick == int(tick)] or ticks
    return ticks, tick_labels(ticks)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return exponents for ticks of an axis of decimal logarithms from `low` to `high`.

    Whole powers of ten where there are enough, else 1, 2 and 5 times those, else round numbers.
    """
    whole = [float(i) for i in range(math.ceil(low), math.floor(high) + 1)]
    if len(whole) >= 3:
        return whole[:: max(1, -(-len(whole) // max(1, most)))]
    parted = [i + math.log10(factor) for i in range(math.floor(low), math.floor(high) + 1) for factor in (1, 2, 5)]
    parted = [tick for tick in parted if low <= tick <= high]
    if len(parted) >= 2:
        return parted if len(parted) <= most else whole if len(whole) >= 2 else parted[:: -(-len(parted) // max(1, most))]
    return [math.log10(tick) for tick in nice_ticks(10**low, 10**high, most) if tick > 0]


def value_ticks(low: float, high: float, most: int, *, log: bool, scale: float) -> tuple[list[float], list[str]]:
    """Return at most about `most` ticks of an axis of values that were multiplied by `scale`, and what they read.

    `log`: the ends and the ticks are decimal logarithms of these.
    """
    if log:
        exponents = log_ticks(low, high, most)
        return exponents, tick_labels([10**exponent / scale for exponent in exponents])
    ticks = [tick for tick in nice_ticks(low, high, most) if math.isfinite(tick / scale)]
    return ticks, tick_labels([tick / scale for tick in ticks])


def short(value: float) -> str:
    """Return a tick's number in few characters: 20k, 1.5M, 0.25, 3e-05."""
    for size, name in _LARGE:
        if abs(value) >= size and abs(value) >= 1e4:
            return f"{value / size:.4g}{name}"
    return f"{value:.4g}" if value else "0"


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Return what ticks read: their numbers, or where those look alike what each is beyond the first.

    >>> tick_labels([1e12, 1e12 + 20, 1e12 + 40])
    ['1T', '+20', '+40']
    """
    labels = list(map(short, ticks))
    if len(set(labels)) == len(labels):
        return labels
    return [labels[0], *(f"+{short(tick - ticks[0])}" for tick in ticks[1:])]


def span(seconds: float) -> str:
    """Return a tick's length of time: 45s, 3m, 1.5h, 2d."""
    for size, name in ((86_400, "d"), (3600, "h"), (60, "m")):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g}{name}"
    return f"{seconds:.3g}s"


def moment(seconds: float, whole_span: float) -> str:
    """Return a tick's time of day, with the date where the axis covers more than a day."""
    return time.strftime("%m-%d %H:%M" if whole_span > 86_400 else "%H:%M:%S", time.localtime(seconds))
