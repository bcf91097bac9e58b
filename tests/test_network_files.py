"""Files on a network filesystem: what is seen of them lags behind, and handles go stale. The environment is imitated, not the reader."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tailing import LONG, Rig, expected, lines

from scraper.ingest import source, tailer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(source, "filesystem_type", lambda _: "nfs4")
    with Rig(tmp_path) as rig:
        yield rig


def glance(rig: Rig) -> None:
    """Let less time pass than a shrunken file has to stay so to be believed."""
    rig.clock.now += 0.4
    rig.pipeline.turn()


@pytest.mark.parametrize("seen", [0, 20])
def test_a_size_that_lags_is_no_truncation(rig: Rig, seen: int) -> None:
    rig.log.write_text(lines(1, 2, 3))
    rig.start()
    rig.turn()
    there = rig.log.read_bytes()
    os.truncate(rig.log, seen)  # what a client with stale attributes is shown
    glance(rig)
    glance(rig)
    with rig.log.open("r+b") as log:
        log.write(there + lines(4).encode())
    rig.turn()
    rig.turn()
    assert rig.losses() == expected([1, 2, 3, 4]), "nothing was read again, and reading went on"
    assert rig.events() == []


def test_a_truncation_that_stays_is_believed(rig: Rig) -> None:
    rig.log.write_text(lines(1, 2, 3))
    rig.start()
    rig.turn()
    rig.log.write_text(lines(4))
    for _ in range(8):
        glance(rig)
    rig.turn()
    assert rig.losses() == expected([1, 2, 3, 4])
    assert rig.events() == ["truncation"]


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO])
def test_a_stale_handle_is_opened_again_where_reading_stopped(rig: Rig, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    with rig.log.open("a") as log:
        log.write(lines(3))
    real, failures = os.pread, [number]

    def pread(descriptor: int, size: int, offset: int) -> bytes:
        if failures:
            raise OSError(failures.pop(), "imitated")
        return real(descriptor, size, offset)

    with monkeypatch.context() as patch:
        patch.setattr(tailer.os, "pread", pread)
        rig.turn()
        assert rig.said == [f"{rig.log}: imitated; trying again"]
        rig.turn()
    assert rig.losses() == expected([1, 2, 3])
    assert rig.open_files() == 1, "the stale handle was closed"


@contextmanager
def stale(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every call on the log's open descriptors fail until they are closed, as after the server gave the file another handle."""
    broken = {int(link.name) for link in Path("/proc/self/fd").iterdir() if link.resolve() == rig.log}

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def asked(descriptor: int, *rest: Any) -> Any:
            if descriptor in broken:
                raise OSError(errno.ESTALE, "Stale file handle")
            return call(descriptor, *rest)

        return asked

    real = os.close

    def close(descriptor: int) -> None:
        real(descriptor)
        if descriptor in broken:  # it is closed, whatever is answered
            broken.remove(descriptor)
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", failing(os.pread))
        patch.setattr(os, "fstat", failing(os.fstat))
        patch.setattr(os, "close", close)
        yield


def test_a_handle_that_can_neither_be_read_asked_nor_closed_is_opened_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.log.write_text(lines(1, 2))
    rig.start()
    rig.turn()
    with rig.log.open("a") as log:
        log.write(lines(3))
    with stale(rig, monkeypatch):
        rig.turn()
        assert rig.said == [f"{rig.log}: Stale file handle; trying again"]
        rig.turn()
    assert rig.losses() == expected([1, 2, 3])
    assert rig.open_files() == 1


def test_a_file_whose_handle_is_stale_is_not_complete_and_half_a_line_of_it_no_point(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.log.write_text(lines(1) + "step 2 loss 0.1")
    rig.start()
    rig.turn()
    with stale(rig, monkeypatch):
        rig.turn(LONG)
        assert [outcome.lag for outcome in rig.pipeline.progress()] == [0]
        rig.stop()
    assert rig.losses() == expected([1])


def test_a_name_that_cannot_be_seen_for_a_while(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.log.write_text(lines(1))
    rig.start()
    rig.turn()
    real = os.stat

    def stat(path: str, **how: bool) -> os.stat_result:
        if str(path) == str(rig.log):
            raise OSError(errno.ESTALE, "Stale file handle")
        return real(path, **how)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", stat)
        rig.turn()
        assert [str(trouble) for trouble in rig.pipeline.troubles()] == [f"{rig.log}: Stale file handle"]
    with rig.log.open("a") as log:
        log.write(lines(2))
    rig.turn(60)
    assert rig.losses() == expected([1, 2])
    assert rig.pipeline.troubles() == []
