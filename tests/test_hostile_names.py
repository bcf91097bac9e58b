"""Names without end, names too long, and names that are markup or terminal codes: bounded, counted, and shown as text everywhere."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from daemons import scraper

from scraper.text import is_plain

NASTY = ["<script>alert(1)</script>", "\x1b]0;owned\x07loss", "=cmd()", "@SUM(A1)", "\u202egnp", '"quoted"', "two\nlines", "nul\0name"]
SHOWING = [
    *(("show", "latest"), ("summary", "latest"), ("ls",), ("best", "loss"), ("events", "latest"), ("compare", "latest")),
    *(("status", "--all"), ("plot", "latest"), ("export", "latest", "--format", "csv"), ("show", "latest", "--json"), ("ls", "--json")),
]


@pytest.mark.parametrize("names", [2_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_names_without_end_are_capped_and_the_rest_is_counted(tmp_path: Path, names: int) -> None:
    (tmp_path / "a.log").write_text("".join(f'{{"step": {i}, "metric_{i}": 0.5}}\n' for i in range(names)))
    (tmp_path / "scraper.toml").write_text('store = "s.db"\nmax_series = 100\n')
    done = scraper(tmp_path, "tail", "--once", "a.log", seconds=300)
    assert done.returncode == 0, done.stderr
    (source,) = json.loads(scraper(tmp_path, "status", "--all", "--json").stdout)["sources"]
    assert source["discarded"]["store_series_limit"] == names - 100
    assert "store_series_limit" in scraper(tmp_path, "status", "--all").stdout
    assert len(json.loads(scraper(tmp_path, "summary", "latest", "--json").stdout)["metrics"]) == 100


def test_a_name_of_ten_kilobytes_is_counted_and_not_stored(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(f'{{"step": 1, "{"x" * 10_000}": 0.5, "loss": 0.25}}\n')
    assert scraper(tmp_path, "tail", "--once", "--store", "s.db", "a.log").returncode == 0
    (source,) = json.loads(scraper(tmp_path, "status", "--all", "--json", "--store", "s.db").stdout)["sources"]
    assert source["discarded"]["store_name_too_long"] == 1
    metrics = json.loads(scraper(tmp_path, "summary", "latest", "--json", "--store", "s.db").stdout)["metrics"]
    assert [metric["name"] for metric in metrics] == ["loss"]


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a store made of a log whose every part is hostile."""
    folder = tmp_path_factory.mktemp("nasty")
    log = "".join(json.dumps({"step": i, "loss": i / 8, **dict.fromkeys(NASTY, 0.5)}) + "\n" for i in range(5))
    log += "\x1b[2Jstep 9 loss: nan <script>alert(2)</script> \x1b]0;owned\x07\n"
    (folder / "=cmd()<b>\x1b[31m.log").write_text(log)
    done = scraper(folder, "tail", "--once", "--store", "s.db", ".")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    return folder


@pytest.mark.parametrize("words", SHOWING, ids=" ".join)
def test_nothing_of_a_log_steers_what_shows_it(nasty: Path, words: tuple[str, ...]) -> None:
    done = scraper(nasty, words[0], "--store", "s.db", *words[1:])
    assert done.returncode == 0, done.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)
    if "csv" in words:
        cells = [cell for line in done.stdout.splitlines() for cell in line.split(",")]
        assert not any(cell.strip('"').startswith(("=", "@")) for cell in cells)


def test_a_name_is_stored_and_asked_for_as_it_is_shown(nasty: Path) -> None:
    with closing(sqlite3.connect(nasty / "s.db")) as connection:
        stored = {name for (name,) in connection.execute("SELECT DISTINCT metric FROM series")}
    spelt = {r"\x1b]0;owned\x07loss", r"\u202egnp", r"two\x0alines", r"nul\x00name"}
    assert spelt <= stored
    assert all(map(is_plain, "".join(stored)))
    for name in spelt:
        done = scraper(nasty, "best", name, "--store", "s.db", "--lower", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)[0]["value"] == 0.5


def test_the_report_has_no_markup_of_the_log(nasty: Path) -> None:
    done = scraper(nasty, "report", "latest", "--store", "s.db", "--out", "r.html")
    assert done.returncode == 0, done.stderr
    page = (nasty / "r.html").read_text()
    assert "<script>alert" not in page
    assert "\x1b" not in page
