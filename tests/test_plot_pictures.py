"""Pictures: PNG and SVG of one metric, several, all, and several runs; hostile names stay text; what is not finite is marked."""

from __future__ import annotations

import math
import re
import struct
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from reading_helpers import STARTED, fill, point

from scraper.cli import cli
from scraper.model import Event, MetricDefinition
from scraper.plot.picture import THEMES
from scraper.plot.scales import span_ticks

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pyparsing", "ignore::DeprecationWarning:matplotlib")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plot", *arguments], catch_exceptions=False)


def size_of(png: Path) -> tuple[int, int]:
    data = png.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


@pytest.fixture
def store(tmp_path: Path) -> str:
    path = tmp_path / "store.db"
    for i, name in enumerate(("one", "two")):
        values = [math.nan if k in (30, 31) else 3 * math.exp(-k / 20) + i for k in range(100)]
        loss = [point(100 * k, value, "loss", step=k, time=STARTED + k) for k, value in enumerate(values)]
        val = [point(100 * k + 1, math.inf if k == 40 else float(k), "val/acc", step=k, time=STARTED + k) for k in range(0, 100, 20)]
        events = [Event(100 * k + 2, "checkpoint", k, None, None, "saved") for k in range(0, 100, 2)]
        events += [Event(5000, "traceback", None, None, None, "ValueError"), Event(5100, "restart", 51, None, None, "restart")]
        definition = MetricDefinition("val/acc", format="percent")
        fill(path, [*loss, *val], events=events, definitions=[definition], name=name, started=STARTED + i)
    return str(path)


@pytest.mark.parametrize("asked", ["one --metric loss", "one", "one two", "one --log", "one --x relative --smooth 0.9", "one --x time"])
@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_is_drawn(store: str, tmp_path: Path, asked: str, form: str) -> None:
    out = tmp_path / f"picture.{form}"
    result = invoke(*asked.split(), "--out", str(out), "--store", store)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    if form == "png":
        assert min(size_of(out)) > 300
    else:
        assert ET.fromstring(out.read_text(encoding="utf-8")).tag.endswith("svg")  # noqa: S314 - our own file
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_metrics_that_only_one_of_several_runs_has_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for i, name in enumerate(("one", "two")):
        values = [point(100 * k + n, float(k), metric, step=k) for k in range(5) for n, metric in enumerate(("loss", f"{name}_loss"))]
        fill(path, values, definitions=[MetricDefinition(f"{name}_loss", higher_is_better=False)], name=name, started=STARTED + i)
    out = tmp_path / "both.svg"
    result = invoke("one", "two", "--out", str(out), "--store", str(path))
    assert (result.exit_code, result.stdout.partition(":")[2].partition(" of")[0]) == (0, " 3 metrics")


def test_the_same_picture_is_the_same_file(store: str, tmp_path: Path) -> None:
    for form in ("png", "svg"):
        files = [tmp_path / f"{i}.{form}" for i in range(2)]
        for file in files:
            invoke("one", "--out", str(file), "--store", store)
        assert files[0].read_bytes() == files[1].read_bytes()


def test_themes_and_sizes_are_as_asked(store: str, tmp_path: Path) -> None:
    for theme in THEMES:
        invoke("one", "--out", str(tmp_path / f"{theme}.svg"), "--theme", theme, "--store", store)
        assert THEMES[theme].background in (tmp_path / f"{theme}.svg").read_text(encoding="utf-8")
    invoke("one", "--out", str(tmp_path / "a.png"), "--width", "700", "--height", "420", "--store", store)
    assert size_of(tmp_path / "a.png") == (700, 420)


def test_a_run_has_its_colour_in_every_panel_and_each_theme_can_be_read() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for theme in THEMES.values():
        for colour in (*theme.curves, theme.alarm, theme.text):
            high, low = sorted((light(colour), light(theme.panel)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 3.0, (colour, theme.panel)  # WCAG 2.2, 1.4.11: graphics
        assert len(set(theme.curves)) == len(theme.curves)


def test_small_groups_stand_side_by_side(tmp_path: Path) -> None:
    store, out = str(tmp_path / "store.db"), tmp_path / "a.png"
    names = ["a/x", "b/x", "c/x", "d/x", "d/y", "d/z", "d/w"]
    fill(Path(store), [point(10 * i + j, float(i), name, step=i) for i in range(3) for j, name in enumerate(names)])
    sizes = []
    for chosen in (["a/*"], ["a/*", "b/*", "c/*"], ["*"]):
        assert invoke("--out", str(out), "--store", store, *(word for glob in chosen for word in ("--metric", glob))).exit_code == 0
        sizes.append(size_of(out))
    assert [width for width, _ in sizes] == [960, 1440, 1440]
    assert sizes[2][1] > 2.5 * sizes[1][1] - 100  # a row for a, b and c, and two for d
    assert sizes[1][1] < 500


NAMES = ["$x^{$", "<script>alert(1)</script>", "a\x1b[31m", "100%", "\\frac{", "_hidden", "模型", "x" * 500, "\u202egnp"]


@pytest.mark.parametrize("form", ["png", "svg"])
def test_hostile_names_are_drawn_as_text(tmp_path: Path, form: str) -> None:
    store, out = tmp_path / "store.db", tmp_path / f"picture.{form}"
    fill(store, [point(10 * i + j, float(i), name, step=i) for i in range(3) for j, name in enumerate(NAMES)], name="$run$ <b>")
    fill(store, [point(10 * i, float(i), "$x^{$", step=i) for i in range(3)], name="_two", started=STARTED + 1)
    for arguments in (["_two"], ["$run$ <b>"], ["$run$ <b>", "_two", "--metric", "$x*"]):
        result = invoke(*arguments, "--out", str(out), "--store", str(store))
        assert (result.exit_code, result.stderr) == (0, "")
    if form == "svg":
        assert "<script>" not in out.read_text(encoding="utf-8")


ODD = [[1.0], [2.0, 2.0], [math.nan], [math.nan, math.inf], [1e300, -1e300], [0.0], [1e-310, 2e-310], [-1.0, -2.0], [-1.0, 0.0, 5.0]]


@pytest.mark.parametrize("values", ODD)
@pytest.mark.parametrize("options", [[], ["--log"], ["--smooth", "0.9"], ["--log", "--x", "relative"]])
def test_any_values_are_drawn(tmp_path: Path, values: list[float], options: list[str]) -> None:
    fill(tmp_path / "store.db", [point(10 * i, value, time=STARTED + i / 10) for i, value in enumerate(values)])
    small = ("--width", "320", "--height", "240")
    result = invoke("--out", str(tmp_path / "a.png"), "--store", str(tmp_path / "store.db"), *small, *options)
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--out", "a.pdf"], 2, "end its name with .png or .svg"),
        (["--out", "a.png", "--width", "500"], 2, "both a --width and a --height"),
        (["--out", "/nonexistent/a.png"], 2, "cannot write"),
        (["--out", "a.png", "--metric", "nix"], 1, "no metric fits nix"),
        (["one", "--query", "x", "--out", "a.png"], 2, "either RUN or --query"),
    ],
)
def test_a_wrong_request_is_one_line(store: str, arguments: list[str], status: int, said: str) -> None:
    result = invoke(*arguments, "--store", store)
    assert (result.exit_code, result.stdout, said in result.stderr) == (status, "", True)
    assert len(result.stderr.splitlines()) == 1
    assert not Path("a.png").exists()


def test_without_matplotlib_it_says_what_to_install(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = invoke("--out", str(tmp_path / "a.png"), "--store", store)
    assert (result.exit_code, "'.[plot]'" in result.stderr) == (2, True)
    assert not (tmp_path / "a.png").exists()


def test_curves_of_one_run_share_their_beginning(tmp_path: Path) -> None:
    timed = [point(at, 1.0, metric, time=STARTED + at) for at, metric in ((0, "loss"), (60, "val/loss"), (90, "val/loss"))]
    fill(tmp_path / "store.db", timed, started=None)
    result = CliRunner().invoke(cli, ["plot", "--x", "relative", "--json", "--metric", "val/*", "--store", str(tmp_path / "store.db")])
    assert re.search(r'"xs": \[\s*60.0,\s*90.0\s*\]', result.stdout)


def test_lengths_of_time_have_round_ticks() -> None:
    assert span_ticks(0, 22_000, 6) == [0, 7200, 14_400, 21_600]
    assert span_ticks(0, 300, 6) == [0, 60, 120, 180, 240, 300]
    assert span_ticks(0, 0.5, 5) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert span_ticks(5, 5, 4) == [5]
