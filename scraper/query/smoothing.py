"""Averages along a series: a moving mean and a debiased exponential one. Pure numbers; non-finite values stay where they are."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

from scraper.errors import UsageError


def by_stretch(xs: Sequence[float], values: Sequence[float], average: Callable[[Sequence[float]], list[float]]) -> list[float]:
    """Return the averages of values at the places `xs`, begun anew where the places go back, as those of another fold do.

    >>> by_stretch([1, 2, 1, 2], [4.0, 2.0, 8.0, 6.0], lambda part: moving_average(part, 2))
    [4.0, 3.0, 8.0, 7.0]
    """
    ends = [0, *(i for i, (one, other) in enumerate(pairwise(xs), 1) if other < one), len(values)]
    return [one for start, end in pairwise(ends) for one in average(values[start:end])]


def debiased_ema(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential moving average of the finite values, corrected for its start; others stay as they are.

    `weight` of the past, from 0 (no smoothing) up to but not 1 (UsageError); the same as TensorBoard's slider.

    >>> debiased_ema([4.0, 2.0, 2.0], 0.5)
    [4.0, 2.6666666666666665, 2.2857142857142856]
    """
    if not 0 <= weight < 1:
        raise UsageError(f"the weight of the past is at least 0 and below 1, not {weight:g}")
    if not weight:
        return list(values)
    average, kept, result = 0.0, 1.0, []
    for value in values:
        if math.isfinite(value):
            average, kept = average * weight + (1 - weight) * value, kept * weight
            result.append(average / (1 - kept))
        else:
            result.append(value)
    return result


def moving_average(values: Sequence[float], window: int) -> list[float]:
    """Return, for each finite value, the mean of it and the up to `window` - 1 finite ones before it; others stay as they are.

    UsageError for a window below 1.

    >>> moving_average([1.0, 2.0, float("nan"), 6.0], 2)
    [1.0, 1.5, nan, 4.0]
    """
    if window < 1:
        raise UsageError(f"a moving average needs a window of at least 1 value, not {window}")
    recent: deque[float] = deque(maxlen=window)
    result = []
    for value in values:
        if math.isfinite(value):
            recent.append(value)
            result.append(math.fsum(recent) / len(recent))
        else:
            result.append(value)
    return result
