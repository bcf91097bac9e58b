"""What each pattern did is counted where it reads, kept with the offset, and told by `scraper status`, also that one reads no more."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from parsing import DEFAULTS
from parsing import parser as reader

from scraper.cli import cli
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet, parse_pack
from scraper.parse.parser import Parser

TRAINING = "".join(f"iter {i}: loss {3 / (i + 1):.4f}, time 12.30ms, mfu 1.20%\n" for i in range(200))
ODD = "".join(f"a sentence that number {i} stands in, of a kind that says nothing\n" for i in range(1000))
MINE = '''\
[pack]
name = "mine"
[[pattern]]
name = "odd"
regex = 'obj (?P<obj>{NUM})'
[[sample]]
log = """
obj 0.5
"""
points = [{ metric = "obj", value = 0.5 }]
'''


def status(store: Path, *words: str) -> Any:
    result = CliRunner().invoke(cli, ["status", "--store", str(store), "--json", *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_reads_and_where_they_began_and_ended_are_those_of_any_cut() -> None:
    log = (TRAINING + ODD[:200] + "\n" + TRAINING).encode()
    whole = reader()
    whole.feed(log, None)
    first = whole.patterns["nanogpt:iter"]
    assert (first.reads, first.first_at, log[first.last_at :][:8]) == (400, 0, b"iter 199")
    pieces = reader()
    for at in range(0, len(log), 77):
        pieces.feed(log[pieces.consumed : at + 77], None)
        pieces = reader(pieces.save())
    pieces.feed(log[pieces.consumed :], None)
    assert pieces.patterns == whole.patterns


def test_a_users_pattern_is_told_of_before_it_reads_anything_with_the_time_its_searches_took() -> None:
    packs = PackSet((parse_pack(MINE, "mine", user=True), *builtin_packs()))
    ticks = count()
    parser = Parser(packs, DEFAULTS, clock=lambda: float(next(ticks)))
    parser.feed(b"an obj of another kind 0.5\nobj 0.5\n", None)
    use = parser.patterns["mine:odd"]
    assert (use.reads, use.first_at) == (1, 27)
    assert use.seconds >= 2.0  # it was searched for in both lines
    assert Parser(packs, DEFAULTS, parser.save()).patterns == parser.patterns
    assert Parser(PackSet(builtin_packs()), DEFAULTS, parser.save()).patterns["mine:odd"] == use  # the pack is gone, its count is not


def test_status_tells_lines_and_files_of_each_pattern(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(TRAINING + ODD[:67])
        words = ["tail", "--once", "--pattern", "never (?P<x>{NUM})", "--store", str(store), str(tmp_path / name)]
        assert CliRunner().invoke(cli, words).exit_code == 0
    told = {one["pattern"]: one for one in status(store)["patterns"]}
    assert list(told) == ["nanogpt:iter", "cli:1"]
    assert [(one["reads"], one["files"], one["run"] is None) for one in told.values()] == [(400, 2, False), (0, 0, True)]
    assert told["nanogpt:iter"]["seconds"] > 0
    shown = CliRunner().invoke(cli, ["status", "--store", str(store)]).output
    assert "404 lines read, 400 of them carried metrics (99.0 %)" in shown
    assert "nanogpt:iter" in shown
    assert "stopped" not in shown


def test_a_pattern_that_stopped_matching_is_reported_while_the_file_may_grow(tmp_path: Path) -> None:
    store, log = tmp_path / "s.db", tmp_path / "a.log"
    log.write_text(TRAINING + ODD)
    assert CliRunner().invoke(cli, ["tail", "--once", "--store", str(store), str(log)]).exit_code == 0
    assert status(store)["stopped"] == []  # the end of a training is no news
    (one,) = status(store, "--all")["stopped"]
    assert (one["pattern"], one["reads"], one["path"]) == ("nanogpt:iter", 200, str(log))
    assert one["silent"] == log.stat().st_size - one["last_at"]
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE sources SET finished = 0")
    shown = CliRunner().invoke(cli, ["status", "--store", str(store)]).output
    assert "stopped matching: the pattern nanogpt:iter read 200 lines of" in shown
    assert f"see why: scraper packs explain --log {log}\n" in shown
