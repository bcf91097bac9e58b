"""A file generation is found again by inode and path, belongs to one live process at a time, and is taken over from a dead one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from store_helpers import IDENTITY, batch, mark, new_source, point, run_python

from scraper.errors import SourceHeldError
from scraper.ingest.recorder.state import is_running, process_started
from scraper.store.sources import this_process
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
from scraper.store.writer import Writer
with Writer(sys.argv[1]) as writer:
    writer.claim_source(int(sys.argv[2]))
    print("held", flush=True)
    sys.stdin.readline()
    writer.release_source(int(sys.argv[2]))
"""


def hold_as(writer: Writer, source_id: int, **holder: Any) -> None:
    text = json.dumps(this_process() | holder)
    with writer.transaction() as connection:
        connection.execute("UPDATE sources SET holder = ? WHERE id = ?", (text, source_id))


def test_generations_are_numbered_and_found(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        first = new_source(writer)
        huge = replace(IDENTITY, inode=(1 << 64) - 3)  # as some network filesystems number them
        second = writer.open_source(first.run_key, "train.log", huge, labels=(("rank", "0"),))
        assert (first.ordinal, second.ordinal, second.labels) == (0, 1, (("rank", "0"),))
        assert writer.find_sources(huge.device, huge.inode) == [second]
        assert writer.find_sources_by_path("train.log") == [second, first]
        writer.move_source(first.id, "train.log.1")
        assert [source.id for source in writer.find_sources_by_path("train.log.1")] == [first.id]
        assert writer.run_sources(first.run_key)[0] == second


def test_a_mark_comes_back_as_it_was_committed(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", clock=lambda: 77.0) as writer:
        source = new_source(writer)
        grown = replace(mark(6000, lines=100, matched=90), identity=replace(IDENTITY, head_size=1000, head_hash="ef"), finished=True)
        writer.commit([batch(source, mark=grown)])
        (found,) = writer.run_sources(source.run_key)
        assert (found.offset, found.line_number, found.tail_hash, found.parser_state) == (6000, 100, "cd" * 16, b'{"step": 1}')
        assert (found.identity, found.counters, found.finished) == (grown.identity, {"lines": 100, "matched": 90}, True)
        assert found.updated == 77.0
        assert writer.unfinished_sources() == []
        assert writer.open().execute("SELECT heartbeat FROM runs").fetchone() == (77.0,)


def test_two_live_processes_cannot_hold_one_source(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        with run_python(HOLD, writer.path, source.id) as child:
            assert child.stdout.readline() == "held\n"
            told = rf"train\.log is being read into this store by process {child.pid} on \S+ since 20\d\d-"
            with pytest.raises(SourceHeldError, match=told):
                writer.claim_source(source.id)
            with pytest.raises(SourceHeldError):
                writer.commit([batch(source, [point(0, 1.0)])])
            child.communicate("done\n", timeout=30)
        assert writer.claim_source(source.id).holder == this_process()


def test_a_killed_holder_is_taken_over_at_once(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        with run_python(HOLD, writer.path, source.id) as child:
            assert child.stdout.readline() == "held\n"
            child.kill()
        assert writer.claim_source(source.id).holder == this_process()
        writer.commit([batch(source, [point(0, 1.0)])])


def test_another_process_with_the_dead_holders_number_is_not_taken_for_it(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        hold_as(writer, source.id, pid=os.getppid(), started=-1)
        assert writer.claim_source(source.id).holder == this_process()
        hold_as(writer, source.id, pid=os.getppid(), started=process_started(os.getppid()))
        with pytest.raises(SourceHeldError):
            writer.claim_source(source.id)


@pytest.mark.parametrize("elsewhere", [{"host": "node17"}, {"namespace": 1}])
def test_a_holder_elsewhere_is_honoured_while_it_is_heard_of(tmp_path: Path, elsewhere: dict[str, Any]) -> None:
    now = [1000.0]
    with Writer(tmp_path / "store.db", clock=lambda: now[0]) as writer:
        source = new_source(writer)
        hold_as(writer, source.id, **elsewhere)
        now[0] = 1050.0
        with pytest.raises(SourceHeldError):
            writer.claim_source(source.id)
        writer.heartbeat([source.run_key])
        now[0] = 1109.0
        with pytest.raises(SourceHeldError):
            writer.claim_source(source.id)
        now[0] = 1110.0
        assert writer.claim_source(source.id).holder == this_process()


def test_only_the_holder_releases(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer, claim=True)
        assert source.holder == this_process()
        writer.release_source(source.id)
        assert writer.run_sources(source.run_key)[0].holder is None
        hold_as(writer, source.id, host="node17")
        writer.release_source(source.id)
        assert writer.run_sources(source.run_key)[0].holder is not None


def test_a_process_that_nobody_asked_after_is_not_alive() -> None:
    """A killed recorder whose parent does not wait for it is a zombie: its run has ended all the same."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        started = process_started(process.pid)
        assert started is not None
        assert is_running(process.pid, started)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_started(process.pid) is None
        assert not is_running(process.pid, started)
