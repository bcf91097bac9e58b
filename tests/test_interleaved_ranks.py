"""Two ranks print the same and their lines come in any order: each rank's points are those of its lines alone."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from parsing import parse, parser

from scraper.model import Point

LOGS = Path(__file__).parent / "logs"
# Left out: best values that are told twice, of which the rest of the log decides which is dropped; those that have ranks themselves.
LEFT_OUT = ("boosting_sklearn", "lightning_rich", "torchrun", "torchrun_roles", "hf_torchrun", "deepspeed")
CUT = 40_000  # bytes of a log
AHEAD = 4  # lines that a rank may be ahead of the other


def _lines(path: Path) -> list[bytes]:
    data = path.read_bytes()[:CUT]
    return data[: data.rfind(b"\n")].replace(b"\r\n", b"\n").split(b"\n")


def _is_drawn(path: Path) -> bool:
    return any(b"\r" in line for line in _lines(path))


NAMES = [path.parent.name for path in sorted(LOGS.glob("*/pipe.log")) if path.parent.name not in LEFT_OUT and not _is_drawn(path)]


def _of_rank(rank: int, line: bytes) -> bytes:
    return b"[rank%d]: %s\n" % (rank, line)


def _interleaved(lines: list[bytes], seed: int) -> list[bytes]:
    rng, at, out = random.Random(seed), [0, 0], []
    while min(at) < len(lines):
        rank = rng.choice([i for i in (0, 1) if at[i] < len(lines) and at[i] - min(at) < AHEAD])
        out.append(_of_rank(rank, lines[at[rank]]))
        at[rank] += 1
    return out


def _shown(points: list[Point]) -> Counter[tuple[str, int | None, float | None, str]]:
    return Counter((p.metric, p.step, p.epoch, repr(p.value)) for p in points)


@pytest.mark.parametrize("name", NAMES)
def test_interleaved_ranks_have_the_points_of_each(name: str) -> None:
    lines = _lines(LOGS / name / "pipe.log")
    alone = _shown(parse(b"".join(_of_rank(0, line) for line in lines)).points)
    both = parse(b"".join(_interleaved(lines, seed=len(lines)))).points
    for rank in ("0", "1"):
        assert _shown([p for p in both if ("rank", rank) in p.labels]) == alone


@pytest.mark.parametrize("name", ["sb3_ppo", "ray_tune"])
def test_a_restart_between_interleaved_blocks_changes_nothing(name: str) -> None:
    lines = _interleaved(_lines(LOGS / name / "pipe.log")[:300], seed=1)
    whole = parse(b"".join(lines)).points
    reader, found = parser(), []
    for a, b in pairwise(range(0, len(lines) + 8, 7)):
        found += reader.feed(b"".join(lines[a:b]), None).points
        reader = parser(reader.save())
    found += reader.flush(None).points
    assert len(whole) > 50
    assert [repr(p) for p in found] == [repr(p) for p in whole]


def test_a_heading_of_one_rank_stands_above_those_that_have_none() -> None:
    text = "[rank0]: Validation:\n[rank1]: loss: 0.5, acc: 0.75\n[rank0]: loss: 0.25, acc: 0.5\n"
    assert [(p.metric, dict(p.labels)["rank"], p.value) for p in sorted(parse(text).points, key=lambda p: p.at)] == [
        ("val/loss", "1", 0.5),
        ("val/acc", "1", 0.75),
        ("val/loss", "0", 0.25),
        ("val/acc", "0", 0.5),
    ]
