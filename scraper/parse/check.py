"""Checks a pack against its own samples, and packs against each other's; tells what is wrong with its line, and how far patterns got."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from scraper.model import Point
from scraper.parse.limits import LIMITS as DEFAULTS
from scraper.parse.packs import Pack, PackSet, Sample
from scraper.parse.parser import Parser
from scraper.parse.reach import farthest, wrong_group
from scraper.parse.trace import trace

Place: TypeAlias = tuple[str, float | None, float | None, float]  # metric, step, epoch, value
_SHOWN: Final = 12  # points in one message


def read_sample(packs: PackSet, text: str) -> list[Point]:
    """Return the points that packs find in a text, read as a whole log."""
    parser = Parser(packs, DEFAULTS)
    return [*parser.feed(text.encode(), None).points, *parser.flush(None).points]


def check_pack(pack: Pack, beside: Iterable[Pack] = ()) -> list[str]:
    """Return what is wrong with a pack's samples; nothing when each gives exactly its points."""
    packs = PackSet((pack, *(p for p in beside if p.name != pack.name)))
    out = []
    for number, sample in enumerate(pack.samples, 1):
        wrong = _compare(sample, read_sample(packs, sample.text))
        if wrong:
            where = f"{pack.origin}:{sample.line}: sample {number}"
            out.append(f"{where} {wrong}{_culprits(packs, sample) if not sample.points else _how_far(pack, packs, sample)}")
    return out


def collisions(pack: Pack, others: Sequence[Pack]) -> list[str]:
    """Return, for every sample that reads otherwise once a pack and the others are used together, whose it is and what changes."""
    others = [other for other in others if other.name != pack.name]
    packs = PackSet((pack, *others))
    out = []
    for owner in (pack, *others):
        for number, sample in enumerate(owner.samples, 1):
            wrong = _compare(sample, read_sample(packs, sample.text))
            if wrong and not _compare(sample, read_sample(PackSet(others if owner is not pack else [pack]), sample.text)):
                where = f"{owner.origin}:{sample.line}: sample {number} of {owner.name} {wrong}"
                beside = "the other packs" if owner is pack else pack.name
                out.append(f"{where}\n    once it is read beside {beside}{_culprits(packs, sample)}")
    return out


def _compare(sample: Sample, got: list[Point]) -> str:
    """Return how the points differ from those that a sample must give; nothing when they do not."""
    found = [(p.metric, p.step, p.epoch, p.value) for p in got]
    if not sample.points:
        return f"is a near miss and must give nothing, but gives {_show(found)}" if found else ""
    pairs = list(zip(sample.points, found, strict=False))
    if len(sample.points) == len(found) and all(_same(*pair) for pair in pairs):
        return ""
    first = next((i for i, pair in enumerate(pairs) if not _same(*pair)), len(pairs))
    begun = f"its first {first} points are right, then it " if first > 1 else ""
    return f"{begun}must give {_show(sample.points[first:])}\n    but gives {_show(found[first:])}"


def _same(expected: Place, found: Place) -> bool:
    if expected[0] != found[0]:
        return False
    placed = ((expected[1], found[1]), (expected[2], found[2]))
    places = all(e is None or (f is not None and math.isclose(e, f)) for e, f in placed)
    return places and (expected[3] == found[3] or (math.isnan(expected[3]) and math.isnan(found[3])))


def _show(points: Sequence[Place]) -> str:
    shown = [_show_one(*point) for point in points[:_SHOWN]]
    more = f" and {len(points) - _SHOWN} more" if len(points) > _SHOWN else ""
    return ", ".join(shown) + more if shown else "nothing"


def _show_one(metric: str, step: float | None, epoch: float | None, value: float) -> str:
    return f"{metric}={value:g}" + ("" if step is None else f" at step {step:g}") + ("" if epoch is None else f" in epoch {epoch:g}")


def _how_far(pack: Pack, packs: PackSet, sample: Sample) -> str:
    """Say for each pattern of the pack that read nothing how far its regex gets in the sample."""
    lines, _ = trace(packs, DEFAULTS, sample.text)
    read = {pattern.id for line in lines for pattern in line.patterns}
    texts = [line.text[line.prefix.end :] for line in lines if line.text.strip()]
    out = []
    for pattern in pack.patterns:
        if pattern.regex is not None and pattern.id not in read:
            got = str(farthest(pattern, texts))
            taken = got.startswith("matches ") and not got.startswith("matches up to")
            wrong = next((said for text in texts if (said := wrong_group(pattern, text))), "another pattern took the line") if taken else ""
            said = f"{got}, but read nothing: {wrong}" if taken else got
            out.append(f"\n    pattern {pattern.name!r} {said}")
    return "".join(out)


def _culprits(packs: PackSet, sample: Sample) -> str:
    """Name the lines of a sample that were read, and by what."""
    lines, _ = trace(packs, DEFAULTS, sample.text)
    return "".join(
        f"\n    {', '.join(dict.fromkeys(p.id for p in line.patterns))} reads {line.text.strip()[:80]!r}"
        for line in lines
        if any(record.values for record in line.records)
    )
