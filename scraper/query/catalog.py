"""Which stored series a question is about: one metric, one set of labels, and what each attempt still shows.

Owns the reading of `series` rows and the rule that cuts an attempt where the next one begins.
"""

from __future__ import annotations

import fnmatch
import json
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.errors import UsageError
from scraper.model import COUNT, EPOCH, SAMPLES

if TYPE_CHECKING:
    from scraper.query.database import Database


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One row of `series`, as stored."""

    id: int
    metric: str
    labels: str
    attempt: int
    count: int
    non_finite: int
    thinned: int
    raw_from: int
    ordered: int
    first_at: int
    first_step: int | None
    first_epoch: float | None
    first_time: float | None
    first_value: float | None
    first_kind: int
    last_at: int
    last_step: int | None
    last_epoch: float | None
    last_time: float | None
    last_value: float | None
    last_kind: int
    min_at: int | None
    min_step: int | None
    min_epoch: float | None
    min_value: float | None
    max_at: int | None
    max_step: int | None
    max_epoch: float | None
    max_value: float | None
    sum: float

    @property
    def label_set(self) -> dict[str, str]:
        """The labels as a dictionary."""
        found: dict[str, str] = json.loads(self.labels)
        return found


class Cut(NamedTuple):
    """Where an attempt ends in the stitched view: its points are shown while below these. Infinity: no limit."""

    step: float = math.inf
    samples: float = math.inf
    epoch: float = math.inf

    def shows(self, step: float | None, epoch: float | None, step_kind: int) -> bool:
        """Whether a point with this step and epoch is shown. Points that are only counted are never cut."""
        if step_kind == COUNT:
            return True
        if step_kind == EPOCH:
            return epoch is None or epoch < self.epoch
        return step is None or step < (self.samples if step_kind == SAMPLES else self.step)


NO_CUT = Cut()
_ROW = ", ".join(column.name for column in fields(SeriesRow))


def series_rows(db: Database, run_key: int, metric: str | None) -> list[SeriesRow]:
    """Return the series of a run that hold a point, by first printing."""
    where, given = ("AND metric = ?", [metric]) if metric is not None else ("", [])
    rows = db.rows(f"SELECT {_ROW} FROM series WHERE run_key = ? {where} AND count > 0 ORDER BY first_at, id", [run_key, *given])
    return [SeriesRow(*row) for row in rows]


def fits(metric: str, patterns: Iterable[str]) -> bool:
    """Whether a metric's name fits one of the globs (`val/*`, `*loss`); case counts."""
    return any(fnmatch.fnmatchcase(metric, pattern) for pattern in patterns)


def choose_labels(rows: Sequence[SeriesRow], wanted: Mapping[str, str] | None) -> list[SeriesRow]:
    """Return the rows of the one set of labels meant, by attempt; UsageError listing the sets where that is not one."""
    wanted = None if wanted is None else {name: str(value) for name, value in wanted.items()}  # {"rank": 0} is meant as {"rank": "0"}
    sets = {row.labels: row.label_set for row in rows}
    fitting = [text for text, labels in sets.items() if (wanted or {}).items() <= labels.items()]
    chosen = _single(fitting, sets, wanted)
    if chosen is None:
        shown = "; ".join(json.dumps(labels) for labels in list(sets.values())[:10])
        asked = "several sets of labels" if wanted is None else f"{len(fitting)} sets of labels that fit {json.dumps(dict(wanted))}"
        raise UsageError(f"metric {rows[0].metric!r} has {asked}; say which with labels=, of: {shown}")
    return _under(rows, chosen)


def main_rows(rows: Sequence[SeriesRow]) -> list[SeriesRow]:
    """Return the rows of the set of labels that stands for a run beside others: the main one, else the one printed first."""
    sets = {row.labels: row.label_set for row in rows}
    return _under(rows, _single(list(sets), sets, None) or rows[0].labels)


def _under(rows: Sequence[SeriesRow], labels: str) -> list[SeriesRow]:
    """Return the rows with these labels, by attempt."""
    return sorted((row for row in rows if row.labels == labels), key=lambda row: row.attempt)


def _single(fitting: Sequence[str], sets: Mapping[str, dict[str, str]], wanted: Mapping[str, str] | None) -> str | None:
    """Return the set meant: the only one, the one asked for exactly, the one without labels, or the only one of rank 0."""
    if len(fitting) == 1:
        return fitting[0]
    exact = [text for text in fitting if sets[text] == dict(wanted or {})]
    if exact:
        return exact[0]
    main = [text for text in fitting if sets[text].get("rank") == "0"]
    return main[0] if len(main) == 1 else None


def cuts(db: Database, run_key: int) -> dict[tuple[str, int], Cut]:
    """Return where each (labels, attempt) of a run ends in the stitched view; attempts that are not there have no limit.

    An attempt begins at the lowest first step any series with the same labels has in it, so a metric that the new attempt has not
    printed yet is cut as well. Steps counted in samples and epochs have their own beginnings. One that is another fold cuts nothing.
    """
    query = (
        "SELECT s.labels, s.attempt, s.first_step, s.first_epoch, p.step_kind FROM series s "
        "LEFT JOIN points p ON p.series_id = s.id AND p.at = s.first_at "
        "WHERE s.run_key = ?1 AND s.count > 0 AND EXISTS (SELECT 1 FROM series WHERE run_key = ?1 AND attempt > 0)"
    )
    return cut_by_beginnings(db.rows(query, [run_key]), fold_beginnings(db, run_key))


def fold_beginnings(db: Database, run_key: int) -> dict[int, str]:
    """Return the attempts with which a fold, run, seed or trial of a run begins, in their order, and what it was called."""
    names = "SELECT json_extract(detail, '$.attempt') AS attempt, json_extract(detail, '$.name')"
    return dict(db.rows(f"{names} FROM events WHERE run_key = ? AND kind = 'fold' ORDER BY attempt, at", [run_key]))


def cut_by_beginnings(beginnings: Iterable[tuple[Any, ...]], folds: Container[int] = ()) -> dict[tuple[str, int], Cut]:
    """Return the cut of each (labels, attempt) from rows of (labels, attempt, first step, first epoch, kind of that step).

    `folds`: the attempts that do not go on where an earlier one was, but are something else.
    """
    begun: dict[str, dict[int, Cut]] = {}
    for labels, attempt, step, epoch, kind in beginnings:
        attempts = begun.setdefault(labels, {})
        attempts[attempt] = _lower(attempts.get(attempt, NO_CUT), _beginning(step, epoch, kind))
    found: dict[tuple[str, int], Cut] = {}
    for labels, attempts in begun.items():
        cut = NO_CUT
        for attempt in sorted(attempts, reverse=True):
            found[labels, attempt] = cut
            cut = NO_CUT if attempt in folds else _lower(cut, attempts[attempt])
    return found


def _beginning(step: int | None, epoch: float | None, kind: int | None) -> Cut:
    """Return where a series begins, in the unit its steps are counted in."""
    at = math.inf if step is None or kind in (COUNT, EPOCH) else step
    return Cut(
        step=math.inf if kind == SAMPLES else at,
        samples=at if kind == SAMPLES else math.inf,
        epoch=math.inf if epoch is None else epoch,
    )


def _lower(one: Cut, other: Cut) -> Cut:
    """Return the lower limit in each unit."""
    return Cut(*map(min, one, other))
