"""What file names say of runs, ranks and rotations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scraper.ingest.fileset import FileSet
from scraper.ingest.identity import looks_binary
from scraper.ingest.naming import group_rotations, rank_labels, run_names
from scraper.ingest.rotations import base_names
from scraper.ingest.tailer import Verdict, judge


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("train.log", []),
        ("train.log.1", ["train.log"]),
        ("train.log.2.gz", ["train.log.2", "train.log"]),
        ("train.log-20260102", ["train.log"]),
        ("train.log.2026-01-02_03.zst", ["train.log.2026-01-02_03", "train.log"]),
        ("slurm-12.out", []),
        ("log_3.out", []),
    ],
)
def test_names_a_rotated_file_had(name: str, before: list[str]) -> None:
    assert base_names(name) == before


def test_rotations_belong_to_their_log() -> None:
    paths = [Path(name) for name in ("a.log", "a.log.1", "a.log.2.gz", "b.log.1", "slurm-1.out", "slurm-2.out")]
    groups = group_rotations(paths)
    assert {str(log): sorted(map(str, rotated)) for log, rotated in groups.items()} == {
        "a.log": ["a.log.1", "a.log.2.gz"],
        "b.log.1": [],
        "slurm-1.out": [],
        "slurm-2.out": [],
    }


def test_runs_are_named_apart() -> None:
    names = run_names([Path("/x/one/train.log"), Path("/x/two/train.log"), Path("/x/eval.txt"), Path("/x/b.log.1.gz")])
    assert list(names.values()) == ["one/train", "two/train", "eval", "b"]


@pytest.mark.parametrize(
    ("names", "joined", "ranks"),
    [
        (["rank0.log", "rank_11.log"], False, ["0", "11"]),
        (["log_3.out", "log_4.out"], True, ["3", "4"]),
        (["log_3.out", "log_4.out"], False, [None, None]),
        (["slurm-77_0.out", "slurm-77_1.out"], True, ["0", "1"]),
        (["node1-gpu0.log", "node2-gpu1.log"], True, [None, None]),
        (["train.log", "eval.log"], True, [None, None]),
        (["frank2.log"], False, [None]),
    ],
)
def test_ranks_only_where_names_are_plain(names: list[str], joined: bool, ranks: list[str | None]) -> None:
    labels = rank_labels([Path("/logs") / name for name in names], joined=joined)
    assert [dict(found).get("rank") for found in labels.values()] == ranks


def test_one_file_is_read_under_one_name(tmp_path: Path) -> None:
    (tmp_path / "run1.log").write_text("x")
    (tmp_path / "latest.log").symlink_to(tmp_path / "run1.log")
    os.link(tmp_path / "run1.log", tmp_path / "run2.log")
    assert FileSet([str(tmp_path / "*.log")], tmp_path / "store.db").scan() == [tmp_path / "run1.log"]


def test_what_a_store_keeps_beside_it_is_meant_only_where_it_is_named(tmp_path: Path) -> None:
    run = "20260102-030405-nogit-abc"
    own = ["s.db", "s.db-wal", f"runs/{run}/output.log", f"runs/{run}/scraper.log", f"plots/{run}.png", "s.db-daemons/host-1.json"]
    own += [f"s-logs/{run}.0.log.gz"]
    other = ["runs/exp1/train.log", f"deep/runs/{run}/output.log", "s.db.log", "plots/curve.csv", "s-logs/train.log.gz", f"{run}.log"]
    for name in (*own, *other):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "link").symlink_to(tmp_path)
    for store in (tmp_path / "s.db", tmp_path / "link" / "s.db"):
        found = {str(path.relative_to(tmp_path)) for path in FileSet([str(tmp_path / "**")], store).scan()}
        assert found == set(other)
        named = [str(tmp_path / name) for name in own]
        assert sorted(map(str, FileSet(named, store).scan())) == sorted(named)


def test_any_name_has_its_place_in_natural_order(tmp_path: Path) -> None:
    for name in ("a10.log", "a1\u00b22.log", "a9.log", "a\u0663.log"):
        (tmp_path / name).write_text("x")
    assert [path.name for path in FileSet([str(tmp_path)], tmp_path / "s.db").scan()][-2:] == ["a9.log", "a10.log"]


def test_a_directory_means_its_logs(tmp_path: Path) -> None:
    for name in ("a/b/train.log", "a/model.pt", ".cache/x.log", "slurm-10.out", "slurm-9.out", "a/old.log.1.gz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [str(path.relative_to(tmp_path)) for path in FileSet([str(tmp_path)], tmp_path / "store.db").scan()]
    assert found == ["a/b/train.log", "a/old.log.1.gz", "slurm-9.out", "slurm-10.out"]


@pytest.mark.parametrize(
    ("head", "binary"),
    [
        (b"loss 0.5\n", False),
        (b"", False),
        (bytes(4096) + b"loss 0.5\n", False),
        ("loss 0.5\n".encode("utf-16-le"), False),
        ("loss 0.5\n".encode("utf-16"), False),
        ("Verlust 0,5 \N{MICRO SIGN}s \N{FULL BLOCK}\n".encode(), False),
        (b"\x1b[31mloss\x1b[0m 0.5\r", False),
        (b"\x7fELF\x02\x01", True),
        (b"PK\x03\x04abc", True),
        (bytes(range(32)) * 40, True),
        (bytes(range(256)) * 4, True),
    ],
)
def test_what_is_text(head: bytes, binary: bool) -> None:
    assert looks_binary(head) is binary


@pytest.mark.parametrize(
    ("expected", "found", "verdict"),
    [
        (b"abc", b"abc", Verdict.SAME),
        (b"abc", b"abcdef", Verdict.SAME),
        (b"", b"", Verdict.SAME),
        (b"abc", b"ab", Verdict.SHORTER),
        (b"abc", b"", Verdict.SHORTER),
        (b"abc", b"abX", Verdict.CHANGED),
        (b"abc", bytes(5), Verdict.CHANGED),
    ],
)
def test_bytes_before_the_offset_tell(expected: bytes, found: bytes, verdict: Verdict) -> None:
    assert judge(expected, found) is verdict
