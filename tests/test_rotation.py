"""A log is rotated while it is followed, and while nobody looks."""

from __future__ import annotations

import gzip
import lzma
import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from tailing import Rig, expected, line, lines

from scraper.ingest import copies, followed
from scraper.ingest.source import Opener

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scraper.ingest.generations import Reading
    from scraper.ingest.tailer import Tail


def test_renamed_and_created_anew(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as old:
        old.write(lines(1, 2))
        rig.start()
        rig.turn()
        old.write(lines(3))
        rig.log.rename(rig.directory / "train.log.1")
    rig.log.write_text(lines(4, 5))
    rig.turn()
    assert rig.losses() == expected(range(1, 6))
    assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8]]


def test_old_descriptor_written_on_after_the_rename(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as old:
        old.write(lines(1))
        rig.start()
        rig.turn()
        rig.log.rename(rig.directory / "train.log.1")
        rig.log.write_text(lines(100))
        for step in range(2, 32):
            old.write(line(step))
            rig.turn(1.0)
        assert rig.losses() == expected([*range(1, 32), 100])
        assert rig.open_files() == 2
    rig.settle()
    assert rig.open_files() == 1, "the old file is closed once nobody writes to it"


@pytest.mark.parametrize("rotations", [1, 2, 3])
def test_rotated_several_times_while_down(rig: Rig, rotations: int) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    rig.stop()
    with rig.log.open("a") as log:
        log.write(lines(3))
    for number in range(rotations):
        for index in range(number, 0, -1):
            (rig.directory / f"train.log.{index}").rename(rig.directory / f"train.log.{index + 1}")
        rig.log.rename(rig.directory / "train.log.1")
        rig.log.write_text(lines(10 + number, 20 + number))
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2, 3, *range(10, 10 + rotations), *range(20, 20 + rotations)])
    (values,) = rig.losses_by_run()
    assert values[:3] == [1 / 8, 2 / 8, 3 / 8]
    assert values[3::2] == sorted(values[3::2]), "generations are read in the order they were written"


def test_the_file_read_last_is_gone(rig: Rig) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    rig.stop()
    rig.log.unlink()
    (rig.directory / "train.log.1").write_text(lines(7))
    rig.log.write_text(lines(8))
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2, 7, 8])
    assert rig.events() == ["gap"]


def test_an_older_generation_is_gone_as_well(rig: Rig) -> None:
    with rig.rotated() as (first, second):
        rig.turn()
        rig.kill()
        first.write(lines(3))
        (rig.directory / "train.log.1").unlink()
        second.write(lines(4))
        for _ in range(2):
            rig.start()
            rig.turn()
            rig.kill()
    assert rig.losses() == expected([1, 2, 4])
    assert rig.events() == ["gap"], "told once"


def test_what_a_redraw_showed_last_is_stored_though_its_file_is_gone(rig: Rig) -> None:
    rig.log.write_text("step 5: loss 9.5\rstep 5: loss 0.625\rstep")
    rig.start()
    rig.turn()
    rig.kill()
    assert rig.losses() == expected([]), "it may be drawn again"
    rig.log.unlink()
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    assert rig.losses() == expected([5, 1])
    assert rig.events() == ["gap"]


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data)


@pytest.mark.parametrize(("ending", "pack"), [("gz", _gzip), ("xz", lzma.compress), ("zst", zstandard.compress)])
def test_rotated_and_compressed_while_down(rig: Rig, ending: str, pack: object) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    rig.stop()
    old = rig.log.read_bytes() + lines(3).encode()
    assert callable(pack)
    (rig.directory / f"train.log.1.{ending}").write_bytes(pack(old))
    rig.log.unlink()
    rig.log.write_text(lines(4))
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2, 3, 4])
    assert rig.events() == []


def test_compressed_after_the_rotation_while_up(rig: Rig) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    (rig.directory / "train.log.1.gz").write_bytes(gzip.compress(rig.log.read_bytes()))
    rig.log.unlink()
    rig.turn()
    rig.log.write_text(lines(3))
    rig.turn()
    assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8]]


def test_asked_for_with_its_rotations(rig: Rig) -> None:
    older = rig.directory / "train.log.2", rig.directory / "train.log.1"
    for number, path in enumerate((*older, rig.log)):
        path.write_text(lines(number))
        os.utime(path, (1000 + number, 1000 + number))
    rig.start(asked=older[::-1])
    rig.turn()
    assert rig.losses_by_run() == [[0, 1 / 8, 2 / 8]]


def test_rotated_onto_another_followed_name(rig: Rig) -> None:
    other = rig.directory / "previous.log"
    rig.log.write_text(lines(1, 2))
    other.write_text(lines(50))
    rig.start(rig.log, other)
    rig.turn()
    with rig.log.open("a") as log:
        log.write(lines(3))
    rig.log.rename(other)
    rig.log.write_text(lines(4))
    rig.turn()
    with other.open("a") as log:
        log.write(lines(5))
    rig.turn()
    rig.turn()
    assert rig.losses() == expected([1, 2, 3, 4, 5, 50])


def test_symlink_swapped_while_the_old_target_is_written(rig: Rig) -> None:
    first, second = rig.directory / "a.txt", rig.directory / "b.txt"
    rig.log.symlink_to(first)
    with first.open("a", buffering=1) as old:
        old.write(lines(1))
        rig.start()
        rig.turn()
        second.write_text(lines(10))
        swap = rig.directory / "swap"
        swap.symlink_to(second)
        swap.replace(rig.log)
        rig.turn()
        old.write(lines(2))
        rig.turn()
        assert rig.losses() == expected([1, 2, 10])
    assert {path for (path,) in rig.rows("SELECT path FROM sources")} == {str(rig.log)}


def test_symlink_swapped_while_down(tmp_path: Path) -> None:
    with Rig(tmp_path, separate_runs=True) as rig:
        first, second = tmp_path / "run-1.txt", tmp_path / "run-2.txt"
        rig.log.symlink_to(first)
        with first.open("a", buffering=1) as old:
            old.write(lines(1))
            rig.start()
            rig.turn()
            rig.stop()
            old.write(lines(2))
            second.write_text(lines(10))
            rig.log.unlink()
            rig.log.symlink_to(second)
            rig.start()
            rig.turn()
            old.write(lines(3))
            rig.turn()
        assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8], [10 / 8]]


@pytest.mark.parametrize("up", [True, False])
def test_saved_under_another_name_and_begun_anew(tmp_path: Path, up: bool) -> None:
    """As people do before they start another training: that is a run of its own."""
    with Rig(tmp_path, separate_runs=True) as rig:
        rig.log.write_text(lines(1))
        rig.start()
        rig.turn()
        if not up:
            rig.stop()
        with rig.log.open("a") as log:
            log.write(lines(2))
        rig.log.rename(tmp_path / "lr1e-3.log")
        rig.log.write_text(lines(10))
        rig.restart()
        rig.turn()
        rig.turn()
        assert rig.losses_by_run() == [[1 / 8, 2 / 8], [10 / 8]]


def test_deleted_with_unread_data(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write(lines(1))
        rig.start()
        rig.turn()
        log.write(lines(2))
        rig.log.unlink()
        rig.turn()
        log.write(lines(3))
        rig.turn()
        assert rig.open_files() == 1
    rig.settle()
    assert rig.losses() == expected([1, 2, 3])
    assert rig.open_files() == 0, "its space is given back"


def test_a_step_known_above_the_rotation_is_known_below(rig: Rig) -> None:
    rig.log.write_text("Epoch 3/10\n" + lines(1))
    rig.start()
    rig.turn()
    rig.log.rename(rig.directory / "train.log.1")
    rig.log.write_text("step 9: loss 0.5\nstep 2: loss 0.25\n")
    rig.turn()
    attempts = rig.rows("SELECT value, attempt FROM metric_points WHERE metric = 'loss' ORDER BY at")
    assert attempts == [(1 / 8, 0), (0.5, 0), (0.25, 1)], "the step went back once, and not at the rotation"


def test_directory_removed_and_made_again(rig: Rig) -> None:
    directory = rig.directory / "out"
    directory.mkdir()
    log = directory / "train.log"
    log.write_text(lines(1))
    rig.start(log)
    rig.turn()
    log.unlink()
    directory.rmdir()
    rig.turn()
    directory.mkdir()
    log.write_text(lines(2))
    rig.turn()
    assert rig.losses() == expected([1, 2])


def test_rotated_away_before_it_was_read_while_the_new_file_is_empty(rig: Rig) -> None:
    rig.log.write_text("")
    rig.start()
    rig.turn()
    rig.log.write_text(lines(1, 2))
    rig.log.rename(rig.directory / "train.log.1")
    rig.log.write_text("")
    rig.stop()
    assert rig.losses() == expected([1, 2])
    rig.log.write_text(lines(3))
    rig.start()
    rig.turn()
    assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8]]


def test_rotated_away_while_down_with_nothing_in_its_place(rig: Rig) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    rig.stop()
    with rig.log.open("a") as log:
        log.write(lines(2))
    rig.log.rename(rig.directory / "train.log.1")
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2])


def test_a_file_of_which_half_a_line_was_read_is_gone(rig: Rig) -> None:
    with rig.log.open("a", buffering=1) as log:
        log.write("step 1")
        log.flush()
        rig.start()
        rig.turn()
        rig.stop()
        log.write(": loss 0.125\n")
        os.truncate(rig.log, 0)
        log.write(lines(2))
        rig.start()
        rig.turn()
    assert rig.losses() == expected([2])
    assert rig.events() == ["gap"]


def test_what_was_rotated_before_the_first_line_was_seen_is_one_run(tmp_path: Path) -> None:
    with Rig(tmp_path, separate_runs=True) as rig:
        rig.log.write_text("")
        rig.start()
        rig.turn()
        for step in (1, 2, 3):
            for number in (2, 1):
                if (tmp_path / f"train.log.{number}").exists():
                    (tmp_path / f"train.log.{number}").rename(tmp_path / f"train.log.{number + 1}")
            rig.log.write_text(line(step))
            rig.log.rename(tmp_path / "train.log.1")
            rig.log.write_text("")
        rig.turn()
        rig.log.write_text(line(4))
        rig.turn()
        assert rig.losses_by_run() == [[1 / 8, 2 / 8, 3 / 8, 4 / 8]]


def test_the_inode_of_an_empty_file_that_is_gone_says_nothing_of_a_compressed_one(rig: Rig) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    rig.log.rename(rig.directory / "train.log.2")
    with (rig.directory / "train.log.1").open("a"), rig.log.open("a", buffering=1) as log:
        log.write(lines(2))
        rig.settle()
        rig.kill()
    assert rig.rows("SELECT head_size > 0, finished FROM sources ORDER BY id") == [(1, 1), (0, 0), (1, 0)]
    packed = rig.directory / "train.log.3.gz"
    packed.write_bytes(gzip.compress((rig.directory / "train.log.2").read_bytes()))
    for number in (1, 2):
        (rig.directory / f"train.log.{number}").unlink()
    with closing(sqlite3.connect(rig.store)) as store:  # as file systems do that use numbers again
        store.execute("UPDATE sources SET inode = ? WHERE head_size = 0", (packed.stat().st_ino,))
        store.commit()
    rig.start()
    rig.turn()
    assert rig.losses() == expected([1, 2])


def test_a_compressed_generation_that_was_opened_and_not_read_is_known_again(rig: Rig) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    rig.stop()
    rig.log.rename(rig.directory / "train.log.2")
    (rig.directory / "train.log.1.gz").write_bytes(gzip.compress(lines(2, 3).encode()))
    rig.log.write_text(lines(4))
    rig.start()
    rig.pipeline._look(rig.clock.now)
    rig.kill()
    assert rig.rows("SELECT offset, head_size > 0 FROM sources ORDER BY id") == [(len(lines(1)), 1), (0, 1), (0, 1)]
    (rig.directory / "train.log.2").rename(rig.directory / "train.log.3")
    (rig.directory / "train.log.1.gz").rename(rig.directory / "train.log.2.gz")
    for _ in range(2):
        rig.start()
        rig.turn()
        rig.stop()
    assert rig.losses() == expected([1, 2, 3, 4])
    assert rig.rows("SELECT count(*) FROM sources") == [(3,)]


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_file_that_was_empty_when_it_was_rotated_is_written_and_compressed_while_nobody_reads(rig: Rig, *, goes_on: bool) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    rig.log.rename(rig.directory / "train.log.2")
    with (rig.directory / "train.log.1").open("a", buffering=1) as late, rig.log.open("a", buffering=1) as log:
        log.write(lines(4))
        rig.settle()
        rig.kill()
        late.write(lines(2, 3))
    assert rig.rows("SELECT head_size > 0, finished FROM sources ORDER BY id") == [(1, 1), (0, 0), (1, 0)]
    (rig.directory / "train.log.1.gz").write_bytes(gzip.compress((rig.directory / "train.log.1").read_bytes()))
    (rig.directory / "train.log.1").unlink()
    if goes_on:
        (rig.directory / "train.log.1.gz").rename(rig.directory / "train.log.2.gz")
        (rig.directory / "train.log.2").rename(rig.directory / "train.log.3")
        rig.log.rename(rig.directory / "train.log.1")
        rig.log.write_text(lines(5))
    for _ in range(2):
        rig.start()
        rig.turn()
        rig.stop()
    assert rig.losses() == expected([1, 2, 3, 4, *([5] if goes_on else [])])
    assert rig.rows("SELECT count(*) FROM sources WHERE NOT finished AND head_size = 0") == [(0,)]
    assert rig.events() == []


def test_rotated_while_it_is_found_out_what_to_read(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.log.write_text(lines(1))
    real, rotations = followed.plan, [1, 2]

    def plan(*arguments: Any, **how: Any) -> list[Reading]:
        """Plan, and have the log rotated before that is carried out."""
        readings = real(*arguments, **how)
        if rotations:
            step = rotations.pop()
            for number in (3, 2, 1):
                if (rig.directory / f"train.log.{number}").exists():
                    (rig.directory / f"train.log.{number}").rename(rig.directory / f"train.log.{number + 1}")
            rig.log.rename(rig.directory / "train.log.1")
            rig.log.write_text(lines(10 + step))
        return readings

    monkeypatch.setattr(followed, "plan", plan)
    rig.start()
    rig.turn()
    with rig.log.open("a") as log:
        log.write(lines(20))
    rig.turn()
    rig.stop()
    rig.start()
    rig.settle()
    assert rig.losses() == expected([1, 11, 12, 20])


@pytest.mark.parametrize("is_known", [False, True])
def test_copied_and_truncated_between_the_plan_and_the_opening(rig: Rig, monkeypatch: pytest.MonkeyPatch, is_known: bool) -> None:
    if is_known:
        rig.log.write_text(lines(1))
        rig.start()
        rig.turn()
        rig.stop()
    real, copies = Opener.open, [0]

    def late(opener: Opener, path: Path, offset: int = 0) -> Tail:
        """Open a file that was copied and truncated a moment before."""
        if copies:
            copies.pop()
            copy_and_truncate(rig.log, rig.directory / "train.log.1", 3, 4, 5)
        return real(opener, path, offset)

    with rig.log.open("a", buffering=1) as log:
        log.write(lines(2))
        monkeypatch.setattr(Opener, "open", late)
        rig.start()
        rig.turn()
        rig.turn()
    assert rig.losses() == expected([*([1] if is_known else []), 2, 3, 4, 5])
    assert rig.events() == []


def copy_and_truncate(log: Path, copy: Path, *steps: int) -> None:
    """Rotate as logrotate's copytruncate does; the writer, which appends, goes on with `steps`."""
    shutil.copyfile(log, copy)
    truncate(log, *steps)


def truncate(log: Path, *steps: int) -> None:
    """Empty a log whose writer appends, and goes on with `steps`."""
    os.truncate(log, 0)
    with log.open("a") as file:
        file.write(lines(*steps))


def at_look(monkeypatch: pytest.MonkeyPatch, moment: int, act: Callable[[], object]) -> Callable[[], bool]:
    """Have something happen before the given look where the files are, from 1 on; returns what tells whether it has."""
    real, looks = followed.places, [0]

    def places(path: Path) -> dict[Path, tuple[int, int] | None]:
        looks[0] += 1
        if looks[0] == moment:
            act()
        return real(path)

    monkeypatch.setattr(followed, "places", places)
    return lambda: 0 < moment <= looks[0]


@pytest.mark.parametrize("moment", range(1, 9))
def test_compressed_while_the_generations_are_being_opened(rig: Rig, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    first, second = rig.directory / "train.log.1", rig.directory / "train.log.2"
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    copy_and_truncate(rig.log, second, 3, 4)
    copy_and_truncate(rig.log, first, 5, 6, 7)

    def compress() -> None:
        first.with_name("train.log.1.gz").write_bytes(gzip.compress(first.read_bytes()))
        first.unlink()

    at_look(monkeypatch, moment, compress)
    for _ in range(3):
        rig.turn()
    rig.settle()
    assert rig.losses() == expected(range(1, 8))
    assert rig.losses_by_run() == [[step / 8 for step in range(1, 8)]]


def block(*numbers: int) -> range:
    """Return the steps of blocks of 100 lines each, which follow one another: more than a file is recognised by."""
    return range(100 * numbers[0], 100 * (numbers[-1] + 1))


@pytest.mark.parametrize("copied", [(1,), (1, 2), (1, 3)], ids=["a part", "all that was read", "more than was read"])
@pytest.mark.parametrize("renamed", range(1, 6))
def test_a_copy_is_rotated_on_whenever_it_is_to_be_opened(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, renamed: int, copied: tuple[int, ...]
) -> None:
    rig.log.write_text(lines(*block(1, 2)))
    rig.start()
    rig.turn()
    names = [rig.directory / f"train.log.{number}" for number in range(1, renamed + 2)]
    names[0].write_text(lines(*block(*copied)))
    truncate(rig.log, *block(4))

    def moving(real: Callable[..., Any]) -> Callable[..., Any]:
        """Have the copy get its next name just before it is opened, as often as was asked for."""

        def moved(path: Path, *arguments: Any) -> Any:
            if path in names[:-1] and path.exists():
                path.rename(names[names.index(path) + 1])
            return real(path, *arguments)

        return moved

    monkeypatch.setattr(copies, "open_tail", moving(copies.open_tail))
    monkeypatch.setattr(copies, "held", moving(copies.held))
    for _ in range(3):
        rig.turn()
    rig.settle()
    assert names[-1].exists()
    assert rig.losses() == expected([*block(1, 2), *block(*copied)[200:], *block(4)])
    assert len(rig.losses_by_run()) == 1


@pytest.mark.parametrize(("is_known", "moment"), [(False, 0), *((True, moment) for moment in range(7))])
def test_a_copy_is_made_and_the_log_not_truncated_yet(rig: Rig, monkeypatch: pytest.MonkeyPatch, is_known: bool, moment: int) -> None:
    first, second = rig.directory / "train.log.1", rig.directory / "train.log.2"
    if is_known:
        rig.log.write_text(lines(*block(1)))
        rig.start()
        rig.turn()
        copy_and_truncate(rig.log, second, *block(2, 3))
    else:
        rig.log.write_text(lines(*block(2, 3)))
    shutil.copyfile(rig.log, first)
    with rig.log.open("a") as log:
        log.write(lines(*block(4)))  # behind the copy: in no file once the log is truncated
    if not is_known:
        rig.start()

    was_truncated = at_look(monkeypatch, moment, lambda: truncate(rig.log, *block(5)))
    rig.turn()
    if not was_truncated():
        rig.turn()
        truncate(rig.log, *block(5))
    for _ in range(3):
        rig.turn()
    rig.settle()
    kept = [*(block(1) if is_known else ()), *block(2, 3), *block(5)]
    assert rig.losses() in (expected(kept), expected([*kept, *block(4)]))
    assert len(rig.losses_by_run()) == 1


@pytest.mark.parametrize("moment", range(1, 9))
def test_a_copy_is_compressed_and_not_removed_yet(rig: Rig, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    first, second = rig.directory / "train.log.1", rig.directory / "train.log.2"
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    copy_and_truncate(rig.log, second, 3, 4)
    copy_and_truncate(rig.log, first, 5, 6, 7)
    at_look(monkeypatch, moment, lambda: first.with_name("train.log.1.gz").write_bytes(gzip.compress(first.read_bytes())))
    for _ in range(2):
        rig.turn()
    first.unlink()
    for _ in range(3):
        rig.turn()
    rig.settle()
    assert rig.losses() == expected(range(1, 8))
    assert len(rig.losses_by_run()) == 1
