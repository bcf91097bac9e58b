"""A curve in one line of text. Pure: values in, block characters out."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
NON_FINITE = "\u00d7"


def spark(xs: Sequence[float], values: Sequence[float], width: int) -> str:
    """Return the values along x as at most `width` blocks: the mean of each stretch, a cross where one holds nothing finite.

    A stretch without any value is blank. Fewer than two values give nothing, as they have no shape.

    >>> spark([0, 1, 2, 3], [4.0, 3.0, 2.0, 1.0], 4)
    '█▆▃▁'
    """
    if len(xs) < 2:
        return ""
    left, right = min(xs), max(xs)
    columns = min(width, len(xs))
    stretches: list[list[float]] = [[] for _ in range(columns)]
    for x, value in zip(xs, values, strict=True):
        place = int((x - left) / (right - left) * columns) if right > left else 0
        stretches[min(place, columns - 1)].append(value)
    means = [_mean(stretch) for stretch in stretches]
    finite = [mean for mean in means if mean is not None and math.isfinite(mean)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return "".join(_block(mean, low, high) for mean in means)


def _mean(stretch: Sequence[float]) -> float | None:
    """Return the mean of the finite values, nan where there are only others, None where there is none."""
    finite = [value for value in stretch if math.isfinite(value)]
    return sum(value / len(finite) for value in finite) if finite else math.nan if stretch else None


def _block(mean: float | None, low: float, high: float) -> str:
    """Return the character whose height shows where a mean lies."""
    if mean is None:
        return " "
    if math.isnan(mean):
        return NON_FINITE
    share = (mean / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.5  # halves, as the difference may be beyond the largest float
    return _BLOCKS[min(len(_BLOCKS) - 1, round(share * (len(_BLOCKS) - 1)))]
