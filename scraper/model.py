"""The values that travel from a log file to the store, and nothing else.

Stages meet only in these. Everything is immutable; anything a reader gets from the store is defined in `query`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from scraper.points import Points

Labels: TypeAlias = tuple[tuple[str, str], ...]  # sorted by name, e.g. (("rank", "0"),); () for none

# How a point got its step. Stored as these integers, shown by these names.
STEP_KINDS: Final = (
    "explicit",  # 0 printed as a step on the same line or in the same block
    "derived",  # 1 epochs so far x batches per epoch + batch
    "bar",  # 2 taken from the progress bar drawn before or after the line
    "samples",  # 3 counted in samples seen, not in batches
    "inherited",  # 4 the last step printed above the line
    "epoch",  # 5 no step is known: `step` is None and `epoch` places the point
    "count",  # 6 nothing is known: `step` is how many values of this series came before
)
EXPLICIT, DERIVED, BAR, SAMPLES, INHERITED, EPOCH, COUNT = range(7)

# What a stored value is: SQLite has no NaN or infinity, so those rows hold NULL and say here what they were.
VALUE_KINDS: Final = ("finite", "NaN", "Infinity", "-Infinity")
FINITE, NAN, POS_INF, NEG_INF = range(4)

SOURCE_SHIFT: Final = 40  # a point's stored position is source ordinal << 40 | byte offset: 1 TiB a source generation


class Point(NamedTuple):
    """One printed value."""

    at: int  # byte offset in the source of the line, plus the order in the line where one series occurs twice in it
    metric: str  # as printed, with the phase in front when only the phase tells two metrics apart: "val/loss"
    labels: Labels
    attempt: int  # 0 first; one more each time the step goes back, as after a resume from a checkpoint
    step: int | None
    step_kind: int  # index into STEP_KINDS
    epoch: float | None  # as printed: 0- or 1-based, a fraction where the framework prints one
    time: float | None  # seconds since the epoch
    value: float  # may be nan or ±inf


class Event(NamedTuple):
    """Something that happened in a run and is no number. One more of the same position and kind adds its detail to the first."""

    at: int  # byte offset in the source
    kind: str  # checkpoint, restart, traceback, out_of_memory, non_finite, gap, truncation, rotation …
    step: int | None
    epoch: float | None
    time: float | None
    line: str  # the printed line, or a sentence that says what the tailer saw
    detail: dict[str, Any] = {}  # noqa: RUF012 - never mutated; plain data, JSON-serialisable


class Parsed(NamedTuple):
    """What one `Parser.feed` or `flush` found."""

    points: Points
    events: list[Event]
    turned: list[Point]  # of the points those at which a series ceased to be finite


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """What a metric means, from a pack or from the configuration."""

    metric: str
    label: str = ""  # for people, e.g. "Validation loss"
    format: str = "float"  # "float", "percent" (printed as 0..100), "fraction" (0..1), "int"
    unit: str = ""  # e.g. "s", "tokens/s"
    higher_is_better: bool | None = None  # None: unknown, so "best" is not offered
    description: str = ""
    tier: str = "custom"  # "primary", "standard" or "custom"
    pack: str = ""  # which pack said so; "" for the configuration


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file generation a source is: the path may be reused, this is not."""

    device: int
    inode: int
    head_hash: str  # blake2b-128 hex of the first `head_size` bytes
    head_size: int  # bytes hashed, at most 1024; grows to 1024 while a young file is short


class PatternUse(NamedTuple):
    """What one pattern did in one source so far."""

    reads: int  # lines that it read, and states of lines that were redrawn
    first_at: int  # byte offset of the first line that it read; 0 for none
    last_at: int  # of the last
    seconds: float  # that lines were searched for it, the others' too; of built-in patterns an estimate


@dataclass(frozen=True, slots=True)
class SourceMark:
    """How far a source has been ingested; commits in the transaction of the points it accounts for."""

    offset: int  # bytes fully accounted for: reading resumes here
    line_number: int  # complete lines before `offset`
    tail_hash: str  # blake2b-128 hex of the up to 1024 bytes before `offset`
    identity: FileIdentity
    parser_state: bytes  # what Parser.save() gave, opaque to the store
    counters: dict[str, int]  # cumulative: lines, matched, and everything discarded, by reason
    finished: bool = False  # the source will not grow any more
    patterns: dict[str, PatternUse] = field(default_factory=dict)  # what each pattern did, by its id


@dataclass(frozen=True, slots=True)
class Batch:
    """What one source contributed since its last commit. A batch is committed whole or not at all."""

    source_id: int
    mark: SourceMark
    points: Points
    events: list[Event] = field(default_factory=list)
    definitions: list[MetricDefinition] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NewRun:
    """What is known of a run when it starts."""

    id: str = ""  # "" lets the store make one; given when the run's directory had to be named before the store was open
    name: str = ""  # "" lets the store make one from the log's or the command's name
    experiment: str = "default"
    kind: str = "tail"  # "run", "tail" or "daemon"
    command: tuple[str, ...] = ()
    cwd: str = ""
    host: str = ""
    user: str = ""
    pid: int | None = None
    started: float | None = None  # seconds since the epoch
    git_commit: str = ""
    git_branch: str = ""
    git_dirty: bool | None = None
    python: str = ""  # version and path of the interpreter that was run, when it was one
    hardware: dict[str, Any] = field(default_factory=dict)  # cpu, cores, memory_bytes, gpus …
    environment: dict[str, str] = field(default_factory=dict)  # allow-listed and redacted
    tags: tuple[str, ...] = ()
    note: str = ""
    log_path: str = ""
    patterns: tuple[str, ...] = ()  # regexes that were given for its log, besides the packs
