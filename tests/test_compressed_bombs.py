"""Compressed files made to fill memory or disk: what is before the harm is read, the rest is refused, and memory stays flat."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest
from wrapping import environment, scraper_argv

from scraper.ingest import compressed

FIRST, LAST = b"step 1: loss 0.5\n", b"\nstep 2: loss 0.25\n"
BIG_DICTIONARY = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
OPENERS: dict[str, Callable[..., IO[bytes]]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


def tail(path: Path) -> subprocess.CompletedProcess[str]:
    """Read a file into a store beside it, with 1 GB of address space."""
    argv = scraper_argv("tail", "--once", "--store", str(path.with_name("store.db")), str(path))
    limited = ["/bin/sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh", *argv]
    return subprocess.run(limited, capture_output=True, text=True, env=environment(), timeout=60, check=False)


@pytest.mark.parametrize(("kind", "unit"), [("gz", bytes(1 << 20)), ("bz2", bytes(1 << 20)), ("xz", b"x" * (1 << 20))])
def test_a_file_that_holds_a_thousand_times_its_size_is_given_up(tmp_path: Path, kind: str, unit: bytes) -> None:
    path = tmp_path / f"bomb.log.{kind}"
    with OPENERS[kind](path, "wb") as file:
        file.write(FIRST)
        for _ in range(80):
            file.write(unit)
        file.write(LAST)
    done = tail(path)
    assert "it expands to more than 500 times its size" in done.stderr
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        assert connection.execute("SELECT step, value FROM metric_points").fetchall() == [(1, 0.5)]
        assert connection.execute("SELECT count(*) FROM events WHERE kind = 'gap'").fetchone() == (1,)


def test_a_dictionary_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.log.xz"
    path.write_bytes(lzma.compress(FIRST + bytes(1 << 20), filters=BIG_DICTIONARY))
    done = tail(path)
    assert done.returncode == 1
    assert re.search(r"bomb\.log\.xz: .*Memory usage limit", done.stderr)


def read_all(path: Path, kind: str) -> bytes:
    stream = compressed.open_stream(path, kind)
    try:
        return b"".join(iter(lambda: compressed.read(stream, 1000, path), b""))
    finally:
        stream.close()


@pytest.mark.parametrize("preset", [0, 6, 9 | lzma.PRESET_EXTREME])
def test_xz_streams_follow_each_other_with_padding(tmp_path: Path, preset: int) -> None:
    path = tmp_path / "a.xz"
    parts = [FIRST * 500, b"", LAST * 3]
    path.write_bytes(b"\0\0\0\0".join(lzma.compress(part, preset=preset) for part in parts))
    assert read_all(path, "xz") == b"".join(parts)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(compressed.SourceError, match="damaged or not complete"):
        read_all(path, "xz")


def test_a_log_of_one_line_again_and_again_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "dull.log.gz"
    text = b"".join(b"step %d: loss 0.5\n" % n for n in range(200_000))
    path.write_bytes(gzip.compress(text, 9))
    assert read_all(path, "gzip") == text
