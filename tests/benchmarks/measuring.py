"""What the benchmarks share: seeded logs, the cost of a process as the kernel tells it, cases that take turns, and a table of ratios."""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from wrapping import environment, scraper_argv

ROUNDS = 5
FLOOR = Path(__file__).with_name("floor.py")


class Cost(NamedTuple):
    """Of one process, medians."""

    wall: float  # seconds
    processor: float  # seconds, user and system
    memory: float  # MB, resident at most


def nanogpt(lines: int, noise: int = 0) -> str:
    """A log in the manner of nanoGPT; with `noise`, that many other lines between two metric lines."""
    draw = random.Random(1)
    other = "2026-11-21 05:24:40,772 [INFO] dataloader: worker {0} fetched shard {1} of 4096 in {2} ms\n"
    out = []
    for n in range(lines // (noise + 1)):
        out.append(f"iter {n}: loss {draw.random() * 3:.4f}, time {draw.random() * 100:.2f}ms, mfu {draw.random() * 30:.2f}%\n")
        out += [other.format(draw.randrange(8), draw.randrange(4096), draw.randrange(100)) for _ in range(noise)]
    return "".join(out)


# Run in a small process of its own: a child's memory is counted from its parent's at the fork, and pytest's is large.
_MEASURE = """
import os, sys, time
null = os.open(os.devnull, os.O_RDWR)
began = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, n) for n in range(3)])
_, status, used = os.wait4(pid, 0)
wall = time.perf_counter() - began
print(os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def cost(argv: list[str]) -> Cost:
    """Run a command to its end and ask the kernel what it took. Modules are compiled once, as for everybody after the first start."""
    helper = [sys.executable, "-I", "-S", "-c", _MEASURE]
    measured = subprocess.run([*helper, *argv], capture_output=True, text=True, env=environment(PYTHONDONTWRITEBYTECODE=""), check=True)
    code, *figures = map(float, measured.stdout.split())
    assert code == 0, argv
    return Cost(*figures)


def turns(cases: dict[str, list[str]], stores: Path, rounds: int = ROUNDS) -> dict[str, list[Cost]]:
    """The costs of each case, round by round; the cases take turns, so that noise meets all of them. STORE in a command is a new file."""
    found: dict[str, list[Cost]] = {name: [] for name in cases}
    for turn in range(rounds):
        for number, (name, argv) in enumerate(cases.items()):
            store = stores / f"{number}-{turn}"
            store.mkdir()
            found[name].append(cost([str(store / "s.db") if word == "STORE" else word for word in argv]))
            shutil.rmtree(store)
    return found


def speedups(found: dict[str, list[Cost]], name: str, against: str) -> list[float]:
    """How many times as fast one case was as another, round by round."""
    return [other.wall / own.wall for own, other in zip(found[name], found[against], strict=True)]


def once(log: Path, store: str = "STORE") -> list[str]:
    """The command that reads a log into a store, once."""
    return scraper_argv("tail", "--once", "--quiet", "--store", store, str(log))


def bare(log: Path) -> list[str]:
    """The command that does it with the script that somebody writes in ten minutes."""
    return [sys.executable, str(FLOOR), str(log), "STORE"]


def show(found: dict[str, list[Cost]], lines: dict[str, int], against: str) -> None:
    """Print the median costs, the speeds where the number of lines is known, and the median and spread of how they compare to one case.

    Two cases are compared by speed where both numbers of lines are known.
    """
    print()
    for name, costs in found.items():
        wall, processor, memory = (statistics.median(figures) for figures in zip(*costs, strict=True))
        speed = f"{lines[name] / wall:12,.0f} lines/s" if name in lines else " " * 20
        share = lines.get(name, 1) / lines.get(against, 1)
        ratios = [share * ratio for ratio in speedups(found, name, against)]
        compared = f"{statistics.median(ratios):6.2f} x the speed of {against} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"{name:34} {wall:7.2f} s {processor:7.2f} s cpu {memory:6.0f} MB {speed}  {compared if name != against else ''}")
