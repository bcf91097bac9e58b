"""The section of a log that a line has opened, and what the values in it are of: `Validation Set5`. Knows no line but that."""

from __future__ import annotations

from scraper.parse.packs import Pattern
from scraper.parse.plans import Found


class Section:
    """The open section; its `name` is empty where none is."""

    __slots__ = ("name", "part")

    def __init__(self, name: str = "", part: str = "") -> None:
        self.name = name
        self.part = part  # what the line that opened it says that the values are of, such as a data set; "" where it does not

    def follow(self, pattern: Pattern, body: str) -> None:
        """Open or close, as the pattern says that has read `body`; a section within a section is of the same."""
        if pattern.opens:
            self.name, self.part = pattern.opens, _part(pattern, body) or (self.part if pattern.inside else "")
        elif pattern.closes:
            self.name = self.part = ""

    def named(self, found: Found) -> Found:
        """Return what was found with the section's part in the names, behind the pattern's prefix, unless it begins the section anew."""
        if not (self.part and found.pattern.inside) or found.pattern.opens == found.pattern.inside:
            return found
        front = found.pattern.prefix
        pairs = ((f"{front}{self.part}/{name.removeprefix(front)}".removesuffix("/"), slot) for name, slot in found.pairs)
        return found._replace(pairs=tuple(pairs))


def _part(pattern: Pattern, body: str) -> str:
    regex = pattern.regex
    m = regex.search(body) if regex is not None and "part" in regex.groupindex else None
    return (m["part"] or "").strip() if m else ""
