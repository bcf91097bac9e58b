"""Series in, text out: panels of curves drawn with characters, non-finite values marked on the edge of their panel.

Pure apart from plotext's own state, which it clears; it neither asks for the terminal's size nor writes to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest
from typing import Any, TypeAlias

from scraper.plot.panels import Curve, Panel, drawable, numbered
from scraper.plot.scales import axis_ticks, value_ticks

_Box: TypeAlias = tuple[float, float, float, float]  # left, right, bottom, top
COLOURS = ("blue", "orange", "green", "red", "magenta", "cyan", "gray")
_MARKERS = ("braille", "x", "o", "+", "*", "#", "%")  # tell curves apart where there is no colour
CROSS = "\u00d7"
_MARKS = ((math.isnan, CROSS, "NaN", 0.0), (lambda v: v == math.inf, "▲", "inf", 1.0), (lambda v: v == -math.inf, "▼", "-inf", 0.0))
_SHORTEST = 7  # rows in which a panel still shows a shape
NARROWEST = 55  # columns for two panels side by side


def draw(panels: Sequence[Panel], *, width: int, height: int, colour: bool = False) -> str:
    """Return the panels as text of `width` columns and about `height` rows: more where the panels would be too low to read."""
    columns = 2 if len(panels) > 2 and width >= 2 * NARROWEST else 1
    rows = -(-len(panels) // columns)
    tall = max(_SHORTEST, height // max(1, rows))
    wide = (width - (columns - 1)) // columns
    alone = len(panels) - 1 if len(panels) % columns else -1  # the last of an odd number has its row for itself
    signs = _signs(panels, colour=colour)
    blocks = [_panel(panel, signs[i], width if i == alone else wide, tall, colour=colour) for i, panel in enumerate(panels)]
    lines: list[str] = []
    for i in range(0, len(blocks), columns):
        lines += [" ".join(parts) for parts in zip_longest(*blocks[i : i + columns], fillvalue="")]
    return "\n".join(line.rstrip() for line in lines)


def _signs(panels: Sequence[Panel], *, colour: bool) -> list[list[int]]:
    """Return the number of each panel's curves: where there are several runs, each has one colour in all panels."""
    numbers = numbered(panels)
    several = colour and len({run for run, _ in numbers}) > 1
    return [[numbers[one.run, one.name] if several else i for i, one in enumerate(panel.curves)] for panel in panels]


def _panel(panel: Panel, signs: Sequence[int], width: int, height: int, *, colour: bool) -> list[str]:
    """Return one panel as lines: a heading, then the picture."""
    import plotext  # noqa: PLC0415 - slow to import, and only drawing needs it

    panel, scale = drawable(panel)
    points = [_placed(curve, log=panel.log) for curve in panel.curves]
    heading = _heading(panel, points, signs, width, colour=colour)
    figure = plotext.figure
    plotext.terminal.limit(False, False)  # noqa: FBT003 - plotext's signature; the size asked for is the size drawn
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, max(_SHORTEST - 1, height - len(heading)))
    figure.legend(active=False)
    box = _box(points)
    _rule(figure, panel, box, (width, height), scale)
    for sign, curve in zip(signs, points, strict=True):
        sparse = max(1, 3 * len(curve) // width) if sign and not colour else 0
        _draw_curve(figure, curve, box, _marker(plotext, sign, colour=colour), sparse)
    picture = figure.build().string(colorless=not colour).splitlines()
    figure.clear()
    return [*heading, *picture]


def _placed(curve: Curve, *, log: bool) -> list[tuple[float, float]]:
    """Return the points to draw: on the logarithm of the values where asked for, without those that have none."""
    if not log:
        return list(zip(curve.xs, curve.values, strict=True))
    pairs = zip(curve.xs, curve.values, strict=True)
    return [(x, math.log10(value) if value > 0 and value != math.inf else value) for x, value in pairs if not value <= 0]


def _box(curves: Iterable[Sequence[tuple[float, float]]]) -> _Box:
    """Return the limits (left, right, bottom, top) that hold every point; never without extent."""
    points = [point for curve in curves for point in curve]
    xs = [x for x, _ in points] or [0.0]
    ys = [y for _, y in points if math.isfinite(y)] or [0.0]
    return (*_apart(min(xs), max(xs)), *_apart(min(ys), max(ys)))


def _apart(low: float, high: float) -> tuple[float, float]:
    """Return limits with room between them, also for a single value."""
    if high > low:
        return low, high
    room = abs(low) * 0.05 or 0.5
    return low - room, high + room


def _rule(figure: Any, panel: Panel, box: _Box, size: tuple[int, int], scale: float) -> None:
    """Set the limits and the ticks of both axes; values were multiplied by `scale`."""
    width, height = size
    left, right, bottom, top = box
    figure.ruler("x").lim(left, right)
    figure.ruler("x").ticks(*axis_ticks(panel.x, left, right, max(2, width // 14)))
    figure.ruler("y").lim(bottom, top)
    figure.ruler("y").ticks(*value_ticks(bottom, top, max(2, height // 4), log=panel.log, scale=scale))


def _marker(plotext: Any, sign: int, *, colour: bool) -> Any:
    """Return how the curve of a number is drawn."""
    return plotext.marker("braille", COLOURS[sign % len(COLOURS)]) if colour else _MARKERS[sign % len(_MARKERS)]


def _draw_curve(figure: Any, curve: Sequence[tuple[float, float]], box: _Box, marker: Any, sparse: int) -> None:
    """Draw the stretches between non-finite values as lines (or every `sparse`-th point), and mark those on the edge of the panel."""
    for xs, ys in _stretches(curve):
        figure.draw(figure.signal(xs[::sparse], ys[::sparse], marker=marker) if sparse else figure.signal(xs, ys, marker=marker).lines())
    for is_kind, sign, _, edge in _MARKS:
        xs = [x for x, y in curve if is_kind(y)]
        if xs:
            figure.draw(figure.signal(xs, [box[2] + edge * (box[3] - box[2])] * len(xs), marker=sign))


def _stretches(curve: Sequence[tuple[float, float]]) -> list[tuple[list[float], list[float]]]:
    """Return (xs, ys) of each run of finite values; a curve that goes back in x, as another attempt does, is not joined."""
    breaks = [0, *(i + 1 for i, (one, other) in enumerate(pairwise(curve)) if _breaks(one, other)), len(curve)]
    runs = [[point for point in curve[a:b] if math.isfinite(point[1])] for a, b in pairwise(breaks)]
    return [([x for x, _ in run], [y for _, y in run]) for run in runs if run]


def _breaks(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether no line is drawn from one point to the next."""
    return not (math.isfinite(one[1]) and math.isfinite(other[1])) or other[0] < one[0]


def _heading(panel: Panel, points: Sequence[Sequence[tuple[float, float]]], signs: Sequence[int], width: int, *, colour: bool) -> list[str]:
    """Return the title with its notes, and one line that names the curves, where they need a name."""
    notes = [*panel.notes, *_counted(panel, points)]
    title = _cut(f"{panel.title}  ({'; '.join(notes)})" if notes else panel.title, width)
    lines = [f"\x1b[1m{title.ljust(width)}\x1b[0m" if colour else title.ljust(width)]
    if any(curve.name for curve in panel.curves):
        lines.append(_key(panel.curves, signs, width, colour=colour))
    return lines


def _counted(panel: Panel, points: Sequence[Sequence[tuple[float, float]]]) -> list[str]:
    """Return what the marks on the edge stand for and how many there are, and what a logarithm leaves out."""
    ys = [y for curve in points for _, y in curve]
    counts = [(sum(map(is_kind, ys)), sign, name) for is_kind, sign, name, _ in _MARKS]
    left_out = sum(len(curve.xs) for curve in panel.curves) - len(ys)
    told = [f"{number} {name} {sign}" for number, sign, name in counts if number]
    return told + ([f"{left_out} not above 0 left out"] if left_out else []) + (["log scale"] if panel.log else [])


def _key(curves: Sequence[Curve], signs: Sequence[int], width: int, *, colour: bool) -> str:
    """Return the names of the curves with their signs, cut to the width."""
    room = max(4, width // len(curves) - 4)
    names = [_cut(curve.name, room) for curve in curves]
    if not colour:
        drawn = ["⠒", *_MARKERS[1:]]
        return _cut("  ".join(f"{drawn[sign % len(drawn)]} {name}" for sign, name in zip(signs, names, strict=True)), width).ljust(width)
    from plotext import colorize  # noqa: PLC0415 - slow to import, and only colour needs it

    plain = "  ".join(f"━ {name}" for name in names)
    painted = "  ".join(f"{colorize('━', COLOURS[sign % len(COLOURS)]).string()} {name}" for sign, name in zip(signs, names, strict=True))
    return painted + " " * max(0, width - len(plain))


def _cut(text: str, width: int) -> str:
    """Return text that fits."""
    return text if len(text) <= width else text[: width - 1] + "…"
