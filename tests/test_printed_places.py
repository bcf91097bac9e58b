"""Every way people's own scripts tell a step, an epoch or a batch, behind every joint and with every mark between name and value."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, product

import pytest
from parsing import points

STEPS = (
    "step {s}", "Step: {s}", "step={s}", "[{s}/900]", "iter {s}/900", "Iteration {s} / 900", "it {s}", "global_step={s}", "[step {s}]",
    "(step {s})", "Step [{s}/900]", "[Step {s:06d}]", "Step {s:>6}", "update {s}", "STEP {s}", "step:{s}/900", "Step #{s}", "{s}/900",
    "Episode {s}", "episode: {s}/900", "Round {s}", "generation {s}", "Training step {s}", "@ step {s}",
)  # fmt: skip
EPOCHS = (
    "Epoch {e}", "Epoch {e}/9", "epoch={e}", "[Epoch {e}]", "Epoch [{e}/9]", "ep {e}", "Epoch #{e}", "EPOCH {e}", "Epoch {e:03d}",
    "Epoch-{e}", "Epoch{e}", "epoch_{e}", "(epoch {e})", "Epoch: {e:>3}", "Epoch {e} of 9", "Ep{e}",
)  # fmt: skip
BATCHES = (
    "Epoch {e}, Step {b}/50", "Epoch: [{e}][{b}/50]", "Epoch [{e}/9], Step [{b}/50]", "Epoch {e}/9 | Batch {b}/50", "epoch {e} iter {b}/50",
    "[Epoch {e}/9] [Batch {b}/50]", "[{e}/9][{b}/50]", "Epoch: {e} Iter: {b}/50", "epoch={e} batch={b}/50", "Epoch {e} [{b}/50]",
    "Epoch {e} ({b}/50)", "epoch: {e} | batch: {b}/50", "Epoch {e} - {b}/50", "[Epoch {e}, Batch {b}/50]", "[{e}][{b}/50]",
    "Epoch[{e}] Batch[{b}/50]", "Epoch:{e:3d} Batch:{b:4d}/50", "ep {e} it {b}/50", "Ep {e} | {b}/50", "Epoch {e} Batch {b} of 50",
    "Train Epoch: {e} [{b}/50]", "Training epoch {e}: {b}/50", "Epoch {e:02d}: [{b:4d}/50]",
)  # fmt: skip
JOINTS = (": ", " | ", " - ", ", ", " ", "\t", ":\t", " => ", " >> ")
MARKS = (": ", "=", " = ", ":", " : ")
FRONTS = ("", "[Train] ", "2026-01-02 10:00:07,123 - train - INFO - ", "10:00:07 | ", "[train.py:88] ", "- ", ">>> ", "(trainer pid=123) ")


def _misread(place: str, ways: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return a line of each way of printing a place in which the values behind it are not read, or not placed there."""
    wrong = []
    for front, joint, mark in ways:
        logs = [f"{front}{place.format(s=s, e=e, b=b)}{joint}loss{mark}0.512, acc{mark}75.5%\n" for s, e, b in PLACES]
        found = {(p.value, p.step, p.epoch) for p in points("".join(logs))}
        steps = [s if "{s" in place else (e - 1) * 50 + b if "{b" in place else None for s, e, b in PLACES]
        epochs = [float(e) if "{e" in place else None for _, e, _ in PLACES]
        if found != {(value, *at) for value in (0.512, 75.5) for at in zip(steps, epochs, strict=True)}:
            wrong.append(logs[0])
    return wrong


PLACES = ((50, 1, 10), (100, 1, 20), (200, 2, 10))


@pytest.mark.parametrize("place", [*STEPS, *EPOCHS, *BATCHES])
def test_values_belong_where_their_line_says(place: str) -> None:
    assert _misread(place, ((front, *rest) for front, rest in zip(cycle(FRONTS), product(JOINTS, MARKS), strict=False))) == []


@pytest.mark.slow
@pytest.mark.parametrize("place", [*STEPS, *EPOCHS, *BATCHES])
def test_they_do_so_behind_every_front(place: str) -> None:
    assert _misread(place, product(FRONTS, JOINTS, MARKS)) == []
