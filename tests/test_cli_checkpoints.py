"""Checkpoints: joined with the metrics of their step, linked to, and pruned only where that is asked for and harmless."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, invoke, point, read_json

import scraper
from scraper.model import Event

VALUES = [3.0, 1.0, math.nan, 2.0, 2.5]  # of val/loss, printed right after the checkpoint of its step


@pytest.fixture
def store(tmp_path: Path) -> str:
    points, events = [], []
    for i, value in enumerate(VALUES):
        step = 100 * i
        points += [point(1000 * i, 9.0 - i, "loss", step=step - 1, time=STARTED + i), point(1000 * i + 20, value, "val/loss", step=step)]
        events.append(Event(1000 * i + 10, "checkpoint", step, None, STARTED + i, f"saved ckpt-{step}.pt", {"path": f"ckpt-{step}.pt"}))
        if i != 3:
            (tmp_path / f"ckpt-{step}.pt").write_bytes(b"x" * (step + 1))
    (tmp_path / "outside").mkdir()
    fill(tmp_path / "store.db", points, events=events, name="one", cwd=str(tmp_path))
    return str(tmp_path / "store.db")


def test_checkpoints_come_with_size_and_the_metrics_of_their_step(store: str) -> None:
    found = read_json("checkpoints", "one", "--store", store)
    assert [one["step"] for one in found] == [0, 100, 200, 300, 400]
    assert [one["size"] for one in found] == [1, 101, 201, None, 401]
    assert [one["metrics"]["val/loss"] for one in found] == [3, 1, "NaN", 2, 2.5]
    assert [one["metrics"]["loss"] for one in found] == [9, 8, 7, 6, 5]
    assert [(one["latest"], one["best"]) for one in found] == [(False, i == 1) if i < 4 else (True, False) for i in range(5)]
    text = invoke("checkpoints", "one", "--store", store).stdout
    assert [line.split()[2:4] for line in text.splitlines() if line.startswith("ckpt-300")] == [["not", "here"]]
    assert "best by val/loss, lower is better" in text
    assert [one["best"] for one in read_json("checkpoints", "one", "--higher", "--metric", "val/loss", "--store", store)].index(True) == 0


def test_files_no_line_named_are_joined_by_their_name_or_time(store: str, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    (folder / "checkpoint-150").mkdir(parents=True)
    (folder / "checkpoint-150" / "model.bin").write_bytes(b"12345")
    (folder / "final.pt").write_bytes(b"1")
    os.utime(folder / "final.pt", (STARTED + 2.5, STARTED + 2.5))
    (folder / "readme.txt").write_text("none")
    (folder / "link.pt").symlink_to(folder / "final.pt")
    found = {Path(one["path"]).name: one for one in read_json("checkpoints", "one", "--dir", str(folder), "--store", store)}
    assert len(found) == 7
    assert (found["checkpoint-150"]["step"], found["checkpoint-150"]["size"], found["checkpoint-150"]["metrics"]["val/loss"]) == (150, 5, 1)
    assert found["final.pt"]["metrics"]["loss"] == 7
    assert invoke("checkpoints", "one", "--dir", str(tmp_path / "none"), "--store", store).exit_code == 1


def test_a_path_that_was_saved_again_is_one_checkpoint(tmp_path: Path) -> None:
    events = [Event(10 * i, "checkpoint", i, None, None, "saved last.pt", {"path": "last.pt"}) for i in range(3)]
    fill(tmp_path / "store.db", [point(25, 1.0, step=2)], events=events, cwd=str(tmp_path))
    with scraper.open(tmp_path / "store.db") as db:
        (one,) = db.run().checkpoints("l*")
    assert (one.step, one.size, one.metrics) == (2, None, {"loss": 1.0})


def test_links_point_at_the_latest_and_the_best(store: str, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    for _ in range(2):
        assert invoke("checkpoints", "one", "--link", str(links), "--store", store).exit_code == 0
        assert (links / "checkpoint_latest").resolve() == (tmp_path / "ckpt-400.pt").resolve()
        assert (links / "checkpoint_best").resolve() == (tmp_path / "ckpt-100.pt").resolve()
    assert sorted(path.name for path in links.iterdir()) == ["checkpoint_best", "checkpoint_latest"]
    (links / "checkpoint_best").unlink()
    (links / "checkpoint_best").write_text("mine")
    result = invoke("checkpoints", "one", "--link", str(links), "--store", store)
    assert (result.exit_code, (links / "checkpoint_best").read_text()) == (2, "mine")
    assert invoke("checkpoints", "one", "--link", str(tmp_path / "none"), "--store", store).exit_code == 2


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.pt"))


def test_pruning_deletes_only_with_yes_and_keeps_the_last_and_the_best(store: str, tmp_path: Path) -> None:
    prune = ("prune", "one", "--keep-last", "1", "--keep-best", "1", "--store", store)
    before = left(tmp_path)
    result = invoke(*prune)
    assert (result.exit_code, "nothing was deleted" in result.stdout, left(tmp_path)) == (0, True, before)
    result = invoke(*prune, "--yes")
    assert (result.exit_code, "deleted 2 of 4 checkpoints, 202 B" in result.stdout) == (0, True)
    assert left(tmp_path) == ["ckpt-100.pt", "ckpt-400.pt"]
    assert "nothing to delete" in invoke(*prune).stdout


def saved(tmp_path: Path, *names: str) -> str:
    """Return a store in which a run in `tmp_path` saved these checkpoints, one after the other, at steps 10, 20, ..."""
    points = [point(100 * i, 1.0, "loss", step=10 * i) for i in range(1, len(names) + 1)]
    events = [Event(100 * i + 9, "checkpoint", 10 * i, None, None, "saved", {"path": name}) for i, name in enumerate(names, 1)]
    fill(tmp_path / "store.db", points, events=events, cwd=str(tmp_path))
    return str(tmp_path / "store.db")


@pytest.mark.parametrize("again", ["{tmp}/out/best.pt", "out/../out/best.pt", "./out//best.pt", "other/best.pt"])
def test_a_file_saved_under_two_names_is_one_checkpoint(tmp_path: Path, again: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "other").symlink_to("out")
    for name in ("old", "best", "last"):
        (tmp_path / "out" / f"{name}.pt").write_text("x")
    store = saved(tmp_path, "out/best.pt", "out/old.pt", again.format(tmp=tmp_path), "out/last.pt")
    assert [one["step"] for one in read_json("checkpoints", "--store", store)] == [20, 30, 40]
    result = invoke("prune", "latest", "--keep-last", "2", "--keep-best", "0", "--yes", "--store", store)
    assert "deleted 1 of 3" in result.stdout
    assert left(tmp_path / "out") == ["best.pt", "last.pt"]


def test_what_a_link_leads_to_counts_once_and_is_kept(tmp_path: Path) -> None:
    for name in ("c1.pt", "c2.pt", "c3.pt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "latest.pt").symlink_to("c3.pt")
    store = saved(tmp_path, "c1.pt", "c2.pt", "c3.pt", "latest.pt")
    result = invoke("prune", "latest", "--keep-last", "2", "--keep-best", "0", "--yes", "--store", store)
    assert "deleted 1 of 3" in result.stdout
    assert left(tmp_path) == ["c2.pt", "c3.pt", "latest.pt"]
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:4]] == [["delete", "c1.pt"], ["keep", "c2.pt"], ["keep", "c3.pt"]]


def test_the_parts_of_a_checkpoint_are_kept_and_deleted_with_it(tmp_path: Path) -> None:
    names = []
    for step in (10, 20, 30):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "model.safetensors").write_text("x")
        names += [f"checkpoint-{step}", f"checkpoint-{step}/model.safetensors"]
    store = saved(tmp_path, *names)
    result = invoke("prune", "latest", "--keep-last", "2", "--keep-best", "0", "--yes", "--store", store)
    assert "deleted 1 of 3" in result.stdout
    assert sorted(path.name for path in tmp_path.glob("checkpoint-*/*")) == ["model.safetensors"] * 2
    assert not (tmp_path / "checkpoint-10").exists()


@pytest.mark.parametrize("keep", ["ckpts-1/weights.pt", "ckpts-1/step-5"])
def test_what_holds_something_that_is_kept_stays(tmp_path: Path, keep: str) -> None:
    (tmp_path / "ckpts-1" / "step-5").mkdir(parents=True)
    (tmp_path / "ckpts-1" / "weights.pt").write_text("x")
    (tmp_path / "outer.pt").symlink_to("ckpts-1")
    store = saved(tmp_path, "outer.pt", keep, ".")
    result = invoke("prune", "latest", "--keep-last", "2", "--keep-best", "0", "--yes", "--store", store)
    assert "deleted 0" in result.stdout
    assert (tmp_path / keep).exists()


@pytest.mark.parametrize("path", ["{tmp}/outside/keep-1.pt", "../keep-1.pt", "notes", "link-1.pt", "/", "."])
def test_what_a_log_names_is_not_deleted_unless_it_is_a_checkpoint_of_the_run(tmp_path: Path, path: str) -> None:
    run, outside = tmp_path / "run", tmp_path / "outside"
    for folder in (run / "notes", outside):
        folder.mkdir(parents=True)
    for file in (outside / "keep-1.pt", tmp_path / "keep-1.pt", run / "notes" / "a.pt", run / "ckpt-9.pt"):
        file.write_text("x")
    (run / "link-1.pt").symlink_to(outside / "keep-1.pt")
    named = path.format(tmp=tmp_path)
    events = [Event(10 * i, "checkpoint", i, None, None, "saved", {"path": name}) for i, name in enumerate((named, "ckpt-9.pt"))]
    fill(tmp_path / "store.db", [point(i, 1.0) for i in range(9)], events=events, cwd=str(run))
    before = sorted(tmp_path.rglob("*"))
    arguments = ("prune", "latest", "--keep-last", "1", "--keep-best", "0", "--yes", "--store", str(tmp_path / "store.db"))
    result = invoke(*arguments)
    assert (result.exit_code, "deleted 0" in result.stdout) == (0, True), result.output
    assert [file for file in sorted(tmp_path.rglob("*")) if "store.db" not in file.name] == [f for f in before if "store.db" not in f.name]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("prune", "one"), 2, "--keep-last"),
        (("prune", "one", "--keep-last", "1", "--metric", "nix"), 1, "no metric 'nix'"),
        (("checkpoints", "one", "--metric", "nix"), 1, "no metric 'nix'"),
        (("checkpoints", "nix"), 1, "no run 'nix'"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(store: str, arguments: tuple[str, ...], status: int, said: str) -> None:
    result = invoke(*arguments, "--store", store)
    assert (result.exit_code, said in result.stderr) == (status, True)


@pytest.mark.parametrize("verb", ["checkpoints", "prune"])
def test_each_verb_has_examples(verb: str) -> None:
    assert f"scraper {verb}" in invoke(verb, "--help").stdout.partition("Examples:")[2]


def test_a_checkpoint_no_line_names_is_not_said_to_be_missing(tmp_path: Path) -> None:
    saved = Event(10, "checkpoint", 5, None, STARTED, "saved at step 5", {})
    fill(tmp_path / "store.db", [point(0, 1.0, "loss", step=5)], events=[saved], name="one")
    row = invoke("checkpoints", "one", "--store", str(tmp_path / "store.db")).stdout.splitlines()[1]
    assert row.startswith("(not named)     5     -")
