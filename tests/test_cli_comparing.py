"""The verbs that look closer: compare, best, summary, events, line, sql, completion: what people and programs get."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, invoke, point, read, read_json

from scraper.cli import VERBS
from scraper.model import Event, MetricDefinition
from scraper.plot.spark import spark

ROOT = Path(__file__).resolve().parent.parent
READING = ("compare", "best", "summary", "events", "line", "sql", "tag", "note")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "train.log"
    path.write_text("".join(f"step {i} loss {i}\n" for i in range(100)))
    return path


@pytest.fixture
def store(tmp_path: Path, log: Path) -> str:
    path = tmp_path / "store.db"
    offsets = [log.read_text().index(f"step {i} ") for i in range(100)]
    values = [math.nan if i == 40 else 5 - i / 25 for i in range(100)]
    loss = [point(offsets[i], value, "loss", step=i, epoch=float(i // 25), time=STARTED + i) for i, value in enumerate(values)]
    accuracy = [point(offsets[i], i / 100, "val/acc", step=i) for i in range(0, 100, 10)]
    saved = Event(offsets[9], "checkpoint", 9, None, STARTED, "saved\x1b[2J")
    events = [saved, Event(offsets[50], "traceback", None, 2.0, None, "ValueError")]
    fill(path, [*loss, *accuracy], log=log, events=events, name="one", command=("python", "train.py", "--lr", "0.1"), experiment="vision")
    short = [point(i, 6 - i / 25, "loss", step=i, time=STARTED + i) for i in range(0, 50, 10)]
    definition = MetricDefinition("odd", unit="dB")
    odd = [point(3, math.nan, "odd")]
    fill(path, [*short, *odd], name="two", started=STARTED + 60, command=("python", "train.py", "--lr", "0.2"), definitions=[definition])
    return str(path)


@pytest.mark.parametrize("verb", [*READING, "rename", "rm", "completion"])
def test_every_verb_has_examples_and_a_line_of_help(verb: str) -> None:
    text = read(verb, "--help")
    assert f"scraper {verb}" in text.partition("Examples:")[2]
    assert ("--json" in text) == (verb in READING)
    assert verb in VERBS


@pytest.mark.parametrize("command", ["compare one", "best loss", "summary", "events", "line one 0", "sql SELECT", "tag a --add b", "rm a"])
def test_a_store_that_is_none_is_one_line_and_status_1(command: str, tmp_path: Path) -> None:
    result = invoke(*command.split(), "--store", str(tmp_path / "none.db"))
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert not (tmp_path / "none.db").exists()


def test_compare_stars_the_best_and_tells_the_difference(store: str) -> None:
    text = read("compare", "one", "two", "--store", store, "--metric", "loss")
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["loss", "(lower", "is", "better)"]
    assert lines[2] == ["one", "100", "1.04", "99", "1.04", "*", "99"]
    assert lines[3] == ["two", "5", "4.4", "40", "4.4", "40"]
    assert ["args.lr", "0.1", "0.2"] in lines


def test_compare_shows_curves_on_a_common_axis(store: str) -> None:
    text = read("compare", "one", "two", "--store", store, "--metric", "loss", "--points", "4")
    assert ["33", "3.68", "4.68"] in [line.split() for line in text.splitlines()]
    assert "on the line between them" in text
    found = read_json("compare", "one", "two", "--store", store, "--metric", "loss", "--points", "4")
    assert found["curves"][0]["xs"] == [0, 33, 66, 99]
    assert found["curves"][0]["values"][1][2:] == [None, None]
    winner = read_json("ls", "one", "--store", store)[0]["id"]
    assert (found["metrics"][0]["winner"], found["differences"][0]) == (winner, {"name": "args.lr", "values": ["0.1", "0.2"]})


def test_compare_takes_runs_from_a_search(store: str) -> None:
    found = read_json("compare", "--query", "metric:loss<2", "--store", store)
    assert [row["name"] for row in found["metrics"][0]["rows"]] == ["one"]
    assert [metric["metric"] for metric in found["metrics"]] == ["loss", "val/acc"]
    result = invoke("compare", "--query", "metric:nix", "--store", store)
    assert (result.exit_code, "no run fits" in result.stderr) == (1, True)
    assert invoke("compare", "--store", store).exit_code == 2
    assert invoke("compare", "one", "--query", "x", "--store", store).exit_code == 2
    assert invoke("compare", "one", "two", "--metric", "nix*", "--store", store).exit_code == 1


def test_best_ranks_the_runs(store: str) -> None:
    rows = [line.split() for line in read("best", "loss", "--store", store).splitlines()]
    assert [row[1:6] for row in rows[1:3]] == [["one", "1.04", "99", "3", "0"], ["two", "4.4", "40", "-", "0"]]
    assert rows[3][:3] == ["lower", "is", "better"]
    (best,) = read_json("best", "loss", "--store", store, "--higher", "--limit", "1")
    assert (best["name"], best["value"], best["higher_is_better"], best["because"]) == ("two", 6, True, "asked")
    assert len(read_json("best", "val/acc", "--store", store)) == 1


def test_the_best_of_all_workers_stands_for_a_run(store: str) -> None:
    values = {"7": (2.0, 0.5), "8": (0.25, 1.0), "9": (math.nan,)}
    places = enumerate((worker, step, value) for worker, of_worker in values.items() for step, value in enumerate(of_worker))
    fill(Path(store), [point(at, value, labels=(("worker", worker),), step=step) for at, (worker, step, value) in places], name="tuned")
    first, *_ = read_json("best", "loss", "--store", store)
    assert (first["name"], first["value"], first["labels"]) == ("tuned", 0.25, {"worker": "8"})


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("best", "los"), 1, "did you mean 'loss'"),
        (("best", "odd"), 2, "say --higher or --lower"),
        (("best", "odd", "--lower"), 1, "none of 2 runs"),
        (("best", "loss", "nix"), 1, "no run 'nix'"),
        (("line", "one", "loss"), 2, "loss@last"),
        (("line", "one", "loss@1000"), 1, "the nearest is 99"),
        (("line", "one", "loss@soon"), 2, "no place 'soon'"),
        (("line", "one", "val/acc@nan"), 1, "is finite"),
        (("sql", "DELETE FROM runs"), 2, "only SELECT"),
        (("sql", "SELECT nix"), 2, "no such column"),
        (("sql", "SELECT 1", "--csv", "--json"), 2, "either --json or --csv"),
        (("summary", "--metric", "nix"), 1, "no metric fits"),
        (("ls", "statsu:x"), 2, "did you mean 'status'"),
    ],
)
def test_a_wrong_request_is_one_line_with_the_next_step(store: str, arguments: tuple[str, ...], status: int, said: str) -> None:
    result = invoke(*arguments, "--store", store)
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_summary_has_a_row_of_statistics_a_metric(store: str) -> None:
    header, loss, accuracy = (line.split() for line in read("summary", "one", "--store", store).splitlines())
    assert header == ["METRIC", "TIER", "COUNT", "FIRST", "LAST", "MIN", "MAX", "MEAN", "BEST", "BEST", "AT", "NaN/INF", "TOOK", "RATE"]
    assert loss == ["loss", "primary", "100", "5", "1.04", "1.04", "5", "3.016", "1.04", "99", "1", "1m", "39s", "1/s"]
    assert accuracy[:3] == ["val/acc", "primary", "10"]
    found = read_json("summary", "one", "--store", store, "--metric", "loss")
    assert found["metrics"][0]["best"]["step"] == 99
    assert (found["metrics"][0]["duration"], found["metrics"][0]["rate"], found["points"]) == (99, 1, 110)
    assert read_json("summary", "one", "--store", store, "--tier", "custom")["metrics"] == []
    assert read_json("summary", "two", "--store", store, "--metric", "odd")["metrics"][0]["first"]["value"] == "NaN"


def test_events_are_listed_by_kind_and_steer_no_terminal(store: str) -> None:
    text = read("events", "one", "--store", store)
    assert "saved\\x1b[2J" in text
    assert "epoch 2" in text
    assert [event["kind"] for event in read_json("events", "one", "--store", store, "--kind", "traceback")] == ["traceback"]
    assert "it has: checkpoint, traceback" in read("events", "one", "--store", store, "--kind", "nix")
    assert "has no event" in read("events", "two", "--store", store)


@pytest.mark.parametrize(
    ("place", "line"),
    [("loss@7", 7), ("loss@nan", 40), ("loss@best", 99), ("loss@max", 0), ("loss@first", 0), ("val/acc@last", 90), ("val/acc@min", 0)],
)
def test_line_opens_what_was_printed(store: str, place: str, line: int) -> None:
    assert read_json("line", "one", place, "--store", store)["text"] == f"step {line} loss {line}"
    text = read("line", "one", place, "--store", store, "--context", "1")
    assert f"> step {line} loss {line}" in text.splitlines()


def test_sql_prints_tables_json_and_csv_and_says_when_there_is_more(store: str) -> None:
    query = "SELECT metric, count(*) AS n, x'00ff' AS raw, 9e999 AS big, NULL AS none FROM metric_points GROUP BY 1 ORDER BY 1"
    rows = read_json("sql", query, "--store", store)
    assert rows[0] == {"metric": "loss", "n": 105, "raw": "00ff", "big": "Infinity", "none": None}
    assert read("sql", "-", "--store", store, given=query).splitlines()[1].split() == ["loss", "105", "(2", "bytes)", "Infinity", "-"]
    (header, *cells) = csv.reader(io.StringIO(read("sql", "SELECT '=1+1' AS a, 2.5 AS b", "--csv", "--store", store)))
    assert (header, cells) == (["a", "b"], [["'=1+1", "2.5"]])
    result = invoke("sql", "SELECT at FROM points", "--limit", "3", "--store", store)
    assert (len(result.stdout.splitlines()), "--limit 0" in result.stderr) == (4, True)
    assert read("sql", "SELECT 1 WHERE 0", "--store", store) == "no row\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(shell: str) -> None:
    script = read("completion", shell)
    assert f"_SCRAPER_COMPLETE={shell}_complete" in script
    if shell == "bash":
        subprocess.run(["/bin/bash", "-n"], input=script, text=True, check=True, timeout=60)


def test_sql_shows_every_column_of_a_name(store: str) -> None:
    query = "SELECT 1 AS a, 2 AS a, 3 AS a, 4 AS b"
    assert invoke("sql", query, "--csv", "--store", store).stdout == "a,a:1,a:2,b\n1,2,3,4\n"
    assert json.loads(invoke("sql", query, "--json", "--store", store).stdout) == [{"a": 1, "a:1": 2, "a:2": 3, "b": 4}]
    assert invoke("sql", "SELECT runs.id, sources.id FROM runs, sources", "--store", store).stdout.split()[:2] == ["id", "id:1"]


def test_ls_finds_runs_by_a_search(store: str) -> None:
    assert [run["name"] for run in read_json("ls", "experiment:vision", "metric:loss<2", "--store", store)] == ["one"]
    assert "no run fits; the store holds 2" in read("ls", "tag:nix", "--store", store)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], ""), ([1.0], ""), ([1.0, 1.0], "▅▅"), ([math.nan, 1.0, 2.0], "\u00d7▁█"), ([1e308, -1e308], "█▁"),
        ([math.inf, math.inf], "\u00d7\u00d7"),
    ],
)
def test_a_spark_has_the_shape_of_its_values(values: list[float], text: str) -> None:
    assert spark(range(len(values)), values, 10) == text


@pytest.mark.parametrize("verb", ["compare", "summary", "best", "ls", "line", "sql", "report", "checkpoints"])
def test_help_needs_nothing_heavy(verb: str) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from scraper.cli import cli\n"
        f"assert CliRunner().invoke(cli, ['{verb}', '--help']).exit_code == 0\n"
        "print([m for m in ('sqlite3', 'plotext', 'sqlite_utils', 'matplotlib', 'numpy', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
