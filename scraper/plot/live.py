"""What a full-screen view of a run shows and how keys change it. Pure: keys and facts in, a state and lines of text out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from scraper.text import shown

if TYPE_CHECKING:
    from scraper.query.run import Axis

AXES: Final[tuple[Axis, ...]] = ("step", "epoch", "relative", "time")
SMOOTHINGS: Final = (0.0, 0.6, 0.9, 0.97)
HELP: Final = (
    "/       filter metrics: type a part of the name, Enter keeps it, Esc drops it",
    "y       logarithmic values, and back",
    "x       next axis: step, epoch, time since the start, time of day",
    "s       next smoothing: none, 0.6, 0.9, 0.97",
    "[ ]     previous and next page of metrics",
    "space   hold the picture still, and go on",
    "?       this help, and back",
    "q       leave; the run goes on",
)
_ENTER, _ESCAPE, _BACKSPACE = "\r\n", "\x1b", "\x7f\x08"


@dataclass(frozen=True, slots=True)
class View:
    """What the keys have chosen."""

    filter: str = ""  # part of a metric's name
    typing: str | None = None  # the filter while it is typed
    log: bool = False
    axis: int = 0  # of AXES
    smoothing: int = 0  # of SMOOTHINGS
    page: int = 0
    held: bool = False
    help: bool = False
    left: bool = False  # asked to leave

    @property
    def pattern(self) -> str:
        """The part of the name that is looked for now."""
        return self.filter if self.typing is None else self.typing


class Facts(NamedTuple):
    """What the lines around the picture say of the run."""

    title: str
    news: str  # the latest event, or nothing
    pages: int


def pressed(view: View, key: str, pages: int) -> View:
    """Return the view after a key; a key that means nothing changes nothing. `pages` is how many pages of metrics there are."""
    if view.typing is not None:
        return _typed(view, view.typing, key)
    if key in "[]":
        return replace(view, page=max(0, min(pages - 1, view.page + (1 if key == "]" else -1))))
    changes: dict[str, View] = {
        "q": replace(view, left=True),
        "\x04": replace(view, left=True),  # Ctrl-D
        "y": replace(view, log=not view.log),
        "x": replace(view, axis=(view.axis + 1) % len(AXES)),
        "s": replace(view, smoothing=(view.smoothing + 1) % len(SMOOTHINGS)),
        " ": replace(view, held=not view.held),
        "?": replace(view, help=not view.help),
        "/": replace(view, typing="", page=0, help=False),
        _ESCAPE: replace(view, filter="", help=False),
    }
    return changes.get(key, view)


def _typed(view: View, typing: str, key: str) -> View:
    """Return the view after a key while a filter is typed."""
    if key in _ENTER:
        return replace(view, filter=typing, typing=None)
    if key == _ESCAPE:
        return replace(view, filter="", typing=None)
    if key in _BACKSPACE:
        return replace(view, typing=typing[:-1])
    return replace(view, typing=typing + key, page=0) if key.isprintable() else view


def head(facts: Facts, width: int) -> str:
    """Return the first line."""
    return shown(facts.title, width)


def foot(view: View, facts: Facts, width: int) -> str:
    """Return the last line: the filter while it is typed, else what is chosen and how to get help."""
    if view.typing is not None:
        return shown(f"/{view.typing}▏  Enter keeps it, Esc drops it", width)
    chosen = [f"page {view.page + 1}/{facts.pages}" if facts.pages > 1 else "", f"x: {AXES[view.axis]}", "log" if view.log else ""]
    chosen += [f"smoothed {SMOOTHINGS[view.smoothing]:g}" if view.smoothing else "", f"/{view.filter}" if view.filter else ""]
    chosen += ["HELD" if view.held else "", "? help  q leave", facts.news]
    return shown("  ".join(filter(None, chosen)), width)


def page_of(names: Sequence[str], view: View, room: int) -> tuple[list[str], int, int]:
    """Return the metrics of the chosen page, the page's number (0 first) as far as there is one, and how many pages there are."""
    fitting = [name for name in names if view.pattern.lower() in name.lower()]
    pages = max(1, -(-len(fitting) // room))
    page = min(view.page, pages - 1)
    return fitting[page * room : (page + 1) * room], page, pages
