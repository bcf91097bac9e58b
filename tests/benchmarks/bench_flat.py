"""Whether costs stay flat: by length of the log, number of packs, of series, of runs, and size of the store. Prints ratios.

    pytest -m benchmark -s tests/benchmarks/bench_flat.py
"""

from __future__ import annotations

import random
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from goals import goal
from measuring import Cost, cost, nanogpt, once, show, turns
from wrapping import scraper_argv

from scraper.config import resolve
from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.packfiles import builtin_packs
from scraper.parse.packs import Pack, PackSet, parse_pack
from scraper.parse.parser import Parser
from scraper.points import Points
from scraper.store.writer import Writer

pytestmark = pytest.mark.benchmark
IDENTITY = FileIdentity(1, 1, "00", 0)
FILLED = 33_000_000  # points that fill a gigabyte
INVENTED = """
[pack]
name = "invented{n}"
[[pattern]]
name = "line"
regex = '''^tool{n} at round (?P<step>{{INT}}): (?P<score{n}>{{NUM}})'''
[[sample]]
log = "tool{n} at round 1: 0.5"
points = [{{metric = "score{n}", step = 1, value = 0.5}}]
"""


def test_length(tmp_path: Path) -> None:
    cases, lines = {}, {}
    for count in (100_000, 1_000_000, 10_000_000):
        path = tmp_path / f"{count}.log"
        with path.open("w") as log:
            for part in range(count // 100_000):
                log.write(nanogpt(100_000).replace("iter ", f"iter {part + 1}" if part else "iter "))
        cases[f"{count:,} lines"], lines[f"{count:,} lines"] = once(path), count
    show(turns(cases, tmp_path, rounds=1), lines, "100,000 lines")


_PRINTING = """
import random, sys
draw, write = random.Random(1), sys.stdout.buffer.write
other = "2026-11-21 05:24:40,772 [INFO] dataloader: worker {0} fetched shard {1} of 4096 in {2} ms\\n"
noise = ["".join(other.format(draw.randrange(8), draw.randrange(4096), draw.randrange(100)) for _ in range(99)).encode() for _ in range(64)]
for n in range(int(sys.argv[1]) // 100):
    write(noise[n % 64] + b"iter %d: loss %.4f, time %.2fms, mfu %.2f%%\\n" % (n, 3 - n / 1e6, 12.5 + n % 7, 33.3))
"""


def test_length_through_a_pipe(tmp_path: Path) -> None:
    reading = " ".join(map(shlex.quote, scraper_argv("tail", "--quiet", "--store")))
    printing = f"{shlex.quote(sys.executable)} -c {shlex.quote(_PRINTING)}"
    cases, lines = {}, {}
    for count in (1_000_000, 10_000_000, 100_000_000):
        cases[f"{count:,} lines"] = ["sh", "-c", f'{printing} {count} | {reading} "$0" -', "STORE"]
        lines[f"{count:,} lines"] = count
    show(turns(cases, tmp_path, rounds=1), lines, "1,000,000 lines")


def packs(count: int) -> list[Pack]:
    """The pack that knows nanoGPT's lines, then the other built-in ones, then invented ones."""
    first = sorted(builtin_packs(), key=lambda pack: pack.name != "nanogpt")
    invented = [parse_pack(INVENTED.format(n=n), "invented") for n in range(max(count - len(first), 0))]
    return [*first, *invented][:count]


def interleaved(cases: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, list[float]]:
    """The processor seconds of each case, round by round; the cases take turns."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, run in cases.items():
            began = time.process_time()
            run()
            found[name].append(time.process_time() - began)
    return found


def mixed(lines: int) -> str:
    """Lines of which no two of a thousand have one shape: nothing that was learnt from one serves for another."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnop", k=6)) for _ in range(1000)]
    return "".join(f"{draw.choice(words)} {draw.choice(words)}: {draw.choice(words)}={draw.random():.3f} {n}\n" for n in range(lines))


@pytest.mark.parametrize("kind", ["metric lines", "lines of ever new shapes"])
def test_packs(kind: str) -> None:
    text = (nanogpt(200_000) if kind == "metric lines" else mixed(20_000)).encode()
    settings = resolve(environ={})

    def read(known: PackSet) -> None:
        parser = Parser(known, settings)
        for start in range(0, len(text), 1 << 18):
            parser.feed(text[start : start + (1 << 18)], None)

    counts = (1, 10, len(builtin_packs()), 200)
    sets = {count: PackSet(packs(count)) for count in counts}
    found = interleaved({f"{count} packs": lambda count=count: read(sets[count]) for count in counts})  # type: ignore[misc]
    print()
    for name, taken in found.items():
        ratios = [one / bare for one, bare in zip(taken, found["1 packs"], strict=True)]
        print(f"{kind}, {name}: {statistics.median(taken):.2f} s, {statistics.median(ratios):.2f} x the time of one pack")
        if name == f"{len(builtin_packs())} packs":
            goal(f"{kind}: times the time of the one pack that matches", ratios, most=1.2)


def test_series(tmp_path: Path) -> None:
    cases, lines = {}, {}
    for series in (10, 1_000, 10_000):
        path = tmp_path / f"{series}.log"
        groups, draw = series // 10, random.Random(1)
        with path.open("w") as log:
            for n in range(50_000):
                group = n % groups
                values = " ".join(f"m{group}_{i}={draw.random():.4f}" for i in range(10))
                log.write(f"step {n // groups} {values}\n")
        cases[f"{series:,} series"], lines[f"{series:,} series"] = once(path), 50_000
    found = turns(cases, tmp_path, rounds=3)
    show(found, lines, "10 series")
    goal("memory with 10,000 series: MB", [c.memory for c in found["10,000 series"]], most=60)


def wave(count: int, first: int = 0) -> Iterable[Points]:
    """Batches of one smooth series of this many points."""
    for start in range(first, first + count, 20_000):
        yield Points(Point(i * 60, "loss", (), 0, i, 0, None, None, 1 / (1 + i)) for i in range(start, min(start + 20_000, first + count)))


def fill(path: Path, count: int) -> None:
    """Store runs of a million points each."""
    with Writer(path, raw_budget=1 << 40) as writer:
        while count > 0:
            run = writer.create_run(NewRun(name=f"run{count}"))
            source = writer.open_source(run.key, "train.log", IDENTITY)
            for points in wave(min(count, 1_000_000)):
                writer.commit([Batch(source.id, SourceMark(1, 1, "", IDENTITY, b"", {}), points)])
            count -= 1_000_000


def test_size_of_the_store(tmp_path: Path) -> None:
    log, store = tmp_path / "train.log", tmp_path / "full.db"
    log.write_text(nanogpt(100_000))
    fill(store, FILLED)
    print(f"\nthe full store has {store.stat().st_size / 1e9:.2f} GB")
    empty: list[Cost] = []
    full: list[Cost] = []
    for turn in range(3):
        copy = tmp_path / f"{turn}.log"  # each a file of its own, or it would be known
        copy.write_text(f"turn {turn}\n" + log.read_text())
        empty.append(cost(once(copy, str(tmp_path / f"{turn}.db"))))
        full.append(cost(once(copy, str(store))))
    walls = [statistics.median(c.wall for c in costs) for costs in (empty, full)]
    print(f"100,000 lines into an empty store {walls[0]:.2f} s, into the full one {walls[1]:.2f} s: {walls[1] / walls[0]:.2f} x the time")


def test_runs_in_ls(tmp_path: Path) -> None:
    found: dict[str, list[Cost]] = {}
    for count in (1, 1_000, 10_000):
        store = tmp_path / f"{count}.db"
        with Writer(store) as writer:
            for n in range(count):
                run = writer.create_run(NewRun(name=f"run{n}"))
                source = writer.open_source(run.key, "train.log", IDENTITY)
                points = Points(Point(i * 60, "loss", (), 0, i, 0, None, None, 1 / (1 + i)) for i in range(10))
                writer.commit([Batch(source.id, SourceMark(600, 10, "", IDENTITY, b"", {}, finished=True), points)])
        found[f"{count:,} runs"] = [cost(scraper_argv("ls", "--store", str(store))) for _ in range(3)]
    show(found, {}, "1 runs")
