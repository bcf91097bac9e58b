"""Files are followed for real: events, polling, many files, and the way to the store in time."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tailing import Rig, expected, line, lines, permissions_count, until

from scraper.ingest import hints as file_events
from scraper.ingest.fileset import FileSet
from scraper.ingest.hints import Hints
from scraper.ingest.pipeline import Pipeline
from scraper.ingest.watcher import Waker
from scraper.model import NewRun
from scraper.parse import events
from scraper.parse.front import Front
from scraper.parse.packs import PackSet
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from scraper.parse.events import Sign
    from scraper.parse.printed import Lines


@contextmanager
def following(rig: Rig, prepare: Callable[[Pipeline, int], None]) -> Iterator[Pipeline]:
    """Run a pipeline in a thread of its own, with a clock and events that are real."""
    ready, stop = threading.Event(), threading.Event()
    pipelines: list[Pipeline] = []

    def run() -> None:
        with Writer(rig.store) as writer, Pipeline(writer, PackSet([]), rig._settings) as pipeline:
            prepare(pipeline, writer.create_run(NewRun(name="train")).key)
            pipelines.append(pipeline)
            ready.set()
            pipeline.run(stop.is_set)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(20)
        yield pipelines[0]
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def test_a_printed_line_is_queryable_soon(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, rig.log.open("a", buffering=1) as log:
        log.write(line(0))
        with following(rig, lambda pipeline, run: pipeline.add(rig.log, run)):
            until(lambda: rig.store.exists() and bool(rig.rows("SELECT 1 FROM sqlite_master WHERE name = 'metric_points'")))
            until(lambda: len(rig.losses()) == 1)
            waits = []
            for step in range(1, 6):
                log.write(line(step))
                waits.append(until(lambda step=step: len(rig.losses()) == step + 1))  # type: ignore[misc]
        assert sorted(waits)[2] < 1.0, waits
        assert rig.losses() == expected(range(6))


def test_polling_takes_over_where_events_do_not_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_events, "filesystem_type", lambda _: "overlay")
    with (
        Rig(tmp_path) as rig,
        rig.log.open("a", buffering=1) as log,
        following(rig, lambda pipeline, run: pipeline.add(rig.log, run)) as pipeline,
    ):
        log.write(line(1))
        until(lambda: rig.store.exists() and bool(rig.rows("SELECT 1 FROM sqlite_master WHERE name = 'metric_points'")))
        until(lambda: rig.losses() == expected([1]))
        log.write(line(2))
        assert until(lambda: rig.losses() == expected([1, 2])) < 4.0
        assert pipeline.watching()["why"] == {str(tmp_path): "overlay reports no changes"}


def test_a_new_file_of_a_pattern_is_found(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:

        def prepare(pipeline: Pipeline, run: int) -> None:
            files = FileSet([str(tmp_path / "**" / "*.out")], tmp_path / "store.db")
            pipeline.follow(files, lambda path: pipeline.add(path, run), lambda _: None)

        (tmp_path / "a.out").write_text(line(1))
        with following(rig, prepare):
            until(lambda: rig.store.exists() and bool(rig.rows("SELECT 1 FROM sqlite_master WHERE name = 'metric_points'")))
            until(lambda: rig.losses() == expected([1]))
            (tmp_path / "b.out").write_text(line(2))
            until(lambda: rig.losses() == expected([1, 2]))


def test_fifty_files_share_the_reading(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        logs = [tmp_path / f"rank{rank}.log" for rank in range(50)]
        for rank, log in enumerate(logs):
            log.write_text("".join(line(step) for step in range(rank * 100, rank * 100 + 100)))
        logs[0].write_text("".join(line(step) for step in range(100_000, 130_000)))
        rig.start(*logs)
        rig.clock.now += 3
        rig.pipeline.turn()
        rig.clock.now += 3
        rig.pipeline.turn()
        stored = rig.losses()
        assert expected(range(100, 5000)) <= stored, "a long file holds up no short one"
        assert sum(stored.values()) < 4900 + 30_000


def test_idle_files_are_asked_for_their_size_every_two_seconds_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What that costs is for `bench_idle.py` to measure."""
    calls: Counter[str] = Counter()

    def counted(name: str) -> Callable[..., Any]:
        call = getattr(os, name)

        def count(*arguments: Any, **how: Any) -> Any:
            calls[name] += 1
            return call(*arguments, **how)

        return count

    with Rig(tmp_path) as rig:
        logs = [tmp_path / f"{number}.log" for number in range(600)]
        for number, log in enumerate(logs):
            log.write_text(line(number))
        rig.start(*logs)
        rig.settle()
        assert rig.losses() == expected(range(600))
        assert rig.open_files() <= 128, "idle files are closed"
        with monkeypatch.context() as patch:
            for name in ("stat", "open", "pread", "scandir"):
                patch.setattr(os, name, counted(name))
            for _ in range(40):
                rig.clock.now += 0.25
                rig.pipeline.turn()
        assert 600 * 4 <= calls["stat"] <= 600 * 7, "ten seconds of following"
        assert calls["open"] + calls["pread"] + calls["scandir"] == 0
        with logs[7].open("a") as log:
            log.write(lines(7000))
        rig.turn()
        assert rig.losses() == expected([*range(600), 7000])


def test_names_that_a_pattern_gave_are_forgotten_with_their_files_and_given_again(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        jobs = [tmp_path / f"job{number}.log" for number in range(5)]
        for number, job in enumerate(jobs):
            job.write_text(line(number))
        link = tmp_path / "latest.log"
        link.symlink_to(tmp_path / "away.log")
        rig.log.write_text(line(100))
        pipeline = rig.start()
        gone: list[Path] = []
        files = FileSet([str(tmp_path / "job*.log"), str(link)], rig.store)
        pipeline.follow(files, lambda path: pipeline.add(path, rig._run_key), gone.append)
        rig.settle()
        assert rig.losses() == expected([*range(5), 100])
        for path in (*jobs[:4], rig.log):
            path.unlink()
        rig.turn()
        assert gone == [], "a rotation may be going on"
        rig.settle()
        assert sorted(gone) == jobs[:4]
        assert {error.args[0].partition(":")[0] for error in pipeline.troubles()} == {str(rig.log), str(link)}
        jobs[1].write_text(line(1001))
        rig.log.write_text(line(1100))
        link.write_text(line(1200))
        rig.settle()
        assert rig.losses() == expected([*range(5), 100, 1001, 1100, 1200])


def test_permission_lost_and_regained(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, permissions_count():
        rig.log.write_text(line(1))
        rig.log.chmod(0)
        rig.start()
        rig.turn()
        rig.turn()
        assert rig.said == [f"{rig.log}: Permission denied; trying again"], "said once"
        assert [str(trouble) for trouble in rig.pipeline.troubles()] == [f"{rig.log}: Permission denied"]
        rig.log.chmod(0o600)
        rig.turn(60)
        assert rig.losses() == expected([1])
        assert rig.pipeline.troubles() == []


def test_a_directory_that_may_not_be_entered_for_a_while(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, permissions_count():
        logs = tmp_path / "logs"
        logs.mkdir()
        (logs / "train.log").write_text(line(1))
        rig.start(logs / "train.log")
        rig.turn()
        logs.chmod(0)
        rig.turn()
        assert "Permission denied" in rig.said[0]
        logs.chmod(0o700)
        with (logs / "train.log").open("a") as log:
            log.write(line(2))
        rig.turn(60)
        assert rig.losses() == expected([1, 2])


def test_hints_tell_what_changed(tmp_path: Path) -> None:
    waker = Waker()
    hints = Hints(waker.wake)
    try:
        hints.watch_directory(tmp_path, 0.0)
        if hints.status()["events"]:
            (tmp_path / "new.log").write_text("x")
            seen: set[Path] = set()
            until(lambda: bool(seen.update(hints.take(1.0) or ())) or tmp_path / "new.log" in seen)
            assert waker.wait(10)
    finally:
        hints.close()
        waker.close()


def test_a_clock_that_steps_back_changes_no_point(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, rig.log.open("a", buffering=1) as log:
        log.write(lines(1))
        rig.start()
        rig.turn()
        log.write(lines(2))
        rig.turn()
        rig.clock.ahead = -7200
        log.write(lines(3))
        rig.turn()
        assert rig.losses() == expected([1, 2, 3])
        times = [time for (time,) in rig.rows("SELECT time FROM points ORDER BY at") if time is not None]
        assert times[-1] < times[0], "each is the time at which it was read"
        rig.stop()
        log.write(lines(4))
        rig.start()
        rig.turn()
        assert rig.losses() == expected([1, 2, 3, 4])


def test_a_file_whose_time_is_in_the_future_is_complete_once_it_was_seen_to_stand_still(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.log.write_text(lines(1) + lines(2).rstrip("\n"))
        packed = tmp_path / "old.log.gz"
        packed.write_bytes(gzip.compress(lines(3).encode()))
        for path in (rig.log, packed):  # as after a clock that was set back, or on a server whose clock is ahead
            os.utime(path, (time.time() + 3600,) * 2)
        rig.start(rig.log, packed)
        begun = rig.clock.now
        rig.pipeline.run(lambda: rig.clock.now > begun + 90)
        assert rig.losses() == expected([1, 2, 3])


def test_a_fault_in_reading_one_line_costs_that_line_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = events.read

    def faulty(text: str) -> list[Sign]:
        if "bad-" in text:
            raise ValueError("no number")
        return sound(text)

    monkeypatch.setattr(events, "read", faulty)
    other = tmp_path / "other.log"
    bad = "Saved checkpoint to bad-{}.pt\n"
    with Rig(tmp_path) as rig:
        rig.log.write_text(line(1) + bad.format(1) + line(2) + "Saved checkpoint to good.pt\n" + line(3))
        other.write_text(lines(11, 12))
        rig.start(rig.log, other)
        rig.turn()
        with rig.log.open("a") as log:
            log.write(bad.format(2) + line(4))
        rig.turn()
        rig.kill()
        with rig.log.open("a") as log:
            log.write("".join(bad.format(i) for i in range(3, 63)) + line(5))
        rig.restart()
        rig.settle()
        rig.stop()
        assert rig.losses() == expected([1, 2, 3, 4, 5, 11, 12])
        counters = json.loads(rig.rows("SELECT counters FROM sources ORDER BY id")[0][0])
        assert counters["unreadable_lines"] == 62
        told = rig.rows("SELECT at, line FROM events WHERE kind = 'gap' ORDER BY at")
        assert [at for at, _ in told[:2]] == [len(line(1)), rig.log.read_text().index(bad.format(2))]
        assert "ValueError: no number" in told[0][1]
        assert told[0][1].endswith("bad-1.pt")
        assert len(told) == 20
        assert len(rig.rows("SELECT 1 FROM events WHERE kind = 'checkpoint'")) == 1


def test_a_log_whose_bytes_cannot_be_cut_into_lines_ends_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Front.feed

    def faulty(front: Front, data: bytes) -> Lines:
        if b"bad" in data:
            raise IndexError("no such line")
        return sound(front, data)

    monkeypatch.setattr(Front, "feed", faulty)
    other = tmp_path / "other.log"
    with Rig(tmp_path) as rig:
        rig.log.write_text(line(1))
        other.write_text(line(11))
        rig.start(rig.log, other)
        rig.turn()
        for path, text in ((rig.log, "bad\n" + line(2)), (other, line(12))):
            with path.open("a") as log:
                log.write(text)
        rig.turn()
        rig.stop()
        assert rig.losses() == expected([1, 11, 12])
        (told,) = rig.rows("SELECT line FROM events WHERE kind = 'gap'")
        assert "IndexError: no such line" in told[0]
        assert any("please report" in sentence for sentence in rig.said)
