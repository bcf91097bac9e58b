"""Lines that no script prints on purpose: encoded data, a dump without a newline, a hundred thousand names. None may stop the reading."""

from __future__ import annotations

import time

import pytest
from parsing import parser, points

AFTER = "\nstep 10: loss 0.5123\n"
SIZE = 100_000
HOSTILE = {
    "one word": "iter 5: " + "a" * SIZE,
    "encoded data": "ab+/0123456789CD" * (SIZE // 16),
    "digits": "1" * SIZE,
    "names without values": "epoch " * (SIZE // 6),
    "pairs without end": "loss=1.5 " * (SIZE // 9),
    "an open dictionary": "{" + "'a': '1', " * (SIZE // 10),
    "an open object": '{"a":' * (SIZE // 5),
    "bars": "100%|" * (SIZE // 5),
    "exponents": "1e" * (SIZE // 2),
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_line_costs_little_and_leaves_the_next_alone(line: str) -> None:
    began = time.process_time()
    found = [p for p in points(line + AFTER) if p.metric == "loss" and p.step == 10]
    assert [p.value for p in found] == [0.5123]
    assert time.process_time() - began < 10, "seconds; searching such a line in full takes minutes"


def test_a_line_that_was_not_searched_is_counted() -> None:
    reader = parser()
    reader.feed(("x" * 20_000 + AFTER).encode(), None)
    assert reader.counters["line_not_searched"] == 1


def test_long_lines_of_one_shape_are_counted_each_and_cost_little() -> None:
    """None is compared with others by its shape, the finding of which took twenty times as long as all else."""
    reader, words = parser(), "ab3 " * 50_000
    lines = "".join(f"sample {number} {words}\n" for number in range(100)).encode()
    began = time.process_time()
    reader.feed(lines, None)
    assert time.process_time() - began < 1, "seconds; finding their shapes takes 2"
    assert reader.counters["line_not_searched"] == 100


def test_a_long_json_line_is_read_all_the_same() -> None:
    line = '{"step": 5, "loss": 0.5, "note": "' + "x" * 30_000 + '"}\n'
    assert [(p.metric, p.step, p.value) for p in points(line)] == [("loss", 5, 0.5)]
