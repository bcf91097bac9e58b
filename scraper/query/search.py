"""The search language of `ls QUERY` and `db.runs(query=...)`: words and `field:value` terms, all of which must hold.

Pure: text in, SQL conditions with bound values out; an unknown field is refused by name, never searched for as text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from scraper.errors import UsageError
from scraper.nearest import nearest

HELP: Final = (
    "status:failed  experiment:gpt*  name:resnet*  tag:sweep  host:node7  kind:tail  command:'*--lr 0.1*'  note:*warm*  "
    "git:1a2b3c4  metric:val_loss  metric:val_loss<2.0 (it was reached)  last:acc>=90  step>=1000  event:traceback  WORD (id or name)"
)
_COMPARED: Final = re.compile(r"(?P<name>.+?)(?P<operator><=|>=|<|>|=)(?P<number>[-+0-9.eE_]+)")
_STEP: Final = re.compile(r"step(?P<operator><=|>=|<|>|=)(?P<number>[-+0-9.eE_]+)")
_SERIES: Final = "EXISTS (SELECT 1 FROM series s WHERE s.run_key = runs.key AND s.count > 0 AND {})"
_SAME: Final = "t.run_key = s.run_key AND t.metric = s.metric AND t.labels = s.labels"
_LATEST: Final = f"s.attempt = (SELECT MAX(t.attempt) FROM series t WHERE {_SAME})"
_COLUMNS: Final = {
    "experiment": "experiments.name",
    "name": "runs.name",
    "id": "runs.id",
    "host": "runs.host",
    "user": "runs.user",
    "kind": "runs.kind",
    "note": "runs.note",
    "branch": "runs.git_branch",
    "status": "runs.status",
}


class Condition(NamedTuple):
    """One condition over `runs` joined with `experiments`, and the values it binds."""

    sql: str
    values: list[Any]


def conditions(query: str) -> list[Condition]:
    """Return what a query asks for; every condition must hold. UsageError names what cannot be understood.

    >>> [condition.values for condition in conditions("status:failed metric:val_loss<2.0 sweep")]
    [['failed'], ['val_loss', 2.0], ['*sweep*', '*sweep*']]
    """
    try:
        words = shlex.split(query)
    except ValueError as error:
        raise UsageError(f"cannot read the search {query!r}: {error}; quote names with spaces, as in name:'my run'") from None
    return [_negated(word[1:]) if word.startswith("-") and len(word) > 1 else _condition(word) for word in words]


def _negated(word: str) -> Condition:
    """Return the opposite of a condition; what is not known counts as not holding."""
    found = _condition(word)
    return Condition(f"NOT COALESCE(({found.sql}), 0)", found.values)


def _condition(word: str) -> Condition:
    """Return the condition of one word."""
    step = _STEP.fullmatch(word)
    if step:
        where = f"(SELECT MAX(last_step) FROM series WHERE run_key = runs.key) {step['operator']} ?"
        return Condition(where, [_number(step["number"], word)])
    field, colon, value = word.partition(":")
    if not colon:
        return Condition("(runs.id GLOB ? OR runs.name GLOB ?)", [f"*{_literal(word)}*"] * 2)
    if field in _COLUMNS:
        return Condition(f"{_COLUMNS[field]} GLOB ?", [value])
    if field not in _SPECIAL:
        known = [*_COLUMNS, *_SPECIAL, "step"]
        raise UsageError(f"the search has no field {field!r}{nearest(field, known)}; fields: {HELP}")
    return _SPECIAL[field](value)


def _literal(text: str) -> str:
    """Return text with what GLOB would take for a wildcard taken as it stands."""
    return re.sub(r"([*?\[])", r"[\1]", text)


def _number(text: str, word: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{word!r} compares with {text!r}, which is no number") from None


def _tag(value: str) -> Condition:
    return Condition("EXISTS (SELECT 1 FROM json_each(runs.tags) WHERE json_each.value GLOB ?)", [value])


def _command(value: str) -> Condition:
    """The whole command line, its arguments joined by blanks."""
    joined = "(SELECT group_concat(value, ' ') FROM (SELECT value FROM json_each(runs.command) ORDER BY key))"
    return Condition(f"{joined} GLOB ?", [value])


def _git(value: str) -> Condition:
    return Condition("runs.git_commit GLOB ?", [f"{_literal(value)}*"])


def _event(value: str) -> Condition:
    return Condition("EXISTS (SELECT 1 FROM events e WHERE e.run_key = runs.key AND e.kind GLOB ?)", [value])


def _metric(value: str) -> Condition:
    """A metric that is there, or one that has reached a bound at any time of any attempt."""
    compared = _COMPARED.fullmatch(value)
    if compared is None:
        return Condition(_SERIES.format("s.metric GLOB ?"), [value])
    operator, number = compared["operator"], _number(compared["number"], value)
    if operator == "=":
        within = "s.metric GLOB ? AND EXISTS (SELECT 1 FROM points p WHERE p.series_id = s.id AND p.kind = 0 AND p.value = ?)"
    else:
        within = f"s.metric GLOB ? AND s.{'min' if '<' in operator else 'max'}_value {operator} ?"
    return Condition(_SERIES.format(within), [compared["name"], number])


def _last(value: str) -> Condition:
    """A metric whose last value, of the last attempt, fulfils a bound; a NaN fulfils none."""
    compared = _COMPARED.fullmatch(value)
    if compared is None:
        raise UsageError(f"last:{value} needs a comparison, as in last:{value or 'loss'}<2.0")
    within = f"s.metric GLOB ? AND {_LATEST} AND s.last_value {compared['operator']} ?"
    return Condition(_SERIES.format(within), [compared["name"], _number(compared["number"], value)])


_SPECIAL: Final[dict[str, Callable[[str], Condition]]] = {
    "tag": _tag,
    "command": _command,
    "git": _git,
    "event": _event,
    "metric": _metric,
    "last": _last,
}
