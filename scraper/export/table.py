"""CSV in long format: a header, then one point a row, in printed order. Owns what keeps a cell harmless in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scraper.export.jsonl import KEYS
from scraper.model import STEP_KINDS
from scraper.query import Run
from scraper.text import number_json, shown

_SPELT = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))")  # what `text.shown` writes for a control character
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula


class LastLine:
    """Takes the text of the row just written, so that csv.writer can be read from."""

    def write(self, text: str) -> None:
        """Keep the text of one row."""
        self.text = text


def harmless(text: str) -> str:
    r"""Return a cell of text from a log: control characters spelt out (\x1b), and a quote in front of what would run as a formula.

    `plain_text` gives the text back: a text that already looks spelt out or quoted is spelt out or quoted once more.
    """
    spelt = shown(_SPELT.sub(lambda found: "\\x5c" + found[0][1:], text))
    return f"'{spelt}" if text.startswith((*_FORMULA, "'")) else spelt


def plain_text(cell: str) -> str:
    r"""Return the text that `harmless` made this cell of.

    >>> plain_text(harmless("=a\x1b[0m")) == "=a\x1b[0m"
    True
    """
    return _SPELT.sub(lambda found: chr(int(found[1] or found[2], 16)), cell.removeprefix("'"))


def render(runs: Iterable[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a .csv file. Non-finite values are NaN, Infinity and -Infinity; what is not known is empty."""
    last = LastLine()
    writer = csv.writer(last, lineterminator="\n")
    writer.writerow(KEYS)
    yield last.text
    for run in runs:
        for point in run.points(*patterns):
            writer.writerow(_cells(run.id, point))
            yield last.text


def _cells(run: str, point: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return one point as the cells of KEYS."""
    metric, labels, attempt, at, step, step_kind, epoch, time, value = point
    return run, harmless(metric), labels, step, STEP_KINDS[step_kind], epoch, time, number_json(value), attempt, at
