"""What wrapping costs: start-up over the bare command, and throughput beside util-linux `script` and a bare pipe. Prints, asserts nothing.

    pytest -m benchmark -s tests/benchmarks/bench_recorder.py
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from pathlib import Path

import pytest
from goals import goal
from measuring import turns
from wrapping import recorder_argv, scraper_argv

pytestmark = pytest.mark.benchmark
ROUNDS = 7
LINE = "import os, time\nline = b'iter 123456: loss 2.3456, time 123.45ms, mfu 12.34% xxxxxxxxx\\n'\n"
BULK = f"{LINE}for _ in range(2000): os.write(1, line * 1000)"
LINEWISE = f"{LINE}for _ in range(400_000): os.write(1, line)"
PACED = f"{LINE}began = time.monotonic()\nfor n in range(300):\n    time.sleep(max(0, began + n / 100 - time.monotonic()))\n    "
PACED += "for _ in range(1000): os.write(1, line)"


def walls(cases: dict[str, list[str]], stores: Path) -> dict[str, list[float]]:
    """The seconds each case took, round by round."""
    return {name: [one.wall for one in costs] for name, costs in turns(cases, stores, ROUNDS).items()}


def test_start(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    found = walls(
        {
            "true": ["true"],
            "python -c pass": [sys.executable, "-c", "pass"],
            "recorder alone": recorder_argv(tmp_path / "r", "true"),
            "scraper run -- true": scraper_argv("run", "--store", str(tmp_path / "s.db"), "--", "true"),
        },
        tmp_path,
    )
    print()
    for name, times in found.items():
        over = statistics.median(a - b for a, b in zip(times, found["true"], strict=True))
        print(f"{name:24} {statistics.median(times) * 1000:7.1f} ms   {over * 1000:7.1f} ms over true   best {min(times) * 1000:7.1f} ms")
    over = [1000 * (a - b) for a, b in zip(found["scraper run -- true"], found["true"], strict=True)]
    goal("start of `scraper run -- true` over `true`: ms", over, most=150)


@pytest.mark.parametrize(
    ("name", "code", "lines"),
    [
        ("126 MB, 64 KB a write", BULK, 2_000_000),
        ("400,000 lines, one a write", LINEWISE, 400_000),
        ("100,000 lines/s for 3 s, one a write", PACED, 300_000),
    ],
)
def test_throughput(tmp_path: Path, name: str, code: str, lines: int) -> None:
    command = [sys.executable, "-I", "-S", "-c", code]
    (tmp_path / "print.py").write_text(code)
    quoted = f"{sys.executable} -I -S {tmp_path}/print.py"
    cases = {
        "bare, to /dev/null": command,
        "bare pipe and cat to a file": ["/bin/sh", "-c", f"{quoted} | cat > {tmp_path}/copy"],
        "recorder, pipes": recorder_argv(tmp_path, *command, pty=False),
        "recorder, terminal": recorder_argv(tmp_path, *command, pty=True),
    }
    if shutil.which("script"):
        cases["script, terminal"] = ["script", "-q", "-e", "-c", quoted, str(tmp_path / "typescript")]
    found = walls(cases, tmp_path)
    base = found.get("script, terminal", found["bare pipe and cat to a file"])
    print(f"\n{name}, {os.cpu_count()} cores; ratios to {'script' if 'script, terminal' in found else 'bare pipe and cat'}, round by round")
    for case, times in found.items():
        value, ratio = statistics.median(times), statistics.median(a / b for a, b in zip(times, base, strict=True))
        print(f"{case:28} {value:6.3f} s   {lines / value / 1000:9.0f} k lines/s   {ratio:5.2f} x   best {min(times):6.3f} s")
    if "script, terminal" in found:
        ratios = [a / b for a, b in zip(found["recorder, terminal"], found["script, terminal"], strict=True)]
        if code is PACED:  # what writes as fast as it can is the kernel's and the scheduler's business
            goal("100,000 lines/s wrapped: times the time of script, its start included", ratios, most=1.01)
