"""What a pattern demands of a line, read from its regex, never rules out a line that matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.packfiles import load_packs
from scraper.parse.literals import demands_of
from scraper.parse.packs import Pattern

LOGS = Path(__file__).parent / "logs"


def lines() -> list[str]:
    """Return the distinct lines of all packs' samples, and some of every recorded log, with and without their margins."""
    found = {line for pack in load_packs().packs for sample in pack.samples for line in sample.text.splitlines()}
    for log in LOGS.glob("*/*.log"):
        found.update(log.read_text(encoding="utf-8", errors="replace").splitlines()[:60])
    return sorted(found | {line.strip() for line in found} - {""})


def is_allowed(pattern: Pattern, line: str) -> bool:
    demands = pattern.demands
    return demands.may_begin(line[0]) and all(any(text in line for text in need) for need in demands.needs)


def test_no_line_that_matches_is_ruled_out() -> None:
    patterns = [(p, p.regex) for p in load_packs().patterns if p.regex is not None]
    matches = [(p, line) for line in lines() if line for p, regex in patterns if regex.search(line)]
    assert len(matches) > len(patterns)
    assert [(p.id, line) for p, line in matches if not is_allowed(p, line)] == []


def test_most_patterns_are_ruled_out_without_being_tried() -> None:
    patterns = [p for p in load_packs().patterns if p.regex is not None and not p.inside]  # in a section, only its own are looked for
    tried = [p.id for p in patterns if is_allowed(p, "16 /data/images/train/874020d90.jpg")]
    assert len(tried) <= len(patterns) / 50


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        (r"^loss: (?P<loss>{NUM})", {("loss: ",)}),
        (r"^(?:Train|Test) loss", {("Train", "Test"), (" loss",)}),
        (r"(?P<key>SPS): (?P<value>{INT})", {("SPS",), (": ",)}),
        (r"colou?r", {("colo",)}),
        (r"ab+c", {("ab",)}),
        (r"^-{15,}\s*$", {("-" * 15,)}),
        (r"(?:best: )?loss", {("loss",)}),
        (r"(?:loss)*", set()),
        (r"loss|acc", {("loss", "acc")}),
        (r"(?i)loss", set()),
        (r"(?i:loss) now", {(" now",)}),
        (r"(?!never)loss(?= at)", {("loss",), (" at",)}),
        (r"\x1b\[31mloss", {("[31mloss",)}),
        (r"[abc]{3}\d+\p{Lu}\tname", {("\tname",)}),
        (r"(?:loss){e<=1}", set()),
        (r"(?P<a>x)(?P=a)", set()),
        (r"[[:alpha:]] loss", {(" loss",)}),
        (r"\|[^|]*\|", {("|",)}),
        (r"^ *[|│\]] *loss", {("|", "│", "]"), ("loss",)}),
        (r"loss[.:]?", {("loss",)}),
        (r"loss[^|]\d[+-]\d", {("loss",)}),
        (r"loss(?: {2,}\d+)+", {("loss",), ("  ",)}),
    ],
)
def test_what_a_regex_needs(source: str, needs: set[tuple[str, ...]]) -> None:
    assert set(demands_of(source).needs) == needs


@pytest.mark.parametrize(
    ("source", "starts", "never"),
    [
        (r"^loss", "l", "a 1"),
        (r"^\s*(?:\[|Epoch) ", "[E \t", "e1"),
        (r"^ *(?P<step>{INT}):", " 09", "a-"),
        (r"^{NUM} ", "-.5ni", "a ["),
        (r"^(?:best )?loss", "bl", "a"),
        (r"^[^a-z]", "A1 ", "az"),
        (r"^[+--]x?", "+-az", ""),
        (r"^(?:a|)b?", "abz", ""),
        (r"^(?i:loss)", "lLz", ""),
        (r"^a|b", "abz", ""),
        (r"loss", "lz", ""),
        (r"^(?=.*loss)e", "e", "l"),
        (r"^\bloss", "l", ""),
    ],
)
def test_how_a_text_must_begin(source: str, starts: str, never: str) -> None:
    demands = demands_of(source)
    assert [c for c in starts if not demands.may_begin(c)] == []
    assert [c for c in never if demands.may_begin(c)] == []
    assert demands.may_begin("é")
