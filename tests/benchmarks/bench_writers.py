"""Printed to queryable: seconds from a line's printing to its point being seen by a reader, for one wrapped run and for many at once.

Run with: pytest -m benchmark -s tests/benchmarks/bench_writers.py
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from crowd import measure
from goals import goal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.benchmark
@pytest.mark.parametrize(("writers", "lines", "seconds"), [(1, 10, 20.0), (1, 1000, 20.0), (16, 1000, 20.0)])
def test_printed_to_queryable(tmp_path: Path, writers: int, lines: int, seconds: float) -> None:
    load, cpu = os.getloadavg()[0], os.times()
    latencies, said = measure(tmp_path, writers, lines, seconds)
    used = os.times()
    spent = used.children_user + used.children_system - cpu.children_user - cpu.children_system
    print(
        f"\n{writers} x {lines} lines/s for {seconds:g} s: {len(latencies.seconds):,} of {int(writers * lines * seconds):,} seen,"
        f" p50 {latencies.at(0.5):.0f} ms, p99 {latencies.at(0.99):.0f} ms, worst {latencies.at(1):.0f} ms;"
        f" {len(said)} complaints; processor with the scrapers' {spent:.1f} s, load before {load:.1f} on {os.cpu_count()} cores"
    )
    if (writers, lines) == (1, 1000):
        goal("printed to queryable: ms, median", [latencies.at(0.5)], most=150)
        goal("printed to queryable: ms, 99th percentile", [latencies.at(0.99)], most=600)
    for line in said[:5]:
        print(f"   {line}")
