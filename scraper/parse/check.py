"""Checks a pack against its own samples, and packs against each other's."""

from __future__ import annotations

import math
from collections.abc import Iterable

from scraper.config import SETTINGS
from scraper.model import Point
from scraper.parse.packs import Pack, PackSet, Pattern, Sample
from scraper.parse.parser import Parser


def read_sample(packs: PackSet, text: str) -> list[Point]:
    """Return the points that packs find in a text, read as a whole log."""
    parser = Parser(packs, {s.name: s.default for s in SETTINGS})
    return [*parser.feed(text.encode(), None).points, *parser.flush(None).points]


def check_pack(pack: Pack, beside: Iterable[Pack] = ()) -> list[str]:
    """Return what is wrong with a pack's samples; nothing when each gives exactly its points."""
    packs = PackSet((pack, *(p for p in beside if p.name != pack.name)))
    out = []
    for number, sample in enumerate(pack.samples, 1):
        got = read_sample(packs, sample.text)
        wrong = _compare(sample, got)
        if wrong:
            out.append(f"sample {number}: {wrong}" + _how_far(pack, sample.text))
    return out


def _compare(sample: Sample, got: list[Point]) -> str:
    expected = [(m, s, e, v) for m, s, e, v in sample.points]
    found = [(p.metric, p.step, p.epoch, p.value) for p in got]
    if not expected:
        return f"is a near miss and must give nothing, but gave {_show(found)}" if found else ""
    if len(expected) != len(found) or not all(_same(x, y) for x, y in zip(expected, found, strict=True)):
        return f"must give {_show(expected)}\n    but gave {_show(found)}"
    return ""


def _same(expected: tuple[str, float | None, float | None, float], found: tuple[str, float | None, float | None, float]) -> bool:
    if expected[0] != found[0]:
        return False
    places = all(e is None or (f is not None and math.isclose(e, f)) for e, f in ((expected[1], found[1]), (expected[2], found[2])))
    return places and (expected[3] == found[3] or (math.isnan(expected[3]) and math.isnan(found[3])))


def _show(points: Iterable[tuple[str, float | None, float | None, float]]) -> str:
    shown = [f"{m}={v:g}" + ("" if s is None else f"@step {s:g}") + ("" if e is None else f"@epoch {e:g}") for m, s, e, v in points]
    return ", ".join(shown) or "nothing"


def _how_far(pack: Pack, text: str) -> str:
    """Say for each pattern that does not match how much of its regex does."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "".join(f"\n    pattern {p.name!r}: {matched_part(p, lines)}" for p in pack.patterns if p.regex is not None and not any(p.regex.search(line) for line in lines))


def matched_part(pattern: Pattern, lines: list[str]) -> str:
    """Return a sentence on the longest beginning of a pattern's regex that matches one of the lines."""
    import regex  # noqa: PLC0415 - only when something is wrong

    from scraper.parse.packs import expand  # noqa: PLC0415

    best, where = 0, ""
    for end in range(len(pattern.source), 0, -1):
        try:
            compiled = regex.compile(expand(pattern.source[:end]))
        except regex.error:
            continue
        hit = next((line for line in lines if compiled.search(line)), None)
        if hit is not None:
            best, where = end, hit
            break
    if not best:
        return "no part of its regex matches"
    return f"its regex matches up to {pattern.source[:best]!r} (in {where.strip()[:80]!r}) and then fails at {pattern.source[best : best + 20]!r}"
