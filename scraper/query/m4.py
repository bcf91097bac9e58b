"""M4: the first, last, lowest and highest point of each pixel column, which is all a line drawn through the column shows.

Pure: numbers in, indices out. Source: Jugel, Jerzak, Hackenbroich, Markl: M4, PVLDB 7(10), 2014.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def m4(xs: Sequence[float], values: Sequence[float], columns: int) -> list[int]:
    """Return the indices to keep, ascending: M4 of the finite values in `columns` equal stretches of x, and every non-finite value.

    At most 4 x `columns` of them are finite. The first, last, lowest and highest finite value are always among them.
    """
    if not xs:
        return []
    start = min(xs)
    width = max(xs) - start
    if not 0 < width < math.inf:
        width = math.inf  # one column holds all: the axis is a point, or wider than numbers go
    kept: set[int] = set()
    found: dict[int, list[int]] = {}  # column -> indices of its first, last, lowest and highest value
    facts, current, low, high = [0, 0, 0, 0], -1, 0.0, 0.0  # of the column that the point before was in
    for i, (x, value) in enumerate(zip(xs, values, strict=True)):
        if not math.isfinite(value):
            kept.add(i)
            continue
        column = int((x - start) / width * columns) if width < math.inf else 0
        if column != current:
            current = column
            facts = found.setdefault(min(column, columns - 1), [i, i, i, i])
            low, high = values[facts[2]], values[facts[3]]
        facts[1] = i
        if value < low:
            facts[2], low = i, value
        elif value > high:
            facts[3], high = i, value
    for facts in found.values():
        kept.update(facts)
    return sorted(kept)
