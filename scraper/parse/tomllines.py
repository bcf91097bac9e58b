"""Where things stand in a TOML text, which the standard library's reader does not tell. It reads no values and judges none."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

# Strings and comments are stepped over, so that a header inside a sample's log is none.
_PARTS: Final = re.compile(
    r"""'''.*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'[^'\n]*'|"(?:\\.|[^"\\\n])*"|\#[^\n]*"""
    r"""|^[ \t]*\[\[?[ \t]*(?P<header>[\w.\ \t"'/%@-]+?)[ \t]*\]\]?[ \t]*(?=\#|\r?$)|^[ \t]*(?P<key>[\w-]+)[ \t]*=""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


class Places:
    """Numbers of the lines, from 1, where the tables and keys of a TOML text stand."""

    def __init__(self, text: str) -> None:
        self._tables: dict[str, list[int]] = defaultdict(list)
        self._keys: dict[tuple[int, str], int] = {}
        line, at, table = 1, 0, 0
        for m in _PARTS.finditer(text):
            line += text.count("\n", at, m.start())
            at = m.start()
            if m["header"]:
                table = line
                self._tables[m["header"].replace(" ", "")].append(line)
            elif m["key"]:
                self._keys.setdefault((table, m["key"]), line)

    def table(self, header: str, number: int = 0) -> int:
        """Return the line of the `number`-th table (from 0) of that header, as in `[header]` or `[[header]]`; 1 where there is none."""
        lines = self._tables.get(header, [])
        return lines[number] if number < len(lines) else 1

    def key(self, table: int, key: str) -> int:
        """Return the line of a key of the table whose header stands at line `table` (0: none); that line where it is not found."""
        return self._keys.get((table, key), max(table, 1))
