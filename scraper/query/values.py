"""What a reader gets back: frozen values with every number restored, NaN and infinity included.

Owns no SQL and opens nothing. Times are seconds since the epoch, positions are `source ordinal << 40 | byte offset`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.errors import UsageError
from scraper.query.smoothing import by_stretch, debiased_ema, moving_average

if TYPE_CHECKING:
    import pandas as pd

    from scraper.query.run import Run

UNFINITE = (None, math.nan, math.inf, -math.inf)  # indexed by the stored kind; kind 0 keeps its stored value


def restore(value: float | None, kind: int) -> float:
    """Return the printed value from its stored value and kind (see `model.VALUE_KINDS`)."""
    special = UNFINITE[kind]
    return special if special is not None else (math.nan if value is None else value)


def frame(columns: dict[str, Any]) -> pd.DataFrame:
    """Return `columns` as a DataFrame. UsageError when pandas is not installed."""
    try:
        import pandas as pd  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise UsageError("to_pandas() needs pandas, which is not installed; install it with: pip install pandas") from None
    return pd.DataFrame(columns)


def series_key(metric: str, labels: Mapping[str, str]) -> str:
    """Return what tells a series of a run from its others: the metric, with its labels where it has some.

    >>> series_key("loss", {"rank": "1"})
    'loss{rank=1}'
    """
    return f"{metric}{{{','.join(f'{name}={value}' for name, value in labels.items())}}}" if labels else metric


def comparable(value: float, form: str, forms: Collection[str]) -> float:
    """Return a value of a metric of format `form` as it compares with those of others: percents as shares where there are shares.

    >>> comparable(93.0, "percent", {"percent", "fraction"})
    0.93
    """
    return value / 100 if form == "percent" and "fraction" in forms else value


class PrintedPoint(NamedTuple):
    """One stored point with the series it belongs to; `Run.points()` yields them in printed order."""

    metric: str
    labels: str  # JSON object with sorted keys, as stored
    attempt: int
    at: int  # position of the printed line in the run's log
    step: int | None
    step_kind: int  # index into model.STEP_KINDS
    epoch: float | None
    time: float | None  # seconds since the epoch
    value: float  # may be nan or ±inf


class SeriesPoint(NamedTuple):
    """One point of a `Series`."""

    at: int
    step: int | None
    epoch: float | None
    time: float | None
    value: float
    attempt: int


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one run along one axis. All lists have the same length and are in printed order, attempt after attempt.

    >>> loss = run.series("loss", max_points=100)
    >>> loss.xs[-1], loss.values[-1], loss.downsampled
    (999, 3.211, True)
    """

    run: str  # run id
    metric: str
    labels: dict[str, str]
    x: str  # the axis of `xs`: "step", "epoch", "time" (seconds since the epoch) or "relative" (seconds since the run started)
    xs: list[float]
    steps: list[int | None]
    epochs: list[float | None]
    times: list[float | None]
    values: list[float]  # nan and ±inf as printed
    positions: list[int]  # give one to Run.line() to see what was printed
    attempts: list[int]
    step_kind: str  # one of model.STEP_KINDS: how the latest of these points got its step
    downsampled: bool
    method: str  # "none", or "m4": first, last, min and max of each pixel column, and what must be exact
    raw_count: int  # points stored for the asked-for attempts, before any step range or downsampling
    thinned: int  # how many of those retention has reduced to their M4 summaries
    unplaced: int  # points that were read and left out because they have no place on this axis
    asked_x: str  # differs from `x` where steps are not known and the epoch stands in

    def __len__(self) -> int:
        return len(self.values)

    def points(self) -> Iterator[SeriesPoint]:
        """Yield the points one by one."""
        rows = zip(self.positions, self.steps, self.epochs, self.times, self.values, self.attempts, strict=True)
        return map(SeriesPoint._make, rows)

    @property
    def note(self) -> str:
        """What a reader should know about this answer in one sentence, or nothing."""
        notes = []
        if self.asked_x != self.x:
            notes.append(f"no {self.asked_x} is known, so the {self.x} stands in")
        elif self.x == "step" and self.step_kind == "count":
            notes.append("no step was printed, so steps count the values of this series")
        if self.downsampled:
            notes.append(f"{len(self)} of {self.raw_count} points ({self.method})")
        if self.unplaced:
            notes.append(f"{self.unplaced} points without {self.x} left out")
        return "; ".join(notes)

    def smoothed(self, weight: float) -> list[float]:
        """Return the values' debiased exponential average; `weight` of the past, 0 up to but not 1. Non-finite values stay."""
        return by_stretch(self.xs, self.values, lambda part: debiased_ema(part, weight))

    def moving_average(self, window: int) -> list[float]:
        """Return for each value the mean of it and the up to `window` - 1 finite ones before it. Non-finite values stay."""
        return by_stretch(self.xs, self.values, lambda part: moving_average(part, window))

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame indexed by the axis, with step, epoch, time, value and attempt. UsageError without pandas."""
        columns = {"step": self.steps, "epoch": self.epochs, "time": self.times, "value": self.values, "attempt": self.attempts}
        found = frame(columns)
        found.index = frame({self.x: self.xs}).set_index(self.x).index
        return found


class Means(NamedTuple):
    """The mean curve of a series: columns of equal length, one entry a stretch of it."""

    xs: list[float]  # the middle of the stretch on the axis
    values: list[float]  # mean of its finite values
    counts: list[int]  # how many those are


@dataclass(frozen=True, slots=True)
class Extreme:
    """A lowest, highest, first or last finite-or-not value and where it was printed."""

    value: float
    step: int | None
    epoch: float | None
    at: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Best:
    """The best finite value of a metric, of those the stitched view shows."""

    metric: str
    labels: dict[str, str]
    value: float
    step: int | None
    epoch: float | None
    at: int
    attempt: int
    higher_is_better: bool
    because: str  # where the direction comes from: "asked", "definition", "glossary" or "name"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a run under one set of labels, over all its attempts. Costs one row an attempt, never a scan of points."""

    name: str
    labels: dict[str, str]
    count: int  # points ever stored
    non_finite: int
    thinned: int
    attempts: tuple[int, ...]
    first: Extreme
    last: Extreme
    minimum: Extreme | None  # finite, of the stitched view; None: there is no finite value
    maximum: Extreme | None
    mean: float | None  # of all finite values
    label: str  # for people; the name where no definition says otherwise
    format: str  # "float", "percent", "fraction" or "int"
    unit: str
    higher_is_better: bool | None  # None: not known
    tier: str  # "primary", "standard" or "custom"
    description: str
    duration: float | None  # seconds from the first to the last point of each attempt, added up; None: no times are known
    rate: float | None  # steps a second over that time; None: no steps or no times are known

    @property
    def key(self) -> str:
        """Its name with its labels, as in `series_key`."""
        return series_key(self.name, self.labels)

    @property
    def best(self) -> Extreme | None:
        """The minimum or maximum, whichever is better; None where the direction is not known or no value is finite."""
        if self.higher_is_better is None:
            return None
        return self.maximum if self.higher_is_better else self.minimum


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something that happened in a run and is no number."""

    at: int
    kind: str
    step: int | None
    epoch: float | None
    time: float | None
    line: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A printed line, with its neighbours, read back from the kept log."""

    path: str
    offset: int  # byte offset of the line in `path`
    text: str  # as printed, with its colour codes; undecodable bytes as U+FFFD
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of a run's log lines."""

    lines: int
    matched: int
    discarded: dict[str, int]  # by reason, whatever was counted and not stored

    @property
    def fraction(self) -> float | None:
        """Matched lines over all lines; None when no line was read."""
        return self.matched / self.lines if self.lines else None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to: totals, and every metric with its first, last, lowest and highest value."""

    run: str
    name: str
    experiment: str
    status: str
    points: int
    attempts: int
    last_step: int | None
    last_epoch: float | None
    metrics: tuple[Metric, ...]
    events: dict[str, int]  # number of events by kind
    coverage: Coverage
    duration: float | None  # seconds from its start to its end, or to when its scraper last wrote; None: not known


@dataclass(frozen=True, slots=True)
class ExperimentSummary:
    """One experiment and how many runs it has."""

    name: str
    created: float
    runs: int
    last_started: float | None


@dataclass(frozen=True, slots=True)
class Aligned:
    """One metric of several runs on a common axis: `values[i][j]` is what run `i` had at `xs[j]`.

    >>> both = db.align(["resnet50", "resnet18"], "val/loss", points=3)
    >>> both.xs, both.values
    ((0, 50, 100), ((2.0, 1.5, 1.0), (2.5, 2.0, 1.5)))
    """

    metric: str
    x: str  # the axis of `xs`, as in `Series`
    runs: tuple[str, ...]  # run ids
    names: tuple[str, ...]
    xs: tuple[float, ...]  # ascending
    values: tuple[tuple[float | None, ...], ...]  # None: the run has no finite value there, or had not begun or had ended
    interpolated: bool  # whether values between printed points were taken from the line between them
    downsampled: bool  # whether a run has more points than were read for this

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame indexed by the axis with one column a run. UsageError without pandas."""
        found = frame(dict(zip(self.runs, self.values, strict=True)))
        found.index = frame({self.x: self.xs}).set_index(self.x).index
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact in which runs differ: its dotted name, and each run's value (None: the run has no such fact)."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs of many, and where the next ones begin."""

    runs: tuple[Run, ...]
    cursor: str | None  # give it as `after=` for the next page; None: this is the last


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric over several runs, one row a run, in the order they were asked for."""

    metric: str
    higher_is_better: bool | None
    rows: tuple[ComparisonRow, ...]

    @property
    def winner(self) -> ComparisonRow | None:
        """The row with the best value; None where the direction is unknown or nothing is finite."""
        found = [row for row in self.rows if row.best is not None]
        if self.higher_is_better is None or not found:
            return None
        forms = {row.format for row in found}
        values = {row.run: comparable(row.best.value, row.format, forms) for row in found if row.best is not None}
        return (max if self.higher_is_better else min)(found, key=lambda row: values[row.run])

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame with run, name, count, last, best and best_step. UsageError without pandas."""
        return frame(
            {
                "run": [row.run for row in self.rows],
                "name": [row.name for row in self.rows],
                "count": [row.count for row in self.rows],
                "last": [row.last.value if row.last else None for row in self.rows],
                "best": [row.best.value if row.best else None for row in self.rows],
                "best_step": [row.best.step if row.best else None for row in self.rows],
            }
        )


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """What one run reached in the compared metric."""

    run: str
    name: str
    count: int  # 0: the run never printed this metric
    last: Extreme | None
    best: Extreme | None
    format: str = "float"  # as the run prints it: one run's share may be another's percents
    unit: str = ""
