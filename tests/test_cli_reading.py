"""The reading verbs: ls, show, plot, doctor, export: what people and programs get, and that names from logs stay text."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, invoke, point, read, read_json

from scraper.cli import VERBS
from scraper.cli.common import age, duration, number, shown
from scraper.model import Event, MetricDefinition
from scraper.plot.panels import Curve, Panel
from scraper.plot.terminal import draw
from scraper.store.writer import Writer

ROOT = Path(__file__).resolve().parent.parent
READING = ("ls", "show", "plot", "export", "doctor")
NASTY = ["\x1b]0;owned\x07\x1b[31mloss", "<script>alert(1)</script>", "a\rb\nc", "\u202egnp.exe", "x" * 10_000, '"quoted"\\', "=1+1"]


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "store.db"
    definition = MetricDefinition("val/acc", format="percent", higher_is_better=True, tier="primary")
    values = [math.nan if i == 30 else 3 * math.exp(-i / 20) for i in range(100)]
    loss = [point(10 * i, value, "loss", time=STARTED + i, attempt=int(i > 50)) for i, value in enumerate(values)]
    accuracy = [point(10 * i + 1, 50 + i / 2, "val/acc", step=i, attempt=int(i > 50)) for i in range(0, 100, 10)]
    rate = [point(10 * i + 2, 1e-3, "lr", step=i, attempt=int(i > 50)) for i in range(100)]
    events = [Event(100, "checkpoint", 10, None, STARTED + 10, "saved to out/ckpt-10.pt")]
    counters = {"lines": 200, "matched": 100, "too_long": 2}
    command = ("python", "train.py", "--name", "a b")
    extra = {"name": "resnet", "experiment": "vision", "tags": ("base",), "command": command, "host": "n1", "user": "ada"}
    fill(path, [*loss, *accuracy, *rate], events=events, counters=counters, definitions=[definition], **extra)
    return str(path)


@pytest.fixture
def nasty(tmp_path: Path) -> str:
    path = tmp_path / "nasty.db"
    points = [point(10 * i + j, float(i), name, step=i) for i in range(3) for j, name in enumerate(NASTY)]
    event = Event(1, "traceback", 1, None, None, "\x1b[2J" + NASTY[0])
    fill(path, points, name=NASTY[0], experiment=NASTY[2], note=NASTY[3], tags=(NASTY[1],), events=[event], command=("sh", NASTY[0]))
    return str(path)


def assert_harmless(text: str) -> None:
    """Nothing but printable text and line ends, and no line is longer than a terminal can bear."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


@pytest.mark.parametrize("verb", READING)
def test_every_reading_verb_has_examples_and_a_line_of_help(verb: str) -> None:
    text = read(verb, "--help")
    assert f"scraper {verb}" in text.partition("Examples:")[2]
    assert "--store FILE" in text
    assert verb in VERBS


def test_ls_is_a_row_a_run_with_the_metric_that_matters(store: str) -> None:
    header, row = read("ls", "--store", store).splitlines()
    assert header.split() == ["ID", "NAME", "EXPERIMENT", "STATUS", "AGE", "STEP", "METRIC", "LAST", "BEST", "CURVE"]
    assert row.split()[1:4] == ["resnet", "vision", "running"]
    assert row.split()[-5:] == ["99", "val/acc", "95%", "95%", "▁▂▃▃▄▅▆▆▇█"]


def test_ls_json_is_an_array_of_runs(store: str) -> None:
    (run,) = read_json("ls", "--store", store)
    assert (run["name"], run["experiment"], run["status"], run["last_step"]) == ("resnet", "vision", "running", 99)
    assert (run["started"], run["ended"], run["tags"], run["command"][-1]) == (STARTED, None, ["base"], "a b")
    assert read_json("ls", "--store", store, "--status", "failed") == []


def test_ls_of_nothing_says_how_to_begin(tmp_path: Path, store: str) -> None:
    Writer(tmp_path / "empty.db").open().close()
    assert "scraper run -- COMMAND" in read("ls", "--store", str(tmp_path / "empty.db"))
    assert "the store holds 1" in read("ls", "--store", store, "--tag", "nix")
    assert read_json("ls", "--store", str(tmp_path / "empty.db")) == []


def test_ls_says_when_there_are_more(tmp_path: Path) -> None:
    for i in range(3):
        fill(tmp_path / "store.db", [], name=f"run{i}", started=STARTED + i)
    store = ("--store", str(tmp_path / "store.db"))
    listed = read("ls", "--limit", "2", *store).splitlines()
    assert [line.split()[1] for line in listed[1:3]] == ["run2", "run1"]
    assert listed[3].startswith("2 of 3 runs; --after ")
    further = listed[3].split()[5]
    assert [run["name"] for run in read_json("ls", "--limit", "2", "--after", further, *store)] == ["run0"]
    assert [run["name"] for run in read_json("ls", "--after", "run2", "--limit", "1", *store)] == ["run1"]
    assert "no run fits" in read("ls", "--after", "run0", *store)


def test_show_tells_the_run_its_metrics_and_events(store: str) -> None:
    text = read("show", "--store", store)
    assert "python train.py --name 'a b'" in text
    assert "100 of 200 lines held metrics, 2 too long" in text
    assert re.search(r"^loss +100 +3 +0\.02125 +99 +0\.02125 +99 .* 1 +0,1$", text, re.MULTILINE)
    assert re.search(r"^val/acc +10 +50% +95% +90 +95% +90", text, re.MULTILINE)
    assert re.search(r"^lr .*0,1$", text, re.MULTILINE)
    assert re.search(r"^checkpoint +10 .*saved to out/ckpt-10.pt$", text, re.MULTILINE)


@pytest.mark.parametrize(("later", "ran"), [(90.0, "ran        1m 30s"), (-90.0, None)])
def test_a_run_under_a_clock_that_was_set_back_is_not_said_to_have_taken_no_time(tmp_path: Path, later: float, ran: str | None) -> None:
    run_id = fill(tmp_path / "s.db", [point(1, 0.5)])
    with Writer(tmp_path / "s.db") as writer:
        (key,) = writer.open().execute("SELECT key FROM runs WHERE id = ?", (run_id,)).fetchone()
        writer.update_run(key, status="finished", ended=STARTED + later)
    said = [line for line in read("show", "--store", str(tmp_path / "s.db")).splitlines() if line.startswith("ran ")]
    assert said == ([ran] if ran else [])


def test_show_json_carries_everything_with_nan_as_text(store: str, tmp_path: Path) -> None:
    shown_run = read_json("show", "resnet", "--store", store, "--metric", "l*")
    assert [metric["name"] for metric in shown_run["metrics"]] == ["loss", "lr"]
    assert (shown_run["coverage"]["fraction"], shown_run["attempts"], shown_run["events"][0]["step"]) == (0.5, 2, 10)
    assert shown_run["config"]["user"] == "ada"
    fill(tmp_path / "nan.db", [point(0, math.nan), point(10, -math.inf)])
    metric = read_json("show", "--store", str(tmp_path / "nan.db"))["metrics"][0]
    assert (metric["first"]["value"], metric["last"]["value"], metric["minimum"]) == ("NaN", "-Infinity", None)


def test_show_opens_the_printed_line(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_bytes(b"begin\nloss \x1b[1m0.5\x1b[0m \x07\nend\n")
    fill(tmp_path / "store.db", [point(6, 0.5)], log=log)
    text = read("show", "--store", str(tmp_path / "store.db"), "--line", "6")
    assert text.splitlines()[1:] == ["  begin", "> loss 0.5 \\x07", "  end", "  "]
    assert read_json("show", "--store", str(tmp_path / "store.db"), "--line", "6")["offset"] == 6


def test_plot_draws_panels_marks_nan_and_names_curves(store: str) -> None:
    text = read("plot", "--store", store, "--width", "80", "--height", "30")
    assert "loss  (last 0.02125 at 99; 1 NaN \u00d7)" in text
    assert text.count("\u00d7") == 2
    assert "val/acc" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 60)])
def test_plot_fills_the_size_asked_for(store: str, width: int, height: int) -> None:
    lines = read("plot", "--store", store, "--metric", "loss", "--width", str(width), "--height", str(height)).splitlines()
    assert len(lines) == height
    assert max(map(len, lines)) == width


def test_plot_marks_infinities_and_a_logarithm_counts_what_it_leaves_out(tmp_path: Path) -> None:
    values = (1.0, math.inf, 10.0, -math.inf, 0.0, 100.0)
    fill(tmp_path / "store.db", [point(10 * i, value) for i, value in enumerate(values)])
    text = read("plot", "--store", str(tmp_path / "store.db"), "--width", "60", "--height", "15")
    assert (text.count("\u25b2"), text.count("\u25bc")) == (2, 2)
    text = read("plot", "--store", str(tmp_path / "store.db"), "--width", "80", "--height", "15", "--log")
    assert "2 not above 0 left out; log scale" in text


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [math.nan], [math.nan, math.inf], [1e300, -1e300], [0.0], [1e-310, 2e-310]])
@pytest.mark.parametrize("options", [[], ["--log"], ["--smooth", "0.9"]])
def test_plot_draws_any_values(tmp_path: Path, values: list[float], options: list[str]) -> None:
    fill(tmp_path / "store.db", [point(10 * i, value) for i, value in enumerate(values)])
    text = read("plot", "--store", str(tmp_path / "store.db"), "--width", "60", "--height", "12", *options)
    assert "loss" in text


def test_plot_compares_runs_and_ranks(tmp_path: Path) -> None:
    store = str(tmp_path / "store.db")
    for name in ("one", "two"):
        ranks = [point(10 * i + r, i + r * 0.5, labels=(("rank", str(r)),), step=i) for i in range(9) for r in range(2)]
        fill(tmp_path / "store.db", ranks, name=name)
    text = read("plot", "one", "two", "--store", store, "--width", "100", "--height", "20")
    assert all(name in text for name in ("one rank=0", "one rank=1", "two rank=0", "two rank=1"))
    series = read_json("plot", "one", "two", "--store", store, "--metric", "loss")
    assert [(one["labels"]["rank"], one["values"][:2]) for one in series] == [("0", [0, 1]), ("1", [0.5, 1.5])] * 2


def test_plot_of_several_runs_names_the_run_of_each_curve_and_gives_it_one_colour() -> None:
    """Also where a panel has but one of them."""
    one, two = Curve("one", [0, 1], [0.0, 1.0], run="a"), Curve("two", [0, 1], [1.0, 0.0], run="b")
    panels = [Panel("loss", [one, two]), Panel("accuracy", [two])]
    heads = [line for line in draw(panels, width=60, height=20).splitlines() if "two" in line]
    assert heads == ["⠒ one  x two", "⠒ two"]
    painted = [line for line in draw(panels, width=60, height=20, colour=True).splitlines() if "two" in line]
    signs = [re.search(r"(\S*m)━\S* two", line) for line in painted]
    assert len({sign[1] for sign in signs if sign}) == 1
    assert "⠒" not in draw([Panel("loss", [Curve("", [0, 1], [1.0, 1.0], run="a")])], width=60, height=9).splitlines()[1]


def test_plot_of_nothing_is_an_error_with_the_next_step(store: str) -> None:
    result = invoke("plot", "--store", store, "--metric", "nix*")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "scraper show RUN" in result.stderr


def test_names_from_a_log_reach_no_terminal_as_anything_but_text(nasty: str) -> None:
    for arguments in (("ls",), ("show",), ("plot", "--width", "90", "--height", "60", "--metric", "*"), ("show", "--metric", "*")):
        text = read(*arguments, "--store", nasty)
        assert_harmless(text)
        assert max(map(len, text.splitlines())) < 400


def test_names_from_a_log_come_back_whole_as_json(nasty: str) -> None:
    stored = [shown(name) for name in NASTY]  # a metric's name is stored as it is shown
    assert [metric["name"] for metric in read_json("show", "--store", nasty)["metrics"]] == stored
    assert {one["metric"] for one in read_json("plot", "--store", nasty, "--metric", "*")} == set(stored)
    assert read_json("ls", "--store", nasty)[0]["name"] == NASTY[0]
    for arguments in (("show", "--json"), ("ls", "--json"), ("export",), ("export", "--format", "json")):
        assert_harmless(read(*arguments, "--store", nasty))
    points = [json.loads(line) for line in read("export", "--store", nasty).splitlines()]
    assert [p["metric"] for p in points[:7]] == stored


def test_doctor_finds_a_good_store_good(store: str) -> None:
    findings = {finding["name"]: finding for finding in read_json("doctor", "--store", store)}
    machine = {"python", "sqlite", "filesystem", "free space", "file events", "clock", "terminal"}
    assert machine | {"permissions", "store", "integrity", "packs"} == set(findings)
    assert findings["integrity"]["found"] == "quick_check ok"
    assert "runs: 1" in findings["store"]["found"]
    assert all(bool(finding["advice"]) == (finding["status"] != "ok") for finding in findings.values())
    assert re.search(r"^ok +store ", read("doctor", "--store", store), re.MULTILINE)


def test_doctor_says_what_to_do_about_a_broken_store(tmp_path: Path, store: str) -> None:
    broken = tmp_path / "broken.db"
    data = bytearray(Path(store).read_bytes())
    data[8192:16384] = b"\x55" * 8192
    broken.write_bytes(bytes(data))
    result = invoke("doctor", "--store", str(broken))
    assert result.exit_code == 1
    assert re.search(r"^fail  (store|integrity)", result.stdout, re.MULTILINE)
    findings = json.loads(invoke("doctor", "--store", str(broken), "--json").stdout)
    assert all(finding["advice"] for finding in findings if finding["status"] == "fail")
    text = tmp_path / "text.db"
    text.write_text("no database " * 100)
    assert invoke("doctor", "--store", str(text)).exit_code == 1
    assert invoke("doctor", "--store", str(tmp_path / "none" / "store.db")).exit_code == 0


def test_doctor_warns_when_others_can_read(store: str) -> None:
    Path(store).chmod(0o644)
    findings = {finding["name"]: finding for finding in read_json("doctor", "--store", store)}
    assert findings["permissions"]["status"] == "warn"
    assert "chmod 600" in findings["permissions"]["advice"]


@pytest.mark.parametrize("verb", ["ls", "show", "plot", "export"])
def test_a_store_that_is_none_is_one_line_and_status_1(verb: str, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 100)
    for store in (tmp_path / "none.db", tmp_path / "text.db", tmp_path):
        result = invoke(verb, "--store", str(store))
        assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert not (tmp_path / "none.db").exists()


def complete(line: str, store: str) -> list[str]:
    """What bash would be offered for the last word of `line`."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_SCRAPER_COMPLETE": "bash_complete"}
    environment = {**os.environ, **asked, "SCRAPER_STORE": store, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-m", "scraper"], stdout=subprocess.PIPE, text=True, env=environment, check=False, timeout=60)
    return [offer.partition(",")[2] for offer in found.stdout.split()]


def test_a_shell_completes_runs_and_metrics(store: str, tmp_path: Path) -> None:
    (run,) = read_json("ls", "--store", store)
    assert complete(f"scraper show {run['id'][:6]}", store) == [run["id"]]
    assert complete("scraper show res", store) == ["resnet"]
    assert complete("scraper plot resnet --metric l", store) == ["loss", "lr"]
    assert complete("scraper best val", store) == ["val/acc"]
    assert complete("scraper line resnet lr", store) == ["lr@last"]
    assert complete("scraper line resnet lr@m", store) == ["lr@min", "lr@max"]
    assert complete("scraper show res", str(tmp_path / "none.db")) == []
    fill(Path(store), [point(0, 1.0, "other")], name="newest", started=STARTED + 9)
    assert complete("scraper plot resnet --metric l", store) == ["loss", "lr"]
    assert complete("scraper best l", store) == ["loss", "lr"]
    assert complete("scraper show --metric ", store) == ["other"]


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (0.123456, "float", "0.1235"),
        (3.0, "float", "3"),
        (1e-5, "float", "1e-05"),
        (12345.678, "float", "12345.68"),
        (123456.0, "int", "123\u202f456"),
        (1.5e9, "float", "1.5e+09"),
        (94.12, "percent", "94.12%"),
        (math.nan, "percent", "NaN"),
        (-math.inf, "float", "-Infinity"),
        (None, "float", "-"),
    ],
)
def test_numbers_for_people(value: float | None, form: str, expected: str) -> None:
    assert number(value, form) == expected


def test_times_for_people() -> None:
    assert [duration(s) for s in (0.4, 59, 61, 3600, 90_061, None)] == ["0s", "59s", "1m 1s", "1h", "1d 1h", "-"]
    assert age(100.0, now=400.0) == "5m ago"


def test_text_from_a_log_is_spelt_out_and_cut() -> None:
    assert shown("a\x1b[31mb\u202e\x9b") == "a\\x1b[31mb\\u202e\\x9b"
    assert shown("abcdef", 4) == "abc…"
    assert shown("Grüße 模型", 20) == "Grüße 模型"


def test_doctor_takes_an_empty_file_for_a_store_to_come(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    result = invoke("doctor", "--store", str(tmp_path / "empty.db"))
    assert "the first run fills it" in result.stdout
    assert "set it aside" not in result.stdout


def test_ls_refuses_a_status_there_is_not(store: str) -> None:
    result = invoke("ls", "--status", "bogus", "--store", store)
    assert (result.exit_code, "'running', 'finished'" in result.stderr) == (2, True)


@pytest.mark.parametrize("seconds", [-62_135_596_800.0, -62_135_596_800.0 - 86_400, 253_402_300_799.0, 253_402_300_799.0 + 86_400])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_times_at_the_ends_of_the_calendar_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        fill(tmp_path / "store.db", [point(10 * i, 0.5, step=i, time=seconds + i) for i in range(3)], started=seconds)
        for verb in (("show",), ("ls",), ("plot", "--x", "time"), ("report", "--out", str(tmp_path / "r.html"))):
            result = invoke(*verb, "--store", str(tmp_path / "store.db"))
            assert result.exit_code == 0, result.output
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("values", [(1e308, -1e308, 1.5), (1.7e308, -1.7e308), (1.79e308,), (1.7e308, 1.5)])
@pytest.mark.parametrize("log", [(), ("--log",)])
def test_values_near_the_largest_are_drawn(tmp_path: Path, values: tuple[float, ...], log: tuple[str, ...]) -> None:
    store = str(tmp_path / "store.db")
    fill(tmp_path / "store.db", [point(10 * i, value, step=i) for i, value in enumerate(values)])
    for out in ((), ("--out", str(tmp_path / "p.png"))):
        result = invoke("plot", *log, *out, "--store", store)
        assert result.exit_code == 0, result.output
    assert invoke("report", "--out", str(tmp_path / "r.html"), "--store", store).exit_code == 0
    assert log or len(values) < 3 or "1e+296T" in invoke("plot", "--store", store).stdout
