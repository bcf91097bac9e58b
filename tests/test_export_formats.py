"""Exports: every kept point once, in printed order, in each format; whole files; harmless cells; flat memory."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from reading_helpers import STARTED, fill, point

import scraper
from scraper.cli import cli
from scraper.export.jsonl import KEYS
from scraper.export.table import harmless
from scraper.model import EPOCH, SOURCE_SHIFT, Batch, FileIdentity, NewRun, SourceMark
from scraper.points import Points
from scraper.store.writer import Writer
from scraper.text import shown

ROOT = Path(__file__).resolve().parent.parent
POINTS = [
    point(0, 3.0, "b/loss", step=0, time=STARTED),
    point(0, math.nan, "a loss", step=0, labels=(("rank", "0"),)),
    point(50, math.inf, "b/loss", step=None, step_kind=EPOCH, epoch=0.5),
    point(60, -math.inf, "b/loss", step=7, attempt=1),
    point(60, 1e-320, "=cmd()", step=7),
]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    fill(path, POINTS, name="one")
    fill(path, [point(5, 1.25, "lr")], name="two", started=STARTED + 9)
    return path


def export(store: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["export", "--store", str(store), *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def read_jsonl(text: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def test_jsonl_is_a_point_a_line_in_printed_order_with_exactly_these_keys(store: Path) -> None:
    points = read_jsonl(export(store).stdout)
    assert all(tuple(p) == KEYS for p in points)
    assert [(p["metric"], p["line"], p["value"]) for p in points] == [
        ("b/loss", 0, 3.0),
        ("a loss", 0, "NaN"),
        ("b/loss", 50, "Infinity"),
        ("b/loss", 60, "-Infinity"),
        ("=cmd()", 60, 1e-320),
        ("lr", 5, 1.25),
    ]
    assert points[1]["labels"] == {"rank": "0"}
    assert (points[2]["step"], points[2]["step_kind"], points[2]["epoch"]) == (None, "epoch", 0.5)
    assert (points[0]["time"], points[3]["attempt"], points[3]["time"]) == (STARTED, 1, None)


def test_every_format_gives_the_same_points(store: Path) -> None:
    lines = read_jsonl(export(store).stdout)
    assert json.loads(export(store, "--format", "json").stdout) == lines
    rows = list(csv.DictReader(io.StringIO(export(store, "--format", "csv").stdout)))
    assert tuple(rows[0]) == KEYS
    assert [row["value"] for row in rows] == [str(p["value"]) for p in lines]
    assert [json.loads(row["labels"]) for row in rows] == [p["labels"] for p in lines]
    assert [row["line"] for row in rows] == [str(p["line"]) for p in lines]
    assert rows[4]["metric"] == "'=cmd()"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_a_quote(text: str) -> None:
    assert harmless(text) == "'" + shown(text)
    assert harmless("loss" + text) == "loss" + shown(text)


def test_a_cell_steers_no_terminal() -> None:
    assert harmless("\x1b[31mloss\r\n") == "\\x1b[31mloss\\x0d\\x0a"


def test_runs_and_metrics_can_be_chosen(store: Path) -> None:
    assert {p["metric"] for p in read_jsonl(export(store, "one", "--metric", "*loss").stdout)} == {"b/loss", "a loss"}
    assert [p["metric"] for p in read_jsonl(export(store, "latest").stdout)] == ["lr"]
    assert len(read_jsonl(export(store, "--all").stdout)) == 6
    assert len(read_jsonl(export(store, "two", "one").stdout)) == 6
    assert export(store, "--metric", "no*").stdout == ""
    assert json.loads(export(store, "--metric", "no*", "--format", "json").stdout) == []


def test_a_file_is_written_whole_and_its_name_tells_the_format(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "points.csv"
    out.write_text("what was there before")
    export(store, "--out", str(out))
    assert out.read_text() == export(store, "--format", "csv").stdout
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_failed_export_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    fill(store, [point(10 * i, float(i)) for i in range(2000)])
    out = tmp_path / "points.jsonl"
    out.write_text("before")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]  # SQLite's own shared memory takes 32 KiB of the limit
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, {hard}))\nfrom scraper.__main__ import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, "export", "--store", str(store), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "cannot write" in done.stderr
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_what_is_no_file_is_written_to_and_not_replaced(store: Path, tmp_path: Path) -> None:
    export(store, "--out", os.devnull, "--format", "csv")
    assert Path(os.devnull).is_char_device()
    link = tmp_path / "latest.csv"
    link.symlink_to(tmp_path / "real.csv")
    export(store, "--out", str(link))
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("run,metric")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--out", "points.xls"], 2, "cannot tell the format"),
        (["one", "--all"], 2, "either RUN or --all"),
        (["nix"], 1, "no run 'nix'"),
        (["--out", "/nonexistent/points.csv"], 2, "cannot write"),
    ],
)
def test_a_wrong_request_is_one_line_with_the_next_step(store: Path, arguments: list[str], status: int, said: str) -> None:
    result = CliRunner().invoke(cli, ["export", "--store", str(store), *arguments], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_line_of_a_point_opens_its_log_also_in_a_second_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        run = writer.create_run(NewRun(name="ranks", started=STARTED))
        for rank in range(2):
            identity = FileIdentity(1, 100 + rank, "00" * 16, 0)
            source = writer.open_source(run.key, f"rank{rank}.log", identity, labels=(("rank", str(rank)),))
            mark = SourceMark(100, 10, "", identity, b"", {})
            writer.commit([Batch(source.id, mark, Points(point(10 * i, float(rank)) for i in range(3)))])
    points = read_jsonl(export(path).stdout)
    assert [p["line"] for p in points] == [0, 10, 20, *((1 << SOURCE_SHIFT) + at for at in (0, 10, 20))]
    assert [p["labels"]["rank"] for p in points] == list("000111")


def test_thinned_points_are_missed_aloud(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(10 * i, math.sin(i)) for i in range(3000)], raw_budget=512)
    result = export(path)
    with scraper.open(path) as db:
        thinned = db.run().metrics()[0].thinned
    assert len(read_jsonl(result.stdout)) == 3000 - thinned
    assert f"{thinned:,} older points of 1 series were thinned" in result.stderr


def test_a_reader_that_has_seen_enough_ends_the_export_quietly(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(10 * i, float(i), metric) for i in range(5000) for metric in ("loss", "lr")], chunk=10_000)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "scraper", "export", "--store", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["line"] == 0
        process.stdout.close()
        assert process.stderr.read() == b""
