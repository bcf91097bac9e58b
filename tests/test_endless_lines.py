"""A line of 100 MB, and bars redrawn a hundred thousand times on one line: memory stays flat, the last value of every step is kept."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from parsing import points
from wrapping import with_peak

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1 << 20
REDRAWS = 50  # of one step


def test_a_line_of_100_mb_is_cut_and_counted_and_the_next_is_read(tmp_path: Path) -> None:
    log, store = tmp_path / "train.log", tmp_path / "store.db"
    with log.open("wb") as file:
        file.write(b"step 1: loss 0.5\n")
        for _ in range(100):
            file.write(b"x" * MEGABYTE)
        file.write(b"\nstep 2: loss 0.25\n")
    _, peak = with_peak("tail", "--once", "--quiet", "--store", str(store), str(log))
    assert peak < 64 * 1024, "KiB; the line alone has 100 MB"
    with closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT step, value FROM metric_points").fetchall() == [(1, 0.5), (2, 0.25)]
        ((counters,),) = connection.execute("SELECT counters FROM sources").fetchall()
    assert json.loads(counters)["line_too_long"] == 1


def bar(step: int, steps: int, redraw: int) -> str:
    done = "█" * (step * 10 // steps)
    return f"train: {100 * step // steps:3d}%|{done:10}| {step}/{steps} [00:10<01:30, 20.00it/s, loss={step + redraw / 100:.2f}]"


@pytest.mark.parametrize("steps", [100, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("nested", [False, True])
def test_redraws_of_a_bar_leave_the_last_value_of_every_step(nested: bool, steps: int) -> None:
    """Of 2,000 steps there are 100,000 redraws."""
    outer = "\nepoch:   0%|          | 0/1 [00:00<?, ?it/s]\x1b[A" if nested else ""
    places = ((step, redraw) for step in range(1, steps + 1) for redraw in range(REDRAWS))
    log = "".join(f"\r{bar(step, steps, redraw)}{outer if redraw == 25 else ''}" for step, redraw in places)
    found = {point.step: point.value for point in points(log) if point.metric == "loss"}
    assert found == {step: step + 0.49 for step in range(1, steps + 1)}
