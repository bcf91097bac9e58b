"""Ticks that people can read: round, whole where steps are, apart where numbers look alike; and panels that waste no page."""

from __future__ import annotations

import math
import time

import pytest

from scraper.plot.scales import axis_ticks, log_ticks, moment_ticks, tick_labels


def test_numbers_that_look_alike_are_told_from_the_first() -> None:
    assert tick_labels([0, 0.5, 1]) == ["0", "0.5", "1"]
    assert tick_labels([1e12, 1e12 + 20, 1e12 + 40]) == ["1T", "+20", "+40"]
    assert tick_labels([]) == []


def test_steps_have_whole_ticks() -> None:
    assert axis_ticks("step", 9.5, 10.5, 6) == ([10.0], ["10"])
    assert axis_ticks("epoch", 0.0, 1.0, 4)[1] == ["0", "0.5", "1"]
    assert axis_ticks("relative", 0, 7200, 6)[1] == ["0s", "30m", "1h", "1.5h", "2h"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_times_are_round_on_the_clock_of_the_place(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        ticks = moment_ticks(1_795_240_000.0, 1_795_250_000.0, 6)
        assert {time.localtime(tick).tm_min % 30 for tick in ticks} == {0}
        assert {time.localtime(tick).tm_sec for tick in ticks} == {0}
        assert 4 <= len(ticks) <= 7
        assert axis_ticks("time", 1_795_240_000.0, 1_795_250_000.0, 6)[0] == ticks
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0.1, 4, [0.1, 0.2, 0.5, 1, 2]),
        (1e-8, 1, [1e-8, 1e-6, 1e-4, 1e-2, 1]),
        (3, 4, [3, 3.2, 3.4, 3.6, 3.8, 4]),
        (0.5, 30, [0.5, 1, 2, 5, 10, 20]),
    ],
)
def test_logarithms_have_ticks_where_the_curve_is(low: float, high: float, values: list[float]) -> None:
    ticks = [10**tick for tick in log_ticks(math.log10(low), math.log10(high), 6)]
    assert ticks == pytest.approx(values)
