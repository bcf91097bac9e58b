"""A configuration file is checked key by key: what is unknown or does not fit is refused, naming file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from scraper import config, configfile
from scraper.cli.config import sample, toml
from scraper.daemon.rules import RuleFiles
from scraper.errors import ConfigError

WATCH = '[[watch]]\npaths = ["logs"]\n'


def parsed(text: str, path: Path = Path("/etc/x.toml")) -> configfile.Configuration:
    return configfile.parse(text, path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('stroe = "a"', "/etc/x.toml: unknown key 'stroe'; did you mean 'store'?"),
        ("store = 5", "/etc/x.toml: store takes a text, not 5"),
        ("batch_seconds = nan", "/etc/x.toml: batch_seconds must be above 0, not nan"),
        ("batch_seconds = inf", "/etc/x.toml: batch_seconds must be above 0, not inf"),
        ("batch_points = 0", "/etc/x.toml: batch_points must be above 0, not 0"),
        ("batch_points = true", "/etc/x.toml: batch_points takes a whole number, not True"),
        ("batch_points = 1.5", "/etc/x.toml: batch_points takes a whole number, not 1.5"),
        ("watch = 3", "/etc/x.toml: watch is a list of tables, each written [[watch]]"),
        ("[watch]\npaths = []", "/etc/x.toml: watch is a list of tables, each written [[watch]]"),
        ("[[watch]]", '/etc/x.toml: [[watch]] 1: paths is missing: it names the files to follow, like ["~/runs"]'),
        (WATCH + "[[watch]]\npath = []", "/etc/x.toml: [[watch]] 2: unknown setting 'path'; did you mean 'paths'?"),
        ('[[watch]]\npaths = "logs"', "/etc/x.toml: [[watch]] 1: paths takes a list of texts, not 'logs'"),
        (WATCH + "join = 1", "/etc/x.toml: [[watch]] 1: join takes true or false, not 1"),
        (WATCH + "labels = { a = 1 }", "/etc/x.toml: [[watch]] 1: labels takes a table of texts, not {'a': 1}"),
        (WATCH + 'from = "ned"', "/etc/x.toml: [[watch]] 1: from is one of \"start\", \"end\", not 'ned'; did you mean 'end'?"),
        (WATCH + 'match = "("', "/etc/x.toml: [[watch]] 1: match is no valid regex: missing ), unterminated subpattern at position 0"),
        (WATCH + "join = true", "/etc/x.toml: [[watch]] 1: join = true joins files whose run has the same name; say which"),
        (WATCH + 'run = "{step}"', "/etc/x.toml: [[watch]] 1: run: unknown placeholder {step}; did you mean 'stem'?; there are {parent}"),
        (WATCH + 'tags = ["{"]', "/etc/x.toml: [[watch]] 1: tags: '{': "),
        (WATCH + 'run = "{name.__class__}"', "/etc/x.toml: [[watch]] 1: run: unknown placeholder {name.__class__}"),
        (WATCH + 'run = "{name!r}"', "/etc/x.toml: [[watch]] 1: run: '{name!r}': a placeholder is a name in braces and nothing more"),
        ("[metrics.loss]\nformat = 'percents'", '/etc/x.toml: [metrics."loss"]: format is one of "float", "percent"'),
        ("[metrics]\nloss = 1", '/etc/x.toml: [metrics."loss"] is a table, not 1'),
        ("[metrics.loss]\nhigher_better = true", '/etc/x.toml: [metrics."loss"]: unknown setting \'higher_better\'; did you mean'),
        ("[metrics.loss]\nhigher_is_better = 1.5", '/etc/x.toml: [metrics."loss"]: higher_is_better is one of true, false, not 1.5'),
        ("patterns = 1", "/etc/x.toml: patterns is a table, written [patterns], not 1"),
        ("[patterns]\npack = []", "/etc/x.toml: [patterns]: unknown setting 'pack'; did you mean 'packs'?"),
        ("[patterns]\nregexes = ['x=(?P<x>{INT})', 'y=']", "/etc/x.toml: [patterns]: regexes 2: it names no metric; put one"),
        ("[patterns]\nregexes = ['x=(']", "/etc/x.toml: [patterns]: regexes 1: the regex is not valid: missing )"),
        ("store = '~no-such-user/x.db'", "~no-such-user/x.db: there is no such user here"),
        ("[[watch]]\npaths = ['~no-such-user/y']", "~no-such-user/y: there is no such user here"),
        ("store = ", "/etc/x.toml: not valid TOML: Invalid value (at end of document)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_file_and_key(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parsed(text)
    assert str(refused.value).startswith(message)


def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory; write one with: scraper config init"):
        configfile.read(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="Is a directory"):
        configfile.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"# \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        configfile.read(tmp_path / "latin.toml")


def test_relative_paths_begin_at_the_file_and_tilde_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    rule = '[[watch]]\npaths = ["logs", "~/runs", "/x"]\nexclude = ["old", "a/b"]\n'
    found = parsed(f'store = "s.db"\n[patterns]\npacks = ["p"]\n{rule}')
    assert found.settings["store"] == "/etc/s.db"
    assert found.packs == (Path("/etc/p"),)
    assert found.watch[0].paths == ("/etc/logs", "/home/me/runs", "/x")
    assert found.watch[0].exclude == ("old", "/etc/a/b")


def test_the_nearest_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = {"XDG_CONFIG_HOME": str(tmp_path / "home")}
    assert configfile.find(home) is None
    (tmp_path / "home" / "scraper").mkdir(parents=True)
    (tmp_path / "home" / "scraper" / "scraper.toml").touch()
    assert configfile.find(home) == tmp_path / "home" / "scraper" / "scraper.toml"
    (tmp_path / ".scraper").mkdir()
    (tmp_path / ".scraper" / "scraper.toml").touch()
    assert configfile.find(home) == Path(".scraper/scraper.toml")
    (tmp_path / "scraper.toml").touch()
    assert configfile.find(home) == Path("scraper.toml")
    with configfile.using(Path("flag.toml")):
        assert configfile.find(home) == Path("flag.toml")
    assert configfile.find({**home, "SCRAPER_CONFIG": "/elsewhere.toml"}) == Path("/elsewhere.toml"), "named, so it is missed when missing"


def test_later_places_win_and_say_so() -> None:
    file, environ = {"batch_points": 1, "raw_budget": 2, "poll_seconds": 3}, {"SCRAPER_RAW_BUDGET": "20", "SCRAPER_POLL_SECONDS": "30"}
    found = config.origins(file, environ, {"poll_seconds": 300.0, "store": None}, file_name="x.toml")
    assert found["experiment"] == ("default", "default")
    assert found["batch_points"] == (1, "x.toml")
    assert found["raw_budget"] == (20, "SCRAPER_RAW_BUDGET")
    assert found["poll_seconds"] == (300.0, "flags")
    with pytest.raises(ConfigError, match="SCRAPER_RAW_BUDGET: raw_budget takes a whole number, not 'many'"):
        config.resolve(environ={"SCRAPER_RAW_BUDGET": "many"})
    with pytest.raises(ConfigError, match=r"flags: unknown setting 'sotre'; did you mean 'store'\?"):
        config.resolve(environ={}, flags={"sotre": "x"})


def test_the_sample_explains_every_setting_and_is_valid_however_much_is_in_force() -> None:
    text = "".join(sample())
    assert parsed(text).watch[0].paths, "as it is written, one rule is in force"
    everything = "\n".join(line[1:] if line[:1] == "#" and line[1:2] != " " else line.removeprefix("# ") if line.startswith("# [") else line
                           for line in text.splitlines())  # fmt: skip
    found = tomllib.loads(everything)
    tables = {"": found, "patterns": found["patterns"], "metrics": found["metrics"]["val/accuracy"], "watch": found["watch"][0]}
    for name, settings in config.TABLES.items():
        given = tables[name]
        assert {setting.name for setting in settings} <= set(given)
        for setting in settings:
            assert setting.help.split(";")[0][:40] in " ".join(text.replace("\n# ", " ").split())
    parsed(everything)


@pytest.mark.parametrize("value", [True, 20_000, 0.5, 'a "b" \\ é', ("a", "b"), {"k": "v"}, {}, ()])
def test_values_are_written_as_toml(value: Any) -> None:
    (read,) = tomllib.loads(f"x = {toml(value)}").values()
    assert (tuple(read) if isinstance(read, list) else read) == value


def test_excluded_names_and_paths_are_left_out(tmp_path: Path) -> None:
    for name in ("a.log", "b.tmp.log", "old/c.log", "keep/sub/d.log", "keep/e.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    rule = parsed(f'[[watch]]\npaths = ["{tmp_path}"]\nexclude = ["*.tmp.*", "old", "{tmp_path}/keep/s*"]\n').watch[0]
    assert [path.relative_to(tmp_path).as_posix() for path in RuleFiles(rule, tmp_path / "store.db").scan()] == ["a.log", "keep/e.log"]
