"""What it takes to rule out the patterns that cannot match a text: literals by first character, as it is done, beside other ways. Prints.

    pytest -m benchmark -s tests/benchmarks/bench_prefilter.py

Beside: one alternation of all literals, Aho-Corasick (`pyahocorasick`) and hyperscan, the last two where they are installed.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import pytest

from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet, Pattern

pytestmark = pytest.mark.benchmark
ROUNDS = 5


def texts(count: int) -> list[str]:
    """Lines of metrics and of noise, each of a shape of its own."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(1000)]
    forms = (
        "{0} {1}: {2}={3:.3f} {4}",
        "Epoch {4} | {0}_loss: {3:.4f} | {1}: {3:.2f}",
        "{0}: loading {1} from {2} took {3:.1f} s",
        "iter {4}: loss {3:.4f}, {0} {3:.2f}ms",
    )
    return [draw.choice(forms).format(*draw.choices(words, k=3), draw.random(), n) for n in range(count)]


def longest(pattern: Pattern) -> str:
    """The literal that rules most texts out; empty where the pattern has none that every match holds."""
    return max((need[0] for need in pattern.demands.needs if len(need) == 1), key=len, default="")


def by_first_character(packs: PackSet) -> Callable[[str], int]:
    """The way it is done."""
    return lambda text: sum(1 for _ in packs.candidates(text, ""))


def outside(packs: PackSet) -> list[Pattern]:
    """The patterns that are looked for where no section is open."""
    return [pattern for pattern in packs.patterns if not pattern.inside]


def by_alternation(packs: PackSet) -> Callable[[str], int]:
    """One regex finds the literals that are there; a pattern is a candidate where its own is."""
    owners = Counter(filter(None, map(longest, outside(packs))))
    literals = sorted(owners, key=len, reverse=True)
    found = re.compile(f"(?=({'|'.join(map(re.escape, literals))}))").findall
    return lambda text: sum(owners[literal] for literal in set(found(text)))


def by_automaton(packs: PackSet) -> Callable[[str], int]:
    """The same with Aho-Corasick."""
    automaton = import_module("ahocorasick").Automaton()
    owners = Counter(filter(None, map(longest, outside(packs))))
    for literal in owners:
        automaton.add_word(literal, literal)
    automaton.make_automaton()
    return lambda text: sum(owners[literal] for literal in {literal for _, literal in automaton.iter(text)})


def by_hyperscan(packs: PackSet) -> Callable[[str], int]:
    """The literals in hyperscan's database: half of the regexes themselves hold what it does not know."""
    hyperscan = import_module("hyperscan")
    owners = Counter(filter(None, map(longest, outside(packs))))
    literals = list(owners)
    database = hyperscan.Database()
    once = [hyperscan.HS_FLAG_SINGLEMATCH] * len(literals)
    database.compile(expressions=[re.escape(one).encode() for one in literals], ids=list(range(len(literals))), flags=once)
    hits: list[int] = []

    def on_match(number: int, _start: int, _end: int, _flags: int, _context: object) -> None:
        hits.append(number)

    def candidates(text: str) -> int:
        hits.clear()
        database.scan(text.encode(), match_event_handler=on_match)
        return sum(owners[literals[number]] for number in hits)

    return candidates


def test_ruling_patterns_out() -> None:
    packs = PackSet(builtin_packs())
    lines = texts(5000)
    ways = {"by first character and literals": by_first_character, "one alternation": by_alternation}
    for module, name, way in (("ahocorasick", "Aho-Corasick", by_automaton), ("hyperscan", "hyperscan", by_hyperscan)):
        if find_spec(module):
            ways[name] = way
        else:
            print(f"\n{module} is not installed: left out")
    print()
    for name, way in ways.items():
        began = time.process_time()
        candidates = way(packs)
        candidates(lines[0])
        made = time.process_time() - began
        taken = []
        for _ in range(ROUNDS):
            began = time.process_time()
            left = sum(map(candidates, lines))
            taken.append((time.process_time() - began) / len(lines) * 1e6)
        print(
            f"{name:32} {statistics.median(taken):6.1f} us a line ({min(taken):.1f} to {max(taken):.1f}), made in {1e3 * made:.0f} ms,"
            f" {left / len(lines):.1f} of {len(packs.patterns)} patterns left a line"
        )
