"""Lines that repeat one fragment a thousand times: what built-in regexes take for them grows with their length, not with its square."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from parsing import DEFAULTS, points

from scraper.packfiles import builtin_packs
from scraper.parse import prefixes
from scraper.parse.lines import Splitter
from scraper.parse.packs import PackSet, Pattern
from scraper.parse.parser import Parser

PACKS = PackSet(builtin_packs())
PATTERNS = Path(__file__).parent.parent / "patterns"
FOUR = 4  # times as long
GROWN = 8  # times the time for that: 16 where it grows with the square, and noise
PACK_FRAGMENTS = (" ", "-", "1 ", "a ", "a  ", '"1" ', "key: 1.0, ", "[", "|", "a=1, ", "/ ", "a: ", "\t")
FRAGMENTS = (
    *PACK_FRAGMENTS,
    *("=", ".", "█", "{", "(", "'a': 1, ", '"a": 1 ', "loss 0.5 ", "loss: ", "step 1 ", "epoch 1/2 ", "0.5 ", "1/1 ", "[1] "),
    *("a (b) ", "- ", "a-", "--a", "- a ", "Class 1 ", ": ", ", ", "│ ", "─", "at ", "< ", "第1轮 ", "│ 1 ", "1,", "saving ", "x = "),
)
STARTS_AND_ENDS = (
    ("", " loss: 0.5"),
    ("2026-01-02 03:04:05 INFO ", ""),
    ("epoch 1 ", " loss: 0.5"),
    *(("", end) for end in ("", "\x01", ": {", " rank", "|", " epoch 5 loss: 0.5 ?")),
)
ABOVE = (
    "",
    "epoch | loss | acc\n1 | 0.5 | 0.4\n",
    "Traceback (most recent call last):\n",
    "Validation:\n",
    "import os\nx = 5\nfor a in b:\n",
    "batch_size: 5\nlr: 0.5\nseed: 3\nhidden: 5\nepochs: 10\n",
)


def repeated(fragment: str, size: int) -> str:
    return (fragment * (size // len(fragment) + 1))[:size]


def longer(before: str, fragment: str, behind: str) -> Callable[[int], str]:
    return lambda size: before + repeated(fragment, size) + behind


def seconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


def grows(work: Callable[[str], object], make: Callable[[int], str], size: int, floor: float) -> bool:
    """Whether a line of `size` costs more than `floor` seconds, and far more than four times one of a quarter."""
    if seconds(work, make(size)) < floor:
        return False
    long, short = (min(seconds(work, make(length)) for _ in range(2)) for length in (size, size // FOUR))
    return long > max(floor, GROWN * short)


def printed(pack: str) -> list[str]:
    """Return the lines of a pack's samples, whole and without what stands before their own text."""
    data = tomllib.loads((PATTERNS / f"{pack}.toml").read_text(encoding="utf-8"))
    lines = [line for sample in data["sample"] for line in re.split(r"[\r\n]", sample["log"])]
    return [text for line in lines for text in (line, line[prefixes.take(line).end :])]


def pumped(pattern: Pattern, lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands before and behind a repeated fragment: nothing, or the parts of a text that the pattern matches."""
    assert pattern.regex is not None
    hit = next((m[0] for line in lines if (m := pattern.regex.search(line))), "")
    cuts = sorted({m.start() for m in re.finditer(r"\b|(?<=\s)", hit)})
    for cut in cuts[:: len(cuts) // 24 + 1]:
        yield hit[:cut], "\x01" + hit[cut:]
        yield hit[:cut], hit[cut:] + " ?"
    yield "x", "\x01"


@pytest.mark.slow  # as they measure time: on a busy machine a test may fail for that alone
@pytest.mark.parametrize("part", range(4))
def test_the_search_of_every_packs_pattern_grows_with_the_line_alone(part: int) -> None:
    slow, lines = [], {pack.name: printed(pack.name) for pack in PACKS.packs}
    for pattern in [p for p in PACKS.patterns if p.regex is not None][part::4]:
        assert pattern.regex is not None
        search = pattern.regex.search
        for before, behind in pumped(pattern, lines[pattern.pack]):
            for fragment in PACK_FRAGMENTS:
                if grows(search, longer(before, fragment, behind), 1000, 0.004):
                    slow.append((pattern.id, before, fragment, behind))
                    break
    assert not slow


@pytest.mark.slow
@pytest.mark.parametrize("above", ABOVE)
def test_the_reading_of_a_line_grows_with_its_length_alone(above: str) -> None:
    def read(line: str) -> object:
        return Parser(PACKS, DEFAULTS).feed((above + line + "\n").encode(), None)

    slow = []
    for fragment in FRAGMENTS:
        for start, end in STARTS_AND_ENDS[: 2 if above else None]:
            if grows(read, longer(start, fragment, end), 2000, 0.03):
                slow.append((start, fragment, end))
                break
    assert not slow


@pytest.mark.slow
def test_a_spinner_is_cut_in_one_pass() -> None:
    def cut(text: str) -> object:
        return Splitter().feed(text.encode())

    assert not grows(cut, longer("", "|\b/\b-\b", "\n"), 400_000, 0.05)


def test_a_spinner_shows_what_it_shows_last() -> None:
    (shown,) = (data for _, data, _ in (Splitter().feed(b"ab\b\b\bc\x1b[0md\b\be|\b/\b-\n").line(0),))
    assert shown == b"e-"


def test_a_rank_is_read_behind_the_pairs_of_an_object_and_no_other_word_is_one() -> None:
    pairs = "; ".join(f'"key_{i}": {i / 7:.3f}' for i in range(100))
    assert not points(f'{pairs}; "ranking": 0.5\n')
    for front in ('{"step": 3, ', '{"time": "2026-01-02 03:04:05", "step": 3, ', "{'step': 3, "):
        quote = front[1]
        (point,) = points(f"{front}{quote}rank{quote}: 2, {quote}loss{quote}: 0.5}}\n")
        assert (point.step, point.labels, point.value) == (3, (("rank", "2"),), 0.5)
