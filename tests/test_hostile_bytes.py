"""Any bytes give lines or nothing, never an exception: through splitter, prefixes, matcher, packs and steps, however they are cut."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing import DEFAULTS
from wrapping import ROOT, environment

from scraper.packfiles import builtin_packs
from scraper.parse import prefixes
from scraper.parse.lines import Splitter
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

PACKS = PackSet(builtin_packs())
SAMPLES = [sample.text.encode() for pack in PACKS.packs for sample in pack.samples]
CONTROLS = [b"\n", b"\r", b"\r\n", b"\0", b"\x1b[A", b"\x1b[2K", b"\x1b]0;", b"\x07", b"\x08" * 9]
CONTROLS += [b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\xf0\x9f"]
WORDS = [b"loss", b"=", b": ", b"{'", b'{"a":', b"[", b"|", b"nan", b"-inf", b"1e999", b"1e", b"9" * 40, b"100%|", b"epoch ", b"step "]
PIECES = st.one_of(st.binary(max_size=40), st.sampled_from(SAMPLES), st.sampled_from(CONTROLS), st.sampled_from(WORDS))


def read(data: bytes, cuts: list[int]) -> Parser:
    """Read bytes cut at `cuts`, and hold what comes of them to what every reader relies on."""
    reader = Parser(PACKS, DEFAULTS, None)
    edges = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
    found = []
    for start, end in pairwise(edges):
        found += reader.feed(data[start:end], 1.8e9).points
        json.loads(reader.save())
    found += reader.flush(1.8e9).points
    for point in found:
        assert 0 <= point.at <= len(data)
        assert point.metric
        assert "\n" not in point.metric
        assert point.step is None or isinstance(point.step, int)
        assert isinstance(point.value, float) or math.isfinite(point.value)
    assert reader.consumed == len(data)
    return reader


@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12), cuts=st.lists(st.integers(0, 4000), max_size=4))
def test_any_bytes_are_read(pieces: list[bytes], cuts: list[int]) -> None:
    read(b"".join(pieces), cuts)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(pieces=st.lists(PIECES, max_size=30), cuts=st.lists(st.integers(0, 9000), max_size=6))
def test_any_bytes_are_read_however_many(pieces: list[bytes], cuts: list[int]) -> None:
    read(b"".join(pieces), cuts)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_front(text: str) -> None:
    taken = prefixes.take(text)
    assert 0 <= taken.end <= len(text)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=3000), cap=st.integers(1, 100))
def test_any_bytes_are_cut_into_lines_within_the_limit(data: bytes, cap: int) -> None:
    splitter = Splitter(max_line_bytes=cap)
    lines = [*splitter.feed(data), *splitter.flush()]
    assert all(len(line.data) <= cap and b"\n" not in line.data for line in lines)
    assert splitter.consumed == len(data)


@pytest.mark.parametrize(
    "log",
    [
        b'{"step": 1, "": 3, " ": 4, "loss": 0.5}\n',
        b"E    #       LOSS NER  CATS_SCORE\n---  ------  --------  ----------  ------\n  0       1       0.5       38.71    0.39\n",
    ],
)
def test_a_value_without_a_name_is_no_metric(log: bytes) -> None:
    reader = Parser(PACKS, DEFAULTS, None)
    found = [*reader.feed(log, None).points, *reader.flush(None).points]
    assert "loss" in {point.metric.lower().split()[0] for point in found}
    assert all(point.metric.strip() for point in found)


@pytest.mark.parametrize("size", [1 << 19, pytest.param(10 << 20, marks=pytest.mark.slow)])
def test_noise_costs_time_in_proportion_and_hides_nothing(size: int) -> None:
    noise = os.urandom(size)
    began = time.process_time()
    reader = Parser(PACKS, DEFAULTS, None)
    found = [*reader.feed(b"step 1: loss 0.5\n", None).points]
    for start in range(0, len(noise), 1 << 16):
        found += reader.feed(noise[start : start + (1 << 16)], None).points
    found += reader.feed(b"\nstep 2: loss 0.25\n", None).points
    found += reader.flush(None).points
    seconds = time.process_time() - began
    assert {(1, 0.5), (2, 0.25)} <= {(point.step, point.value) for point in found if point.metric == "loss"}
    assert seconds < 20 + size / 100_000, "each line of noise is of a shape of its own, and analysed in full; never more than that"


FUZZ = """
import sys
import atheris
with atheris.instrument_imports(include=["scraper.parse"]):
    sys.path.insert(0, sys.argv.pop(1))
    import test_hostile_bytes as hostile
def one(data):
    hostile.read(data[2:], [*data[:2]])
atheris.Setup(sys.argv, one)
atheris.Fuzz()
"""


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not installed: pip install '.[fuzz]'")
def test_a_fuzzer_that_sees_the_branches_finds_nothing(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, sample in enumerate(SAMPLES):
        (corpus / f"{number}").write_bytes(b"\1\7" + sample)
    limits = ["-max_total_time=120", "-timeout=20", "-rss_limit_mb=2000", "-max_len=8192"]
    argv = [sys.executable, "-c", FUZZ, str(ROOT / "tests"), str(corpus), *limits]
    done = subprocess.run(argv, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
