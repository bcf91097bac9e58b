"""CSV in long format: a header, then one point a row, in printed order. Owns what keeps a cell harmless in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scraper.export.jsonl import KEYS
from scraper.model import STEP_KINDS
from scraper.query import Run
from scraper.text import shown

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula


class _Last:
    """Takes the text of the row just written, so that csv.writer can be read from."""

    def write(self, text: str) -> None:
        self.text = text


def harmless(text: str) -> str:
    r"""Return a cell of text from a log: control characters spelt out (\x1b), and a quote in front of what would run as a formula."""
    return f"'{shown(text)}" if text.startswith(_FORMULA) else shown(text)


def render(runs: Iterable[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a .csv file. Non-finite values are NaN, Infinity and -Infinity; what is not known is empty."""
    last = _Last()
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
    return run, harmless(metric), labels, step, STEP_KINDS[step_kind], epoch, time, _number(value), attempt, at


def _number(value: float) -> float | str:
    """Return a value as the other formats spell it."""
    if value - value == 0:  # neither nan nor infinite: their difference is nan
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"  # noqa: PLR0124 - nan alone differs from itself
