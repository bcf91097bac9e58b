"""What lines leave for those below them: the open block, passage, section and list, and the heading above. Each rank has its own."""

from __future__ import annotations

from typing import Any, Final

from scraper.model import Labels
from scraper.parse import opened
from scraper.parse.folded import Folded
from scraper.parse.headings import Above
from scraper.parse.packs import Pattern
from scraper.parse.passages import Passage
from scraper.parse.section import Section

_MOST: Final = 256  # ranks that are told apart


class Context:
    """What is open at one place of a log; plain data in `save`."""

    __slots__ = ("above", "block", "folded", "listed", "passage", "section")

    def __init__(self, saved: dict[str, Any], patterns: dict[str, Pattern]) -> None:
        self.block = opened.load(saved.get("block"), patterns)
        self.folded = Folded(saved.get("folded"))  # the line that may go on in rows
        self.passage = Passage(saved.get("passage"))
        self.section = Section(saved.get("section", ""), saved.get("part", ""))
        self.listed: bool = saved.get("list", False)  # behind a header that is followed by one name=value a line
        self.above = Above(saved.get("above"))  # the heading that says which data values are of

    def save(self) -> dict[str, Any]:
        """Return the constructor's first argument."""
        return {
            "block": self.block.save() if self.block else None,
            "folded": self.folded.save(),
            "passage": self.passage.save(),
            "section": self.section.name,
            "part": self.section.part,
            "list": self.listed,
            "above": self.above.save(),
        }

    @property
    def spans(self) -> bool:
        """Whether the next line may be a part of what is open: of a block, a passage or a line in rows."""
        return self.block is not None or self.passage.open or self.folded.open

    @property
    def is_open(self) -> bool:
        """Whether what a line says may depend on what is open."""
        return self.spans or self.listed or bool(self.section.name or self.above.phase)


class Contexts:
    """The contexts of a log, by the labels of the lines that opened them; `here` is where the line stands that is read.

    What a line without labels opens is all ranks', and so is what one of them opens for a rank that has opened nothing yet.
    """

    def __init__(self, saved: dict[str, Any] | None, patterns: dict[str, Pattern]) -> None:
        saved = saved or {}
        self._patterns = patterns
        of = (tuple((name, value) for name, value in labels) for labels in saved.get("of", ((),)))
        self._all = dict(zip(of, (Context(one, patterns) for one in saved.get("all", ({},))), strict=True))
        self._of: Labels = list(self._all)[saved.get("now", 0)]
        self.here: Context = self._all[self._of]
        self._left = {of for of, one in self._all.items() if one is not self.here and one.is_open}  # elsewhere, where something is open

    def save(self) -> dict[str, Any]:
        """Return the constructor's first argument."""
        of = list(self._all)
        return {"of": of, "all": [one.save() for one in self._all.values()], "now": of.index(self._of)}

    @property
    def is_open(self) -> bool:
        """Whether anything is open anywhere."""
        return bool(self._left) or self.here.is_open

    @property
    def are_several(self) -> bool:
        """Whether it matters whose the next line is."""
        return len(self._all) > 1

    def turn(self, labels: Labels) -> None:
        """The next line has these labels: below it goes on what such lines opened, and no block of another rank."""
        if self._is_elsewhere(labels) and (labels in self._all or (self._of and self.here.block is not None)):
            self.begin(labels)

    def begin(self, labels: Labels) -> None:
        """A line with these labels opens something: it stands in a context of its own from now on, where what is above holds, too."""
        if self._is_elsewhere(labels):
            if labels not in self._all:
                if len(self._all) >= _MOST:
                    self._forget(next(of for of in self._all if of != self._of))
                self._all[labels] = Context({**self.here.save(), "block": None, "folded": None}, self._patterns)
            if self.here.is_open:
                self._left.add(self._of)
            self._of, self.here = labels, self._all[labels]
            self._left.discard(labels)

    def head(self, text: str, labels: Labels) -> bool:
        """Take the own text of a line without values, which may be a heading or stand below one; whether it is one."""
        if self._is_elsewhere(labels) and Above().take(text):
            self.begin(labels)
        return self.here.above.take(text)

    def skip(self, text: str, labels: Labels) -> bool:
        """Take the own text of a line without values, which may begin a passage; whether it does."""
        if self._is_elsewhere(labels) and Passage().begins(text):
            self.begin(labels)
        return self.here.passage.begins(text)

    def _is_elsewhere(self, labels: Labels) -> bool:
        return bool(labels) and labels != self._of

    def _forget(self, labels: Labels) -> None:
        del self._all[labels]
        self._left.discard(labels)
