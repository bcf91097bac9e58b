"""The reader is killed by SIGKILL again and again; in the end every line is stored once."""

from __future__ import annotations

import random
import select
import signal
import subprocess
import sys
from pathlib import Path

from tailing import Rig, expected, line

READER = """
import sys
from scraper.config import resolve
from scraper.ingest.pipeline import Pipeline
from scraper.parse.packs import PackSet
from scraper.store.writer import Writer
store, log, run_key = sys.argv[1:]
with Writer(store) as writer, Pipeline(writer, PackSet([]), resolve(environ={}, flags={"batch_seconds": 0.001})) as pipeline:
    pipeline.add(log, int(run_key))
    print("reading", flush=True)
    pipeline.run(lambda: False)
"""


def _die_while_reading(rig: Rig, written: int, generator: random.Random) -> int:
    """Start a reader, write on until it has stored something or a moment has passed, kill it; return the lines written by then."""
    arguments = [sys.executable, "-c", READER, str(rig.store), str(rig.log), str(rig._run_key)]
    reader = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    try:
        assert reader.stdout is not None
        assert select.select([reader.stdout], [], [], 30)[0], "the reader did not start"
        with rig.log.open("a", buffering=1) as log:
            for _ in range(generator.randrange(200, 4000)):
                written += 1
                log.write(line(written))
        try:
            reader.wait(generator.random() * 0.15)
        except subprocess.TimeoutExpired:
            reader.send_signal(signal.SIGKILL)
        assert reader.wait(30) == -signal.SIGKILL
    finally:
        reader.kill()
        reader.communicate()
    return written


def _check(directory: Path, kills: int) -> None:
    generator = random.Random(20)
    with Rig(directory) as rig:
        rig.log.write_text("")
        rig.start()
        rig.kill()
        written = 0
        for _ in range(kills):
            written = _die_while_reading(rig, written, generator)
            assert rig.rows("PRAGMA quick_check") == [("ok",)]
        rig.start()
        rig.turn()
        assert rig.losses() == expected(range(1, written + 1))


def test_killed_in_the_middle(tmp_path: Path) -> None:
    _check(tmp_path, 5)


def test_a_second_reader_of_the_same_file_is_refused(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.log.write_text(line(1))
        rig.start()
        rig.turn()
        command = [sys.executable, "-m", "scraper", "tail", "--store", str(rig.store), str(rig.log)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parent.parent)
        assert second.returncode == 1
        assert "is being read into this store by process" in second.stderr
        assert len(second.stderr.splitlines()) <= 2
        rig.settle()
        assert rig.losses() == expected([1])
        assert len(rig.rows("SELECT * FROM runs")) == 1, "the refused one left nothing behind"
