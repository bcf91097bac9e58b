"""The HTML report: one file that holds everything, runs nothing and loads nothing, whatever a log says."""

from __future__ import annotations

import base64
import math
import re
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from reading_helpers import STARTED, fill, point

from scraper.cli import cli
from scraper.model import Event

pytest.importorskip("matplotlib")
NASTY = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[31mred", "$x^{$", "javascript:alert(1)", "模型"]


class Page(HTMLParser):
    """What a page consists of: tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def report(tmp_path: Path, *arguments: str) -> tuple[Result, Page]:
    out = tmp_path / "report.html"
    command = ["report", *arguments, "--out", str(out), "--store", str(tmp_path / "store.db")]
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    return result, Page(out.read_text(encoding="utf-8") if out.exists() else "")


def pictures(page: Page) -> list[str]:
    found = [attributes["src"] or "" for tag, attributes in page.tags if tag == "img"]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in found)
    return [base64.b64decode(source.partition(",")[2]).decode() for source in found]


def test_a_report_tells_what_runs_came_to(tmp_path: Path) -> None:
    for i, rate in enumerate(("0.1", "0.2")):
        points = [point(10 * k, 5.0 - k - i, "val/loss", step=k, time=STARTED + k) for k in range(4)] + [point(3, math.nan, "lr")]
        events = [Event(5, "traceback", 1, None, STARTED, "ValueError: no")]
        fill(tmp_path / "store.db", points, events=events, name=f"run{i}", command=("python", "--lr", rate), started=STARTED + i)
    result, page = report(tmp_path, "run0", "run1")
    assert (result.exit_code, "2 runs" in result.stdout) == (0, True)
    for said in ("val/loss", "lower is better", "args.lr", "0.2", "ValueError: no", "python --lr 0.1", "Validation loss"):
        assert said in page.text, said
    won = re.search(r'<tr class="won"><td>([^<]*)', (tmp_path / "report.html").read_text())
    assert won is not None
    assert won[1] == "run1"
    assert len(pictures(page)) == 2
    for theme in ("dark", "light"):
        assert report(tmp_path, "run0", "--theme", theme)[0].exit_code == 0


def test_a_report_goes_to_standard_output_where_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "store.db", [point(0, 1.0)])
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["report", "--out", "-", "--store", "store.db"], catch_exceptions=False)
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.rstrip().endswith("</html>"), "nothing is said beside it"
    assert not (tmp_path / "-").exists()


def test_a_report_runs_nothing_and_loads_nothing(tmp_path: Path) -> None:
    points = [point(10 * k + j, float(k), name, step=k) for k in range(3) for j, name in enumerate(NASTY)]
    events = [Event(1, "traceback", 1, None, None, NASTY[0])]
    facts = {"name": NASTY[0], "note": NASTY[1], "tags": (NASTY[1],), "command": (NASTY[0],), "experiment": NASTY[1]}
    for i in range(2):
        fill(tmp_path / "store.db", points, events=events, started=STARTED + i, **facts)
    result, page = report(tmp_path, "--query", "metric:*")
    assert result.exit_code == 0, result.stderr
    harmless = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "img", "div", "span"}
    assert {tag for tag, _ in page.tags} <= harmless | {"table", "thead", "tbody", "tr", "th", "td"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    policy = next(attributes["content"] for _, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert NASTY[0] in page.text
    assert "\x1b" not in page.text
    for picture in pictures(page):
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(picture).iter()}  # noqa: S314 - our own file
        assert not tags & {"script", "foreignObject", "image", "a"}


def test_a_run_without_metrics_is_told_too(tmp_path: Path) -> None:
    fill(tmp_path / "store.db", [], name="empty")
    result, page = report(tmp_path)
    assert (result.exit_code, "No metric was printed yet" in page.text) == (0, True)


def test_a_report_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "store.db", [point(0, 1.0)])
    (tmp_path / "report.html").write_text("before")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result, _ = report(tmp_path)
    assert (result.exit_code, "'.[plot]'" in result.stderr) == (2, True)
    assert (tmp_path / "report.html").read_text() == "before"
