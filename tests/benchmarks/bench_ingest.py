"""What reading a log into the store costs: beside a bare script and `rg`, by kind of line, by length and by number of packs. Prints ratios.

    pytest -m benchmark -s tests/benchmarks/bench_ingest.py
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from wrapping import environment, scraper_argv

pytestmark = pytest.mark.benchmark
ROUNDS = 5
LINES = 400_000
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


def huggingface(lines: int) -> str:
    """Dicts with a bar redrawn before and after each, as on a terminal."""
    draw = random.Random(1)
    bar = "\r{0:3d}%|████      | {1}/{2} [00:01<00:11,  9.37it/s]"
    out = []
    for n in range(1, lines + 1):
        values = f"'loss': '{draw.random() * 3:.4g}', 'grad_norm': '{draw.random():.4g}', 'epoch': '{n / 1000:.4g}'"
        out.append(f"\r{' ' * 60}\r{{{values}}}\n{bar.format(100 * n // lines, n, lines)}")
    return "".join(out) + "\n"


def megatron(lines: int) -> str:
    """The long lines of Megatron-LM, with a timestamp."""
    draw = random.Random(1)
    line = (
        " [2026-11-21 {0:02d}:{1:02d}:{2:02d}.123456] iteration {3:8d}/{4:8d} | consumed samples: {5:12d} |"
        " elapsed time per iteration (ms): {6:.1f} |"
        " learning rate: {7:.6E} | global batch size:   256 | lm loss: {8:.6E} | loss scale: 1.0 | grad norm: {9:.3f} |"
        " number of skipped iterations:   0 | number of nan iterations:   0 |\n"
    )
    at = [(n // 3600 % 24, n // 60 % 60, n % 60) for n in range(lines)]
    rows = ((n + 1, lines, n * 256, 300 * draw.random(), 1e-4 * draw.random(), 9 * draw.random(), draw.random()) for n in range(lines))
    return "".join(line.format(*clock, *row) for clock, row in zip(at, rows, strict=True))


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
    """Run a command to its end and ask the kernel what it took."""
    helper = [sys.executable, "-I", "-S", "-c", _MEASURE]
    measured = subprocess.run([*helper, *argv], capture_output=True, text=True, env=environment(), check=True)
    code, *figures = map(float, measured.stdout.split())
    assert code == 0, argv
    return Cost(*figures)


def medians(cases: dict[str, list[str]], stores: Path) -> dict[str, Cost]:
    """The median cost of each case; the cases take turns, so that noise meets all of them. STORE in a command is a new file."""
    found: dict[str, list[Cost]] = {name: [] for name in cases}
    for turn in range(ROUNDS):
        for number, (name, argv) in enumerate(cases.items()):
            store = stores / f"{number}-{turn}"
            store.mkdir()
            found[name].append(cost([str(store / "s.db") if word == "STORE" else word for word in argv]))
            shutil.rmtree(store)
    return {name: Cost(*(statistics.median(figures) for figures in zip(*costs, strict=True))) for name, costs in found.items()}


def once(log: Path) -> list[str]:
    return scraper_argv("tail", "--once", "--quiet", "--store", "STORE", str(log))


def show(found: dict[str, Cost], lines: dict[str, int], against: str) -> None:
    print()
    for name, c in found.items():
        speed = f"{lines[name] / c.wall:12,.0f} lines/s" if name in lines else " " * 20
        ratio = f"{found[against].wall / c.wall:6.2f} x the speed of {against}" if name != against else ""
        print(f"{name:34} {c.wall:7.2f} s {c.processor:7.2f} s cpu {c.memory:6.0f} MB {speed}  {ratio}")


def test_dense_and_sparse_lines(tmp_path: Path) -> None:
    dense, sparse = tmp_path / "dense.log", tmp_path / "sparse.log"
    dense.write_text(nanogpt(LINES))
    sparse.write_text(nanogpt(LINES, noise=99))
    cases = {
        "bare script, dense": [sys.executable, str(FLOOR), str(dense), "STORE"],
        "scraper, dense": once(dense),
        "bare script, 1 in 100": [sys.executable, str(FLOOR), str(sparse), "STORE"],
        "scraper, 1 in 100": once(sparse),
    }
    if rg := shutil.which("rg"):
        cases["rg, 1 in 100"] = [rg, "-c", r"iter (\d+): loss ([\d.]+), time", str(sparse)]
    else:
        print("\nrg is not installed: left out")
    lines = dict.fromkeys(cases, LINES)
    found = medians(cases, tmp_path)
    show({n: c for n, c in found.items() if "dense" in n}, lines, "bare script, dense")
    show({n: c for n, c in found.items() if "1 in 100" in n}, lines, "bare script, 1 in 100")


def test_kinds_of_line(tmp_path: Path) -> None:
    logs = {"nanoGPT": nanogpt(100_000), "Hugging Face with bars": huggingface(50_000), "Megatron": megatron(50_000)}
    cases, lines = {}, {}
    for name, text in logs.items():
        path = tmp_path / f"{name}.log"
        path.write_text(text)
        cases[name], lines[name] = once(path), text.count("\n")
    show(medians(cases, tmp_path), lines, "nanoGPT")


def test_cost_is_linear_in_length_and_memory_flat(tmp_path: Path) -> None:
    cases, lines = {}, {}
    for count in (100_000, 1_000_000, 4_000_000):
        path = tmp_path / f"{count}.log"
        with path.open("w") as log:
            for part in range(count // 100_000):
                log.write(nanogpt(100_000).replace("iter ", f"iter {part + 1}" if part else "iter "))
        name = f"{count:,} lines"
        cases[name], lines[name] = once(path), count
    show(medians(cases, tmp_path), lines, "100,000 lines")
