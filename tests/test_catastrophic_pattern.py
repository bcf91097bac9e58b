"""A user's regex that would search for years: the others' points are unharmed, the counters tell, and time stays bounded."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import scraper
from scraper.cli import cli
from scraper.config import resolve
from scraper.packfiles import builtin_packs, one_off
from scraper.parse.packs import Pack, PackSet, Pattern
from scraper.parse.parser import Parser

WORDS = r"^(\w|\w\w)*$"
COMMAS = r"(.*?,){12}\d+\.\d+$"
LINES = 400
SETTINGS = resolve(environ={})
BOUND = 5.0  # seconds of processor, for what takes a tenth of it alone: a search without a limit takes longer than the universe is old


def hostile(number: int) -> str:
    """Return lines on which both patterns search for ever; no two numbers give lines of one shape."""
    word = "".join(chr(97 + (number // 26**i) % 26) for i in range(4))
    return f"{word * 10}!\n" + ",".join(["1.5"] * 40) + f",{word}\n"


def log(lines: int = LINES) -> bytes:
    return "".join(f"iter {i}: loss {2 - i / 1000:.4f}, time 9.50ms\n{hostile(i)}zeta={i}.5\n" for i in range(lines)).encode()


def pack(*sources: str) -> Pack:
    patterns = (
        Pattern("mine", f"p{i}", source=s, user=True)
        for i, s in enumerate(sources)
    )
    return Pack("mine", user=True, patterns=tuple(patterns))


def read(parser: Parser, data: bytes) -> list[tuple[str, int | None, float]]:
    points = [*parser.feed(data, None).points, *parser.flush(None).points]
    return [(p.metric, p.step, p.value) for p in points]


def expected(lines: int = LINES) -> list[tuple[str, int | None, float]]:
    return [point for i in range(lines) for point in (("loss", i, round(2 - i / 1000, 4)), ("time_ms", i, 9.5))]


@pytest.mark.parametrize("source", [WORDS, COMMAS])
def test_other_patterns_keep_all_their_points_and_the_counters_tell_of_the_one_that_ran_away(source: str) -> None:
    parser = Parser(PackSet((pack(source), *builtin_packs())), SETTINGS)
    start = time.process_time()
    found = read(parser, log())
    assert time.process_time() - start < BOUND
    assert [point for point in found if point[0] != "zeta"] == expected()
    assert parser.counters["pattern_timeout"] == SETTINGS["pattern_strikes"]
    assert parser.counters["quarantined mine:p0"] == 1
    assert parser.counters["lines"] == LINES * 4


def test_a_good_pattern_of_the_same_pack_goes_on() -> None:
    parser = Parser(PackSet((pack(WORDS, COMMAS, r"zeta=(?P<zeta>{NUM})"), *builtin_packs())), SETTINGS)
    found = read(parser, log())
    assert [value for metric, _, value in found if metric == "zeta"] == [i + 0.5 for i in range(LINES)]
    assert parser.counters["pattern_timeout"] == 2 * SETTINGS["pattern_strikes"]
    assert {name for name in parser.counters if name.startswith("quarantined")} == {"quarantined mine:p0", "quarantined mine:p1"}


@pytest.mark.parametrize(
    ("line", "counter"),
    [
        ("a" * 1_000_000 + "!", "line_not_searched"),
        ("1.5," * 250_000 + "x", "line_not_searched"),
        ("1.5," * 4_000 + "x", "pattern_timeout"),
    ],
)
def test_one_long_line_costs_no_more_than_the_limits_of_a_few_searches(line: str, counter: str) -> None:
    parser = Parser(PackSet((pack(WORDS, COMMAS),)), SETTINGS)
    start = time.process_time()
    parser.feed(line.encode() + b"\n", None)
    assert time.process_time() - start < BOUND
    assert parser.counters[counter] >= 1


def test_quarantine_outlasts_a_restart_until_the_pattern_is_mended() -> None:
    first = Parser(PackSet([pack(WORDS)]), SETTINGS)
    first.feed(log(), None)
    again = Parser(PackSet([pack(WORDS)]), SETTINGS, first.save())
    again.feed(log(), None)
    assert again.counters["pattern_timeout"] == SETTINGS["pattern_strikes"]
    mended = Parser(PackSet([pack(r"zeta=(?P<fixed>{NUM})")]), SETTINGS, first.save())
    assert [metric for metric, _, _ in read(mended, b"zeta=1.5\n")] == ["fixed"]


def test_a_one_off_pattern_is_guarded_too() -> None:
    parser = Parser(PackSet((one_off([r"^(?P<x>(\w|\w\w)*)$"]), *builtin_packs())), SETTINGS)
    assert [point for point in read(parser, log()) if point[0] != "zeta"] == expected()
    assert parser.counters["quarantined cli:1"] == 1


def test_a_group_that_holds_no_number_leaves_the_line_to_others() -> None:
    parser = Parser(PackSet((one_off([r"loss (?P<loss>\S+)", r"iter (?P<step>\S+) alpha (?P<alpha>{NUM})"]), *builtin_packs())), SETTINGS)
    found = read(parser, b"iter 3: loss 1.5, time 9.50ms\niter many alpha 0.5\niter nan alpha 0.5\nloss gone\niter 4 alpha 0.25\n")
    assert found == [("loss", 3, 1.5), ("time_ms", 3, 9.5), ("alpha", 4, 0.25)]


def test_tail_with_such_a_pack_stores_every_point_and_shows_what_was_quarantined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / ".scraper" / "patterns"
    folder.mkdir(parents=True)
    patterns = f"[[pattern]]\nname = 'words'\nregex = '''{WORDS}'''\n[[pattern]]\nname = 'commas'\nregex = '''{COMMAS}'''\n"
    good = "[[pattern]]\nname = 'good'\nregex = 'zeta=(?P<zeta>{NUM})'\n"
    sample = "[[sample]]\nlog = 'zeta=1.5'\npoints = [{metric = 'zeta', value = 1.5}]\n"
    (folder / "mine.toml").write_text(f"[pack]\nname = 'mine'\n{patterns}{good}{sample}")
    (tmp_path / "train.log").write_bytes(log())
    result = CliRunner().invoke(cli, ["tail", "--once", "--store", "s.db", "train.log"])
    assert result.exit_code == 0, result.output
    assert "; in quarantine, as too slow: mine:commas, mine:words" in result.output
    with scraper.open("s.db") as database:
        run = database.run("latest")
        assert list(run.series("loss").values) == [value for metric, _, value in expected() if metric == "loss"]
        assert len(run.series("zeta").values) == LINES
    shown = json.loads(CliRunner().invoke(cli, ["show", "--store", "s.db", "--json"]).output)
    assert {"pattern_timeout", "quarantined mine:words", "quarantined mine:commas"} <= set(json.dumps(shown).split('"'))
