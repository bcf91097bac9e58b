"""The shapes of the API's answers, for its OpenAPI description. They describe; nothing is built or checked through them at run time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = Annotated[float | Literal["NaN", "Infinity", "-Infinity"], Field(description="A number, or what JSON has no number for.")]
Seconds = Annotated[float | None, Field(description="Seconds since 1970; null: not known.")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class Problem(_Shape):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


class Point(_Shape):
    """One printed value. Along `x=epoch` or `x=relative` it also carries that place."""

    step: int | None
    value: Value
    timestamp: Seconds


class SeriesFacts(_Shape):
    """How a metric's points were chosen."""

    metric: str
    labels: dict[str, str]
    x: str
    downsampled: bool
    method: Literal["none", "m4"]
    raw_count: int
    thinned: int
    note: str


class Metadata(_Shape):
    """Where the run stands, and what was left out of the answer."""

    last_updated: Seconds
    is_complete: bool
    status: str
    cursor: Annotated[str, Field(description="Give it as `after` to get only what was printed since.")]
    series: dict[str, SeriesFacts]
    omitted: Annotated[int, Field(description="Series that fit and are not in this answer; name them with metric_type.")]
    unavailable: Annotated[dict[str, str], Field(description="Metrics that have no place on the asked-for axis, and why.")]


class RunMetrics(_Shape):
    """Points by metric; a metric printed by several ranks has one entry each, as `loss{rank=1}`."""

    run_id: str
    metrics: dict[str, list[Point]]
    metadata: Metadata


class MeanCurve(_Shape):
    """The means of consecutive stretches of a series, as columns of equal length."""

    xs: Annotated[list[float], Field(description="The middle of each stretch.")]
    values: list[float]
    counts: Annotated[list[int], Field(description="Finite values in each stretch.")]


class Curve(_Shape):
    """One series as columns of equal length."""

    key: str
    metric: str
    labels: dict[str, str]
    x: str
    xs: list[float]
    steps: list[int | None]
    epochs: list[float | None]
    times: list[float | None]
    values: list[Value]
    positions: Annotated[list[int], Field(description="Where each was printed; give one to `lines`.")]
    attempts: list[int]
    means: Annotated[MeanCurve | None, Field(description="Where asked for, and the series was thinned out.")]
    downsampled: bool
    raw_count: int


class Curves(_Shape):
    """Series of a run as columns, for drawing."""

    run_id: str
    cursor: str
    series: list[Curve]
    omitted: int
    unavailable: dict[str, str]


class RunFacts(_Shape):
    """What a list says of a run."""

    id: str
    name: str
    experiment: str
    kind: str
    status: str
    started: Seconds
    ended: Seconds
    heartbeat: Seconds
    exit_code: int | None
    signal: int | None
    last_step: int | None
    tags: list[str]
    note: str
    command: list[str]


class Runs(_Shape):
    """A page of runs, newest first."""

    runs: list[RunFacts]
    next: Annotated[str | None, Field(description="Give it as `after` for the next page; null: this is the last.")]


class Experiment(_Shape):
    """An experiment and how many runs it has."""

    name: str
    created: float
    runs: int
    last_started: Seconds


class Experiments(_Shape):
    """Every experiment, by name."""

    experiments: list[Experiment]


class Extreme(_Shape):
    """A value and where it was printed."""

    value: Value
    step: int | None
    epoch: float | None
    at: int
    attempt: int


class MetricFacts(_Shape):
    """One metric of a run under one set of labels."""

    key: str
    name: str
    labels: dict[str, str]
    count: int
    non_finite: int
    first: Extreme
    last: Extreme
    minimum: Extreme | None
    maximum: Extreme | None
    best: Extreme | None
    mean: Value | None
    higher_is_better: bool | None


class Fold(_Shape):
    """A fold, run, seed or trial that a run's log announces."""

    name: str
    attempts: list[int]


class RunDetail(RunFacts):
    """Everything about a run but its points."""

    points: int
    attempts: int
    folds: list[Fold]
    metrics: list[MetricFacts]
    events: dict[str, int]
    coverage: dict[str, Any]
    config: dict[str, Any]


class Event(_Shape):
    """Something that happened in a run and is no number."""

    at: int
    kind: str
    step: int | None
    epoch: float | None
    time: Seconds
    line: str
    detail: dict[str, Any]


class Events(_Shape):
    """Events in printed order."""

    run_id: str
    events: list[Event]
    omitted: Annotated[int, Field(description="Earlier events that are not in this answer.")]


class Lines(_Shape):
    """A printed line between its neighbours."""

    path: str
    offset: int
    text: str
    before: list[str]
    after: list[str]


class Tail(_Shape):
    """The end of a run's log."""

    run_id: str
    path: str
    lines: list[str]


class ComparedRun(_Shape):
    """What one run reached; a count of 0: it never printed the metric."""

    run: str
    name: str
    count: int
    last: Extreme | None
    best: Extreme | None


class Compared(_Shape):
    """One metric over several runs."""

    metric: str
    higher_is_better: bool | None
    winner: str | None
    runs: list[ComparedRun]


class DifferingFact(_Shape):
    """A recorded fact, and its value in each run."""

    name: str
    values: list[Any]


class Differences(_Shape):
    """The recorded facts in which runs differ."""

    runs: list[str]
    differences: list[DifferingFact]


class Definition(_Shape):
    """What a metric means."""

    metric: str
    label: str
    format: str
    unit: str
    higher_is_better: bool | None
    description: str
    tier: str


class Definitions(_Shape):
    """What the metrics of a run, or of the store, mean."""

    definitions: list[Definition]
