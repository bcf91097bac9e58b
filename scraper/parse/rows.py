"""Tables whose rows begin with a name: a metric's, or of what the metrics in the header are. Holds the open table, nothing else."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from scraper.parse.numbers import NUMBER, scale, to_float
from scraper.parse.packs import Pattern
from scraper.parse.words import NAMES, PHASES, fact, is_clock, is_metric, phase, phased, words

CELL: Final = re.compile(rf"(?P<n>{NUMBER})(?P<scale>[kKMGB](?![A-Za-z]))?\s*(?:%|s|ms|[GMK]i?B?)?$")
_RULE: Final = re.compile(r"[|│┃:\s]*+(?:[-=+─━┌┐└┘├┤┴┬┼┡╇┩┏┳┓┠╂┨┗┻┛╞╪╡═╒╤╕╘╧╛]++[|│┃:\s]*+)+$")
_SPREAD: Final = re.compile(rf"\s*(?:±|\+/-|\+-)\s*{NUMBER}(?=%?$)")
BARS: Final = re.compile(r"[|│┃]")
EDGES: Final = ("|", "│", "┃")
_WIDE: Final = re.compile(r"\s{2,}|\t\s*")
_EMPTY: Final = ("", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "n/a", "none")
_EXACT: Final = re.compile(r"[.%]|\de|nan|inf", re.IGNORECASE)  # a row of bare integers may count anything
_TIMED: Final = re.compile(r"\((?:s|ms|sec|min|h)\)$")
_NUMBERED: Final = frozenset(  # rows that may be called by a number
    ("class", "label", "fold", "seed", "run", "client", "horizon", "task", "category")
)
_OF: Final = _NUMBERED | {
    *("classes", "categories", "labels", "tasks", "model", "models", "name", "dataset", "datasets", "data", "method", "methods"),
    *("algorithm", "split", "set", "subset", "phase", "domain", "config", "variant", "experiment", "group", "target"),
    *("symbol", "ticker", "stock", "language", "relation", "entity", "intent", "tag", "speaker", "station", "organ", "region"),
}
_METRIC: Final = frozenset((*NAMES, "measure"))
_VALUE: Final = frozenset(("value", "values", "score", "scores", "result", "results", "current"))
_COUNT: Final = frozenset(
    ("support", "count", "counts", "n", "num", "number", "samples", "images", "instances", "total", "size", "items", "pixels")
)
_RATE: Final = frozenset(("lr", "learning", "rate"))
_BESIDE: Final = PHASES.keys() | {"set", "data", "split", "metrics"}
_BESIDE_F1: Final = ("p", "r", "rec")  # columns that are metrics where others are
_PLACES: Final = ("step", "epoch")
_MAX_NAME: Final = 60
_MAX_OTHER: Final = 2  # lines in a row that are none of the table's


class Cells(NamedTuple):
    """What a row or a whole box says."""

    facts: dict[str, float]
    names: tuple[str, ...]
    values: list[float]


def worth(cell: re.Match[str]) -> float:
    """Return the value of a cell that `CELL` has matched."""
    return to_float(cell["n"]) * scale(cell["scale"] or "")


class Rows:
    """A header was seen; rows may follow that begin with a name.

    Below `Metric | Train | Val` they are named `train/Loss`, below `Metric | Value` as printed, and below `Class | IoU`
    `road/IoU`, or `val/IoU` where it is not a class but data that begins the row. Below `| rating | loss |` they are `val/rating/loss`,
    as a corner may hold anything where nothing but data begins the rows.
    """

    def __init__(
        self, pattern: Pattern, header: str, above: str = "", others: int = 0, *, begun: bool = False, index: str = ""
    ) -> None:
        self.pattern = pattern
        self._header = header
        self._above = above  # the data that a heading told
        self._others = others
        self._begun = begun
        self._index = index  # the place that begins the rows, where the line below the header says so: a data frame's
        self._columns = _columns(header)
        self._corner = ""
        self._unsure = False  # only a place below the header tells that it is one of metrics
        self._listed = not _METRIC.isdisjoint(words(self._columns[0])) or _all_data(self._columns[1:])
        self._names = self._metric_columns()
        self.open = any(self._names)
        self.took = False  # the last line fed belonged to the table

    def _metric_columns(self) -> list[str]:
        """Return for each column of values what it adds to a row's name, "" for those that give nothing; nothing for another table."""
        first, *columns = self._columns
        if self._listed:
            phases = [phase(column) for column in columns]
            if any(phases):
                return phases
            said = phase(first)
            return [said or "=" if words(column) and _VALUE.issuperset(words(column)) else "" for column in columns]
        own = words(first)
        if own and _OF.isdisjoint((own[0], own[-1])):
            if not self._header.lstrip().startswith(EDGES):
                return []
            self._corner = first + "/"
        names = ["" if _is_aside(column) else column for column in columns]
        known = [is_metric(name) for name in names if name and name.lower() not in _BESIDE_F1]
        self._unsure = any(known) and not own and not all(known)
        return names if self._unsure or (known and all(known) and (own or len(names) > 1)) else []

    def feed(self, text: str) -> Cells | None:
        """Return a row's values; None for any other line, which the caller reads as usual where the table did not take it."""
        self.took = _RULE.match(text) is not None or self._take_index(text.strip())
        if self.took or not self.open:
            return None
        row = self._of_frame(text) if self._index else self._row(text)
        self.took = row is not None
        self._begun = self._begun or self.took
        self._others = 0 if self.took else self._others + 1
        self.open = bool(self._names) and self._others <= _MAX_OTHER and not (self._begun and not self.took and text.strip())
        return row if row and (row.facts or row.values) else None

    def _take_index(self, name: str) -> bool:
        """Take the line below the header of a data frame if it names its index; without one, not every header is one of metrics."""
        is_index = not (self._begun or self._index or self._columns[0]) and fact(name) in _PLACES
        if is_index:
            self._index = fact(name)
        self.open = self.open and bool(self._index or not self._unsure)
        return is_index

    def _row(self, text: str) -> Cells | None:
        """Read a row, which may give nothing; None for any other line."""
        name, *cells = self._cells(text)
        is_name = 0 < len(name) <= _MAX_NAME and ":" not in name and "=" not in name and (not self._corner or _of_data(name))
        if len(cells) != len(self._names) or not is_name:
            return None
        if name == "count" and not self._columns[0]:  # pandas describes columns of data so
            self._names = []
            return None
        if self._listed and (said := fact(name)) and (m := re.match(r"\d+", cells[0])):
            return Cells({said: float(m[0])} if "=" in self._names else {}, (), [])
        found, exact = [], False
        for column, cell in zip(self._names, cells, strict=True):
            if column and cell.lower() not in _EMPTY:
                m = CELL.match(_SPREAD.sub("", cell))
                if not m:
                    return Cells({}, (), []) if BARS.search(text) else None
                exact = exact or _EXACT.search(cell) is not None
                found.append((column, worth(m)))
        named = [self._named(name, column) for column, _ in found]
        if not exact or not all(named):
            return Cells({}, (), [])
        return Cells({}, tuple(self.pattern.named(phased(self._above, one)) for one in named), [value for _, value in found])

    def _of_frame(self, text: str) -> Cells | None:
        """Read a row of a data frame that begins with its place; None for any other line."""
        place, *cells = self._cells(text)
        if len(cells) != len(self._names) or not place.isdigit():
            return None
        found = [(column, m) for column, cell in zip(self._names, cells, strict=True) if column and (m := CELL.match(cell))]
        return Cells({self._index: float(place)}, tuple(self.pattern.named(column) for column, _ in found), [worth(m) for _, m in found])

    def _cells(self, text: str) -> list[str]:
        """Cut a line into a name and its values, where it may be a row."""
        if BARS.search(self._header):
            return _cut(text) if BARS.search(text) else [""]
        cells = _WIDE.split(text.strip())
        if len(cells) == len(self._columns) + 1 and (cells[0].isdigit() or not CELL.match(cells[1])):
            return cells[1:]  # pandas numbers the rows, or gives each a name of its own
        if len(cells) != len(self._columns):
            cells = text.split()
            count = len(self._names)
            cells = [" ".join(cells[:-count]), *cells[-count:]]
        return cells

    def _named(self, name: str, column: str) -> str:
        """Return what the value of a row in a column is called; "" where the row is none of the table's."""
        own = words(name)
        if self._listed:
            fits = (is_metric(name) or (own and _RATE.issuperset(own[own[0] in PHASES :]))) and own[0] != "best"
            return "" if not fits else name if column == "=" else phased(column, name)
        if CELL.match(name):
            kind = words(self._columns[0])[:1]
            return f"{kind[0]} {name}/{column}" if kind and kind[0] in _NUMBERED and name.isdigit() else ""
        if _of_data(name):
            return phased(phase(name), self._corner + column)
        return f"{name}/{column}" if own else ""

    def save(self) -> dict[str, Any]:
        """Return what `load` needs, as plain data."""
        table = {"rows_of": self.pattern.id, "header": self._header, "above": self._above, "others": self._others}
        return {**table, "begun": self._begun, "index": self._index}


def _of_data(name: str) -> bool:
    """Whether what begins a row is data that the values are of, as `val set`."""
    return phase(name) != "" and _BESIDE.issuperset(words(name))


def _cut(text: str) -> list[str]:
    """Cut a line at its bars, without the frame."""
    cells = [cell.strip() for cell in BARS.split(text)]
    return cells[1:-1] if len(cells) > 2 and not cells[0] and not cells[-1] else cells


def _is_aside(column: str) -> bool:
    """Whether a column is no metric and may stand beside some: a time, a count."""
    own = words(column)
    return is_clock(column) or _TIMED.search(column) is not None or not _COUNT.isdisjoint(own) or own[-1:] == ["time"]


def _columns(header: str) -> list[str]:
    """Return the columns of a header; the first is "" where nothing stands above the names of the rows."""
    columns = _cut(header) if BARS.search(header) else _WIDE.split(header.strip())
    unnamed = _all_data(columns) or (header[:2].isspace() and not BARS.search(header) and is_metric(columns[0]))
    return ["", *columns] if unnamed else columns


def _all_data(columns: list[str]) -> bool:
    """Whether a header is nothing but the data that values are of, as `Training | Validation`."""
    return len(columns) > 1 and all(map(phase, columns)) and not all(map(is_metric, columns))
