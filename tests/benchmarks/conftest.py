"""Prints the table of all goals when the benchmarks are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goals import table

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured of every figure that is to be reached: median, spread over the rounds, bound."""
    rows = table()
    if rows:
        terminalreporter.section("figures to reach")
        for row in rows:
            terminalreporter.write_line(row)
