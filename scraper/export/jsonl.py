"""One JSON object a point and line, in printed order. Owns the objects' keys, which the JSON document shares."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from scraper.model import STEP_KINDS
from scraper.query import Run

KEYS = ("run", "metric", "labels", "step", "step_kind", "epoch", "time", "value", "attempt", "line")
_SPECIAL = {"nan": '"NaN"', "inf": '"Infinity"', "-inf": '"-Infinity"'}


def number(value: float | None) -> str:
    """Return a number as JSON text: null for None, and a string for what JSON has no number for."""
    if value is None:
        return "null"
    text = repr(value)
    return _SPECIAL.get(text, text)


def _head_of(run: str) -> Callable[[str, str], str]:
    """Return a function that gives an object's text up to its step; the same few series come again and again."""

    @lru_cache(maxsize=4096)
    def head(metric: str, labels: str) -> str:
        return f'{{"run": {json.dumps(run)}, "metric": {json.dumps(metric)}, "labels": {labels}, "step": '

    return head


def objects(runs: Iterable[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield one JSON object a point, without a line end; `line` is the position that `Run.line` takes."""
    kinds = [f', "step_kind": "{kind}", "epoch": ' for kind in STEP_KINDS]
    for run in runs:
        head = _head_of(run.id)
        for metric, labels, attempt, at, step, step_kind, epoch, time, value in run.points(*patterns):
            yield (
                f'{head(metric, labels)}{number(step)}{kinds[step_kind]}{number(epoch)}, "time": {number(time)}, '
                f'"value": {number(value)}, "attempt": {attempt}, "line": {at}}}'
            )


def render(runs: Iterable[Run], patterns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the lines of a .jsonl file."""
    for text in objects(runs, patterns):
        yield text + "\n"
