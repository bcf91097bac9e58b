"""UTF-16, byte order marks, GBK, Latin-1, noise and captures of terminals: the metrics around are read, at the offsets of the file."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing import parse, parser, placed, points
from recutting import read

from scraper.ingest.identity import looks_binary
from scraper.parse.encodings import HEAD, Wide, decode, sniff

LINES = ["step 1 loss: 0.5", "caf\u00e9 \u6a21\u578b \U0001f600 saved", "step 2 loss: 0.25"]
TEXT = "".join(line + "\n" for line in LINES)
WIDE = {
    "little-endian with a mark": "\ufeff".encode("utf-16-le") + TEXT.encode("utf-16-le"),
    "big-endian with a mark": "\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"),
    "little-endian": TEXT.encode("utf-16-le"),
    "big-endian": TEXT.encode("utf-16-be"),
}


@pytest.mark.parametrize("log", WIDE.values(), ids=WIDE)
def test_a_utf_16_log_is_read_at_the_offsets_of_the_file(log: bytes) -> None:
    found = points(log)
    assert [(p.metric, p.step, p.value) for p in found] == [("loss", 1, 0.5), ("loss", 2, 0.25)]
    encoding = "utf-16-le" if log[1] == 0 or log[0] == 0xFF else "utf-16-be"
    assert log[found[1].at :].decode(encoding) == LINES[2] + "\n"
    assert read(log).consumed == len(log)


def test_a_utf_16_log_is_redrawn_and_coloured_as_any() -> None:
    bar = "\r".join(f" {n}0%|#  | {n}/10 [00:0{n}<00:01,  1.00it/s, loss=0.{n}]" for n in range(1, 10))
    log = ("\ufeff" + bar + "\r\n\x1b[32mstep\x1b[0m 11 \x1b[1mloss\x1b[0m: 0.5\r\n").encode("utf-16-le")
    plain = (bar + "\r\nstep 11 loss: 0.5\r\n").encode()
    assert [(p.metric, p.step, p.value) for p in points(log)] == [(p.metric, p.step, p.value) for p in points(plain)]


def test_reading_a_utf_16_log_from_its_middle_begins_with_a_whole_unit() -> None:
    log = TEXT.encode("utf-16-le")
    behind = log.index(b"\n") + 1  # where a reader that knows nothing of UTF-16 takes the next line to begin
    reader = parser()
    reader.feed_gap(behind, "bytes_before_start")
    found = reader.feed(log[behind:], None)
    assert [p.value for p in found.points] == [0.25]
    assert log[next(iter(found.points)).at :].decode("utf-16-le").startswith("step 2")


def test_half_a_character_at_the_end_is_no_line_and_is_accounted_for() -> None:
    log = WIDE["little-endian with a mark"]
    whole = read(log + b"s")
    assert whole.points == read(log).points
    assert whole.consumed == len(log) + 1


def test_a_lone_surrogate_is_counted() -> None:
    log = "\ufeffstep 1 loss: 0.5 ".encode("utf-16-le") + b"\x00\xd8" + "x\nstep 2 loss: 0.25\n".encode("utf-16-le")
    outcome = read(log)
    assert outcome.counters["bad_utf16"] == 1
    assert [row[-1] for row in outcome.points] == ["0.5", "0.25"]


def test_a_hole_of_nul_bytes_is_no_utf_16() -> None:
    outcome = read(bytes(4096) + b"step 1 loss: 0.5\n")
    assert [(row[0], row[-1]) for row in outcome.points] == [(4096, "0.5")]
    assert outcome.counters["nul_bytes"] == 4096


def test_points_behind_holes_inside_a_line_keep_their_offsets() -> None:
    log = b"x\x00\x00\rstep 1 loss: 0.5\n\x00step 2 loss: 0.25\n"
    assert sorted(row[0] for row in read(log).points) == [4, 22]


@pytest.mark.parametrize("mark", ["\ufeff", "\ufeff\ufeff"])
def test_a_utf_8_mark_is_no_part_of_the_first_line(mark: str) -> None:
    assert placed(mark + TEXT + mark + "step 3 loss: 0.125\n") == [
        ("loss", 1, None, 0.5),
        ("loss", 2, None, 0.25),
        ("loss", 3, None, 0.125),
    ]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_a_chinese_log_in_gbk_is_read_and_counted(encoding: str) -> None:
    log = "\u8bad\u7ec3\u4e2d\uff1astep 1 loss: 0.5\n\u6a21\u578b\u5df2\u4fdd\u5b58\nstep 2 loss: 0.25\n".encode(encoding)
    outcome = read(log)
    assert [row[-1] for row in outcome.points] == ["0.5", "0.25"]
    assert outcome.counters["bad_utf8"] == 2


def test_the_event_of_a_gbk_log_shows_its_text() -> None:
    log = "Saving model to /\u6a21\u578b/a.pt\n".encode("gbk")
    assert [e.detail for e in parse(log).events] == [{"path": "/\u6a21\u578b/a.pt"}]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\u8bad\u7ec3\u635f\u5931\uff1a0.5".encode("gbk"), "\u8bad\u7ec3\u635f\u5931\uff1a0.5"),
        ("dur\u00e9e de l'\u00e9poque: 3".encode("latin-1"), "dur\u00e9e de l'\u00e9poque: 3"),
        (b"\xff\xff loss: 0.5 \xfe", "\ufffd\ufffd loss: 0.5 \ufffd"),
        ("50%|\u2588\u2588".encode()[:-1] + b"| loss=0.5", "50%|\u2588\ufffd| loss=0.5"),
        ("\u8bad\u7ec3\u635f".encode()[:-1] + b" loss: 0.5", "\u8bad\u7ec3\ufffd loss: 0.5"),
    ],
)
def test_a_line_that_is_no_utf_8_is_read_as_what_it_clearly_is(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_noise_between_lines_harms_only_itself() -> None:
    log = b"step 1 loss: 0.5\n" + bytes(range(128, 256)) * 8 + b"\n\xff\xfe\xfd step 2 loss: 0.25\n"
    outcome = read(log)
    assert [row[-1] for row in outcome.points] == ["0.5", "0.25"]
    assert outcome.counters["bad_utf8"] == 2


def test_a_terminal_capture_gives_what_the_training_printed() -> None:
    log = (
        'Script started on 2026-01-01 10:00:00+00:00 [TERM="xterm" TTY="/dev/pts/0" COLUMNS="80" LINES="24"]\r\n'
        "\x1b]0;user@host: ~\x07\x1b[?2004huser@host:~$ python train.py\r\n\x1b[?2004l\r"
        "\x1b[1;32mstep\x1b[0m 1 \x1b[36mloss\x1b[0m: \x1b[1m0.5\x1b[0m\r\n"
        "step 2 \x1b[Kloss: 0.25\r\n"
        "\x1b[?2004huser@host:~$ exit\r\n"
        '\r\nScript done on 2026-01-01 10:05:00+00:00 [COMMAND_EXIT_CODE="0"]\r\n'
    )
    assert placed(log) == [("loss", 1, None, 0.5), ("loss", 2, None, 0.25)]


def test_progress_that_only_ever_returns_to_the_line_start_is_read_to_its_last_state() -> None:
    log = "\r".join(f"step {n} loss: 0.{n}" for n in range(1, 9))
    assert placed(log)[-1] == ("loss", 8, None, 0.8)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(max_size=60), cuts=st.lists(st.integers(0, 240), max_size=8), encoding=st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_offsets_in_utf_8_lead_back_to_offsets_in_utf_16(text: str, cuts: list[int], encoding: str) -> None:
    data = text.encode(encoding, "surrogatepass")
    wide = Wide(encoding, 0)
    edges = sorted({0, *(c for c in cuts if c < len(data)), len(data)})
    got = b"".join(wide.feed(data[a:b]) for a, b in pairwise(edges))
    assert got.decode() == text
    at8 = 0
    for number, character in enumerate(text):
        assert wide.position(at8) == len(text[:number].encode(encoding))
        at8 += len(character.encode())


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"), (b"st", "utf-8"), (b"s", ""), (b"", ""),
        (b"s\x00t\x00", ""), (b"\x00s\x00", ""), (b"s\x00t\x00e\x00p\x00", "utf-16-le"), (b"\x00s\x00t\x00e\x00p", "utf-16-be"),
        (b"\x00\x00", "utf-8"), (b"s\x00te", "utf-8"),
    ],
)  # fmt: skip
def test_the_head_tells_the_encoding_as_soon_as_it_can(head: bytes, encoding: str) -> None:
    assert sniff(head) == encoding
    assert len(head) <= HEAD


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_an_unmarked_utf_16_log_in_any_language_is_no_binary_file(encoding: str) -> None:
    text = "epoch 1 " + "第一轮训练完成 验证集损失下降 " * 200 + "\n"
    head = text.encode(encoding)
    assert not looks_binary(head[:8192])
    assert not looks_binary(head[:8191])
    assert looks_binary(b"s\0t\0e\0p\0" + bytes(range(256)) * 30), "which only begins like it"
    noise = random.Random(1)
    assert looks_binary(b"s\0t\0e\0p\0" + noise.randbytes(8000))
