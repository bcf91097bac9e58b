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
    for i, (x, value) in enumerate(zip(xs, values, strict=True)):
        if not math.isfinite(value):
            kept.add(i)
            continue
        column = min(int((x - start) / width * columns), columns - 1) if width < math.inf else 0
        facts = found.get(column)
        if facts is None:
            found[column] = [i, i, i, i]
            continue
        facts[1] = i
        if value < values[facts[2]]:
            facts[2] = i
        elif value > values[facts[3]]:
            facts[3] = i
    for facts in found.values():
        kept.update(facts)
    return sorted(kept)
