"""Directories whose file events stop, never come, or are too many: the clock finds what they would have told, and the status says so."""

from __future__ import annotations

import itertools
import logging
import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from tailing import Clock, until

from scraper.ingest import hints as file_events
from scraper.ingest.hints import CROWDED, GONE, MOST_WATCHES, SILENT, Hints, silent_filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def hints(tmp_path: Path) -> Iterator[Hints]:
    if kind := silent_filesystem(tmp_path):
        pytest.skip(f"{kind} reports no changes, so there are none to miss")
    clock = Clock()
    hints = Hints(clock.wake)
    yield hints
    hints.close()
    clock.close()


def told(hints: Hints, path: Path, now: float) -> bool:
    """Write to a file until an event tells of it."""
    with path.open("a") as file:
        file.write("x")
    seen: set[Path] = set()
    until(lambda: bool(seen.update(hints.take(now) or ())) or path in seen)
    return True


def why(hints: Hints, directory: Path) -> str | None:
    """Return why a directory is only polled; None: events are relied on."""
    status = hints.status()
    assert (str(directory) in status["events"]) != (str(directory) in status["polling"])
    found: str | None = status["why"].get(str(directory))
    return found


def test_a_directory_removed_and_made_again_is_watched_again(tmp_path: Path, hints: Hints) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    hints.watch_file(logs / "train.log", 0.0)
    assert told(hints, logs / "train.log", 1.0)
    shutil.rmtree(logs)
    hints.tend(10.0)
    assert why(hints, logs) == GONE
    logs.mkdir()
    assert hints.tend(20.0), "what was written meanwhile has to be looked for"
    assert why(hints, logs) is None
    assert told(hints, logs / "train.log", 21.0)


def test_a_directory_replaced_by_another_is_watched_again(tmp_path: Path, hints: Hints) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    hints.watch_directory(logs, 0.0)
    logs.rename(tmp_path / "old")
    logs.mkdir()
    assert hints.tend(10.0)
    assert told(hints, logs / "train.log", 11.0)
    assert not hints.tend(20.0), "once is enough"


def test_links_are_told_of_under_their_own_names(tmp_path: Path, hints: Hints) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "run1.txt").write_text("")
    (tmp_path / "latest.log").symlink_to(tmp_path / "logs" / "run1.txt")
    hints.watch_file(tmp_path / "logs" / "train.log", 0.0)
    hints.watch_file(tmp_path / "latest.log", 0.0)
    seen: set[Path] = set()
    (tmp_path / "disk" / "train.log").write_text("x")
    (tmp_path / "disk" / "run1.txt").write_text("x")
    wanted = {tmp_path / "logs" / "train.log", tmp_path / "latest.log"}
    until(lambda: bool(seen.update(hints.take(1.0) or ())) or wanted <= seen)
    assert why(hints, tmp_path / "logs") is None


def test_a_watch_that_tells_nothing_is_found_out_and_believed_again_when_it_speaks(tmp_path: Path, hints: Hints) -> None:
    log = tmp_path / "train.log"
    hints.watch_file(log, 0.0)
    hints.unheard(log, 10.0)  # the clock saw the file grow
    hints.tend(10.5)
    assert why(hints, tmp_path) is None, "the event may still be on its way"
    hints.tend(12.0)
    assert why(hints, tmp_path) == SILENT
    hints.tend(20.0)
    assert why(hints, tmp_path) == SILENT, "a watch armed anew has to show that it works"
    assert told(hints, log, 21.0)
    assert why(hints, tmp_path) is None


def test_a_silent_watch_is_tried_again_ever_less_often(tmp_path: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []
    hints.watch_file(tmp_path / "train.log", 0.0)
    hints.unheard(tmp_path / "train.log", 0.0)
    arm = Hints._arm

    def count(self: Hints, place: file_events._Place, now: float) -> None:
        tried.append(now)
        arm(self, place, now)

    monkeypatch.setattr(Hints, "_arm", count)
    for second in range(2, 1200):
        hints.tend(float(second))
    pauses = [after - before for before, after in itertools.pairwise(tried)]
    assert pauses == sorted(pauses)
    assert (pauses[0] <= 11, pauses[-1]) == (True, 300), pauses


def test_events_that_were_lost_have_everything_looked_at_and_are_shown(tmp_path: Path, hints: Hints) -> None:
    log = tmp_path / "train.log"
    hints.watch_file(log, 0.0)
    assert told(hints, log, 1.0)
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    assert hints.take(2.0) is None
    assert why(hints, tmp_path) == "Inotify queue overflowed; filesystem events were lost"
    assert hints.status()["lost"] == 1
    assert told(hints, log, 3.0)
    assert why(hints, tmp_path) is None


@pytest.mark.parametrize(("number", "limit"), [(28, "fs.inotify.max_user_watches"), (24, "fs.inotify.max_user_instances")])
def test_a_limit_that_is_reached_is_named_and_asked_about_again(
    tmp_path: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch, number: int, limit: str
) -> None:
    def refuse(_self: Hints, directory: str) -> None:
        raise OSError(number, "refused", directory)

    with monkeypatch.context() as patch:
        patch.setattr(Hints, "_schedule", refuse)
        hints.watch_file(tmp_path / "train.log", 0.0)
        assert why(hints, tmp_path) == f"the limit {limit} is reached"
        hints.tend(10.0)
        assert why(hints, tmp_path) == f"the limit {limit} is reached"
    hints.tend(100.0)
    assert told(hints, tmp_path / "train.log", 101.0)
    assert why(hints, tmp_path) is None


def test_where_no_thread_can_be_started_directories_are_polled_until_one_can(
    tmp_path: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        hints.watch_file(tmp_path / "train.log", 0.0)
        assert why(hints, tmp_path) == "can't start new thread"
    hints.tend(100.0)
    assert told(hints, tmp_path / "train.log", 101.0)
    assert why(hints, tmp_path) is None


def test_few_directories_are_watched_and_those_where_something_happens(tmp_path: Path, hints: Hints) -> None:
    logs = [tmp_path / f"job{number}" / "train.log" for number in range(MOST_WATCHES + 2)]
    for log in logs:
        log.parent.mkdir()
        hints.watch_file(log, 0.0)
    assert hints.status()["polling"] == sorted(str(log.parent) for log in logs[MOST_WATCHES:])
    assert why(hints, logs[-1].parent) == CROWDED
    for log in logs[1:MOST_WATCHES]:
        told(hints, log, 100.0)
    hints.unheard(logs[-1], 120.0)
    assert told(hints, logs[-1], 121.0)
    assert why(hints, logs[0].parent) == CROWDED, "nothing has happened there for the longest"
    hints.unheard(logs[-2], 122.0)
    assert why(hints, logs[-2].parent) == CROWDED, "all others were heard lately"
