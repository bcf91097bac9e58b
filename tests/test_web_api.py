"""The HTTP API over a real server: what each route answers, what it refuses, and what polling costs."""

from __future__ import annotations

import csv
import http.client
import io
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from reading_helpers import STARTED, fill, point
from web_helpers import Site, path_of, serving

from scraper.model import Batch, Event, NewRun, SourceMark
from scraper.points import Points
from scraper.query import Run
from scraper.store.writer import Writer
from scraper.web import answers, chosen
from scraper.web.answers import Answers

LOG = "".join(f"iter {i}: loss {4 - i / 100:.2f}\n" for i in range(300))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs: one with a log, NaNs, ranks and events; one of another experiment; one of 100,000 points."""
    root = tmp_path_factory.mktemp("web")
    log = root / "train.log"
    log.write_text(LOG)
    path = root / "store.db"
    offset = 0
    points = []
    for i, line in enumerate(LOG.splitlines(keepends=True)):
        value = {50: math.nan, 60: math.inf, 70: -math.inf}.get(i, 4 - i / 100)
        points.append(point(offset, value, "loss", step=i, time=STARTED + i))
        if i % 100 == 0:
            points.append(point(offset, i / 300, "val/acc", step=i, time=STARTED + i))
            points += [point(offset, float(rank), "mem", step=i, labels=(("rank", str(rank)),)) for rank in (0, 1)]
        offset += len(line)
    points.sort(key=lambda one: one.at)
    events = [Event(at=40, kind="checkpoint", step=2, epoch=None, time=STARTED + 2, line="=saved <b>", detail={"path": "x.pt"})]
    fill(path, points, log=log, events=events, name="first", experiment="gpt", command=("python", "train.py", "--lr", "0.1"))
    fill(path, [point(i * 10, 3 - i / 10, epoch=float(i), step=None, step_kind=5) for i in range(20)], name="epochs", experiment="a/b")
    many = [point(i * 10, math.sin(i / 500) + (i == 7777) * 9, step=i) for i in range(100_000)]
    fill(path, many, name="long", experiment="gpt", command=("python", "train.py", "--lr", "0.2"), chunk=20_000)
    return path


@pytest.fixture(scope="module")
def site(store: Path) -> Iterator[Site]:
    with serving(store) as found:
        yield found


def test_metrics_answer_in_the_promised_shape(site: Site) -> None:
    got = site.get("/experiments/gpt/runs/first/metrics?metric_type=loss")
    assert got.status == 200
    assert list(got.json) == ["run_id", "metrics", "metadata"]
    loss = got.json["metrics"]["loss"]
    assert loss[0] == {"step": 0, "value": 4.0, "timestamp": STARTED}
    assert [loss[i]["value"] for i in (50, 60, 70)] == ["NaN", "Infinity", "-Infinity"]
    assert len(loss) == 300
    metadata = got.json["metadata"]
    assert metadata["is_complete"] is False
    assert metadata["last_updated"] > STARTED
    assert metadata["series"]["loss"]["downsampled"] is False


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", {"loss", "val/acc", "mem{rank=0}", "mem{rank=1}"}),
        ("metric_type=val", {"val/acc"}),
        ("metric_type=val/*,loss", {"val/acc", "loss"}),
        ("metric_type=m*&metric_type=loss", {"loss", "mem{rank=0}", "mem{rank=1}"}),
    ],
)
def test_metrics_are_chosen_by_name_glob_or_first_part(site: Site, asked: str, names: set[str]) -> None:
    assert set(site.get(f"/experiments/gpt/runs/first/metrics?{asked}").json["metrics"]) == names


def test_steps_are_bounded_on_both_sides(site: Site) -> None:
    found = site.get("/runs/first/metrics?metric_type=loss&min_step=10&max_step=12").json["metrics"]["loss"]
    assert [one["step"] for one in found] == [10, 11, 12]


def test_a_long_series_is_thinned_and_says_so(site: Site) -> None:
    got = site.get("/runs/long/metrics?max_points=200").json
    facts = got["metadata"]["series"]["loss"]
    assert (facts["downsampled"], facts["method"], facts["raw_count"]) == (True, "m4", 100_000)
    assert len(got["metrics"]["loss"]) <= 200
    assert max(one["value"] for one in got["metrics"]["loss"]) > 8  # the one-point spike
    assert got["metrics"]["loss"][-1]["step"] == 99_999


def test_an_epoch_stands_in_where_no_step_is_known(site: Site) -> None:
    got = site.get("/runs/epochs/metrics?max_step=3").json
    assert got["metrics"]["loss"][2] == {"step": None, "value": 2.8, "timestamp": None, "epoch": 2.0}
    assert got["metadata"]["series"]["loss"]["x"] == "epoch"


def test_a_metric_without_times_says_why_it_has_no_place_on_that_axis(site: Site) -> None:
    got = site.get("/runs/first/metrics?x=time").json
    assert set(got["metrics"]) == {"loss", "val/acc"}
    assert "no times" in got["metadata"]["unavailable"]["mem{rank=1}"]


def test_columns_carry_positions_that_open_the_printed_line(site: Site) -> None:
    curve = site.get("/runs/first/series?metric_type=loss").json["series"][0]
    assert len(curve["xs"]) == len(curve["values"]) == len(curve["positions"]) == 300
    got = site.get(f"/runs/first/lines?at={curve['positions'][123]}&context=1").json
    assert (got["before"], got["text"], got["after"]) == (["iter 122: loss 2.78"], "iter 123: loss 2.77", ["iter 124: loss 2.76"])


def test_a_mean_curve_comes_with_what_was_thinned_out(site: Site) -> None:
    curve = site.get("/runs/long/series?max_points=200&means=true").json["series"][0]
    assert 50 <= len(curve["means"]["xs"]) <= 250
    assert sum(curve["means"]["counts"]) == 100_000
    assert max(curve["means"]["values"]) < 2 < max(curve["values"])  # the spike
    assert site.get("/runs/first/series?metric_type=loss&means=true").json["series"][0]["means"] is None


def test_series_are_chosen_by_label(site: Site) -> None:
    got = site.get("/runs/first/series?metric_type=mem&label=rank%3D1").json["series"]
    assert [(one["key"], one["values"]) for one in got] == [("mem{rank=1}", [1.0] * 3)]


def test_the_end_of_the_log_is_given(site: Site) -> None:
    assert site.get("/runs/first/log?lines=2").json["lines"] == ["iter 298: loss 1.02", "iter 299: loss 1.01"]


def test_the_end_of_a_log_is_given_as_a_terminal_shows_it(tmp_path: Path) -> None:
    bar = "".join(f"\r{i / 20:.0f}%|##  | {i}/2000" for i in range(2001))
    log = tmp_path / "bar.log"
    log.write_text(f"step 1 loss 2.0\r\n{bar}\nstep 2 loss 1.0\n{bar}")
    run = fill(tmp_path / "store.db", [point(0, 2.0, step=1)], log=log)
    with serving(tmp_path / "store.db") as site:
        lines = ["step 1 loss 2.0", "100%|##  | 2000/2000", "step 2 loss 1.0", "100%|##  | 2000/2000"]
        assert site.get(f"/runs/{run}/log").json["lines"] == lines
        assert site.get(f"/runs/{run}/lines?at=0&context=2").json["after"] == ["", "0%|##  | 0/2000"]  # in context each state counts


def test_a_log_that_is_gone_is_not_found(site: Site) -> None:
    got = site.get("/runs/long/log")
    assert (got.status, got.headers["content-type"]) == (404, "application/problem+json")
    assert "gone" in got.json["detail"]


def test_runs_are_listed_in_pages_newest_first_and_searched(site: Site) -> None:
    first = site.get("/runs?limit=2").json
    rest = site.get(f"/runs?limit=2&after={first['next']}").json
    assert [run["name"] for run in first["runs"] + rest["runs"]] == ["long", "epochs", "first"]
    assert rest["next"] is None
    assert [run["name"] for run in site.get("/runs?q=metric:val/acc").json["runs"]] == ["first"]
    assert [run["name"] for run in site.get("/experiments/gpt/runs").json["runs"]] == ["long", "first"]
    page = site.get("/experiments/gpt/runs?limit=1").json
    assert [run["name"] for run in site.get(f"/experiments/gpt/runs?limit=1&after={page['next']}").json["runs"]] == ["first"]


def test_a_run_is_found_by_id_and_below_its_experiment_alone(site: Site) -> None:
    run = site.get("/experiments/gpt/runs/first").json
    assert site.get(path_of("runs", run["id"])).json["id"] == run["id"]
    assert run["config"]["command"] == ["python", "train.py", "--lr", "0.1"]
    assert {one["key"]: one["count"] for one in run["metrics"]}["val/acc"] == 3
    assert site.get("/experiments/gpt/runs/epochs").status == 404
    assert site.get("/experiments/gpt/runs/latest").json["name"] == "long"


def test_events_compare_differences_and_definitions(site: Site) -> None:
    assert site.get("/runs/first/events").json["events"][0]["detail"] == {"path": "x.pt"}
    compared = site.get("/compare?run=first&run=long&metric=loss").json
    assert [row["count"] for row in compared["runs"]] == [300, 100_000]
    assert compared["winner"] == compared["runs"][1]["run"]
    differing = site.get("/differences?run=first&run=long").json["differences"]
    assert {"name": "args.lr", "values": ["0.1", "0.2"]} in differing
    known = {one["metric"]: one for one in site.get("/definitions?run=first").json["definitions"]}
    assert known["val/acc"]["higher_is_better"] is True


def test_tables_are_given_as_csv_that_no_spreadsheet_runs(site: Site) -> None:
    got = site.get("/runs/first/events.csv")
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(got.body.decode())))
    assert rows[0]["line"] == "'=saved <b>"
    points = list(csv.DictReader(io.StringIO(site.get("/runs/first/metrics.csv?metric_type=loss").body.decode())))
    assert (len(points), points[50]["value"], points[70]["value"]) == (300, "NaN", "-Infinity")
    lines = list(csv.reader(io.StringIO(site.get("/runs/first/lines.csv?at=0&context=1").body.decode())))
    assert lines == [["place", "text"], ["0", "iter 0: loss 4.00"], ["1", "iter 1: loss 3.99"]]
    assert site.get("/runs/first/log.csv?lines=1").body == b"text\r\niter 299: loss 1.01\r\n"
    assert site.get("/runs/first/metrics.json").json["run_id"] == site.get("/runs/first/metrics").json["run_id"]


def test_nothing_is_sent_again_while_nothing_moved(site: Site) -> None:
    first = site.get("/runs/long/metrics")
    again = site.get("/runs/long/metrics", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert site.get("/runs/long/metrics", If_None_Match='"other"').status == 200
    head = site.get("/runs/long/metrics", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(first.body)))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/nope", 404),
        ("/runs?after=1.1", 422),
        ("/runs/first/metrics?metric_type=nope", 404),
        ("/experiments/nope/runs", 404),
        ("/nope", 404),
        ("/static/../app.py", 404),
        ("/static/..%2f..%2fapp.py", 404),
        ("/runs?q=nonsense:1", 400),
        ("/runs/2/metrics", 400),
        ("/runs/first/metrics?max_points=0", 422),
        ("/runs/first/metrics?max_points=10000000", 422),
        ("/runs/first/metrics?min_step=nan", 422),
        ("/runs/first/metrics?x=color", 422),
        ("/runs/first/metrics?after=1;2", 422),
        ("/runs/first/lines?at=99999999999", 404),
        ("/runs/first/metrics?metric_type=%27%20OR%201%3D1--", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(site: Site, path: str, status: int) -> None:
    got = site.get(path)
    assert got.status == status
    assert got.headers["content-type"] == "application/problem+json"
    assert got.json["status"] == status
    assert got.json["detail"]
    assert "store.db" not in got.json["detail"]


def test_every_answer_is_bounded_however_many_series_there_are(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    fill(path, [point(i, float(i), f"m/{i}") for i in range(400)])
    with serving(path) as site:
        got = site.get("/runs/latest/metrics?max_points=10000").json
    assert (len(got["metrics"]), got["metadata"]["omitted"]) == (100, 300)


def _grow(path: Path, run: str, points: range) -> None:
    """Store more points of a run as a scraper would while the page looks."""
    with Writer(path) as writer:
        found = writer.find_run_id(run)
        assert found is not None
        source = writer.run_sources(found.key)[0]
        mark = SourceMark(points[-1] * 10 + 10, points[-1], "", source.identity, b"", {})
        writer.commit([Batch(source.id, mark, Points(point(i * 10, float(i), step=i) for i in points))])


def test_a_cursor_gives_only_what_was_printed_since(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run = fill(path, [point(i * 10, float(i)) for i in range(5)])
    with serving(path) as site:
        first = site.get(f"/runs/{run}/metrics")
        cursor = first.json["metadata"]["cursor"]
        assert site.get(f"/runs/{run}/metrics?after={cursor}").json["metrics"]["loss"] == []
        _grow(path, run, range(5, 8))
        assert site.get(f"/runs/{run}/metrics", If_None_Match=first.headers["etag"]).status == 200
        later = site.get(f"/runs/{run}/metrics?after={cursor}").json
        assert [one["step"] for one in later["metrics"]["loss"]] == [5, 6, 7]
        assert later["metadata"]["cursor"] > cursor


def test_a_cursor_of_a_long_run_loses_none_of_the_points_that_come_after_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run = fill(path, [point(i * 10, math.sin(i / 900), step=i) for i in range(60_000)], chunk=20_000)
    with serving(path) as site:
        cursor = site.get(f"/runs/{run}/metrics?max_points=100").json["metadata"]["cursor"]
        _grow(path, run, range(60_000, 60_090))
        later = site.get(f"/runs/{run}/metrics?max_points=100&after={cursor}").json
        assert [one["step"] for one in later["metrics"]["loss"]] == [*range(60_000, 60_090)]
        few = site.get(f"/runs/{run}/metrics?max_points=10&after={cursor}").json
        assert few["metadata"]["series"]["loss"]["downsampled"]
        assert few["metrics"]["loss"][-1]["step"] == 60_089
        everything = site.get(f"/runs/{run}/metrics?max_points=100&after=0.0").json  # as if one had seen a single point
        assert len(everything["metrics"]["loss"]) <= 100


def test_only_what_moved_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.db"
    run = fill(path, [point(i * 10, float(i), name) for i in range(50) for name in ("loss", "val/acc")])
    other = fill(path, [point(i * 10, float(i)) for i in range(50)])
    read: list[str] = []
    reading = chosen.read

    def noted(found: Run, asked: chosen.Asked) -> chosen.Read:
        read.append(",".join(asked.types))
        return reading(found, asked)

    monkeypatch.setattr(chosen, "read", noted)
    with serving(path) as site:
        paths = [f"/runs/{run}/metrics?metric_type=loss", f"/runs/{run}/series?metric_type=loss", f"/runs/{run}/series?metric_type=val/acc"]
        tags = [site.get(one).headers["etag"] for one in paths]
        read.clear()
        _grow(path, other, range(50, 60))
        assert [site.get(one, If_None_Match=tag).status for one, tag in zip(paths, tags, strict=True)] == [304] * 3
        assert read == []
        _grow(path, run, range(50, 60))
        assert [site.get(one, If_None_Match=tag).status for one, tag in zip(paths, tags, strict=True)] == [200, 200, 304]
        assert read == ["loss", "loss"]


def test_what_a_name_stands_for_may_change(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = fill(path, [point(0, 1.0)], name="same")
    with serving(path) as site:
        assert site.get("/runs/same/metrics").json["run_id"] == site.get("/runs/latest/series").json["run_id"] == first
        second = fill(path, [point(0, 1.0)], name="same", started=STARTED + 10)
        assert site.get("/runs/same/metrics").json["run_id"] == site.get("/runs/latest/series").json["run_id"] == second
        with Writer(path) as writer:
            found = writer.find_run_id(second)
            assert found is not None
            writer.delete_run(found.key)
        assert site.get("/runs/same/metrics").json["run_id"] == first
        assert site.get(f"/runs/{second}/metrics").status == 404


def _event(answer: http.client.HTTPResponse) -> dict[str, object]:
    """Read one server-sent event."""
    while True:
        line = answer.readline()
        assert line, "the stream ended"
        if line.startswith(b"data: "):
            found: dict[str, object] = json.loads(line[6:])
            return found


def test_listeners_are_told_when_a_run_moves(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    run = fill(path, [point(0, 1.0)])
    with serving(path) as site, closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as stream:
        stream.request("GET", f"/live?run={run}&run=gone")
        answer = stream.getresponse()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert [one["points"] for one in _event(answer)["runs"]] == [1]  # type: ignore[attr-defined]
        _grow(path, run, range(1, 4))
        moved = _event(answer)["runs"][0]  # type: ignore[index]
        assert (moved["points"], moved["last_step"]) == (4, 3)


def test_only_so_many_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Answers] = []
    real = Answers.__init__

    def init(self: Answers, *given: Any) -> None:
        kept.append(self)
        real(self, *given)

    monkeypatch.setattr(Answers, "__init__", init)
    monkeypatch.setattr(answers, "MOST_KEPT", 3)
    fill(tmp_path / "store.db", [point(0, 1.0)])
    with serving(tmp_path / "store.db") as site:
        for limit in range(1, 9):
            assert site.get(f"/runs?limit={limit}").status == 200
        assert [key[1] for key in kept[0]._kept] == [b"limit=6", b"limit=7", b"limit=8"]


def test_a_stream_of_several_runs_or_of_a_store_that_went_away_ends_without_a_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "store.db"
    run, _ = fill(path, [point(0, 1.0)]), fill(path, [point(0, 1.0)])
    with serving(path) as site, closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as stream:
        stream.request("GET", f"/live?run={run[:2]}&run={run}")
        answer = stream.getresponse()
        assert [one["id"] for one in _event(answer)["runs"]] == [run]  # type: ignore[attr-defined]
        for left in tmp_path.glob("store.db*"):
            left.unlink()
        assert answer.read() == b"\n"
    assert not [record for record in caplog.records if record.exc_info]


def test_a_store_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "store.db", tmp_path / "other.db"
    fill(path, [point(0, 1.0)], name="old")
    fill(other, [point(0, 1.0)], name="new")
    with serving(path) as site:
        assert site.get("/runs").json["runs"][0]["name"] == "old"
        for left in tmp_path.glob("store.db*"):
            left.unlink()
        gone = site.get("/runs")
        assert (gone.status, gone.headers["content-type"]) == (503, "application/problem+json")
        assert gone.json["detail"].startswith("there is no store here yet; record one")
        other.rename(path)
        assert site.get("/runs").json["runs"][0]["name"] == "new"


def test_a_run_without_a_point_has_an_empty_answer(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        writer.create_run(NewRun(name="young"))
    with serving(path) as site:
        got = site.get("/runs/young/metrics").json
        assert (got["metrics"], got["metadata"]["cursor"]) == ({}, "")
        assert site.get("/runs/young/log").json["lines"] == []


@pytest.mark.slow
def test_schemathesis_finds_nothing(site: Site, tmp_path: Path) -> None:
    """Every operation of /openapi.json with generated values; 400 is a right answer to a search that cannot be understood."""
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    settings = tmp_path / "schemathesis.toml"
    settings.write_text('[checks.positive_data_acceptance]\nexpected-statuses = ["2xx", "400", "404"]\n')
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", settings, "run", f"{site.url}/openapi.json"]
    command += ["--exclude-path", "/live", "--max-examples", "20", "--no-color"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stdout[-4000:]
