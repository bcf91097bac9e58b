"""Every reading verb at once on a store that a run in progress writes to: no lock error, and nothing half-written is seen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import scraper

ROOT = Path(__file__).resolve().parent.parent
WRITER = """
import itertools, sys
sys.path.insert(0, sys.argv[2])
from scraper.model import Batch, FileIdentity, NewRun, Point, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer
identity = FileIdentity(1, 2, "00" * 16, 0)
with Writer(sys.argv[1]) as writer:
    run = writer.create_run(NewRun(name="live", started=1.8e9))
    source = writer.open_source(run.key, "train.log", identity)
    for i in itertools.count():
        points = [Point(100 * s + j, name, (), 0, s, 0, None, 1.8e9 + s, 1.0 / (1 + s)) for s in range(50 * i, 50 * i + 50)
                  for j, name in enumerate(("loss", "val/loss"))]
        writer.commit([Batch(source.id, SourceMark(5000 * (i + 1), 50, "", identity, b"", {}), Points(points))])
        if i == 0:
            print("begun", flush=True)
"""
VERBS = (
    "ls metric:loss<2",
    "show live",
    "summary live --json",
    "best val/loss",
    "compare live --points 20",
    "events live",
    "plot live --width 80 --height 24",
    "sql SELECT\tCOUNT(*)\tFROM\tmetric_points",
    "export live --wide",
    "export live --format json",
    "checkpoints live",
    "tag live --add seen",
)


def test_every_verb_reads_while_a_run_writes(tmp_path: Path) -> None:
    store, environment = tmp_path / "store.db", {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(store), str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        scraper_ = [sys.executable, "-m", "scraper"]
        arguments = [[word.replace("\t", " ") for word in verb.split(" ")] for verb in VERBS]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        readers = [subprocess.Popen([*scraper_, *words, "--store", str(store)], env=environment, text=True, **pipes) for words in arguments]  # type: ignore[call-overload]
        for verb, reader in zip(VERBS, readers, strict=True):
            assert (reader.communicate(timeout=60)[1], reader.returncode) == ("", 0), verb
        assert writer.poll() is None
        with scraper.open(store) as db:
            for _ in range(20):
                one, other = db.run("live").metrics()
                assert one.count == other.count  # both were committed in one transaction
                assert one.count % 50 == 0
        writer.kill()
        writer.wait(60)
