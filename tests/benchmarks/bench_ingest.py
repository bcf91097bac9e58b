"""What reading a log into the store costs, beside a bare script, `rg` and `mtail`, and for other kinds of line. Prints ratios.

    pytest -m benchmark -s tests/benchmarks/bench_ingest.py
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from goals import goal
from measuring import bare, nanogpt, once, show, speedups, turns

pytestmark = pytest.mark.benchmark
LINES = 1_000_000


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


MTAIL = r"""gauge loss{by}
gauge time_ms{by}
gauge mfu{by}
/^iter (?P<step>\d+): loss (?P<loss>[\d.]+), time (?P<time>[\d.]+)ms, mfu (?P<mfu>-?[\d.]+)%/ {{
  loss{at} = $loss
  time_ms{at} = $time
  mfu{at} = $mfu
}}
"""


def mtail(folder: Path, log: Path, *, by_step: bool) -> list[str]:
    """The command that reads a log with one mtail program: the last values alone, or one for every step, in memory."""
    programs = folder / f"mtail-{by_step}"
    programs.mkdir(exist_ok=True)
    by, at = (" by step", "[$step]") if by_step else ("", "")
    (programs / "train.mtail").write_text(MTAIL.format(by=by, at=at))
    return ["mtail", "--one_shot", "--progs", str(programs), "--logs", str(log)]


def test_dense_and_sparse_lines(tmp_path: Path) -> None:
    dense, sparse = tmp_path / "dense.log", tmp_path / "sparse.log"
    dense.write_text(nanogpt(LINES))
    sparse.write_text(nanogpt(LINES, noise=99))
    cases = {
        "bare script, dense": bare(dense),
        "scraper, dense": once(dense),
        "bare script, 1 in 100": bare(sparse),
        "scraper, 1 in 100": once(sparse),
    }
    if rg := shutil.which("rg"):
        cases["rg, 1 in 100"] = [rg, "-c", r"iter (\d+): loss ([\d.]+), time", str(sparse)]
    else:
        print("\nrg is not installed: left out")
    if shutil.which("mtail"):
        cases["mtail, last values, dense"] = mtail(tmp_path, dense, by_step=False)
        cases["mtail, by step, dense"] = mtail(tmp_path, dense, by_step=True)
        cases["mtail, last values, 1 in 100"] = mtail(tmp_path, sparse, by_step=False)
    else:
        print("\nmtail is not installed: left out")
    lines = dict.fromkeys(cases, LINES)
    found = turns(cases, tmp_path)
    show({n: c for n, c in found.items() if "dense" in n}, lines, "bare script, dense")
    show({n: c for n, c in found.items() if "1 in 100" in n}, lines, "bare script, 1 in 100")
    over_bare = speedups(found, "scraper, dense", "bare script, dense")
    goal("lines full of metrics, stored: times the speed of the bare script", over_bare, least=1)
    if "mtail, by step, dense" in found:
        by_step = speedups(found, "scraper, dense", "mtail, by step, dense")
        goal("lines full of metrics, stored: times the speed of mtail by step", by_step, least=4)
    goal("1 metric line in 100: million lines/s", [LINES / 1e6 / c.wall for c in found["scraper, 1 in 100"]], least=1)
    goal("memory while reading: MB", [max(c.memory for c in found[n]) for n in ("scraper, dense", "scraper, 1 in 100")], most=60)


def test_kinds_of_line(tmp_path: Path) -> None:
    logs = {"nanoGPT": nanogpt(100_000), "Hugging Face with bars": huggingface(50_000), "Megatron": megatron(50_000)}
    cases, lines = {}, {}
    for name, text in logs.items():
        path = tmp_path / f"{name}.log"
        path.write_text(text)
        cases[name], lines[name] = once(path), text.count("\n")
    show(turns(cases, tmp_path), lines, "nanoGPT")


def test_several_files(tmp_path: Path) -> None:
    cases, lines = {}, {}
    for kind, noise in (("dense", 0), ("1 in 100", 99)):
        text = nanogpt(LINES, noise)
        logs = [str(tmp_path / f"{noise}-{n}.log") for n in range(4)]
        for log in logs:
            Path(log).write_text(text)
        for jobs in (1, 2):
            name = f"four files, {kind}, {jobs} process{'es' * (jobs > 1)}"
            cases[name] = [*once(Path(logs[0])), *logs[1:], "--jobs", str(jobs)]
            lines[name] = 4 * text.count("\n")
    found = turns(cases, tmp_path, rounds=3)
    for kind in ("dense", "1 in 100"):
        show({n: c for n, c in found.items() if kind in n}, lines, f"four files, {kind}, 1 process")


def test_eight_ranks(tmp_path: Path) -> None:
    """Eight ranks' files read into one run, beside one file with all of their lines."""
    ranks = [str(tmp_path / f"rank{rank}.log") for rank in range(8)]
    text = nanogpt(25_000)
    for rank in ranks:
        Path(rank).write_text(text)
    whole = tmp_path / "whole.log"
    whole.write_text(nanogpt(200_000))
    cases = {"one file": once(whole), "eight ranks": [*once(Path(ranks[0])), *ranks[1:], "--run", "ranks"]}
    found = turns(cases, tmp_path)
    show(found, dict.fromkeys(cases, 200_000), "one file")
