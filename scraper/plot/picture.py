"""Panels drawn as a PNG or SVG picture with matplotlib: small multiples by group, one colour a run, non-finite values and events marked.

Owns themes and layout; needs the extra `plot`. Text from logs is drawn as text: no mathematics, no markup.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from scraper.errors import UsageError
from scraper.plot.panels import ALARMS, Curve, Panel, drawable, numbered
from scraper.plot.scales import axis_ticks, value_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Group: TypeAlias = tuple[str, list[Panel]]
DPI: Final = 100
PANEL_WIDTH, PANEL_HEIGHT = 480, 300  # pixels of one of several
ALONE: Final = (960, 540)  # pixels of a panel by itself
MOST_LINES: Final = 40  # events of one kind in a panel drawn as lines; more are ticks on the upper edge
_FONTS: Final = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Micro Hei", "PingFang SC", "Noto Sans Arabic", "Noto Sans Devanagari")
COLUMNS: Final = 3  # of panels on a page
_LETTER: Final = 0.95  # pixels a bold letter is wide, for each point of its size
_KEY_ROOM, _TITLE_ROOM, _GROUP_ROOM, _AXIS_ROOM = 34, 46, 30, 60  # pixels; the last of an axis' ticks and name


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture. Those of curves are Okabe and Ito's, told apart with any colour vision, fit to the background."""

    background: str
    panel: str
    text: str
    faint: str
    grid: str
    curves: tuple[str, ...]
    alarm: str  # non-finite values, tracebacks and the like
    event: str


THEMES: Final = {
    "dark": Theme(
        "#0f1318", "#161c23", "#dfe6ee", "#8d99a8", "#2a333e",
        ("#56b4e9", "#e69f00", "#2fc596", "#f0e442", "#d58cb8", "#ff7f3f", "#9aa8ff", "#c9d1d9"), "#ff6b6b", "#9aa7b5",
    ),
    "light": Theme(
        "#ffffff", "#ffffff", "#1c2229", "#5d6875", "#e3e8ee",
        ("#0072b2", "#d55e00", "#008060", "#cc4f95", "#b07d00", "#3a9bd9", "#5b50b8", "#20262d"), "#c62828", "#6b7683",
    ),
}  # fmt: skip
_DASHES: Final = ("-", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)))  # tell runs apart once the colours are used up
_DOTS: Final = {"checkpoint": (0, (1, 3)), "restart": (0, (6, 3)), "non_finite": (0, (1, 1.5)), "traceback": (0, (6, 2))}  # lines of events
_OTHER_DOTS: Final = (0, (4, 2, 1, 2))
_EDGES: Final = (
    (math.isnan, "x", 0.025, "NaN"),
    (lambda value: value == math.inf, "^", 0.975, "inf"),
    (lambda value: value == -math.inf, "v", 0.025, "-inf"),
)  # what the mark means, its shape, its height in the panel, its name


def save(
    target: Path | IO[bytes], panels: Sequence[Panel], *, title: str, theme: str = "dark", size: tuple[int, int] | None = None, form: str
) -> None:
    """Draw the panels into a file of format "png" or "svg", `size` pixels large (None: as many as the panels need).

    UsageError when matplotlib is not installed; OSError when the file cannot be written.
    """
    with _matplotlib(THEMES[theme]):
        figure = _figure(panels, title, THEMES[theme], size)
        plain = {"Date": None} if form == "svg" else {}  # the same picture is the same file
        figure.savefig(target, format=form, dpi=DPI, facecolor=THEMES[theme].background, metadata=plain)


@contextmanager
def _matplotlib(theme: Theme) -> Iterator[None]:
    """Set what every text and axis of a picture shares. UsageError without matplotlib."""
    try:
        import matplotlib as mpl  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise UsageError("a picture needs matplotlib, which is missing; install it with: pip install '.[plot]'") from None
    settings: dict[Any, Any] = {
        "text.parse_math": False, "svg.hashsalt": "metric-scraper", "font.size": 9, "path.simplify_threshold": 0.2,
        "text.color": theme.text, "axes.labelcolor": theme.faint, "xtick.color": theme.faint, "ytick.color": theme.faint,
        "axes.edgecolor": theme.grid, "axes.facecolor": theme.panel, "font.family": ["DejaVu Sans", *_other_scripts()],
    }  # fmt: skip
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from")  # a name in a script no font here has is drawn as boxes
        yield


def _other_scripts() -> list[str]:
    """Return fonts of this machine for what matplotlib's own has no letters for."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 - optional, and slow to import

    return [name for name in _FONTS if name in fontManager.get_font_names()]


def _figure(panels: Sequence[Panel], title: str, theme: Theme, size: tuple[int, int] | None) -> Figure:
    """Return the picture: a title, each group's panels under its name, and what the colours and marks mean."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - optional, and slow to import

    groups = [(name, list(found)) for name, found in groupby(panels, key=lambda panel: panel.group)]
    columns = min(COLUMNS, len(panels))
    bands = _bands(groups, columns)
    rows = [max(-(-len(found) // columns) for _, found in band) for band in bands]
    keys = _keys(panels, theme)
    inside = ALONE[1] if len(panels) == 1 else sum(rows) * PANEL_HEIGHT + (len(groups) > 1) * len(bands) * _GROUP_ROOM
    width, height = size or (ALONE[0] if columns == 1 else columns * PANEL_WIDTH, inside + _TITLE_ROOM + bool(keys) * _KEY_ROOM)
    figure = Figure(figsize=(width / DPI, height / DPI), layout="constrained")
    figure.suptitle(_fitting(title, width, 11), x=0.01, ha="left", fontsize=11, fontweight="bold", color=theme.text)
    colours = numbered(panels)
    for place, band, high in zip(figure.subfigures(len(bands), 1, squeeze=False, height_ratios=rows)[:, 0], bands, rows, strict=True):
        widths = [min(len(found), columns) for _, found in band]
        rest = columns - sum(widths)
        parts = place.subfigures(1, len(band) + bool(rest), squeeze=False, width_ratios=[*widths, *([rest] if rest else [])])[0]
        for part in parts:
            part.set_facecolor(theme.background)
        for part, (name, found), wide in zip(parts, band, widths, strict=False):
            if len(groups) > 1:
                room = width * wide / columns
                part.suptitle(_fitting(name or "(no prefix)", room, 10), x=0.01, ha="left", fontsize=10, color=theme.faint)
            axes = part.subplots(high, wide, squeeze=False).ravel()
            for axis in axes[len(found) :]:
                axis.set_visible(False)
            for axis, panel in zip(axes, found, strict=False):
                _draw(axis, panel, colours, theme, width / columns)
    if keys:
        figure.legend(
            handles=keys, loc="outside lower left", ncols=min(len(keys), max(2, width // 160)), frameon=False, fontsize=8, handlelength=3
        )
    return figure


def _bands(groups: Sequence[_Group], columns: int) -> list[list[_Group]]:
    """Return the groups in rows of the page: small ones side by side where they have room, in their order."""
    bands: list[list[_Group]] = []
    for group in groups:
        if bands and sum(len(found) for _, found in bands[-1]) + len(group[1]) <= columns:
            bands[-1].append(group)
        else:
            bands.append([group])
    return bands


def _fitting(text: str, room: float, points: float) -> str:
    """Return text cut to so many pixels, in letters of a size in points."""
    most = max(8, int((room - 20) / (points * _LETTER)))
    return text if len(text) <= most else text[: most - 1] + "…"


def _style(number: int, theme: Theme) -> dict[str, Any]:
    """Return how the curve of a number is drawn."""
    return {"color": theme.curves[number % len(theme.curves)], "linestyle": _DASHES[number // len(theme.curves) % len(_DASHES)]}


def _keys(panels: Sequence[Panel], theme: Theme) -> list[Any]:
    """Return what the legend shows: curves where there are several, and the marks that occur."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - optional, and slow to import

    curves = numbered(panels)
    named = [(name, i) for (_, name), i in curves.items() if name] if len(curves) > 1 else []
    found = [Line2D([], [], label=name, linewidth=2, **_style(i, theme)) for name, i in named]
    values = [value for panel in panels for curve in panel.curves for value in (curve.raw or curve.values) if not math.isfinite(value)]
    for is_kind, shape, _, name in _EDGES:
        if any(map(is_kind, values)):
            found.append(Line2D([], [], label=name, color=theme.alarm, marker=shape, linestyle="none", markersize=6))
    for kind in dict.fromkeys(mark.kind for panel in panels for mark in panel.marks):
        colour = theme.alarm if kind in ALARMS else theme.event
        found.append(Line2D([], [], label=kind.replace("_", " "), color=colour, linestyle=_DOTS.get(kind, _OTHER_DOTS)))
    return found


def _draw(axes: Axes, panel: Panel, colours: dict[tuple[str, str], int], theme: Theme, room: float) -> None:
    """Draw one panel of about so many pixels' width."""
    panel, scale = drawable(panel)
    axes.grid(visible=True, color=theme.grid, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.02, y=0.08 if scale == 1 else 0.02)
    drawn = [value for curve in panel.curves for value in (*curve.values, *curve.raw)]
    left_out = sum(value <= 0 for value in drawn) if panel.log else 0
    if panel.log and any(0 < value < math.inf for value in drawn):
        axes.set_yscale("log", nonpositive="mask")
    for curve in panel.curves:
        _draw_curve(axes, curve, _style(colours[curve.run, curve.name], theme), theme)
    _draw_marks(axes, panel, theme)
    if panel.best is not None:
        axes.plot(*panel.best, marker="o", markersize=6, markerfacecolor="none", markeredgecolor=theme.text, markeredgewidth=1.2)
    _rule(axes, panel, scale)
    notes = _fitting("; ".join([*panel.notes, *([f"{left_out} not above 0 left out"] if left_out else [])]), 0.7 * room, 7)
    axes.set_title(notes, loc="right", fontsize=7, color=theme.faint)
    left = room - _AXIS_ROOM - 7 * _LETTER * 0.85 * len(notes)
    axes.set_title(_fitting(panel.title, left, 9), loc="left", fontsize=9, fontweight="bold", color=theme.text)


def _draw_curve(axes: Axes, curve: Curve, style: dict[str, Any], theme: Theme) -> None:
    """Draw a curve, what it was smoothed from faintly behind it, and its non-finite values on the panel's edge."""
    looks: tuple[tuple[Sequence[float], dict[str, Any]], ...]
    looks = (curve.raw, {"alpha": 0.3, "linewidth": 0.8}), (curve.values, {"linewidth": 1.5})
    for values, look in looks:
        shown = [math.nan if value <= 0 else value for value in values] if axes.get_yscale() == "log" else values
        for xs, ys in _stretches(curve.xs, shown) if values else ():
            dot: dict[str, Any] = {"marker": "o", "markersize": 3} if len(xs) == 1 or len(curve.xs) <= 12 else {}
            axes.plot(xs, ys, solid_joinstyle="round", **style, **look, **dot)
    printed = curve.raw or curve.values
    for is_kind, shape, height, _ in _EDGES:
        places = [x for x, value in zip(curve.xs, printed, strict=True) if is_kind(value)]
        if places:
            across = axes.get_xaxis_transform()  # x as the curve's, y from 0 at the bottom to 1 at the top of the panel
            axes.plot(places, [height] * len(places), linestyle="none", marker=shape, markersize=5, color=theme.alarm, transform=across)


def _stretches(xs: Sequence[float], values: Sequence[float]) -> list[tuple[list[float], list[float]]]:
    """Return the stretches of finite values between others, and between places where x goes back."""
    points = list(zip(xs, values, strict=True))
    breaks = [0, *(i for i, (one, other) in enumerate(pairwise(points), 1) if _apart(one, other)), len(points)]
    found = [[point for point in points[a:b] if math.isfinite(point[1])] for a, b in pairwise(breaks)]
    return [([x for x, _ in some], [y for _, y in some]) for some in found if some]


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return not (math.isfinite(one[1]) and math.isfinite(other[1])) or other[0] < one[0]


def _draw_marks(axes: Axes, panel: Panel, theme: Theme) -> None:
    """Draw events as dotted lines, or as ticks on the upper edge where they are many."""
    across = axes.get_xaxis_transform()
    for kind, found in groupby(sorted(panel.marks, key=lambda mark: mark.kind), key=lambda mark: mark.kind):
        places = sorted({mark.x for mark in found})
        colour = theme.alarm if kind in ALARMS else theme.event
        low = 0.94 if len(places) > MOST_LINES else 0.0
        dots: Any = _DOTS.get(kind, _OTHER_DOTS)
        axes.vlines(places, low, 1, transform=across, colors=colour, linestyles="solid" if low else dots, linewidth=1.0, zorder=1.5)


def _rule(axes: Axes, panel: Panel, scale: float) -> None:
    """Set ticks and names of both axes; values were multiplied by `scale`."""
    left, right = axes.get_xlim()
    axes.set_xticks(*axis_ticks(panel.x, left, right, 6))
    axes.set_xlim(left, right)
    axes.set_xlabel({"relative": "time since the start"}.get(panel.x, panel.x), fontsize=8)
    if panel.label:
        axes.set_ylabel(panel.label, fontsize=8)
    bottom, top = axes.get_ylim()
    log = axes.get_yscale() == "log"
    ends = (math.log10(bottom), math.log10(top)) if log else (bottom, top)
    marks, labels = value_ticks(*ends, 6, log=log, scale=scale)
    known = any(math.isfinite(value) for curve in panel.curves for value in curve.values)
    axes.set_yticks([10**mark if log else mark for mark in marks] if known else [], labels if known else [])
    axes.set_yticks([], minor=True)
    axes.set_ylim(bottom, top)
    axes.tick_params(labelsize=8, length=3)
