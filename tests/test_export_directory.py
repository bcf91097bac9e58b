"""The wide table, parquet, and the experiment directory: equal to what is stored, and in place whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, invoke, point

import scraper
from scraper.export.portable import yaml_lines
from scraper.model import EPOCH, Event


@pytest.fixture
def store(tmp_path: Path) -> str:
    log = tmp_path / "train.log"
    log.write_bytes(b"loss 1\r\n\x1b[1mval\xff\n")
    (tmp_path / "ckpt-20.pt").write_bytes(b"x" * 70)
    loss = [point(10 * i, 2 - i / 10, "loss", step=10 * i, time=STARTED + i) for i in range(4)]
    val = [point(21, math.nan, "val/loss", step=20, epoch=1.0), point(31, 0.5, "val/loss", step=30, epoch=2.0)]
    odd = [point(22, 9.0, "loss", step=20, attempt=0), point(40, 7.0, "step", step=None, step_kind=EPOCH, epoch=2.5)]
    rank = [point(12, 3.0, "loss", step=10, labels=(("rank", "1"),)), point(50, 1.0, "loss", step=35, attempt=1)]
    events = [Event(23, "checkpoint", 20, 1.0, STARTED + 2, "saved ckpt-20.pt", {"path": "ckpt-20.pt"})]
    path = tmp_path / "store.db"
    fill(path, sorted(loss + val + odd + rank), log=log, events=events, name="one", cwd=str(tmp_path), command=("python", "train.py"))
    return str(path)


def test_the_wide_table_has_a_row_a_step_and_loses_nothing(store: str) -> None:
    result = invoke("export", "--wide", "--store", store)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["run", "attempt", "labels", "step", "epoch", "time", "loss", "val/loss", "metric:step"]
    found = [(row["attempt"], row["labels"], row["step"], row["epoch"], row["loss"], row["val/loss"], row["metric:step"]) for row in rows]
    assert found == [
        ("0", "{}", "0", "", "2.0", "", ""),
        ("0", "{}", "10", "", "1.9", "", ""),
        ("0", "{}", "20", "1.0", "1.8", "NaN", ""),
        ("0", "{}", "20", "", "9.0", "", ""),
        ("0", "{}", "30", "2.0", "1.7", "0.5", ""),
        ("0", "{}", "", "2.5", "", "", "7.0"),
        ("0", '{"rank": "1"}', "10", "", "3.0", "", ""),
        ("1", "{}", "35", "", "1.0", "", ""),
    ]
    cells = sum(bool(row[name]) for row in rows for name in ("loss", "val/loss", "metric:step"))
    assert cells == len(invoke("export", "--store", store).stdout.splitlines())


def test_parquet_holds_what_the_other_formats_hold(store: str, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert invoke("export", "--out", str(tmp_path / "points.parquet"), "--store", store).exit_code == 0
    rows = parquet.read_table(tmp_path / "points.parquet").to_pylist()
    lines = [json.loads(line) for line in invoke("export", "--store", store).stdout.splitlines()]
    for line in lines:
        line |= {"labels": json.dumps(line["labels"]), "value": float(line["value"])}
    assert repr(rows) == repr(lines)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_parquet_without_pyarrow_says_what_to_install(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = invoke("export", "--out", str(tmp_path / "points.parquet"), "--store", store)
    assert (result.exit_code, "'.[parquet]'" in result.stderr) == (2, True)
    assert not (tmp_path / "points.parquet").exists()


def test_an_experiment_directory_holds_everything(store: str, tmp_path: Path) -> None:
    out = tmp_path / "results" / "one"
    assert invoke("export", "latest", "--format", "experiment", "--out", str(out), "--link", "--store", store).exit_code == 0
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == [
        "checkpoints/checkpoints.json",
        "checkpoints/ckpt-20.pt",
        "config.json",
        "final_results.yaml",
        "logs/training.log",
        "metrics/complete_summary.json",
        "metrics/metrics.jsonl",
        "metrics/validation_metrics.json",
    ]
    assert (out / "logs/training.log").read_bytes() == (tmp_path / "train.log").read_bytes()
    assert (out / "checkpoints/ckpt-20.pt").is_symlink()
    documents = {path.name: json.loads(path.read_text(), parse_constant=pytest.fail) for path in out.rglob("*.json")}
    assert documents["config.json"]["command"] == ["python", "train.py"]
    assert documents["validation_metrics.json"]["val/loss"]["best"] == {"value": 0.5, "step": 30, "epoch": 2.0}
    assert documents["complete_summary.json"]["metrics"]["val/loss"]["first"]["value"] == "NaN"
    (saved,) = documents["checkpoints.json"]
    assert (saved["step"], saved["size"], saved["metrics"]["loss"], saved["metrics"]["val/loss"]) == (20, 70, 9.0, "NaN")
    lines = [json.loads(line) for line in (out / "metrics/metrics.jsonl").read_text().splitlines()]
    assert lines[2] == {"step": 20, "epoch": 1.0, "time": STARTED + 2, "attempt": 0, "loss": 1.8, "val/loss": "NaN"}
    assert "  val/loss: 0.5\n" in (out / "final_results.yaml").read_text()


def test_a_directory_is_replaced_only_when_it_is_an_earlier_export(store: str, tmp_path: Path) -> None:
    out = tmp_path / "one"
    export = ("export", "latest", "--format", "experiment", "--out", str(out), "--store", store)
    out.mkdir()
    assert invoke(*export).exit_code == 0  # an empty directory is nobody's
    (out / "stale.txt").write_text("of the export before")
    assert invoke(*export).exit_code == 0
    assert not (out / "stale.txt").exists()
    (out / "config.json").write_text("{}")
    result = invoke(*export)
    assert (result.exit_code, "is no earlier export" in result.stderr) == (2, True)
    assert (out / "metrics").is_dir()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_log_that_is_gone_is_said_in_the_summary(store: str, tmp_path: Path) -> None:
    (tmp_path / "train.log").unlink()
    assert invoke("export", "latest", "--format", "experiment", "--out", str(tmp_path / "one"), "--store", store).exit_code == 0
    (log,) = json.loads((tmp_path / "one/metrics/complete_summary.json").read_text())["logs"]
    assert (log["file"], "is gone" in log["missing"]) == (None, True)


def test_several_runs_get_a_directory_each(store: str, tmp_path: Path) -> None:
    fill(Path(store), [point(0, 1.0)], name="two", started=STARTED + 9)
    assert invoke("export", "--format", "experiment", "--out", str(tmp_path / "all"), "--store", store).exit_code == 0
    with scraper.open(store) as db:
        assert sorted(path.name for path in (tmp_path / "all").iterdir()) == sorted(run.id for run in db.runs())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "experiment"], "name a directory"),
        (["--format", "parquet"], "name a file"),
        (["--wide", "--format", "json"], "a way to write csv"),
        (["--link"], "--format experiment"),
        (["--format", "experiment", "--out", "x", "--metric", "loss"], "leave out --metric"),
        (["--format", "experiment", "--out", "/proc/nowhere"], "cannot write"),
        (["--format", "parquet", "--out", "/nonexistent/a.parquet"], "cannot write"),
    ],
)
def test_a_wrong_request_is_one_line(store: str, arguments: list[str], said: str) -> None:
    result = invoke("export", "latest", *arguments, "--store", store)
    assert (result.exit_code, result.stdout, said in result.stderr) == (2, "", True), result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_yaml_reads_numbers_as_numbers_and_text_as_text() -> None:
    special = {"nan": math.nan, "inf": -math.inf, "x": None}
    given = {"no": "yes", "a b": 1e-05, "c": special, "d": [1, "2", True], "e": {}, "f\n": "a: b # c"}
    assert "".join(yaml_lines(given)) == (
        '"no": "yes"\n"a b": 1.0e-05\nc:\n  nan: .nan\n  inf: -.inf\n  x: null\nd: [1, "2", true]\ne: {}\n"f\\n": "a: b # c"\n'
    )
