"""A pack that is not valid: the message names file, line, what is wrong and what would be right; nothing starts with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from wrapping import environment

from scraper import config, packfiles
from scraper.cli import cli
from scraper.errors import PackError
from scraper.parse.packs import parse_pack

GOOD = r"""[pack]
name = "mine"
title = "My trainer"

[[pattern]]
name = "step"
regex = '''^tick (?P<step>{INT}) drag (?P<drag>{NUM})'''

[[sample]]
log = '''
tick 10 drag 0.5
tick 20 drag nan
'''
points = [{metric = "drag", step = 10, value = 0.5}, {metric = "drag", step = 20, value = nan}]

[[sample]]
log = '''
[[pattern]]
# tick many drag 0.5
'''

[metrics.drag]
higher_is_better = false
"""
# what is replaced, by what -> the line that is named, and words of the message
WRONG = [
    ('name = "mine"', "name = mine", 2, "not valid TOML"),
    ("name = \"step\"\nregex = '''^tick (?P<step>{INT})", 'name = "step"\nregex = "^tick\\d (?P<step>{INT})', 7, "three single quotes"),
    ("[metrics.drag]", "[metrics.drag", 22, "not valid TOML"),
    ('[pack]\nname = "mine"', '[pack]\nnme = "mine"', 1, "[pack] with name"),
    ('title = "My trainer"', 'titel = "x"', 3, "unknown key 'titel'; did you mean 'title'?"),
    ('title = "My trainer"', "title = 3", 3, "title must be a text in quotes, not 3"),
    ('name = "mine"', 'name = "generic"', 1, "is taken"),
    ("regex = '''^tick", "regexp = '''^tick", 7, "unknown key 'regexp'; did you mean 'regex'?"),
    ("(?P<drag>{NUM})", "(?P<drag>{NUM}", 7, "pattern 'step': the regex is not valid: missing )"),
    ("(?P<drag>{NUM})", "(?P<drag>{FLOAT})", 7, "unknown {FLOAT} in the regex; there are {NUM} and {INT}"),
    ("(?P<step>{INT}) drag (?P<drag>{NUM})", "(?P<step>{INT}) (?P<key>drag) {NUM}", 7, "key and value belong together"),
    ('name = "step"\n', 'name = "step"\nkind = "regexp"\n', 5, "kind 'regexp' is none of"),
    ('name = "step"\n', 'name = "step"\nredraw = "always"\n', 5, "redraw 'always' is none of last, first, complete"),
    ('name = "step"\n', 'name = "step"\nwait = "yes"\n', 7, "wait must be true or false, not 'yes'"),
    ('name = "step"\n', 'name = "step"\nnames = {drag = 3}\n', 7, "names must be a table of texts"),
    ('name = "step"\n', 'name = "step"\nskip = "drag"\n', 7, "skip must be a list of texts"),
    ("[[pattern]]\nname", "[pattern]\nname", 5, "[[pattern]]"),
    ("[[pattern]]\nname", "[[pattern]]\nname = 'step'\nregex = 'x'\n[[pattern]]\nname", 8, "an earlier pattern has the same name"),
    ('metric = "drag", step = 10', 'metrc = "drag", step = 10', 9, "a point is written"),
    ("value = 0.5", "value = 'half'", 9, "a point is written"),
    ("log = '''\ntick 10", "logs = '''\ntick 10", 9, 'needs log = """the printed text"""'),
    ("higher_is_better = false", "higher_is_bettr = false", 23, "did you mean 'higher_is_better'?"),
    ("[metrics.drag]\nhigher_is_better = false", "[metrics]\ndrag = false", 1, "a table of its own"),
]


def check(*words: str) -> Result:
    return CliRunner().invoke(cli, ["packs", "check", *words])


def write(folder: Path, text: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(text)
    return file


def test_the_pack_that_the_others_are_made_from_is_in_order(tmp_path: Path) -> None:
    result = check(str(write(tmp_path, GOOD)))
    said = f"ok {tmp_path}/mine.toml: pack mine: patterns: 1, samples: 2; each sample gives its points\n"
    assert (result.exit_code, result.output) == (0, said)


@pytest.mark.parametrize(("old", "new", "line", "said"), WRONG, ids=[said for _, _, _, said in WRONG])
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new, 1))
    result = check(str(file))
    assert result.exit_code == 1
    assert result.output.startswith(f"error {file}:{line}: ")
    assert said in result.output


def test_a_pack_without_patterns_or_without_a_sample_that_gives_points_is_refused() -> None:
    head, _, rest = GOOD.partition("[[pattern]]")
    with pytest.raises(PackError, match=r"x: has no \[\[pattern\]\]"):
        parse_pack(head, "x")
    with pytest.raises(PackError, match="carries lines it matches"):
        parse_pack(head + "[[pattern]]" + rest.partition("[[sample]]")[0], "x")


def test_a_failing_sample_tells_its_line_the_points_and_how_far_each_pattern_got(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("drag (?P", "dragg (?P"))
    result = check(str(file))
    assert result.exit_code == 1
    assert f"{file}:9: sample 1 must give drag=0.5 at step 10, drag=nan at step 20" in result.output
    assert "but gives nothing" in result.output
    assert "pattern 'step' matches up to 'tick 10 drag', then wants g (?P<drag>{NUM}) where the line goes on ' 0.5'" in result.output


def test_a_sample_with_a_wrong_step_or_one_point_too_many_fails(tmp_path: Path) -> None:
    assert "must give drag=0.5 at step 11" in check(str(write(tmp_path, GOOD.replace("step = 10", "step = 11")))).output
    result = check(str(write(tmp_path, GOOD.replace("tick 20", "tick 15 drag 2\ntick 20"))))
    assert "must give drag=nan at step 20\n    but gives drag=2 at step 15, drag=nan at step 20" in result.output


def test_a_near_miss_that_matches_is_named_with_what_reads_it(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("# tick many drag 0.5", "tick 30 drag 0.25"))
    result = check(str(file))
    assert result.exit_code == 1
    assert f"{file}:16: sample 2 is a near miss and must give nothing, but gives drag=0.25 at step 30" in result.output
    assert "mine:step reads 'tick 30 drag 0.25'" in result.output


def test_a_collision_with_another_pack_is_a_warning(tmp_path: Path) -> None:
    greedy = GOOD.replace("^tick (?P<step>{INT}) drag (?P<drag>{NUM})", "^(?:tick|iter) (?P<step>{INT}):? (?:drag|loss) (?P<drag>{NUM})")
    result = check(str(write(tmp_path, greedy)))
    assert result.exit_code == 0
    assert "nanogpt.toml" in result.output
    assert "once it is read beside mine" in result.output
    assert "mine:step reads 'iter 250: loss 2.0451" in result.output


def test_json_tells_the_same_to_a_program(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("(?P<drag>{NUM})", "(?P<drag>{NUM}"))
    result = check(str(file), "--json")
    assert result.exit_code == 1
    (report,) = json.loads(result.output)
    assert report["file"] == str(file)
    assert report["errors"][0].startswith(f"{file}:7: pattern 'step': the regex is not valid")


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    missing = check(str(tmp_path / "none.toml"))
    assert (missing.exit_code, "no such file" in missing.output) == (2, True)
    (tmp_path / "latin.toml").write_bytes(b'[pack]\nname = "caf\xe9"\n')
    assert "not UTF-8 text, at byte 18" in check(str(tmp_path / "latin.toml")).output
    assert check(str(tmp_path)).exit_code == 1


def test_two_packs_of_one_name_in_one_directory_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(PackError, match="has the name 'mine' too"):
        packfiles.user_packs([tmp_path])


def test_a_pack_of_the_project_comes_before_the_users_and_both_before_a_built_in_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for folder in config.user_dirs():
        folder.mkdir(parents=True)
        (folder / "a.toml").write_text(GOOD.replace('"mine"', '"keras"').replace("My trainer", folder.parts[0]))
    first, *others = packfiles.load_packs().packs
    assert (first.name, first.title, first.user) == ("keras", ".scraper", True)
    assert "keras" not in [pack.name for pack in others]


@pytest.mark.parametrize("words", [["tail", "--once", "train.log"], ["run", "--", sys.executable, "-c", "open('started', 'w')"]])
def test_neither_tail_nor_the_command_starts_with_an_invalid_pack(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "train.log").write_text("iter 1: loss 0.5, time 1.00ms\n")
    folder = tmp_path / ".scraper" / "patterns"
    folder.mkdir(parents=True)
    for text, line in ((GOOD.replace("{NUM})", "{NUM}"), ":7:"), (GOOD.replace("tick 20", "tock 20"), ":9:")):
        (folder / "mine.toml").write_text(text)
        argv = [sys.executable, "-P", "-m", "scraper", words[0], "--store", "s.db", *words[1:]]
        env = environment(XDG_CONFIG_HOME=str(tmp_path))
        ended = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=20)
        assert ended.returncode == 1
        assert f"mine.toml{line}" in ended.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == [".scraper", "train.log"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("zeta=(?P<zeta>{NUM", "not valid: missing )"), ("zeta={NUM}", "it names no metric"), ("(?P<key>a)={NUM}", "belong together")],
)
def test_a_wrong_one_off_pattern_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.log").write_text("zeta=1.5\n")
    Path("scraper.toml").write_text("[patterns]\nregexes = ['w=(?P<w>{NUM})']\n")  # is none of those that are counted
    words = ["--once", "--store", "s.db", "--pattern", "x=(?P<x>{NUM})", "--pattern", pattern, "train.log"]
    result = CliRunner().invoke(cli, ["tail", *words])
    assert result.exit_code == 1
    assert "--pattern 2: " in result.output
    assert said in result.output
    assert not Path("s.db").exists()
