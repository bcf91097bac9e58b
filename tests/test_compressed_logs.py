"""Compressed logs that are whole, cut short, damaged, or still being made."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest
import zstandard
from daemons import READY, Service
from tailing import Rig, expected, line, lines

from scraper.config import resolve
from scraper.ingest.reparse import Rebuilding, Times
from scraper.parse.packs import PackSet
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

PACKERS = {
    "gz": gzip.compress,
    "xz": partial(lzma.compress, preset=0),
    "zst": zstandard.compress,
    "bz2": partial(bz2.compress, compresslevel=1),  # in blocks of 100 kB: what is cut off is a block at least
}
NUMBER = 2000  # lines with a metric, each with one of noise: several blocks of every format
NOISE = random.Random(4)
LOG = "".join(f"{line(step)}#{''.join(f' {NOISE.randrange(10**8, 10**9)}' for _ in range(40))}\n" for step in range(NUMBER)).encode()


def read(rig: Rig, packed: bytes) -> int:
    """Read a compressed log once; return how many lines were stored, which are the first ones."""
    rig.log = rig.directory / "train.log.gz"  # the bytes tell the format, not the name
    rig.log.write_bytes(packed)
    rig.start().drain()
    number = sum(rig.losses().values())
    assert rig.losses() == expected(range(number))
    return number


@pytest.mark.parametrize("ending", PACKERS)
def test_a_whole_file_is_read_to_its_end_and_was_not_printed_now(rig: Rig, ending: str) -> None:
    assert read(rig, PACKERS[ending](LOG)) == NUMBER
    assert rig.events() == []
    assert rig.rows("SELECT count(time) FROM points") == [(0,)], "when it was printed is not known"


@pytest.mark.parametrize("cut", [1, 0.5])
@pytest.mark.parametrize("ending", PACKERS)
def test_a_file_cut_short_gives_its_whole_lines_and_says_so(rig: Rig, ending: str, cut: float) -> None:
    """Half of a number is no number: the line in which the bytes end is left out."""
    packed = PACKERS[ending](LOG)
    kept = packed[: int(len(packed) * cut) if cut < 1 else -1]
    number = read(rig, kept)
    assert number > NUMBER * 0.3, "what can be decompressed is"
    if ending == "gz":
        assert number == sum(b": loss" in line for line in zlib.decompressobj(31).decompress(kept).splitlines(keepends=True)[:-1])
    assert rig.events() == ["gap"]
    assert rig.rows("SELECT finished FROM sources") == [(1,)]
    assert "is damaged or not complete" in rig.said[0]
    rig.pipeline.close()
    rig.start().drain()
    assert rig.losses() == expected(range(number)), "a second reading adds nothing"


def test_half_a_number_at_the_end_of_a_file_cut_short_is_none_when_it_is_read_again_either(rig: Rig) -> None:
    packed = gzip.compress("".join(f"{line(step, NOISE.random())}" for step in range(NUMBER)).encode())
    sizes = range(len(packed) // 2, len(packed))
    ends = ((size, zlib.decompressobj(31).decompress(packed[:size]).rpartition(b"\n")[2]) for size in sizes)
    rig.log.write_bytes(packed[: next(size for size, end in ends if len(end.partition(b"loss 0.")[2]) in (1, 2, 3))])
    rig.start().drain()
    before, counters = rig.losses(), rig.rows("SELECT counters FROM sources")
    rig.pipeline.close()
    with Writer(rig.store) as writer:
        (source,) = writer.run_sources(1)
        Rebuilding(writer, source.run_key, PackSet([]), resolve(environ={}), Times([])).run()
    assert rig.losses() == before
    assert rig.rows("SELECT counters FROM sources") == counters


@pytest.mark.parametrize("ending", PACKERS)
def test_a_damaged_file_gives_what_was_before_the_damage(rig: Rig, ending: str) -> None:
    packed = bytearray(PACKERS[ending](LOG))
    place = len(packed) - 8 if ending == "gz" else len(packed) // 2  # gzip has one checksum, behind everything
    packed[place : place + 64] = b"\xff\x00" * 32
    number = read(rig, bytes(packed))
    assert number == NUMBER if ending == "gz" else 0 < number < NUMBER
    assert rig.events() == ["gap"]


def test_zstd_frames_one_after_another_and_some_without_data(rig: Rig) -> None:
    half = len(LOG) // 2
    plain = zstandard.ZstdCompressor(write_checksum=False, write_content_size=False)
    skipped = b"\x55\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
    frames = [
        zstandard.ZstdCompressor(write_checksum=True).compress(LOG[:half]),
        skipped,
        plain.compress(LOG[half:]),
        plain.compress(b" " * 500_000 + b"\n"),  # blocks of one byte, repeated
    ]
    assert read(rig, b"".join(frames)) == NUMBER
    assert rig.events() == []


def test_an_original_is_not_read_again_from_the_copy_that_is_being_made_of_it(rig: Rig) -> None:
    """As when the scraper starts while logrotate compresses."""
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    rig.stop()
    with rig.log.open("a") as log:
        log.write(lines(3))
    rig.log.rename(rig.directory / "train.log.1")
    packed = gzip.compress((rig.directory / "train.log.1").read_bytes())
    with (rig.directory / "train.log.1.gz").open("wb", buffering=0) as copy:
        copy.write(packed[: len(packed) // 2])
        rig.log.write_text(lines(4))
        rig.start()
        rig.turn()
    assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8, 4 / 8]]


def test_a_log_that_is_compressed_where_a_daemon_follows_is_read_once(tmp_path: Path) -> None:
    with Service(tmp_path, '[[watch]]\npaths = ["logs"]\n') as daemon:
        log = daemon.logs / "slurm-7.out"
        log.write_text(lines(*range(5000)))
        daemon.expect(READY)
        daemon.until_stored(5000)
        packed = gzip.compress(log.read_bytes())
        with (daemon.logs / "slurm-7.out.gz").open("wb", buffering=0) as copy:
            copy.write(packed[: len(packed) // 2])
            assert "slurm-7.out.gz: it is still being compressed" in daemon.expect("trying again")
            copy.write(packed[len(packed) // 2 :])
        log.unlink()
        (daemon.logs / "slurm-8.out").write_text(lines(1))
        daemon.until_stored(5001)
        daemon.until_status(lambda status: not status["daemons"] or not status["daemons"][0]["troubles"], "the copy is looked at")
        assert daemon.stop() == 0
        assert daemon.losses() == Counter(("slurm-7", step, step / 8) for step in range(5000)) + Counter({("slurm-8", 1, 1 / 8): 1})
        assert daemon.rows("SELECT count(*) FROM runs") == [(2,)]
        assert daemon.rows("SELECT count(*) FROM events WHERE kind = 'gap'") == [(0,)]
