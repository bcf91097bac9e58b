"""Bytes into lines: every cut of the stream gives the same lines, and each case what a terminal would show."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.parse.lines import UP, WIPE, Splitter
from scraper.parse.printed import RawLine

CAP = 64  # bytes of a line in these tests


class Cut(NamedTuple):
    """All that a stream came to."""

    lines: list[RawLine]
    consumed: int
    newlines: int
    counters: dict[str, int]


def split(data: bytes, edges: list[int] | None = None, *, cap: int = CAP, final: bool = True) -> Cut:
    """Feed a stream cut at `edges`."""
    splitter = Splitter(max_line_bytes=cap)
    cuts = sorted({0, *(e for e in edges or () if 0 < e < len(data)), len(data)})
    lines = [line for a, b in pairwise(cuts) for line in splitter.feed(data[a:b])]
    if final:
        lines += splitter.flush()
    return Cut(lines, splitter.consumed, splitter.lines, dict(splitter.counters))


CASES: dict[str, tuple[bytes, list[tuple[int, bytes, bool]]]] = {
    "lines": (b"a\nb\n", [(0, b"a", False), (2, b"b", False)]),
    "an empty line": (b"a\n\nb\n", [(0, b"a", False), (2, b"", False), (3, b"b", False)]),
    "Windows line ends": (b"a\r\nb\r\n", [(0, b"a", False), (3, b"b", False)]),
    "a terminal's line ends, translated twice": (b"a\r\r\nb\n", [(0, b"a", False), (4, b"b", False)]),
    "no newline at the end": (b"a\nb", [(0, b"a", False), (2, b"b", False)]),
    "redraws": (b"1\r2\r3\n", [(0, b"1", True), (2, b"2", True), (4, b"3", False)]),
    "redraws alone": (b"1\r2\r", [(0, b"1", True), (2, b"2", False)]),
    "a return at both ends": (b"\r1\r", [(1, b"1", False)]),
    "cursor up": (b"1\n\x1b[A2\n", [(0, b"1", False), (2, UP, True), (5, b"2", False)]),
    "a wiped line": (b"1\r         \r2\n", [(0, b"1", True), (2, WIPE, True), (12, b"2", False)]),
    "a line wiped at its end": (b"1\r         \r\n2\n", [(0, b"1", True), (2, b" " * 9, False), (13, b"2", False)]),
    "an erased line": (b"1\x1b[2K2\n", [(0, b"1", True), (5, b"2", False)]),
    "an erased rest of the line": (b"1\x1b[K\n", [(0, b"1", False)]),
    "colours": (b"\x1b[1;31mloss\x1b[0m: \x1b[38;5;4m0.5\x1b[m\n", [(0, b"loss: 0.5", False)]),
    "a window title": (b"\x1b]0;x y\x07a\n", [(0, b"a", False)]),
    "a link": (b"\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\\n", [(0, b"a", False)]),
    "a correction": (b"lss\x08\x08oss\n", [(0, b"loss", False)]),
    "a rewind": (b"1234567890" + b"\x08" * 10 + b"2\n", [(0, b"1234567890", True), (20, b"2", False)]),
    "a rewind from blanks": (b"123456789  " + b"\x08" * 9 + b"12345\n", [(0, b"123456789  ", True), (20, b"12345", False)]),
    "a way back over blanks into a line": (b"[---------]" + b" " * 9 + b"\x08" * 16 + b" 3/9 \n", [(0, b"[--- 3/9 -]" + b" " * 9, False)]),
    "a way back into a line": (b"[\xe2\x96\x88---------] loss" + b"\x08" * 12 + b" 3/9 \n", [(0, b"[\xe2\x96\x88--- 3/9 -] loss", False)]),
    "several ways back": (b"1234567890" + b"\x08" * 8 + b"a" + b"\x08" * 9 + b"c\n", [(0, b"12a4567890", True), (28, b"c", False)]),
    "a hole in front": (b"\x00\x00a\n", [(2, b"a", False)]),
    "a hole inside": (b"a\x00\x00b\nc\n", [(0, b"ab", False), (5, b"c", False)]),
    "a hole between redraws": (b"1\r\x00\x002\n", [(0, b"1", True), (4, b"2", False)]),
    "a mark": (b"\xef\xbb\xbfa\n", [(0, b"a", False)]),
    "damage": (b"\xff\xc3\n", [(0, b"\xff\xc3", False)]),
    "a bell": (b"a\x07\n", [(0, b"a", False)]),
    "an overlong line loses its unfinished word": (b"word " * 20 + b"\nb\n", [(0, b"word " * 12, False), (101, b"b", False)]),
    "an overlong line without a blank": (b"x" * 200 + b"\nb\n", [(0, b"", False), (201, b"b", False)]),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES)
def test_a_stream_gives_these_lines_whole_and_byte_by_byte(data: bytes, expected: list[tuple[int, bytes, bool]]) -> None:
    assert split(data).lines == expected
    assert split(data, list(range(len(data)))) == split(data)
    assert split(data).consumed == len(data)


PIECES = st.one_of(
    st.sampled_from(
        [
            b"\n",
            b"\r",
            b"\r\n",
            b"\x08",
            b"\x08" * 9,
            b"\x1b[A",
            b"\x1b[2K",
            b"\x1b[0m",
            b"\x1b]0;t\x07",
            b"\x00",
            b"\x00" * 5,
            b"\xef\xbb\xbf",
        ]
    ),
    st.sampled_from(["é".encode(), "█▌".encode(), b"loss: 0.5 ", b"x" * 70, b"y z " * 20, b"\xff", b"\x1b", b"\x1b["]),
    st.binary(max_size=6),
)


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(pieces=st.lists(PIECES, max_size=20), edges=st.lists(st.integers(0, 400), max_size=12))
def test_every_cut_of_a_stream_gives_the_same_lines(pieces: list[bytes], edges: list[int]) -> None:
    data = b"".join(pieces)
    whole = split(data)
    assert split(data, edges) == whole
    assert split(data, list(range(len(data)))) == whole
    assert whole.consumed == len(data)
    assert [line.at for line in whole.lines] == sorted(line.at for line in whole.lines)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(pieces=st.lists(PIECES, max_size=20), at=st.integers(0, 400))
def test_going_on_from_what_is_consumed_gives_the_same_lines(pieces: list[bytes], at: int) -> None:
    data = b"".join(pieces)
    whole = split(data)
    first = Splitter(max_line_bytes=CAP)
    lines = [*first.feed(data[:at])]
    second = Splitter(consumed=first.consumed, skipping=first.skipping, max_line_bytes=CAP)
    lines += [*second.feed(data[first.consumed :]), *second.flush()]
    assert lines == whole.lines
    assert first.lines + second.lines == whole.newlines
    assert first.counters + second.counters == whole.counters


@settings(max_examples=300, deadline=None, derandomize=True)
@given(pieces=st.lists(PIECES, max_size=30))
def test_what_is_held_stays_below_the_cap(pieces: list[bytes]) -> None:
    splitter, fed = Splitter(max_line_bytes=CAP), 0
    for piece in pieces:
        splitter.feed(piece)
        fed += len(piece)
        held = fed - splitter.consumed
        returns = len(b"".join(pieces)[:fed]) - len(b"".join(pieces)[:fed].translate(None, b"\r\x00"))
        assert held <= CAP + returns


def test_a_line_of_many_megabytes_is_cut_counted_and_followed_by_the_next() -> None:
    splitter = Splitter()
    lines = [*splitter.feed(b"step 1 loss: 0.5 ")]
    for _ in range(40):
        lines += splitter.feed(b"x" * 262_144)
    assert splitter.consumed > 9_000_000
    lines += splitter.feed(b"\nstep 2 loss: 0.25\n")
    assert [line.data for line in lines] == [b"step 1 loss: 0.5 ", b"step 2 loss: 0.25"]
    assert splitter.counters == {"line_too_long": 1}


def test_a_flushed_line_is_not_given_out_again_when_its_writer_goes_on() -> None:
    splitter = Splitter()
    assert not splitter.feed(b"step 1 loss: 0.1")
    assert [line.data for line in splitter.flush()] == [b"step 1 loss: 0.1"]
    assert splitter.lines == 1
    assert [line.data for line in splitter.feed(b"23\nstep 2 loss: 0.5\n")] == [b"step 2 loss: 0.5"]
    assert splitter.lines == 2


@pytest.mark.parametrize(
    ("data", "lines"), [(b"a\nb", 2), (b"a\nb\n", 2), (b"a\nb\r", 2), (b"a\n\r", 1), (b"w " * CAP, 1), (b"w " * CAP + b"\nb", 2)]
)
def test_a_line_counts_once_whether_it_ends_or_not(data: bytes, lines: int) -> None:
    for cut in range(1, len(data)):
        splitter = Splitter(max_line_bytes=CAP)
        splitter.feed(data[:cut])
        splitter.feed(data[cut:])
        splitter.flush()
        assert splitter.lines == lines


def test_bytes_that_cannot_be_read_are_accounted_for() -> None:
    splitter = Splitter()
    splitter.feed(b"a\nb")
    splitter.gap(100)
    assert splitter.consumed == 103
    assert list(splitter.feed(b"c\n")) == [RawLine(103, b"c", redraw=False)]
