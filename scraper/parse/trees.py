"""A result printed over several lines as nested names: indented as YAML is, or as Python's pprint breaks a dict. Holds the open tree.

It reads numbers alone; of lists it reads nothing.
"""

from __future__ import annotations

import re
from typing import Any, Final

from scraper.parse.blocks import Cells
from scraper.parse.numbers import NUMBER, to_float
from scraper.parse.packs import Pattern

_MAPPING: Final = re.compile(r"(?P<blanks> *)(?P<key>[\w'\"@][^:{}\[\]]*?):(?: +(?P<value>.*?))?\s*$")
_SCALAR: Final = re.compile(rf"(?:(?P<n>{NUMBER})|(?P<special>[-+]?\.(?:nan|NaN|inf|Inf)))$")  # `.nan` is how YAML writes it
_TOKEN: Final = re.compile(
    rf"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?P<colon>:)?|(?P<number>(?<![\w.]){NUMBER}(?![\w.]))(?P<counted>:)?
    |(?P<typed>np\.(?:float|int)\d+\()|(?P<open>[\[({{<])|(?P<close>[\])}}>])|(?P<comma>,)""",
    re.VERBOSE,
)
_LONGEST: Final = 4000  # lines; what goes on longer is no result
_MOST: Final = 2000  # numbers


class Tree:
    """A mapping was begun: by a line that is part of it, or by one above it that ends with a colon."""

    def __init__(self, pattern: Pattern, text: str = "", state: dict[str, Any] | None = None) -> None:
        state = state or {}
        self.pattern = pattern
        self.open = True
        self.took = True
        self._lines: int = state.get("lines", 0)
        self._rows: list[list[str]] = state.get("rows", [])  # name, number
        self._path: list[list[Any]] = state.get("path", [])  # of YAML: indentation, name; of a dict: bracket, name
        self._dict: bool = state.get("dict", text.lstrip().startswith("{"))
        self._top: int | None = state.get("top")  # indentation of the first level
        if text and not text.rstrip().endswith(":"):
            self.feed(text)

    def feed(self, text: str) -> Cells | None:
        """Return all values once the mapping has ended; a line that cannot be part of it ends it, too."""
        self._lines += 1
        self.took = self._feed_dict(text) if self._dict else self._feed_mapping(text)
        if self._lines > _LONGEST or len(self._rows) > _MOST:
            self.open = False
            return None
        return None if self.open else self._close()

    def _feed_mapping(self, text: str) -> bool:
        """Take a line of YAML; a blank line ends it, as does one of no word and a colon at the first level: `Epoch 3: loss 0.5`."""
        if not text.strip():
            self.open = False
            return True
        blanks = len(text) - len(text.lstrip(" "))
        m = _MAPPING.match(text)
        if self._top is None:
            self._top = blanks
        if blanks < self._top or (blanks == self._top and (not m or " " in m["key"])):
            self.open = False
            return False
        if not m:
            return True  # a list's item, or a long value that goes on
        while self._path and self._path[-1][0] >= blanks:
            self._path.pop()
        key = m["key"].strip("'\"")
        if m["value"]:
            if number := _SCALAR.match(m["value"]):
                self._note([*(name for _, name in self._path), key], number["n"] or number["special"].replace(".", ""))
        else:
            self._path.append([blanks, key])
        return True

    def _feed_dict(self, text: str) -> bool:
        """Take a line of a dict, which its last bracket ends."""
        path = self._path
        if not path and self._lines > 1:  # its first line ended it
            self.open = False
            return False
        for m in _TOKEN.finditer(text):
            if m["open"] or m["typed"]:
                path.append([m["open"] or "np", ""])
            elif m["close"]:
                if path:
                    path.pop()
                if not path:
                    self.open = False
                    return True
            elif m["colon"] or m["counted"]:
                path[-1][1] = m["text"][1:-1] if m["text"] else m["number"]
            elif m["comma"]:
                path[-1][1] = ""
            elif m["number"] and all(bracket in ("{", "np") for bracket, _ in path):
                self._note([name for bracket, name in path if bracket == "{"], m["number"])
        return True

    def _note(self, names: list[str], number: str) -> None:
        """Keep a number under the names that lead to it, unless one of these is no metric."""
        if names[0] not in self.pattern.skip and all(names):
            self._rows.append(["/".join(names), number])

    def _close(self) -> Cells | None:
        facts = {fact: to_float(number) for name, number in self._rows if (fact := self.pattern.columns.get(name)) in ("step", "epoch")}
        kept = [(name, number) for name, number in self._rows if name not in self.pattern.columns and name not in self.pattern.skip]
        if not facts or not kept:
            return None
        names = tuple(self.pattern.prefix + self.pattern.names.get(name, name) for name, _ in kept)
        return Cells(facts, names, [to_float(number) for _, number in kept])

    def save(self) -> dict[str, Any]:
        """Return what `__init__` needs, as plain data."""
        return {"tree": self.pattern.id, "lines": self._lines, "rows": self._rows, "path": self._path, "dict": self._dict, "top": self._top}


def indented(text: str, end: int) -> str:
    """Return a line from `end` on, where what was in front of it ends, with the blanks before that: they are its indentation."""
    return text[len(text[:end].rstrip(" ")) :]


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Tree | None:
    """Return the tree that `save` described; None when there was none, or its pattern is gone."""
    pattern = patterns.get((state or {}).get("tree", ""))
    return Tree(pattern, state=state) if pattern is not None else None
