"""One HTML file that tells what runs came to: facts, curves, statistics, differences, events, checkpoints. Opens offline.

Holds no script and loads nothing; every text from a log is escaped, and the pictures are embedded as images that can run nothing.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from scraper.export.cells import run_cells, statistics_cells
from scraper.plot import gather, picture
from scraper.text import clock, number, shown

if TYPE_CHECKING:
    from scraper.plot.panels import Panel
    from scraper.query import Extreme, Run

EVENTS: Final = 200  # shown a run; the rest is counted
STATISTICS: Final = ("METRIC", "MEANING", "COUNT", "FIRST", "LAST", "MIN", "MAX", "MEAN", "BEST", "BEST AT", "NaN/INF")
CELL: Final = 300  # characters of a cell
_STYLE: Final = """
:root { color-scheme: SCHEME; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 24px; max-width: 1440px; background: BACKGROUND; color: TEXT; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 32px 0 8px; } h3 { font-size: 14px; margin: 20px 0 6px; }
h1, h2, h3 { overflow-wrap: anywhere; }
p, caption, .faint { color: FAINT; } img { max-width: 100%; height: auto; vertical-align: top; }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid GRID; vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr.won td { font-weight: 600; }
@media print { body { padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def render(runs: Sequence[Run], how: gather.Wanted, *, theme: str, called: Mapping[str, str], made: float) -> Iterator[str]:
    """Yield the pieces of the page; `called` names the runs, `made` is now in seconds since the epoch.

    UsageError without matplotlib.
    """
    colours = picture.THEMES[theme]
    style = _STYLE.replace("SCHEME", theme)
    for name, value in (("BACKGROUND", colours.background), ("TEXT", colours.text), ("FAINT", colours.faint), ("GRID", colours.grid)):
        style = style.replace(name, value)
    title = _text(called[runs[0].id] if len(runs) == 1 else f"{len(runs)} runs")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{style}</style></head>\n<body><h1>{title}</h1>\n'
    yield f"<p>Made by metric-scraper on {clock(made)}. Times are this machine's.</p>\n"
    yield from _curves(runs, how, theme, called)
    if len(runs) > 1:
        yield from _comparison(runs, called)
    for run in runs:
        yield from _run(run)
    yield "</body></html>\n"


def _curves(runs: Sequence[Run], how: gather.Wanted, theme: str, called: Mapping[str, str]) -> Iterator[str]:
    """Yield a picture a group of metrics."""
    if not any(run.series_rows() for run in runs):
        yield "<p>No metric was printed yet.</p>\n"
        return
    names, _ = gather.names(runs, (), None)
    groups: dict[str, list[Panel]] = {}
    for name in gather.grouped(names):
        found = gather.series_of(runs, name, how)
        panel = gather.panel(runs, name, found, how, called if len(runs) > 1 else {})
        groups.setdefault(panel.group, []).append(panel)
    yield "<h2>Curves</h2>\n"
    for group, panels in groups.items():
        image = io.BytesIO()
        small = (picture.PANEL_WIDTH + 120, picture.PANEL_HEIGHT + 80) if len(panels) == 1 < len(groups) else None
        picture.save(image, panels, title=group or "metrics", theme=theme, size=small, form="svg")
        told = f"Curves of {', '.join(panel.title for panel in panels)}"
        yield f'<img alt="{_text(told)}" src="data:image/svg+xml;base64,{base64.b64encode(image.getvalue()).decode()}">\n'


def _comparison(runs: Sequence[Run], called: Mapping[str, str]) -> Iterator[str]:
    """Yield what each run reached in each metric, and in what the runs differ."""
    db = runs[0].db
    yield "<h2>Comparison</h2>\n"
    for name in gather.names(runs, (), None)[0]:
        found = db.compare(runs, name)
        winner = found.winner
        rows = [([called[row.run], *_reached(row.last, row.format), *_reached(row.best, row.format)], row == winner) for row in found.rows]
        way = {True: "higher is better", False: "lower is better", None: ""}[found.higher_is_better]
        yield f'<h3>{_text(name)} <span class="faint">{way}</span></h3>\n'
        yield from _table(("run", "last", "at", "best", "at"), rows, numbers=(1, 2, 3, 4))
    differences = db.diff(runs)
    if differences:
        yield "<h3>The runs differ in</h3>\n"
        rows = [([fact.name, *("" if value is None else str(value) for value in fact.values)], False) for fact in differences]
        yield from _table(("fact", *(called[run.id] for run in runs)), rows)


def _run(run: Run) -> Iterator[str]:
    """Yield everything about one run."""
    yield f"<h2>{_text(run.name)}</h2>\n"
    yield from _table(("", ""), [([name, value], False) for name, value in run_cells(run).items()])
    metrics = run.metrics()
    if metrics:
        yield "<h3>Metrics</h3>\n"
        rows = [([cells[header] for header in STATISTICS], False) for cells in map(statistics_cells, metrics)]
        yield from _table([header.lower() for header in STATISTICS], rows, numbers=range(2, len(STATISTICS)))
    yield from _happened(run)


def _reached(place: Extreme | None, form: str = "float") -> list[str]:
    """Return a value and its step, or its epoch where it has no step."""
    if place is None:
        return ["", ""]
    at = f"epoch {number(place.epoch)}" if place.step is None and place.epoch is not None else number(place.step)
    return [number(place.value, form), at]


def _happened(run: Run) -> Iterator[str]:
    """Yield the events and checkpoints of a run."""
    events = run.events()
    if events:
        yield "<h3>Events</h3>\n"
        rows = [([event.kind, number(event.step), "" if event.time is None else clock(event.time), event.line], False) for event in events]
        yield from _table(("event", "step", "time", "printed"), rows[-EVENTS:], numbers=(1,))
        if len(rows) > EVENTS:
            yield f"<p>and {len(rows) - EVENTS} earlier</p>\n"


def _table(headers: Sequence[str], rows: Iterable[tuple[Sequence[str], bool]], numbers: Iterable[int] = ()) -> Iterator[str]:
    """Yield a table; rows that are True are set in bold, columns in `numbers` flush right."""
    kinds = [' class="n"' if i in set(numbers) else "" for i in range(len(headers))]
    head = "".join(f"<th{kind}>{_text(name)}</th>" for kind, name in zip(kinds, headers, strict=True))
    yield '<div class="wide"><table>' + (f"<thead><tr>{head}</tr></thead>" if any(headers) else "") + "<tbody>\n"
    for cells, bold in rows:
        body = "".join(f"<td{kind}>{_text(cell)}</td>" for kind, cell in zip(kinds, cells, strict=True))
        won = ' class="won"' if bold else ""
        yield f"<tr{won}>{body}</tr>\n"
    yield "</tbody></table></div>\n"


def _text(text: str) -> str:
    """Return text that a browser shows as it stands."""
    return escape(shown(text, CELL))
