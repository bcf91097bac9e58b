"""Two streams in one log: each keeps its order, nothing is lost, and a line in pieces stays one line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scraper.ingest.recorder.joiner import HOLD_SECONDS, Joiner

PIECES = st.lists(st.tuples(st.sampled_from((0, 1)), st.text("ab\n\r", min_size=1, max_size=6)), max_size=30)


def joined(pieces: list[tuple[int, bytes]]) -> bytes:
    out: list[bytes] = []
    joiner = Joiner(out.append)
    for stream, data in pieces:
        joiner.add(stream, data, 0.0)
    joiner.release()
    return b"".join(out)


@given(PIECES)
def test_each_stream_arrives_whole_and_in_order(pieces: list[tuple[int, str]]) -> None:
    translated = [(stream, text.translate(str.maketrans("ab", "AB" if stream else "ab")).encode()) for stream, text in pieces]
    out = joined(translated)
    for letters, stream in ((b"abAB"[:2], 0), (b"AB", 1)):
        printed = b"".join(data for which, data in translated if which == stream)
        assert bytes(c for c in out if c in letters) == bytes(c for c in printed if c in letters)
    assert sorted(out) == sorted(b"".join(data for _, data in translated))


@given(st.lists(st.tuples(st.sampled_from((0, 1)), st.integers(1, 5)), max_size=40))
def test_lines_that_are_completed_are_never_mixed(turns: list[tuple[int, int]]) -> None:
    rest = {0: b"loss 0.125\n" * 20, 1: b"warning here\n" * 20}
    pieces = []
    for stream, size in [*turns, (0, 999), (1, 999)]:
        pieces.append((stream, rest[stream][:size]))
        rest[stream] = rest[stream][size:]
    out = joined([(stream, data) for stream, data in pieces if data])
    assert sorted(out.splitlines()) == [b"loss 0.125"] * 20 + [b"warning here"] * 20


def test_an_unfinished_line_keeps_the_other_stream_waiting_a_moment_only() -> None:
    out: list[bytes] = []
    joiner = Joiner(out.append)
    joiner.add(0, b"working ... ", 10.0)
    joiner.add(1, b"warning\n", 10.1)
    assert out == [b"working ... "]
    assert joiner.due() == 10.1 + HOLD_SECONDS
    joiner.release()
    assert b"".join(out) == b"working ... warning\n"
    assert joiner.due() is None
