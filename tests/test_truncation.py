"""A log is truncated, overwritten, or made anew under its old name."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tailing import Rig, expected, line, lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BANNER = "".join(f"# setting {number}: value {number * 7}\n" for number in range(300))  # more than 4 KiB, the same in every run


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, separate_runs=True) as rig:
        yield rig


@pytest.mark.parametrize("down", [False, True])
def test_copytruncate_with_an_appending_writer(rig: Rig, down: bool) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(*range(50)))
        rig.start()
        rig.turn()
        if down:
            rig.stop()
        log.write(lines(50, 51))
        shutil.copyfile(rig.log, rig.directory / "train.log.1")
        os.truncate(rig.log, 0)
        log.write(lines(52, 53))
        rig.restart()
        rig.turn()
        rig.turn()
    assert rig.losses() == expected(range(54)), "what was unread at the truncation is read from the copy"


def test_truncated_without_a_copy_counts_what_was_lost(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(*range(50)))
        rig.start()
        rig.turn()
        os.truncate(rig.log, 0)
        log.write(lines(52))
        rig.turn()
        rig.turn()
    assert rig.losses() == expected([*range(50), 52])
    assert rig.events() == ["truncation"]


@pytest.mark.parametrize("down", [False, True])
def test_copytruncate_under_a_writer_that_does_not_append(rig: Rig, down: bool) -> None:
    with rig.log.open("w", buffering=1) as log:
        log.write(lines(*range(2000)))
        rig.start()
        rig.turn()
        if down:
            rig.stop()
        shutil.copyfile(rig.log, rig.directory / "train.log.1")
        os.truncate(rig.log, 0)
        log.write(lines(2000, 2001))
        rig.restart()
        rig.turn()
        rig.turn()
    assert rig.losses() == expected(range(2002))
    ((line,),) = rig.rows("SELECT count(*) FROM events WHERE instr(line, char(0)) > 0")
    assert line == 0


def test_a_hole_of_a_gigabyte_costs_nothing(rig: Rig) -> None:
    with rig.log.open("wb", buffering=0) as log:
        log.seek(1 << 30)
        log.write(("\n" + lines(1)).encode())
        rig.start()
        rig.turn()
        assert rig.losses() == expected([1])
        assert rig.pipeline.progress()[0].counters["nul_bytes"] == 1 << 30


@pytest.mark.parametrize("down", [False, True])
def test_truncated_and_grown_past_the_offset_between_two_looks(runs: Rig, down: bool) -> None:
    runs.log.write_text(lines(*range(20)))
    runs.start()
    runs.turn()
    if down:
        runs.stop()
    with runs.log.open("w") as log:
        log.write(lines(*range(100, 200)))
    runs.restart()
    runs.turn()
    runs.turn()
    assert runs.losses_by_run() == [[step / 8 for step in range(20)], [step / 8 for step in range(100, 200)]]


@pytest.mark.parametrize("down", [False, True])
def test_rerun_with_an_identical_banner_is_a_run_of_its_own(runs: Rig, down: bool) -> None:
    runs.log.write_text(BANNER + lines(1, 2, 3))
    runs.start()
    runs.turn()
    if down:
        runs.stop()
    runs.log.write_text(BANNER + "".join(line(step, 9.5) for step in range(1, 6)))
    runs.restart()
    runs.turn()
    runs.turn()
    assert runs.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8], [9.5] * 5]


@pytest.mark.parametrize("down", [False, True])
def test_deleted_and_made_anew_with_the_same_inode(runs: Rig, down: bool) -> None:
    runs.log.write_text(lines(*range(40)))
    runs.start()
    runs.turn()
    if down:
        runs.stop()
    runs.log.unlink()
    runs.log.write_text(lines(*range(500, 600)))
    runs.restart()
    runs.turn()
    runs.turn()
    assert runs.losses_by_run() == [[step / 8 for step in range(40)], [step / 8 for step in range(500, 600)]]


def test_unchanged_and_grown_files_go_on_in_their_run(runs: Rig) -> None:
    runs.log.write_text(lines(1, 2))
    for more in ((), (3,), (), (4, 5)):
        with runs.log.open("a") as log:
            log.write(lines(*more))
        runs.start()
        runs.turn()
        runs.stop()
    assert runs.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8]]


def test_copied_anew_under_the_same_name(runs: Rig) -> None:
    """As rsync does: the grown file arrives as another inode."""
    runs.log.write_text(lines(1, 2))
    runs.start()
    runs.turn()
    runs.stop()
    fresh = runs.directory / "fresh"
    fresh.write_text(lines(1, 2, 3))
    fresh.replace(runs.log)
    runs.start()
    runs.turn()
    assert runs.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8]]


def test_the_cut_half_of_a_line_is_no_point(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(1) + "step 2: loss 0.1")
        log.flush()
        rig.start()
        rig.turn()
        os.truncate(rig.log, 0)
        log.write("23\n" + lines(3))
        rig.turn()
        rig.turn()
    assert (2, 0.1) not in rig.losses()
    assert rig.losses()[(3, 3 / 8)] == 1


def test_what_a_truncation_took_unread_is_counted_to_the_byte(rig: Rig) -> None:
    rig.log.write_text(lines(*range(60_000)))
    size = rig.log.stat().st_size
    rig.start()
    rig.pipeline.turn()
    (before,) = rig.pipeline.progress()
    os.truncate(rig.log, 0)
    with rig.log.open("a") as log:
        log.write(lines(70_000))
    rig.turn()
    rig.turn()
    (counters,) = (one.counters for one in rig.pipeline.progress() if one.path == rig.log and "unread_bytes" in one.counters)
    assert counters["unread_bytes"] + counters.get("cut_line_bytes", 0) == size - before.offset > 0
    assert rig.losses() == expected([*range(counters["lines"]), 70_000])
    assert rig.events() == ["truncation"]


def test_a_reader_that_is_ahead_of_the_copy_reads_nothing_twice(runs: Rig) -> None:
    """Between logrotate's copy and its truncation lines were printed, and read: they are in no file any more."""
    with runs.log.open("a", buffering=1) as log:
        log.write(BANNER + lines(*range(100)))
        runs.start()
        runs.turn()
        shutil.copyfile(runs.log, runs.directory / "train.log.1")
        log.write(lines(*range(100, 300)))
        runs.turn()
        os.truncate(runs.log, 0)
        log.write(lines(300))
        runs.turn()
        runs.turn()
        (runs.directory / "train.log.1").rename(runs.directory / "train.log.2")
        os.truncate(runs.log, 0)  # and now without a copy of what was read last
        log.write(lines(301))
        runs.turn()
        runs.turn()
    assert runs.losses_by_run() == [[step / 8 for step in range(301)], [301 / 8]]


@pytest.mark.parametrize("is_seen_empty", [False, True])
def test_truncated_and_then_deleted_is_read_to_the_end_by_its_descriptor(rig: Rig, is_seen_empty: bool) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(1, 2))
        rig.start()
        rig.turn()
        os.truncate(rig.log, 0)
        if is_seen_empty:
            rig.turn()
        log.write(lines(3))
        rig.log.unlink()
        rig.log.write_text(lines(4))
        rig.turn()
        log.write(lines(5))
        rig.turn()
    assert rig.losses() == expected(range(1, 6))
    assert rig.events() == ["truncation"]
    rig.settle()
    assert rig.open_files() == 1, "the deleted file is closed once nobody writes to it"


def test_truncated_while_another_file_has_its_name_tells_what_was_lost(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(1, 2))
        rig.start()
        rig.turn()
        log.write(lines(3))
        os.truncate(rig.log, 0)
        rig.log.unlink()
        rig.log.write_text(lines(4))
        rig.stop()
    assert rig.losses() == expected([1, 2, 4])
    assert rig.events() == ["truncation"], "stored though nothing more was read of the file"


def test_a_copy_made_between_a_truncation_and_a_rotation_is_read(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(1))
        rig.start()
        rig.turn()
        os.truncate(rig.log, 0)
        log.write(lines(2, 3))
        shutil.copyfile(rig.log, rig.directory / "train.log.2")
        os.truncate(rig.log, 0)
        log.write(lines(4))
        rig.log.rename(rig.directory / "train.log.1")
        rig.log.write_text(lines(5))
        rig.turn()
        rig.turn()
    assert rig.losses() == expected(range(1, 6))


def test_truncated_while_down_is_told_once_there_is_something_new(rig: Rig) -> None:
    with rig.rotated() as (_, second):
        rig.stop()
        second.write(lines(3))
        os.truncate(rig.log, 0)
        rig.start()
        rig.turn()
        assert rig.events() == []
        second.write(lines(4))
        rig.turn()
    assert rig.losses() == expected([1, 2, 4])
    assert rig.events() == ["gap"], "also where an older file was found to be read in the meantime"


def test_truncated_just_before_the_stop_is_noticed_while_the_generation_before_is_open(rig: Rig) -> None:
    with rig.rotated() as (_, second):
        rig.turn()
        os.truncate(rig.log, 0)
        second.write("step 3: loss 1\n")  # less than was read
        rig.stop()
    assert rig.losses() == expected([1, 2]) + Counter({(3, 1.0): 1})


def test_a_copy_is_read_on_from_the_middle_of_a_line(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(*range(200)) + "step 200: lo")  # longer than what is kept of the bytes before an offset
        log.flush()
        rig.start()
        rig.turn()
        log.write("ss 25.0\n" + lines(201))
        shutil.copyfile(rig.log, rig.directory / "train.log.1")
        os.truncate(rig.log, 0)
        log.write(lines(202))
        rig.turn()
        rig.turn()
    assert rig.losses() == expected(range(203))


def test_a_rotated_log_with_the_same_banner_as_a_deleted_one_is_no_copy_of_it(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(BANNER + lines(*range(20)))
        rig.start()
        rig.turn()
        rig.log.unlink()
        (rig.directory / "train.log.1").write_text(BANNER + lines(20))
        rig.log.write_text(lines(21))
        rig.turn()
    assert rig.losses() == expected(range(22))
