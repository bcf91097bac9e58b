"""Runs get ids that sort by time and names people expect; events and definitions come with batches; deleting leaves nothing."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import pytest
from store_helpers import batch, everything, new_source, point, rows

from scraper.errors import NotFoundError, StoreError
from scraper.model import Event, MetricDefinition, NewRun
from scraper.run_ids import new_run_id
from scraper.store.runs import default_name
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path


def test_an_id_says_when_and_which_commit() -> None:
    assert re.fullmatch(r"20261121-062249-1a2b3c4-[a-z2-7]{3}", new_run_id(1795242169.9, "1a2b3c4d5e"))
    assert re.fullmatch(r"19700101-000000-nogit-[a-z2-7]{3}", new_run_id(0.0))


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (NewRun(command=("python", "-u", "train.py", "--lr", "3")), "train"),
        (NewRun(command=("torchrun", "--standalone", "/home/me/run_clm.py")), "run_clm"),
        (NewRun(command=("./train", "--fast")), "train"),
        (NewRun(command=("python", "-c", "print('loss=1.5')")), "python"),
        (NewRun(command=("srun", "bash", "-x", "-lc", "cd out; ./go")), "bash"),
        (NewRun(command=("python", "train.py", "--lr", "3", "-c", "conf.yaml")), "train"),
        (NewRun(command=("python", "-m", "torch.distributed.run", "--nproc_per_node", "8", "train.py")), "train"),
        (NewRun(command=("accelerate", "launch", "-m", "trl.sft", "--lr", "3")), "sft"),
        (NewRun(command=("torchrun", "--nproc_per_node", "8", "--", "pretrain.py")), "pretrain"),
        (NewRun(command=("python3.11",)), "python3"),
        (NewRun(log_path="/scratch/slurm-1234.out"), "slurm-1234"),
        (NewRun(), "tail"),
        (NewRun(log_path="bad\udcff\0.log"), "bad\\udcff\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_run_without_a_name_gets_one(run: NewRun, name: str) -> None:
    assert default_name(run) == name


def test_runs_of_one_second_have_ids_of_their_own(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db", clock=lambda: 1e9) as writer:
        refs = [writer.create_run(NewRun(name="same", started=None)) for _ in range(200)]
        assert len({ref.id for ref in refs}) == 200
        assert writer.find_run("default", "same") == refs[-1]
        assert writer.find_run("other", "same") is None
        assert writer.find_run_id(refs[3].id) == refs[3]


def test_a_run_brings_its_id_once(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        ref = writer.create_run(NewRun(id="20261121-062249-nogit-abc", name="x"))
        assert ref.id == "20261121-062249-nogit-abc"
        with pytest.raises(StoreError, match="already in the store"):
            writer.create_run(NewRun(id=ref.id, name="y"))


def test_what_is_known_of_a_run_is_kept(tmp_path: Path) -> None:
    run = NewRun(
        name="big", experiment="vision", kind="run", command=("python", "train.py"), cwd="/data", pid=7, started=5.5, git_dirty=True,
        hardware={"cores": 2}, environment={"RANK": "0"}, tags=("a", "b"), note="first",
    )  # fmt: skip
    with Writer(tmp_path / "store.db") as writer:
        key = writer.create_run(run).key
        writer.add_tags(key, ["b", "c"])
        writer.update_run(key, status="killed", signal=9, ended=6.5)
        (row,) = rows(writer.open(), "SELECT * FROM runs")
        assert json.loads(row["tags"]) == ["a", "b", "c"]
        assert json.loads(row["command"]) == ["python", "train.py"]
        assert (row["status"], row["signal"], row["ended"], row["git_dirty"], row["pid"]) == ("killed", 9, 6.5, 1, 7)
        assert rows(writer.open(), "SELECT name FROM experiments") == [{"name": "vision"}]


def test_an_update_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        key = writer.create_run(NewRun(name="x")).key
        with pytest.raises(ValueError, match="no column 'id'"):
            writer.update_run(key, id="other")
        with pytest.raises(ValueError, match="not 'done'"):
            writer.update_run(key, status="done")
        for call in (lambda: writer.update_run(9, status="failed"), lambda: writer.add_tags(9, ["a"]), lambda: writer.delete_run(9)):
            with pytest.raises(NotFoundError, match="no run with key 9"):
                call()


def test_an_event_is_stored_once(tmp_path: Path) -> None:
    saved = Event(60, "checkpoint", 1, 0.5, 1e9, "saved to \udcff x.pt", {"path": "x.pt", "losses": (2.5, -math.inf)})
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        events = [saved, saved, saved._replace(kind="restart", step=1 << 70), saved._replace(kind="gap", step=None)]
        assert writer.commit([batch(source, offset=120, events=events)]).events == 3
        assert writer.commit([batch(source, offset=120, events=[saved])]).events == 0
        first, second, third = rows(writer.open(), "SELECT * FROM events ORDER BY id")
        assert (first["at"], first["step"], first["line"]) == (60, 1, "saved to \\udcff x.pt")
        assert json.loads(first["detail"]) == {"path": "x.pt", "losses": [2.5, "-Infinity"]}
        assert [(row["kind"], row["step"]) for row in (second, third)] == [("restart", None), ("gap", None)]


def test_an_event_told_again_gains_what_is_new_and_loses_nothing(tmp_path: Path) -> None:
    first = Event(60, "checkpoint", 1, None, None, "saving at step 1", {"rank": "0"})
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)
        further = first._replace(line="saved to x.pt", detail={"path": "x.pt", "rank": "0"})
        stored = [writer.commit([batch(source, offset=120, events=[event])]).events for event in (first, further, further, first)]
        (only,) = rows(writer.open(), "SELECT line, detail FROM events")
    assert stored == [1, 1, 0, 0]
    assert (only["line"], json.loads(only["detail"])) == ("saving at step 1", {"rank": "0", "path": "x.pt"})


def test_what_a_metric_means_is_never_overwritten_with_less(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        source = new_source(writer)

        def define(**said: object) -> tuple[object, ...]:
            writer.commit([batch(source, definitions=[MetricDefinition("acc", **said)])])
            return writer.open().execute("SELECT label, format, higher_is_better, tier, pack FROM metric_definitions").fetchone()

        assert define(pack="keras", format="fraction", higher_is_better=True) == ("", "fraction", 1, "custom", "keras")
        assert define(pack="other", label="Accuracy") == ("Accuracy", "fraction", 1, "custom", "other")
        assert define(label="My accuracy", tier="primary") == ("My accuracy", "fraction", 1, "primary", "")
        assert define(pack="keras", label="Accuracy", format="percent", unit="%") == ("My accuracy", "fraction", 1, "primary", "")
        assert define(higher_is_better=False) == ("My accuracy", "fraction", 0, "primary", "")


def test_a_deleted_run_leaves_nothing_and_others_alone(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as writer:
        kept = new_source(writer, "kept")
        writer.commit([batch(kept, [point(i * 60, i) for i in range(200)], events=[Event(0, "gap", None, None, None, "")])])
        before = everything(writer.open())
        gone = new_source(writer, "gone")
        writer.commit([batch(gone, [point(i * 60, i) for i in range(200)], events=[Event(0, "gap", None, None, None, "")])])
        writer.delete_run(gone.run_key)
        assert everything(writer.open()) == before
        assert writer.open().execute("PRAGMA foreign_key_check").fetchall() == []
        with pytest.raises(StoreError, match="its run was deleted"):
            writer.commit([batch(gone, [point(0, 1.0)])])
