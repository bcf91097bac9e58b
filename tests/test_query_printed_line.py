"""From a point back to the line that was printed, and what is said when the log is gone, replaced or cut."""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from reading_helpers import fill, point

import scraper
from scraper.cli import cli
from scraper.store.writer import Writer

LINES = [b"start", b"step 1 loss 3.0", b"step 2 loss \x1b[31mnan\x1b[0m", b"step 3 loss 1.0 \xff", b"end"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "train.log"
    path.write_bytes(b"\n".join(LINES) + b"\n")
    return path


def stored(log: Path) -> Path:
    starts = [sum(len(line) + 1 for line in LINES[:i]) for i in range(5)]
    values = (3.0, math.nan, 1.0)
    store = log.with_name("store.db")
    fill(store, [point(starts[i + 1], value, step=i + 1) for i, value in enumerate(values)], log=log)
    return store


def test_a_point_opens_its_printed_line(log: Path) -> None:
    with scraper.open(stored(log)) as db:
        run = db.run()
        nan = next(p for p in run.series("loss").points() if math.isnan(p.value))
        line = run.line(nan)
        assert (line.text, line.offset, line.path) == ("step 2 loss \x1b[31mnan\x1b[0m", nan.at, str(log))
        assert line.before == ("start", "step 1 loss 3.0")
        assert line.after == ("step 3 loss 1.0 \ufffd", "end")
        assert run.line(run.best("loss"), context=0).text.startswith("step 3")
        assert run.line(next(run.points())).before == ("start",)


def test_a_position_inside_a_line_means_that_line(log: Path) -> None:
    with scraper.open(stored(log)) as db:
        assert db.run().line(9, context=0).text == "step 1 loss 3.0"


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"), ("gb18030", ""), ("latin-1", "")])
def test_lines_are_shown_in_the_encoding_they_were_read_in(tmp_path: Path, encoding: str, mark: str) -> None:
    """Read by the real tailer, so that the positions are those that logs in these encodings get."""
    noise = "größe" if encoding == "latin-1" else "训练开始了请稍等片刻"
    lines = [f"step {i} loss {i / 8:.3f} acc {i / 4:.3f} {noise}" for i in range(4000)]
    log = tmp_path / "train.log"
    log.write_bytes((mark + "start\r\n" + "\n".join(lines) + "\n").encode(encoding))
    result = CliRunner().invoke(cli, ["tail", "--once", str(log), "--store", str(tmp_path / "store.db")])
    assert result.exit_code == 0, result.output
    with scraper.open(tmp_path / "store.db") as db:
        run = db.run()
        assert run.last_step == 3999
        for metric, i in (("loss", 0), ("acc", 0), ("acc", 2345), ("loss", 3999)):
            line = run.line(run.series(metric).positions[i], context=1)
            assert line.text == lines[i]
            assert line.before == ((lines[i - 1] if i else "start"),)
            assert line.after[:1] == (lines[i + 1] if i < 3999 else "",)
            assert log.read_bytes()[line.offset :].startswith(lines[i].encode(encoding))


def test_redraws_are_lines(log: Path) -> None:
    log.write_bytes(b"bar 1\rbar 2 loss 1\rbar 3\r\nnext")
    store = log.with_name("store.db")
    fill(store, [point(6, 1.0)], log=log)
    with scraper.open(store) as db:
        line = db.run().line(6, context=1)
    assert (line.before, line.text, line.after) == (("bar 1",), "bar 2 loss 1", ("bar 3",))


def test_a_log_that_is_gone_is_said_to_be(log: Path) -> None:
    store = stored(log)
    log.unlink()
    with scraper.open(store) as db, pytest.raises(scraper.NotFoundError, match="is gone"):
        db.run().line(6)


def test_a_log_that_was_replaced_is_not_quoted(log: Path) -> None:
    store = stored(log)
    log.write_bytes(b"another run of the same script, longer than the first one was by a good deal\n" * 3)
    with scraper.open(store) as db, pytest.raises(scraper.NotFoundError, match="was replaced"):
        db.run().line(6)


def test_positions_that_are_none_are_refused(log: Path) -> None:
    with scraper.open(stored(log)) as db:
        with pytest.raises(scraper.NotFoundError, match="ends before position"):
            db.run().line(100_000)
        with pytest.raises(scraper.NotFoundError, match="log file number 1"):
            db.run().line(1 << 40)
        with pytest.raises(scraper.UsageError):
            db.run().line(-1)


def test_a_compressed_log_is_read_through(log: Path) -> None:
    store = stored(log)
    packed = log.with_name("train.log.gz")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    with Writer(store) as writer:
        writer.move_source(writer.run_sources(1)[0].id, packed)
    with scraper.open(store) as db:
        assert db.run().line(6, context=0).text == "step 1 loss 3.0"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
@pytest.mark.parametrize("name", ["train.log", "train.log.packed"])
def test_a_log_that_is_compressed_is_known_by_its_bytes(tmp_path: Path, pack: Callable[[bytes], bytes], name: str) -> None:
    packed = tmp_path / name
    packed.write_bytes(pack("".join(f"step {i} loss {i / 8}\n" for i in range(20_000)).encode()))
    store = str(tmp_path / "store.db")
    assert CliRunner().invoke(cli, ["tail", "--once", str(packed), "--store", store]).exit_code == 0
    with scraper.open(store) as db:
        run = db.run()
        for number in (0, 7, 19_999):
            line = run.line(run.series("loss").positions[number], context=0)
            assert (line.path, line.text) == (str(packed), f"step {number} loss {number / 8}")
        assert [(path, file.read().count(b"\n")) for path, file in run.logs()] == [(str(packed), 20_000)]


def test_a_compressed_log_without_its_end_gives_the_lines_it_has(tmp_path: Path) -> None:
    log = tmp_path / "train.log.gz"
    log.write_bytes(gzip.compress("".join(f"step {i} loss {i / 8}\n" for i in range(5_000)).encode())[:-200])
    store = str(tmp_path / "store.db")
    assert CliRunner().invoke(cli, ["tail", "--once", str(log), "--store", store]).exit_code == 1
    with scraper.open(store) as db:
        run = db.run()
        steps, positions = run.series("loss").steps, run.series("loss").positions
        assert run.line(positions[-1], context=0).text.startswith(f"step {steps[-1]} loss")


def test_a_place_whose_points_were_thinned_is_not_said_to_be_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAPER_RAW_BUDGET", "100")
    log, store = tmp_path / "train.log", str(tmp_path / "store.db")
    log.write_text("".join(f"step {2 * i} loss {i % 7}.5\n" for i in range(1, 5001)))
    assert CliRunner().invoke(cli, ["tail", "--once", str(log), "--store", store]).exit_code == 0
    with scraper.open(store) as db:
        kept = db.run().series("loss").steps
    thinned = next(step for step in range(1000, 8000, 2) if step not in kept)
    for step, may_be in ((thinned, True), (9_999, False), (20_000, False)):
        result = CliRunner().invoke(cli, ["line", "latest", f"loss@{step}", "--store", store])
        assert (result.exit_code, "were thinned to summaries" in str(result.stderr)) == (1, may_be), step


def test_a_log_that_was_rotated_is_found(tmp_path: Path) -> None:
    log, store = tmp_path / "train.log", str(tmp_path / "store.db")
    log.write_text("".join(f"step {i} loss {i / 8}\n" for i in range(100)))
    tail = ["tail", "--once", str(log), "--run", "one", "--store", store]
    assert CliRunner().invoke(cli, tail).exit_code == 0
    log.rename(tmp_path / "train.log.1")
    log.write_text("step 100 loss 5.0\n")
    assert CliRunner().invoke(cli, tail).exit_code == 0
    with scraper.open(store) as db:
        run = db.run()
        positions = run.series("loss").positions
        assert [run.line(at, context=0).text for at in (positions[7], positions[-1])] == ["step 7 loss 0.875", "step 100 loss 5.0"]
        assert [path for path, _ in run.logs()] == [str(tmp_path / "train.log.1"), str(log)]
    log.write_text("something else altogether, and longer than what stood here before it\n" * 3)
    with scraper.open(store) as db, pytest.raises(scraper.NotFoundError, match="was replaced"):
        db.run().line(positions[-1])
