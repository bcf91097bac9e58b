"""Lines of several rows: what rich's handler and console fold to their column, and what Julia's logger frames."""

from __future__ import annotations

import textwrap

import pytest
from parsing import parser, placed

TIME, LEVEL, PLACE = "[09:15:02] ", "INFO     ", "train.py:42"
FRONTS = {
    "whole": (TIME, LEVEL, ""),
    "placed": (TIME, LEVEL, PLACE),
    "same second": (" " * len(TIME), LEVEL, PLACE),
    "no time": ("", LEVEL, PLACE),
    "console": (TIME, "", PLACE),
    "console, same second": (" " * len(TIME), "", PLACE),
}
LINE = "Epoch 3, step 7: train loss: 0.5, train grad norm: 1.25, lr: 0.001, val loss: 0.625, val f1: 0.75, val auc: 0.875"


def drawn(message: str, time: str, level: str, place: str, *, columns: int) -> str:
    """Return a message as rich draws it: time and level in front of its first row, its place in the program at the right end."""
    front = time + level
    width = columns - len(front) - (len(place) + 1 if place else 0)
    texts = [row for line in message.split("\n") for row in textwrap.wrap(line, width, break_on_hyphens=False)]
    rows = [f"{front}{text:<{width}}{' ' + place if place else ''}" for text in texts[:1]]
    return "".join(f"{row}\n" for row in (*rows, *((" " * len(front) + text).ljust(columns) for text in texts[1:])))


@pytest.mark.parametrize("columns", [50, 60, 72, 80, 100, 120])
@pytest.mark.parametrize("front", FRONTS)
def test_a_line_gives_what_it_gives_unfolded(front: str, columns: int) -> None:
    time, level, place = FRONTS[front]
    text = drawn(LINE, time, level, place, columns=columns)
    assert text.count("\n") > 1
    assert placed(text) == placed(f"{TIME}{LEVEL}{LINE}\n")
    assert len(placed(text)) == 6


def _restarted(text: str) -> list[tuple[str, int | None, float | None, float]]:
    """Return what is read where the reader is stopped and begins again behind each row."""
    reader, found = parser(), []
    for row in text.splitlines(keepends=True):
        found += [(p.metric, p.step, p.epoch, p.value) for p in reader.feed(row.encode(), None).points]
        reader = parser(reader.save())
    return found


def test_a_line_goes_on_behind_a_restart() -> None:
    assert _restarted(drawn(LINE, *FRONTS["placed"], columns=60)) == placed(f"{LINE}\n")


def test_lines_of_one_message_are_read_as_they_stand() -> None:
    said = drawn("Epoch 3\ntrain loss: 0.5\nval loss: 0.625", *FRONTS["placed"], columns=80)
    assert placed(said) == [("train loss", None, 3.0, 0.5), ("val loss", None, 3.0, 0.625)]


def test_a_row_that_had_room_above_is_a_line_of_its_own() -> None:
    head = drawn("step 7: loss: 0.5, best", *FRONTS["whole"], columns=80)
    below = f"{'':20}{'step 8: loss: 0.25':<60}\n"
    assert placed(head + below) == [("loss", 7, None, 0.5), ("loss", 8, None, 0.25)]
    assert placed(head + below.rstrip() + "\n") == [("loss", 7, None, 0.5), ("loss", 8, None, 0.25)]


def test_what_is_read_behind_a_folded_line_is_not_joined_to_it() -> None:
    head = drawn("step 7: loss: 0.5", *FRONTS["placed"], columns=49)
    other = "step 8: loss: 0.25\n"
    assert placed(head + other + drawn(LINE, *FRONTS["placed"], columns=60))[:2] == [("loss", 7, None, 0.5), ("loss", 8, None, 0.25)]


FRAMED = """\
┌ Info: train
│   epoch = 3
│   step = 7
│   loss = 0.5f0
│   device = "cpu"
└   grad_norm = 1.25
┌ Info: validation
│   epoch = 3
└   loss = 0.625
┌ Info: Everything that belongs to the run was written to the directory of the model
│   epoch = 4
│   loss = NaN
└ @ Main train.jl:42
┌ Warning: slow
│   loss = 0.5
└ @ Main train.jl:43
[ Info: epoch 5: loss = 0.25
"""
OF_FRAMES = [("train/loss", 7, 3.0, 0.5), ("train/grad_norm", 7, 3.0, 1.25), ("val/loss", 7, 3.0, 0.625), ("loss", None, 5.0, 0.25)]


def test_what_julia_frames_is_one_line() -> None:
    read = placed(FRAMED)
    assert [row for row in read if row[3] == row[3]] == OF_FRAMES
    assert [row[:3] for row in read if row[3] != row[3]] == [("loss", None, 4.0)]


def test_a_frame_goes_on_behind_a_restart() -> None:
    assert _restarted(FRAMED) == [(*row[:3], pytest.approx(row[3], nan_ok=True)) for row in placed(FRAMED)]


def test_a_frame_that_is_not_closed_holds_nothing_back() -> None:
    said = "┌ Info: train\n│   epoch = 3\nepoch 4: loss = 0.5\n└   loss = 0.25\nepoch 5: loss = 0.125\n"
    assert placed(said)[-1] == ("loss", None, 5.0, 0.125)
    assert ("loss", None, 4.0, 0.5) in placed(said)


def test_a_frame_behind_what_collects_lines_is_one_line() -> None:
    stamped = "".join(f"2026-05-03T10:00:{i:02d}.{i:09d}Z stdout F {line}\n" for i, line in enumerate(FRAMED.splitlines()))
    assert [row for row in placed(stamped) if row[3] == row[3]] == OF_FRAMES
