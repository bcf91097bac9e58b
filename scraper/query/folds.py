"""What a metric reached in each fold, run, seed or trial of one log, and over all of them. Owns which attempts are of which."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from scraper.query.catalog import SeriesRow, fold_beginnings
from scraper.query.summaries import extreme, last_of, limits_of
from scraper.query.values import Extreme, series_key

if TYPE_CHECKING:
    from scraper.query.run import Run


class Fold(NamedTuple):
    """One of several trainings of a run, as its log announces it."""

    name: str  # "fold 2", "seed 3", "run 1, fold 2"
    attempts: tuple[int, ...]  # the first, and those that restarted it


@dataclass(frozen=True, slots=True)
class FoldedMetric:
    """One metric over the folds of a run."""

    metric: str
    labels: dict[str, str]
    folds: tuple[str, ...]
    reached: tuple[Extreme | None, ...]  # of each fold: its best, or its last value; None where it has no finite one
    higher_is_better: bool | None  # None: not known, so these are the last values

    @property
    def key(self) -> str:
        """Its name with its labels, as in `series_key`."""
        return series_key(self.metric, self.labels)

    @property
    def values(self) -> list[float]:
        """The finite values reached."""
        return [one.value for one in self.reached if one is not None and math.isfinite(one.value)]

    @property
    def mean(self) -> float | None:
        """Their mean; None where there is none."""
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def std(self) -> float | None:
        """Their standard deviation, as a sample's (over n - 1); None of fewer than two."""
        values, mean = self.values, self.mean
        if mean is None or len(values) < 2:
            return None
        return math.sqrt(sum((value - mean) * (value - mean) for value in values) / (len(values) - 1))


def folds(run: Run) -> list[Fold]:
    """Return the answer to `Run.folds`."""
    begun = fold_beginnings(run.db, run.key)
    if len(set(begun.values())) < 2:
        return []
    last = max((row.attempt for row in run.series_rows()), default=0)
    ends = [*list(begun)[1:], max(last, *begun) + 1]
    return [Fold(name, tuple(range(first, end))) for (first, name), end in zip(begun.items(), ends, strict=True)]


def over_folds(run: Run, metric: str, labels: Mapping[str, str] | None) -> FoldedMetric:
    """Return the answer to `Run.over_folds`."""
    rows = run.require(metric, labels)
    up = run.definition(metric).higher_is_better
    limits = limits_of(run, run.series_rows())

    def reached(among: Sequence[SeriesRow]) -> Extreme | None:
        if up is None:
            return last_of(among[-1]) if among else None
        return extreme(run.db, among, limits, "max" if up else "min")

    found = folds(run)
    of_each = tuple(reached([row for row in rows if row.attempt in fold.attempts]) for fold in found)
    return FoldedMetric(metric, rows[0].label_set, tuple(fold.name for fold in found), of_each, up)
