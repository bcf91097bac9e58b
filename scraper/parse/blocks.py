"""Values printed over several lines: tables with a header, and boxes of name and value. Holds the open block, nothing else."""

from __future__ import annotations

import re
from typing import Any, Final

from scraper.parse.numbers import NUMBER, to_float
from scraper.parse.packs import Pattern
from scraper.parse.rows import BARS, CELL, Cells, Rows, worth
from scraper.parse.words import TOTALS

DASHES: Final = re.compile(r"\s*[-=─]{2,}(?:[\s|+┼]+[-=─]{2,})+\s*$")
_RUN: Final = re.compile(r"[-=─]+")
_OF: Final = re.compile(r"(?P<n>\d+)/(?P<total>\d+)$")
_TRAILING_BAR: Final = re.compile(r":?(?<!\s)\s++\d+%[|━ ].*$|:(?:\s+\d{1,3}%?)?\s*$")
_LABEL: Final = re.compile(r"^\s*copypaste: ")  # what some loggers put in front of a table's lines
_CSV: Final = re.compile(r"[^,|]*(?:,[^,|]+)+")  # a header: cells may be empty below it
_SEPARATORS: Final = re.compile(r"[|│┃&]|,\s*(?=[-\d]|nan)|,\s*$|\\\\\s*$")  # and those of a row for LaTeX
_ROW_OF: Final = re.compile(r"^\s*epoch (?=\d+:\t)|(?<=\d):(?=\t)")  # `epoch 3:<tab>0.5<tab>0.6`
_TENSOR: Final = re.compile(rf"tensor\(\[?({NUMBER})\]?(?:,[^()]*)?\)")  # `tensor(0.5, device='cuda:0')`
RULE: Final = re.compile(r"\s*[-=+─━┌┐└┘├┤┴┡╇┩]{5,}\s*$")
ROW: Final = re.compile(r"\s*[|│┃](?P<key>[^|│┃]*)[|│┃](?P<value>[^|│┃]*)[|│┃]\s*$")
# Below an opening that is no plain rule: `  name: value` at one level, or `name    value`, framed or not.
_EXPERIMENT: Final = r"(?:\[[^\]]*\] )?(?:(?:itr|epoch|iteration) #\d+ \| )?"  # what rllab puts in front of a table's lines
_NAMED: Final = re.compile(
    rf"(?:{_EXPERIMENT}| {{2}}(?! )|│ *)(?! )(?P<key>[A-Za-z_][\w/.@-]*(?: [\w/.@%()-]+)*?)(?::(?: +|$)| {{2,}})(?P<value>[^│]*?) *│? *$"
)
_CUTS: Final = re.compile(  # between the names of a header
    r"\s*[|│┃,]\s*|\s{2,}|\t|(?<=[Ee]poch) (?=batch\b)|(?<=[a-z]) (?=#)|(?<=_loss) (?=\w+_loss\b)"
)
_ENDED: Final = re.compile(r"[^\t|,]*\t")  # a header of one name, which a tab ends
_WORDS: Final = re.compile(r"\S+(?: \S+)*")
_CELL: Final = re.compile(r"\S+")
_ENDS: Final = re.compile(r"\s*[╰└]─")
_WITHIN: Final = re.compile(r" {3}|\s*[│├]|\s*$")  # deeper levels, titles, rules
_PLAIN_RULE: Final = "-" * 40
_CUT_RULE: Final = "-" * 40 + "  " + "-" * 10  # below it names and values stand in columns
_MAX_OTHER: Final = 100  # a table is forgotten after this many lines that are no rows
_MAX_BETWEEN: Final = 8  # lines of another stream, or blank ones, between two rows of a box
_MAX_BEFORE: Final = 2  # and before the first, as a warning and its line of code: a rule may be no box at all
_NO_VALUE: Final = "No log"  # one cell, though of two words: Hugging Face's notebooks
_FEWEST: Final = 4  # cells of a row that was cut
_PRIME: Final = 2**61 - 1  # what is left of a row's bytes stands for it
_PLACES: Final = ("step", "epoch", "batch")  # what columns state that say where a row belongs
_GAP: Final = 2  # blanks between two columns
_MAX_ROWS: Final = 500  # a box with more rows is none


class Table:
    """A header was seen; rows of as many cells as it has columns may follow."""

    def __init__(
        self, pattern: Pattern, header: str, columns: list[str] | None = None, spans: list[list[int]] | None = None, others: int = -1
    ) -> None:
        self.pattern = pattern
        self._header = header
        self._semicolons = header.count(";") > 1 and "," not in header  # as where people write 0,5 for one half
        header = header.replace(";", ",") if self._semicolons else header
        self.columns = columns or _columns(_TRAILING_BAR.sub("", _LABEL.sub("", header.strip(" \r\n"))).lstrip("# \t"))
        self._spans = spans
        self._others = others  # lines since the last row; -1 right below the header
        self.timed = "timestamp" in self.columns  # the time in front of a row is a cell of it
        self.open = True
        self.took = False  # the last line fed belonged to the table
        self.rows: list[int] = []  # fingerprints of the rows so far
        self.above: list[int] = []  # of those in the same table above, as long as this one repeats them
        self.of: list[str] = []  # the places that its rows tell with their total, `1/3`

    def feed(self, text: str) -> Cells | None:
        """Return a row's values; None for any other line, which the caller reads as usual where the table did not take it."""
        if self._spans is None and DASHES.match(text):
            self._cut_header(text)
            self.took = False
            return None
        text = _TENSOR.sub(r"\1", text) if "tensor(" in text else _ROW_OF.sub("", text)
        cells = [] if self.timed else self._filled(self._cells(text))
        if len(cells) > len(self.columns) and _ends(text) == _ends(self._header):
            self.columns = self._header.split()  # over numbers that are ranged right, names may be a blank apart: `Gen Ph     Best`
        if len(cells) < len(self.columns):
            cells = self._spanned(text) or self._aligned(text) or cells
        if len(cells) == len(self.columns) + 1 and cells[0].isdigit():  # of pandas, which numbers rows
            if self.pattern.columns and all(map(str.isdigit, cells[1:2])):
                del cells[0]  # `0      1      0.6250`
            elif self._others < 0 and not self._places_rows():
                self.columns = ["step", *self.columns]  # its index has no name, and tells the round
        row = self._row(cells) if len(cells) == len(self.columns) else None
        self.took = row is not None or (self._others < 0 and RULE.match(text) is not None)
        self._others = 0 if row else self._others + bool(text.strip())  # a terminal's log may have a blank line for each drawing of a bar
        self.open = self._others < _MAX_OTHER
        return None if row and row.facts and self._is_again(text) else row

    def _places_rows(self) -> bool:
        """Whether a column says where a row belongs."""
        return not {self.pattern.columns.get(column, column) for column in self.columns}.isdisjoint(_PLACES)

    def _is_again(self, text: str) -> bool:
        """Whether a row stood in the same table above: what is drawn live, or printed whole with each new row, begins with the old ones."""
        if self.pattern.redraw:
            return False
        row = int.from_bytes(" ".join(text.split()).encode(errors="surrogatepass"), "big") % _PRIME
        if row not in self.above:
            self.above = []
        if len(self.rows) < _MAX_ROWS:
            self.rows.append(row)
        return bool(self.above)

    def _cells(self, text: str) -> list[str]:
        """Cut a line as the header is cut; a header with a label has rows with that label."""
        labelled, row = _LABEL.match(self._header), _LABEL.sub("", text)
        if labelled and row == text:
            return []
        if self._semicolons:
            return [cell.strip(' "').replace(",", ".") for cell in row.split(";")]
        if not labelled and _CSV.fullmatch(self._header.strip()):
            return [cell.strip(' "') for cell in row.split("\t" if "\t" in row and "," not in row else ",")]
        if "[" in row and row.strip(" |").count("|") == len(self.columns) - 1:
            return [cell.strip(" []") for cell in row.strip(" |").split("|")]  # lists in cells
        if "[" in row and row.strip("\r\n").count("\t") == len(self.columns) - 1:
            return [cell.strip(" []\r\n") for cell in row.split("\t")]
        return _SEPARATORS.sub(" ", _TRAILING_BAR.sub("", row)).replace(_NO_VALUE, "-").split()

    def _filled(self, cells: list[str]) -> list[str]:
        """Fill up a row over a bar that was cut at the terminal's width; its last cell may be half a number."""
        missing = len(self.columns) - len(cells)
        if missing <= 0 or len(cells) < _FEWEST or not self.pattern.redraw or not _OF.match(cells[0]):
            return cells
        return [*cells[:-1], *[""] * (missing + 1)]

    def _spanned(self, text: str) -> list[str]:
        """Return a row with blank cells, where every other one stands over one column's dashes; else nothing."""
        row = [""] * len(self.columns)
        for m in _WORDS.finditer(text):
            over = [i for i, (start, end) in enumerate(self._spans or ()) if m.start() < end and m.end() > start]
            if len(over) != 1 or row[over[0]]:
                return []
            row[over[0]] = m[0]
        return row if sum(map(bool, row)) > 1 else []

    def _aligned(self, text: str) -> list[str]:
        """Return a row with blank cells, where every other one begins right below its column's name; else nothing."""
        starts = [m.start() for m in _WORDS.finditer(self._header)]
        named = [i for i, column in enumerate(self.columns) if column]  # the dashes may show a column of row numbers without a name
        cells = list(_WORDS.finditer(text))
        if len(starts) != len(named) or len(cells) < 2:
            return []
        row, wider = [""] * len(self.columns), 0
        for m in cells:
            if (start := m.start() - wider) not in starts:
                return []
            at = starts.index(start)
            row[named[at]] = m[0]
            behind = starts[at + 1 : at + 2]
            wider += max(0, start + len(m[0]) + _GAP - behind[0]) if behind else 0  # than its column: it moves those behind it
        return row

    def _cut_header(self, dashes: str) -> None:
        """Columns stand where the dashes below the header say, unless bars in both do, which Markdown need not align."""
        self._spans = [list(m.span()) for m in _RUN.finditer(dashes)]
        if not (BARS.search(dashes) and BARS.search(self._header) and len(self.columns) == len(self._spans)):
            self.columns = columns_over(self._header, dashes)

    def _row(self, cells: list[str]) -> Cells | None:
        facts: dict[str, float] = {}
        names, values, empty = [], [], 0
        for column, cell in zip(self.columns, cells, strict=True):
            name = self.pattern.columns.get(column, column)
            if name in _PLACES and (m := _OF.match(cell)):
                facts[name], facts[TOTALS[name]] = float(m["n"]), float(m["total"])
            elif not (m := CELL.match(cell)):
                if name in _PLACES:
                    return None  # a row says where it belongs
                empty += 1
            elif name in _PLACES:
                facts[name] = to_float(m["n"])
            elif name and name not in self.pattern.skip:
                names.append(self.pattern.named(name))
                values.append(worth(m))
        if not values or (empty > len(cells) // 2 and not all(CELL.match(cell) or not cell for cell in cells)):
            return None
        of = [name for name in _PLACES if TOTALS[name] in facts]
        if not set(self.of) <= set(of):
            return None  # of another table, whose header is none: the layers of a model
        self.of = of
        return Cells(facts, tuple(names), values)

    def save(self) -> dict[str, Any]:
        """Return what `load` needs, as plain data."""
        table = {"table": self.pattern.id, "header": self._header, "columns": self.columns, "spans": self._spans, "others": self._others}
        return {**table, "rows": self.rows, "above": self.above, "of": self.of}


def _ends(text: str) -> list[int]:
    return [m.end() for m in _CELL.finditer(text)]


def columns_over(header: str, dashes: str) -> list[str]:
    """Return the columns of a header over the runs of dashes below it; the last one goes on to the line's end."""
    ends = [m.end() for m in _RUN.finditer(dashes)][:-1]
    return [header[a:b].strip(" |│┃") for a, b in zip([0, *ends], [*ends, None], strict=True)]


def _columns(header: str) -> list[str]:
    """Cut a header into names: at bars, commas, tabs or wide blanks; at single blanks where there is nothing else."""
    if _ENDED.fullmatch(header):
        return [header.strip()]
    index = [""] if header.startswith(",") else []  # of pandas, without a name
    names = index + [name.strip('"') for name in _CUTS.split(header) if name]
    return names if len(names) > 1 else header.split()


class Box:
    """A rule was seen; rows of name and value may follow, and a rule closes them.

    Where a pattern opens its box with anything but a plain rule, the rows are `name: value` or `name    value`, and what
    closes them is the same opening again, the frame's end, or after words a blank line.
    """

    def __init__(self, pattern: Pattern, rows: list[list[str]] | None = None, group: str = "", *, left: int = 0, others: int = 0) -> None:
        self.pattern = pattern
        self._others = others  # lines since the last row
        self.left = left  # where the line that opened it began, behind what a logger put in front
        self._rows = rows or []
        self._group = group
        opening = pattern.regex
        assert opening is not None  # noqa: S101 - a box is opened by what its pattern matches
        self._opening = opening
        self._ruled = opening.search(_PLAIN_RULE) is not None
        self._columned = opening.search(_CUT_RULE) is not None
        self.open = True
        self.took = False  # the last line fed belonged to the box

    def feed(self, text: str) -> Cells | None:
        """Return the values of the whole box on its closing rule; many lines that are no rows abandon the box."""
        self.took = True
        if not self._ruled:
            return self._feed_named(text)
        if RULE.match(text):
            if not self._rows:
                return None  # two rules in a row: the second opens
            self.open = False
            return self._close()
        m = ROW.match(text)
        self._others = 0 if m else self._others + 1
        if not m:
            self.took = False
            self.open = self._others <= (_MAX_BETWEEN if self._rows else _MAX_BEFORE)
            return None
        if len(self._rows) >= _MAX_ROWS:
            self.open = self.took = False
            return None
        key, value = m["key"], m["value"].strip()
        if key.strip().endswith("/") and not value:
            self._group = key.strip()
        elif value:
            indented = key.startswith("    ")
            self._rows.append([(self._group if indented else "") + key.strip(), value])
        return None

    def _feed_named(self, text: str) -> Cells | None:
        """Take a line below an opening that is no plain rule."""
        opening = self._opening
        if self._rows and (_ENDS.match(text) or opening.search(text) or (not text.strip() and opening.pattern.endswith(r":\s*$"))):
            self.open = False
            return self._close()
        m = _NAMED.match(text)
        if m and not (self._columned and text[m.end("key")] == ":"):
            self._rows.append([m["key"], m["value"].strip()])
        elif m or not _WITHIN.match(text):
            self.open = self.took = False
        if len(self._rows) >= _MAX_ROWS:
            self.open = self.took = False
        return None

    def _close(self) -> Cells | None:
        facts: dict[str, float] = {}
        names, values = [], []
        for key, text in self._rows:
            fact = self.pattern.columns.get(key)
            if fact in ("step", "epoch") and (of := _OF.match(text)):
                facts[fact] = float(of["n"])
            m = CELL.match(text)
            if not m:
                continue
            value = worth(m)
            if fact in ("step", "epoch"):
                facts[fact] = value
            if key not in self.pattern.skip:
                names.append(self.pattern.named(self.pattern.names.get(key, key)))
                values.append(value)
        if not facts or not values:
            return None
        return Cells(facts, tuple(names), values)

    def save(self) -> dict[str, Any]:
        """Return what `load` needs, as plain data."""
        return {"box": self.pattern.id, "rows": self._rows, "group": self._group, "left": self.left, "others": self._others}


Block = Table | Rows | Box


def begin(pattern: Pattern, header: str, phase: str, before: object) -> Block | None:
    """Return the block that a line opens, None where its columns are of no such table.

    `phase` is the data that a heading above told, `before` the block that is open.
    """
    if pattern.kind == "rows":
        rows = Rows(pattern, header, phase)
        return rows if rows.open else None
    table = Table(pattern, header)
    if isinstance(before, Table) and before.pattern is pattern and before.columns == table.columns:
        table.above = before.rows
    return table


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Block | None:
    """Return the block that `save` described; None when its pattern is gone."""
    if not state:
        return None
    pattern = patterns.get(state.get("table") or state.get("rows_of") or state.get("box") or "")
    if pattern is None:
        return None
    if "rows_of" in state:
        return Rows(pattern, state["header"], state["above"], state["others"], begun=state["begun"], index=state.get("index", ""))
    if "table" in state:
        table = Table(pattern, state["header"], state["columns"], state["spans"], state["others"])
        table.rows, table.above, table.of = state.get("rows", []), state.get("above", []), state.get("of", [])
        return table
    return Box(pattern, state["rows"], state["group"], left=state.get("left", 0), others=state.get("others", 0))
