"""Ranks that are started apart, each under a `scraper run` of its own, are one run with a label for each."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from wrapping import DEADLINE, environment, scraper_argv, until

from scraper.ingest import follow_run, joining
from scraper.ingest.run_directory import unfinished
from scraper.run_ids import new_run_id

RANK = """
import os, sys
rank = int(os.environ.get("RANK") or os.environ.get("SLURM_PROCID") or 0)
for step in range(100):
    print(f"step {step}: loss {rank + step / 128}")
code = int(sys.argv[1]) if rank == int(sys.argv[2]) else 0
if len(sys.argv) > 3:
    open(sys.argv[3] + str(rank)).read()
sys.exit(code)
"""
SLURM = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_NTASKS": "4"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what the tests themselves may have been started by."""
    for name in [name for name in os.environ if name.startswith(("SLURM_", "TORCHELASTIC_")) or name in ("RANK", "WORLD_SIZE")]:
        monkeypatch.delenv(name)


def start(store: Path, variables: dict[str, str], *flags: str, code: int = 0, by: int = -1, gate: str = "") -> subprocess.Popen[bytes]:
    script = [sys.executable, "-c", RANK, str(code), str(by), *([gate] if gate else [])]
    words = scraper_argv("run", "--store", str(store), *flags, "--", *script)
    return subprocess.Popen(words, env=environment(**variables), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def finish(ranks: list[subprocess.Popen[bytes]]) -> list[tuple[int, str]]:
    """Wait for every rank; return statuses and what each said."""
    said = [rank.communicate(timeout=DEADLINE)[1].decode() for rank in ranks]
    return [(rank.returncode, words) for rank, words in zip(ranks, said, strict=True)]


def rows(store: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def until_run(store: Path, query: str, *expected: tuple[Any, ...]) -> None:
    """Wait for what the scrapers of the ranks store: they outlive a rank that prints no summary."""
    until(lambda: store.exists() and rows(store, "SELECT 1 FROM sqlite_master WHERE name = 'runs'"), "there is a store")
    until(lambda: rows(store, query) == [*expected], f"{query} gives {expected}")


def points(store: Path) -> Counter[tuple[str, int, float]]:
    return Counter(rows(store, "SELECT labels, step, value FROM metric_points WHERE metric = 'loss'"))


def expected(ranks: int) -> Counter[tuple[str, int, float]]:
    return Counter((f'{{"rank": "{rank}"}}', step, rank + step / 128) for rank in range(ranks) for step in range(100))


def test_tasks_of_a_slurm_step_are_one_run(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    ended = finish([start(store, {**SLURM, "SLURM_PROCID": str(rank)}) for rank in range(4)])
    assert [status for status, _ in ended] == [0, 0, 0, 0]
    until_run(store, "SELECT status, exit_code FROM runs", ("finished", 0))
    until(lambda: points(store) == expected(4), "every point of every rank is stored, once")
    told = [said for _, said in ended if said and "the scraper is still reading" not in said]
    assert told in ([], [ended[0][1]]), "one rank tells what became of all"
    until(lambda: not unfinished(store), "every rank is complete")


def test_other_steps_and_jobs_are_other_runs(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    others = ({}, {"SLURM_STEP_ID": "1"}, {"SLURM_JOB_ID": "78"}, {"SLURM_CLUSTER_NAME": "b"})
    started = [start(store, {**SLURM, "SLURM_PROCID": "0", **other}) for other in others]
    started += [start(store, {**SLURM, "SLURM_PROCID": "0"}, *flags) for flags in (["--no-join"], ["--experiment", "other"])]
    finish(started)
    until(lambda: not unfinished(store), "every run is complete")
    assert rows(store, "SELECT count(*) FROM runs") == [(6,)]


def test_a_run_that_was_to_stay_alone_is_joined_by_no_rank(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    for flags in (["--no-join"], []):
        finish([start(store, {**SLURM, "SLURM_PROCID": "0"}, *flags)])
        until(lambda: store.exists() and not unfinished(store), "it is complete")
    assert rows(store, "SELECT status FROM runs") == [("finished",), ("finished",)]


def test_torchrun_workers_are_one_run_by_its_id_or_by_its_process(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    worker = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "SLURM_PROCID": "0"}
    launches = [{**worker, "TORCHELASTIC_RUN_ID": run_id, "RANK": rank} for run_id in ("abc", "none") for rank in "01"]
    finish([start(store, launch) for launch in launches])
    until_run(store, "SELECT status FROM runs", ("finished",), ("finished",))
    until(lambda: points(store) == expected(2) + expected(2), "every point of every rank is stored, once")


def test_a_name_joins_what_has_no_such_environment(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    finish([start(store, {"RANK": str(rank)}, "--run", "exp7") for rank in range(3)])
    until_run(store, "SELECT name, status FROM runs", ("exp7", "finished"))
    until(lambda: points(store) == expected(3), "every point of every rank is stored, once")
    (refused,) = finish([start(store, {}, "--run", "exp7", "--name", "exp8")])
    assert refused == (2, "scraper: --run names the run to join and --name a new one; give one of them\n")


def test_the_run_lasts_until_its_last_rank_and_ends_as_the_first_that_failed(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    gate = tmp_path / "gate"
    for rank in range(2):
        os.mkfifo(f"{gate}{rank}")
    ranks = [start(store, {**SLURM, "SLURM_PROCID": str(rank)}, code=3, by=1, gate=str(gate)) for rank in range(2)]
    Path(f"{gate}1").write_text("")
    assert finish(ranks[1:])[0][0] == 3
    until_run(store, "SELECT labels, count FROM series WHERE metric = 'loss' AND labels LIKE '%1%'", ('{"rank": "1"}', 100))
    assert rows(store, "SELECT status, ended FROM runs") == [("running", None)]
    Path(f"{gate}0").write_text("")
    assert finish(ranks[:1])[0][0] == 0
    until_run(store, "SELECT status, exit_code FROM runs", ("failed", 3))
    until(lambda: points(store) == expected(2), "every point of every rank is stored, once")


def test_a_rank_that_started_before_the_one_that_made_the_run_counts(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    gate = tmp_path / "gate"
    for rank in range(2):
        os.mkfifo(f"{gate}{rank}")
    slow = start(store, {**SLURM, "SLURM_PROCID": "0"}, code=3, by=0, gate=str(gate))
    (directory,) = until(lambda: [one for one in unfinished(store) if one.recorder()], "it is recorded")
    scraper = int(directory.recorder()["scraper_pid"])
    os.kill(scraper, signal.SIGSTOP)
    second = directory.id[:15]
    until(lambda: new_run_id(time.time())[:15] > second, "a second is over")
    other = start(store, {**SLURM, "SLURM_PROCID": "1"}, gate=str(gate))
    Path(f"{gate}1").write_text("")
    assert finish([other])[0][0] == 0
    until_run(store, "SELECT labels, count FROM series WHERE metric = 'loss'", ('{"rank": "1"}', 100))
    assert rows(store, "SELECT status FROM runs") == [("running",)]
    os.kill(scraper, signal.SIGCONT)
    Path(f"{gate}0").write_text("")
    assert finish([slow])[0][0] == 3
    until_run(store, "SELECT status, exit_code FROM runs", ("failed", 3))


def test_a_rank_whose_scraper_was_killed_is_completed_in_the_run_of_all(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    gate = tmp_path / "gate"
    for rank in range(2):
        os.mkfifo(f"{gate}{rank}")
    first = start(store, {**SLURM, "SLURM_PROCID": "0"}, gate=str(gate))
    Path(f"{gate}0").write_text("")
    finish([first])
    until(lambda: not unfinished(store), "the first rank is complete, whose scraper outlives it")
    second = start(store, {**SLURM, "SLURM_PROCID": "1"}, gate=str(gate))
    with Path(f"{gate}1").open("w"):  # the rank has printed everything
        (directory,) = unfinished(store)
        os.kill(int(directory.recorder()["scraper_pid"]), signal.SIGKILL)
    finish([second])
    follow_run.resume(store)
    until(lambda: points(store) == expected(2), "every point of every rank is stored, once")
    until_run(store, "SELECT status FROM runs", ("finished",))


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"},  # the batch script, before its srun
        {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"},
        {"TORCHELASTIC_RUN_ID": "x", "RANK": "0", "WORLD_SIZE": "1"},
        {"TORCHELASTIC_RUN_ID": "none", "RANK": "0", "WORLD_SIZE": "16", "LOCAL_WORLD_SIZE": "8"},
    ],
)
def test_what_is_alone_or_cannot_be_told_apart_joins_nothing(environ: dict[str, str]) -> None:
    assert joining.asked(environ, "") == {}
