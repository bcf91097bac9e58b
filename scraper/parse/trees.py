"""A result printed over several lines as nested names: indented as YAML is, or as pprint and JSON break a dict. Holds the open tree.

It reads numbers alone; of lists it reads nothing. Where the pattern tells no columns, any dict of metrics is meant, and no settings.
"""

from __future__ import annotations

import re
from typing import Any, Final

from scraper.parse.numbers import NUMBER, to_float
from scraper.parse.packs import Pattern
from scraper.parse.rows import Cells
from scraper.parse.words import PHASES, fact, is_clock, is_extreme, is_metric, words

_MAPPING: Final = re.compile(r"(?P<blanks> *)(?P<key>[\w'\"@][^:{}\[\]]*?):(?: +(?P<value>.*?))?\s*$")
_QUOTED: Final = re.compile(rf"['\"]({NUMBER})['\"]")  # as SkyRL and transformers 5 print a number
_SCALAR: Final = re.compile(rf"(?:(?P<n>{NUMBER})|(?P<special>[-+]?\.(?:nan|NaN|inf|Inf)))$")  # `.nan` is how YAML writes it
_TOKEN: Final = re.compile(
    rf"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?P<colon>:)?|(?P<number>(?<![\w.]){NUMBER}(?![\w.]))(?P<counted>:)?
    |(?P<typed>(?:np\.(?:float|int)\d+|tensor)\()|(?P<open>[\[({{<])|(?P<close>[\])}}>])|(?P<comma>,)""",
    re.VERBOSE,
)
_WITHIN: Final = re.compile(  # how the further lines of any dict begin
    r"\s+(?:['\"\d\[\](){}<+-]|(?:nan|inf|NaN|Infinity|None|null|[Tt]rue|[Ff]alse|array|tensor|np)\b)|\s*[\]})]"
)
_OF_METRICS: Final = PHASES.keys() | {"metrics", "losses"}  # names of dicts within a dict of metrics
_LONGEST: Final = 4000  # lines; what goes on longer is no result
_MOST: Final = 2000  # numbers
_INDENTATION: Final = re.compile(r"(?<! )(?: {2,}-)? *$")


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
        self._inner: bool = state.get("inner", False)  # the dict is one of a list, or within a call
        self._mixed: bool = state.get("mixed", False)  # a dict holds texts or lists or dicts, too, but for those of some data
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
        if not self._goes_on(text):
            self.open = False
            return False
        self._inner = self._inner or (self._lines == 1 and not self.pattern.columns and text.startswith("  "))
        for m in _TOKEN.finditer(text):
            self._take(m)
            if not self._path:
                self.open = not m["close"]
                break
        return True

    def _goes_on(self, text: str) -> bool:
        """Whether a line is the first of a dict, or one of a dict that no line ended yet; of any dict, only one that begins like that."""
        return self._lines == 1 or (bool(self._path) and (bool(self.pattern.columns) or _WITHIN.match(text) is not None))

    def _take(self, m: re.Match[str]) -> None:
        """Follow a token of a dict, the first of which opens it."""
        path = self._path
        quoted = _QUOTED.fullmatch(m["text"]) if m["text"] and not m["colon"] else None
        nested = m["open"] and path and (self._inner or not (m["open"] == "{" and path[-1][1].lower() in _OF_METRICS))
        self._mixed = self._mixed or bool(nested) or bool(m["text"] and not m["colon"] and not quoted)
        if m["open"] or m["typed"]:
            path.append([m["open"] or "np", ""])
        elif m["close"]:
            path.pop()
        elif m["colon"] or m["counted"]:
            path[-1][1] = m["text"][1:-1] if m["text"] else m["number"]
        elif m["comma"]:
            path[-1][1] = ""
        elif (m["number"] or quoted) and all(bracket in ("{", "np") for bracket, _ in path):
            self._note([name for bracket, name in path if bracket == "{"], quoted[1] if quoted else m["number"])

    def _note(self, names: list[str], number: str) -> None:
        """Keep a number under the names that lead to it, unless one of these is no metric."""
        if names[0] not in self.pattern.skip and all(names):
            self._rows.append(["/".join(names), number])

    def _close(self) -> Cells | None:
        rows = [(name, number) for name, number in self._rows if name not in self.pattern.skip]
        facts = {fact: to_float(number) for name, number in rows if (fact := self._place(name)) in ("step", "epoch")}
        kept = [(name, number) for name, number in rows if not self._place(name)]
        if not kept or (self._inner and not facts):
            return None
        if not (facts if self.pattern.columns else self._is_result([name for name, _ in kept], placed=bool(facts))):
            return None
        names = tuple(self.pattern.named(self.pattern.names.get(name, name)) for name, _ in kept)
        return Cells(facts, names, [to_float(number) for _, number in kept])

    def _is_result(self, names: list[str], *, placed: bool) -> bool:
        """Whether a dict of these names is of metrics: one of them is; without step or epoch most of them are, and it holds nothing else.

        Texts beside dicts within the dict are settings.
        """
        known = sum(map(is_metric, names))
        if not placed:
            told = sum(1 for name in names if "time" not in words(name))  # beside how long each part took
            return known > 0 and known * 2 >= told and not self._mixed
        return known > 0 and not (self._mixed and any("/" in name for name in names))

    def _place(self, name: str) -> str:
        """Return what a name states instead of being a metric: a fact, a time, how long the training is to be; or ""."""
        if self.pattern.columns:
            return self.pattern.columns.get(name, "")
        return fact(name) or ("aside" if is_clock(name) or is_extreme(name) else "")

    def save(self) -> dict[str, Any]:
        """Return what `__init__` needs, as plain data."""
        state = {"tree": self.pattern.id, "lines": self._lines, "rows": self._rows, "path": self._path}
        return {**state, "dict": self._dict, "top": self._top, "mixed": self._mixed, "inner": self._inner}


def indented(text: str, end: int) -> str:
    """Return a line from `end` on, where what was in front of it ends, with the blanks before that, its indentation, and a list's dash."""
    m = _INDENTATION.search(text, 0, end)
    return text[m.start() :] if m else text[end:]


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Tree | None:
    """Return the tree that `save` described; None when there was none, or its pattern is gone."""
    pattern = patterns.get((state or {}).get("tree", ""))
    return Tree(pattern, state=state) if pattern is not None else None
