"""One run as a reader sees it: its facts, metrics, series, events and printed lines. Owns what can be asked of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal

from scraper.errors import NotFoundError, UsageError
from scraper.model import MetricDefinition
from scraper.nearest import nearest
from scraper.query import checkpoints, folds, summaries
from scraper.query.catalog import SeriesRow, choose_labels, fits, series_rows
from scraper.query.checkpoints import Checkpoint
from scraper.query.definitions import Meanings
from scraper.query.folds import Fold, FoldedMetric
from scraper.query.means import read_means
from scraper.query.reading import read_series
from scraper.query.values import (
    Best,
    Extreme,
    LogLine,
    Means,
    Metric,
    PrintedPoint,
    RunEvent,
    RunSummary,
    Series,
    SeriesPoint,
    restore,
)

if TYPE_CHECKING:
    from scraper.query.database import Database

Axis = Literal["step", "epoch", "time", "relative"]
Placed = int | PrintedPoint | SeriesPoint | RunEvent | Best | Extreme  # what Run.line() can look up

_LISTED = 12  # names in an error
COLUMNS = (
    "runs.key, runs.id, runs.name, experiments.name, runs.kind, runs.status, runs.started, runs.ended, runs.heartbeat, "
    "runs.exit_code, runs.signal, runs.command, runs.tags, runs.note, runs.log_path"
)
_CONFIG = (
    *("command", "cwd", "host", "user", "pid", "started", "git_commit", "git_branch", "git_dirty", "python"),
    *("hardware", "environment", "tags", "note", "log_path"),
)
_POINT = "p.at, p.step, p.step_kind, p.epoch, p.time, p.value, p.kind"


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Attributes are what was true when it was looked up; methods ask the store anew.

    >>> run = scraper.open().run("latest")
    >>> run.best("val/loss").value
    1.0
    """

    db: Database = field(repr=False, compare=False)
    key: int = field(repr=False)  # the store's number for the run
    id: str
    name: str
    experiment: str
    kind: str  # "run", "tail" or "daemon"
    status: str  # running, finished, failed, killed, lost, ended
    started: float | None  # seconds since the epoch; None: not known
    ended: float | None
    heartbeat: float | None  # when its scraper last wrote anything
    exit_code: int | None
    signal: int | None
    command: tuple[str, ...]
    tags: tuple[str, ...]
    note: str
    log_path: str

    @property
    def last_step(self) -> int | None:
        """The highest last step of any of its series; None where no step is known."""
        step: int | None = self.db.rows("SELECT MAX(last_step) FROM series WHERE run_key = ?", [self.key])[0][0]
        return step

    def config(self) -> dict[str, Any]:
        """Return what was recorded when the run started: command, cwd, host, user, pid, git, Python, hardware, environment."""
        row = self.db.rows(f"SELECT {', '.join(_CONFIG)} FROM runs WHERE key = ?", [self.key])[0]
        facts = dict(zip(_CONFIG, row, strict=True))
        for name in ("command", "hardware", "environment", "tags"):
            facts[name] = json.loads(facts[name])
        facts["git_dirty"] = None if facts["git_dirty"] is None else bool(facts["git_dirty"])
        return facts

    def metrics(self, *patterns: str) -> list[Metric]:
        """Return every metric (that fits one of the globs `patterns`), one a set of labels, in the order of first printing."""
        with self.db.moment():
            return summaries.metrics(self, patterns)

    def definition(self, metric: str) -> MetricDefinition:
        """Return what a metric means: what the configuration says, or the pack that read it here, else the glossary, else its name.

        >>> run.definition("val/loss").label, run.definition("val/loss").higher_is_better
        ('Validation loss', False)
        """
        return Meanings(self.db, self.key).of(metric)[0]

    def summary(self) -> RunSummary:
        """Return totals, metrics, events by kind and line coverage. Its cost does not depend on the number of points."""
        with self.db.moment():
            return summaries.summary(self)

    def best(
        self,
        metric: str,
        *,
        labels: Mapping[str, str] | None = None,
        attempt: int | Literal["all"] | None = None,
        higher_is_better: bool | None = None,
    ) -> Best:
        """Return the best finite value of `metric` and where it was printed.

        The direction is the one given, else the metric's definition, else what the glossary of well-known metrics or the words of its
        name say (loss, error, perplexity: lower; accuracy, auc, f1, reward: higher). UsageError when none of them says;
        NotFoundError without such a metric or a finite value.
        """
        with self.db.moment():
            return summaries.best(self, metric, labels, attempt, higher_is_better)

    def best_epoch(
        self, metric: str, *, labels: Mapping[str, str] | None = None, higher_is_better: bool | None = None
    ) -> float:
        """Return the epoch of the best value, as printed; where its line has none, the last epoch printed before it.

        Errors as for `best`; NotFoundError also where the run prints no epoch.

        >>> run.best_epoch("val/loss")
        4.0
        """
        with self.db.moment():
            return summaries.best_epoch(self, self.best(metric, labels=labels, higher_is_better=higher_is_better))

    def folds(self) -> list[Fold]:
        """Return the folds, runs, seeds or trials that its log announces, with their attempts; none where there are not several.

        >>> [fold.name for fold in run.folds()]
        []
        """
        with self.db.moment():
            return folds.folds(self)

    def over_folds(self, metric: str, *, labels: Mapping[str, str] | None = None) -> FoldedMetric:
        """Return what `metric` reached in each of them: the best, or the last where it is not known which way is better.

        NotFoundError and UsageError as for `series`.
        """
        with self.db.moment():
            return folds.over_folds(self, metric, labels)

    def series(
        self,
        metric: str,
        *,
        min_step: float | None = None,
        max_step: float | None = None,
        max_points: int | None = None,
        x: Axis = "step",
        attempt: int | Literal["all"] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Series:
        """Return `metric` along `x`, bounds included, in about `max_points` points at most (None: every point that is kept).

        Attempts: None gives the stitched view, in which each attempt ends where the next one begins; a number gives that one; "all"
        gives every printed point. Labels: any part of the wanted set; None takes the only set, else the one without labels, else
        rank 0. Beyond `max_points`, M4 (first, last, min and max of each of max_points / 4 columns) with the first, last, best and
        non-finite points exactly; its cost depends on `max_points`, not on the length of the run. `min_step` and `max_step` bound
        the step, or the epoch where no step is known. NotFoundError names the nearest metric; UsageError lists the label sets.

        >>> run.series("loss", max_points=500, x="time").values[:2]
        [4.21, 4.203]
        """
        with self.db.moment():
            return read_series(self, metric, (min_step, max_step), max_points, x, attempt, labels)

    def means(
        self,
        metric: str,
        *,
        columns: int = 1000,
        min_step: float | None = None,
        max_step: float | None = None,
        x: Axis = "step",
        attempt: int | Literal["all"] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Means:
        """Return the means of at most `columns` consecutive stretches of `metric`, for smoothing what is too long to read whole.

        The rest is as for `series`. As with that, the cost depends on `columns`.

        >>> run.means("loss", columns=10).counts
        [128, 128, 128, 128, 128, 128, 128, 104]
        """
        with self.db.moment():
            return read_means(self, metric, columns, (min_step, max_step), x, attempt, labels)

    def points(self, *patterns: str, order: Literal["printed", "step"] = "printed") -> Iterator[PrintedPoint]:
        """Yield every kept point (of metrics that fit one of the globs `patterns`), in flat memory.

        In printed order; or by attempt, labels and step, those without a step last and by epoch, what was printed first coming first.
        """
        rows = {row.id: row for row in self.series_rows() if not patterns or fits(row.metric, patterns)}
        if not rows:
            return
        names = {key: (row.metric, row.labels, row.attempt) for key, row in rows.items()}
        query, given = (_printed_order if order == "printed" else _step_order)(list(rows))
        for series_id, at, step, step_kind, epoch, time, value, kind in self.db.stream(query, given):
            restored = restore(value, kind) if kind else value
            yield PrintedPoint._make((*names[series_id], at, step, step_kind, epoch, time, restored))

    def events(self, kind: str | None = None) -> list[RunEvent]:
        """Return what happened (of this `kind`: checkpoint, restart, traceback, gap …), in printed order."""
        query = "SELECT at, kind, step, epoch, time, line, detail FROM events WHERE run_key = ? AND (? IS NULL OR kind = ?) ORDER BY at, id"
        rows = self.db.rows(query, [self.key, kind, kind])
        return [RunEvent(at, what, step, epoch, when, line, json.loads(detail)) for at, what, step, epoch, when, line, detail in rows]

    def checkpoints(self, *patterns: str, directory: str | os.PathLike[str] | None = None) -> list[Checkpoint]:
        """Return the saved checkpoints, oldest first: those the log names, the latest of each path, and those found in `directory`.

        Each comes with its size where it is on this machine, and with the metrics (that fit one of the globs `patterns`) of its step.
        NotFoundError and UsageError for a directory that cannot be read.

        >>> run.checkpoints()
        []
        """
        with self.db.moment():
            return checkpoints.checkpoints(self, patterns, directory)

    def logs(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield the path of each kept log of the run, oldest first, with it opened for reading, decompressed; valid until the next one.

        NotFoundError when one is gone or was replaced, SourceError when it cannot be read.
        """
        from scraper.query import loglines  # noqa: PLC0415 - loads what reads files, which most questions do without

        return loglines.logs(self)

    def line(self, point: Placed, *, context: int = 2, redraws: bool = True) -> LogLine:
        """Return the printed line of a point, best, event or position, with `context` lines on both sides, from the kept log.

        Of a line that was redrawn (a progress bar) every state is a line, or with `redraws` false the last alone, as a terminal shows it.
        NotFoundError when the log is gone, was replaced, or has been cut before that position.
        """
        from scraper.query import loglines  # noqa: PLC0415 - as above

        return loglines.printed(self, point if isinstance(point, int) else point.at, context, redraws)

    def is_thinned(self, metric: str, x: str, place: float) -> bool:
        """Tell whether a step or epoch of a metric lies among points thinned to summaries: a value may have been printed there."""
        column = "step" if x == "step" else "epoch"
        query = (
            f"SELECT 1 FROM series s WHERE s.run_key = ? AND s.metric = ? AND s.raw_from > 0 AND s.first_{column} <= ?3"
            f" AND ?3 <= (SELECT MAX({column}) FROM points p WHERE p.series_id = s.id AND p.at <= s.raw_from_at)"
        )
        return bool(self.db.rows(query, [self.key, metric, place]))

    def series_rows(self, metric: str | None = None) -> list[SeriesRow]:
        """Return the stored series (of `metric`), one a set of labels and attempt, in the order of first printing."""
        return series_rows(self.db, self.key, metric)

    def require(self, metric: str, labels: Mapping[str, str] | None = None) -> list[SeriesRow]:
        """Return the attempts of `metric` under the one set of labels meant. NotFoundError or UsageError as in `series`."""
        found = self.series_rows(metric)
        if not found:
            known = sorted({row.metric for row in self.series_rows()})
            raise NotFoundError(f"run {self.id} has no metric {metric!r}{nearest(metric, known)}; {listed(known)}")
        try:
            return choose_labels(found, labels)
        except UsageError as error:
            raise UsageError(f"run {self.id}: {error}") from None


def listed(known: Sequence[str]) -> str:
    """Return the names as one sentence for an error."""
    if not known:
        return "it has none yet"
    return f"it has {', '.join(known[:_LISTED])}{f' and {len(known) - _LISTED} more' if len(known) > _LISTED else ''}"


def run_of(db: Database, row: tuple[Any, ...]) -> Run:
    """Return the run of a row of COLUMNS."""
    facts = list(row)
    facts[11], facts[12] = tuple(json.loads(row[11])), tuple(json.loads(row[12]))
    facts[13], facts[14] = row[13] or "", row[14] or ""
    return Run(db, *facts)


def _printed_order(series: list[int]) -> tuple[str, list[Any]]:
    """Return the query that gives the points of these series by position, then series; one series needs no sorting."""
    if len(series) == 1:
        return f"SELECT p.series_id, {_POINT} FROM points p WHERE p.series_id = ? ORDER BY p.at", [*series]
    chosen = "SELECT value FROM json_each(?)"
    return f"SELECT p.series_id, {_POINT} FROM points p WHERE p.series_id IN ({chosen}) ORDER BY p.at, p.series_id", [json.dumps(series)]


def _step_order(series: list[int]) -> tuple[str, list[Any]]:
    """Return the query that gives the points of these series by attempt, labels, and step or, where there is none, epoch."""
    joined = "FROM points p JOIN series s ON s.id = p.series_id WHERE p.series_id IN (SELECT value FROM json_each(?))"
    order = "s.attempt, s.labels <> '{}', s.labels, p.step IS NULL, COALESCE(p.step, p.epoch), p.at, p.series_id"
    return f"SELECT p.series_id, {_POINT} {joined} ORDER BY {order}", [json.dumps(series)]
