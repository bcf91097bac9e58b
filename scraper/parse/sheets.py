"""Finds tables (a header, then rows of numbers) and boxes (rows of name and value between rules) among lines that nothing reads."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from scraper.parse.blocks import DASHES, ROW, RULE, columns_over
from scraper.parse.rows import CELL
from scraper.parse.words import fact, is_clock

_NO_HEADER: Final = re.compile(  # a bar's line, or one above settings
    r"\d+%\s*[|━╸─█]|(?i:\b(?:hyper-?)?param(?:eter)?s?\b|\bsettings?\b|\boptions?\b)"
)
_ABOVE: Final = 4  # lines above a first row among which its header is looked for
_KEPT: Final = 60  # values of a column that are looked at
_IN_SAMPLE: Final = 2  # rows of a table
_PLACES: Final = ("step", "epoch", "batch")


@dataclass(slots=True)
class Sheet:
    """One table or box, wherever it is printed."""

    kind: str  # "table" or "box"
    first: int  # number of its first line, from 1
    header: str  # of a table: its first line; of a box: its rule
    names: list[str] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)  # name -> what was printed under it
    rows: int = 0
    sample: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """The columns that say where the training is -> the fact they state."""
        facts = {name: fact(name.rsplit("/", 1)[-1]) for name in self.names}
        found = {name: said for name, said in facts.items() if said in _PLACES}
        if found:
            return found
        rising = sorted((name for name in self.names if _counts_up(self.cells.get(name, []))), key=lambda n: -int(self.cells[n][-1]))
        return dict(zip(rising, ("step", "epoch"), strict=False))

    @property
    def skip(self) -> tuple[str, ...]:
        """The columns that are clocks."""
        return tuple(name for name in self.names if is_clock(name))

    @property
    def regex(self) -> str:
        """A regex for the line that opens it."""
        if self.kind == "box":
            drawn = "".join(sorted(set(self.header) - {"-"}))  # a box between rules is one whose regex takes a rule of dashes
            return f"^[-{drawn}]{{{min(len(self.header), 15)},}}\\s*$"
        return "^" + r"\s+".join(re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", part) for part in self.header.split()) + r"\s*$"


class Sheets:
    """Watches unread lines for tables and boxes."""

    def __init__(self) -> None:
        self._tables: dict[str, Sheet] = {}
        self._boxes: dict[str, Sheet] = {}
        self._above: deque[tuple[int, str]] = deque(maxlen=_ABOVE)
        self._open: list[tuple[int, str]] = []  # the rule and rows of a box that has not closed

    @property
    def found(self) -> list[Sheet]:
        """What was found, in the order of the log."""
        return sorted((*self._tables.values(), *self._boxes.values()), key=lambda sheet: sheet.first)

    def interrupt(self) -> None:
        """A line that something reads stands between."""
        self._open = []

    def feed(self, number: int, text: str) -> bool:
        """Take an unread line; whether it is a row of a table or a part of a box."""
        taken = self._feed_box(number, text) or self._feed_table(number, text)
        if not taken:
            self._above.append((number, text))
        return taken

    def _feed_box(self, number: int, text: str) -> bool:
        if RULE.match(text):
            closed = len(self._open) > _IN_SAMPLE
            if closed:
                self._close([*self._open, (number, text)])
            self._open = [(number, text)]
            return closed
        if self._open and ROW.match(text):
            self._open.append((number, text))
            return True
        self._open = []
        return False

    def _close(self, lines: Sequence[tuple[int, str]]) -> None:
        rule = lines[0][1].strip()
        values, group = {}, ""
        for _, text in lines[1:-1]:
            m = ROW.match(text)
            key, value = (m["key"], m["value"].strip()) if m else ("", "")
            if key.strip().endswith("/") and not value:
                group = key.strip()
            elif CELL.match(value):
                values[(group if key.startswith("    ") else "") + key.strip()] = value
        if len(values) < _IN_SAMPLE:
            return
        sample = "".join(text + "\n" for _, text in lines)
        box = self._boxes.setdefault(rule[:1], Sheet("box", lines[0][0], rule, sample=sample))
        box.header = min(box.header, rule, key=len)
        self._add(box, values)

    def _feed_table(self, number: int, text: str) -> bool:
        cells = [cell for cell in re.split(r"\||,\s*|\s+", text.strip()) if cell]
        if len(cells) < 2 or sum(bool(CELL.match(cell)) for cell in cells) * 2 <= len(cells) or DASHES.match(text):
            return False
        table = next((t for t in reversed(self._tables.values()) if len(t.names) == len(cells)), None)
        above = self._header_for(len(cells))
        if above is not None:
            header, names, lines = above
            table = self._tables.setdefault(header, Sheet("table", number, header, names=names, sample="".join(x + "\n" for x in lines)))
            self._above.clear()
        if table is None:
            return False
        if table.rows < _IN_SAMPLE:
            table.sample += text + "\n"
        self._add(table, dict(zip(table.names, cells, strict=True)))
        return True

    def _header_for(self, width: int) -> tuple[str, list[str], list[str]] | None:
        """Return the header above a row of `width` cells, its columns, and its lines; None when there is none."""
        lines = [text for _, text in self._above]
        for i in range(len(lines) - 1, -1, -1):
            if _NO_HEADER.search(lines[i]):
                continue
            below = next((text for text in lines[i + 1 :] if DASHES.match(text)), "")
            names = columns_over(lines[i], below) if below else [c for c in re.split(r"\s*[|,]\s*|\s{2,}|\t", lines[i].strip()) if c]
            wordy = sum(name[:1].isalpha() for name in names) * 2 >= len(names)
            if len(names) == width == len(set(names)) and wordy and not any(CELL.match(name) for name in names):
                return lines[i].strip(), names, lines[i:]
        return None

    @staticmethod
    def _add(sheet: Sheet, values: dict[str, str]) -> None:
        sheet.rows += 1
        for name, value in values.items():
            if name not in sheet.names:
                sheet.names.append(name)
            kept = sheet.cells.setdefault(name, [])
            if len(kept) < _KEPT:
                kept.append(value)


def _counts_up(column: Sequence[str]) -> bool:
    values = [int(text) for text in column if text.isdigit()]
    return len(values) == len(column) > 1 and all(a < b for a, b in pairwise(values))
