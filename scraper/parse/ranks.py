"""Whose a line is: the labels in front of it, or in front of what it is drawn over; and whether a number there is that of a task.

A number in front may as well count: steps, the classes of a dataset. Those go up by themselves; what the tasks of `srun --label` say
comes in any order, behind and between what the batch script says without a number.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any, Final

from scraper.model import Labels
from scraper.parse import prefixes
from scraper.parse.printed import Lines

_WATCHED: Final = 2000  # lines: of a job, whose batch script may say much before its tasks begin
_ENOUGH: Final = 2  # lines of words alone, unlike those of a counter, whose number goes back or is that of the line before
_WORDS: Final = re.compile(r"\D*[A-Za-z]{3}\D*|\s*\S+\.py:\d+: [A-Z]\w*Warning\b.*")
_LOOK: Final = 24  # characters of the first line that are looked at
_GAMES: Final = re.compile(r"done \d+ (?:games|episodes),")  # `1204: done 2 games, reward -20.5`
_COUNTING: Final = re.compile(r"(?i)\W*(?:epoch|step|iter)")  # the number in front is of something else
_POINT: Final = re.compile(r"(?<!\.)\.\w")  # of a fraction or a file's name, unlike `Loading ... done.`
_PLACED: Final = re.compile(rf"{_COUNTING.pattern}|\{{(?:[^{{}}]{{0,200}}, )?[\"'](?:epoch|step|iter)")  # or a dict's


class Ranks:
    """What is known of the fronts of a log's lines."""

    def __init__(self, saved: dict[str, Any] | None = None) -> None:
        saved = saved or {}
        self.numbered: bool = saved.get("numbered", False)  # numbers in front are tasks', as far as is known
        self._sure: bool = saved.get("sure", False)
        self._seen: int = saved.get("seen", 0)  # lines that were looked at
        self._last: int | None = saved.get("last")  # the number of the one before
        self._proofs: int = saved.get("proofs", 0)  # of the lines behind each other that had one
        self._drawn: Labels = tuple((name, value) for name, value in saved.get("drawn", ()))  # of a line that is drawn anew
        self.labelled: bool = saved.get("labelled", False)  # a line had labels

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "numbered": self.numbered, "sure": self._sure, "seen": self._seen, "last": self._last, "proofs": self._proofs,
            "drawn": self._drawn, "labelled": self.labelled,
        }  # fmt: skip

    @property
    def watching(self) -> bool:
        """Whether each line is to be shown to `watch`, though its shape is known."""
        return not self._sure and self._seen < _WATCHED

    @property
    def reads_all(self) -> bool:
        """Whether the next line is to be read by itself, though its shape is known: it may have its labels from above."""
        return bool(self._drawn) or self.watching

    def whose(self, text: str, *, redraw: bool) -> Labels:
        """Return the labels of the next line."""
        return prefixes.labels_of(text, srun=self.numbered) or (self._drawn if redraw else ())

    def label(self, labels: Labels, text: str, *, anew: bool, redraw: bool) -> Labels:
        """Return the labels of a line whose shape has these, or is to be looked at `anew`; what is drawn over a line has those of that."""
        labels = (prefixes.labels_of(text, srun=self.numbered) if anew else labels) or self._drawn
        self._drawn = labels if redraw else ()
        self.labelled = self.labelled or bool(labels)
        return labels

    def pass_over(self, lines: Lines, first: int, end: int, fronts: AbstractSet[bytes]) -> None:
        """Lines that say nothing were passed over: what is drawn over the last has its labels. `fronts`: shapes that have some in front."""
        if not self.labelled:
            return
        shapes, number = lines.zeroed, end - 1
        while number >= first and lines.has_redraw(number, number + 1):
            if shapes[number] in fronts:
                self._drawn = prefixes.labels_of(lines.line(number)[1].decode(), srun=self.numbered)
                return
            number -= 1
        if number >= first:
            self._drawn = ()  # a line ends there, and nothing behind it has labels

    def watch(self, text: str, *, redraw: bool) -> bool:
        """Look at the next line, and return whether what is known of the numbers has changed by it.

        The log's first line may be enough as long as all others have a number, too: the output of `srun` by itself.
        """
        is_part = redraw or self._drawn or not text.strip()
        if self._sure or is_part or (not self.numbered and self._seen >= _WATCHED):
            return False
        before = self.numbered
        self._seen += 1
        m = prefixes.TASK.match(text)
        if m is None:
            self.numbered, self._last, self._proofs = False, None, 0
        elif self._seen == 1:
            self.numbered, self._last = _is_task(text[m.end() :]), int(m["rank"])
        else:
            self._compare(int(m["rank"]), text[m.end() :])
        return self.numbered != before

    def _compare(self, number: int, behind: str) -> None:
        """Take a line with a number behind others with one."""
        if self._last is not None and number <= self._last:
            says_place = self._proofs > 0 and _PLACED.match(behind) is not None  # so that the number is of something else
            self._proofs += says_place or _WORDS.fullmatch(behind) is not None
        self._last = number
        self._sure = self._proofs >= _ENOUGH
        self.numbered = self.numbered or self._sure


def _is_task(behind: str) -> bool:
    """Whether the number in front of a log's first line is a task's, by what stands `behind` it.

    One whose first line is `1: loss 0.5` counts something else; in `1: epoch 3 loss 0.5` that is counted behind it.
    """
    behind = behind[:_LOOK]
    return (not _POINT.search(behind) and not _GAMES.match(behind)) or _COUNTING.match(behind) is not None
