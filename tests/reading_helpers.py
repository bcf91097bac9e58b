"""What the tests of reading share: stores filled through the real writer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scraper.cli import cli
from scraper.model import Batch, Event, FileIdentity, MetricDefinition, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer

STARTED = 1_795_240_000.0


def point(at: int, value: float, metric: str = "loss", **facts: Any) -> Point:
    """A point at `at`, at step `at` // 10 unless told otherwise."""
    given = {"labels": (), "attempt": 0, "step": at // 10, "step_kind": 0, "epoch": None, "time": None} | facts
    return Point(at=at, metric=metric, value=value, **given)


def identity_of(log: Path) -> FileIdentity:
    head = log.read_bytes()[:1024]
    found = log.stat()
    return FileIdentity(found.st_dev, found.st_ino, hashlib.blake2b(head, digest_size=16).hexdigest(), len(head))


def fill(
    path: Path,
    points: Sequence[Point],
    *,
    log: Path | None = None,
    events: Sequence[Event] = (),
    definitions: Sequence[MetricDefinition] = (),
    counters: dict[str, int] | None = None,
    chunk: int = 1000,
    raw_budget: int = 1_000_000,
    **run: Any,
) -> str:
    """Store a run of these points, `chunk` of them a commit, and return its id."""
    identity = identity_of(log) if log else FileIdentity(1, abs(hash(str(path))) % 10**6, "00" * 16, 0)
    with Writer(path, raw_budget=raw_budget, max_name_length=20_000) as writer:
        made = writer.create_run(NewRun(**{"name": "train", "started": STARTED} | run))
        source = writer.open_source(made.key, str(log or "train.log"), identity)
        for i in range(0, max(1, len(points)), chunk):
            mark = SourceMark((i + chunk) * 10, i + chunk, "", identity, b"", counters or {})
            first = i == 0
            batch = Batch(source.id, mark, Points(points[i : i + chunk]), list(events if first else ()), list(definitions if first else ()))
            writer.commit([batch])
    return made.id


def invoke(*arguments: object, given: str | None = None) -> Result:
    """Run the command line in this process, with `given` on its standard input."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=given, catch_exceptions=False)


def read(*arguments: object, given: str | None = None) -> str:
    """Return what the command line prints when all is well."""
    result = invoke(*arguments, given=given)
    assert result.exit_code == 0, result.output
    return result.stdout


def read_json(*arguments: object) -> Any:
    """Return what it prints with --json, which must be JSON as every reader takes it."""
    return json.loads(read(*arguments, "--json"), parse_constant=pytest.fail)
