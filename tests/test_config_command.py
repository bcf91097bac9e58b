"""`scraper config` writes a configuration that works, says what is wrong with one, and shows where settings come from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from daemons import scraper

if TYPE_CHECKING:
    from pathlib import Path


def test_init_writes_what_check_accepts_and_replaces_nothing(tmp_path: Path) -> None:
    done = scraper(tmp_path, "config", "init")
    assert (done.returncode, done.stdout.split(";")[0]) == (0, "wrote scraper.toml")
    checked = scraper(tmp_path, "config", "check", HOME=str(tmp_path))
    assert checked.returncode == 0
    assert checked.stdout.splitlines()[0] == "scraper.toml: valid; 1 watch rule, 0 packs of your own, all samples read right"
    assert f"hint: no file yet in {tmp_path}/runs" in checked.stdout
    (tmp_path / "scraper.toml").write_text("# mine\n")
    again = scraper(tmp_path, "config", "init", "scraper.toml")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "scraper: scraper.toml: it is there already; name another file, or replace it with --force\n"
    assert (tmp_path / "scraper.toml").read_text() == "# mine\n"
    assert scraper(tmp_path, "config", "init", "--force").returncode == 0
    assert scraper(tmp_path, "config", "init", "-").stdout == (tmp_path / "scraper.toml").read_text()
    assert scraper(tmp_path, "config", "init", "a/new/place.toml").returncode == 0
    assert (tmp_path / "a" / "new" / "place.toml").is_file()
    assert scraper(tmp_path, "config", "init", "scraper.toml/place.toml").returncode == 2


def test_check_says_what_rules_mean_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").touch()
    (tmp_path / "x.toml").write_text('[[watch]]\npaths = ["logs"]\n[[watch]]\npaths = ["logs/a.log"]\n')
    lines = scraper(tmp_path, "config", "check", "x.toml").stdout.splitlines()
    assert lines[1] == f"  [[watch]] 1: 1 file now, like {tmp_path}/logs/a.log"
    assert lines[2] == "  [[watch]] 2: hint: the rules before it take all of its files"
    (tmp_path / "x.toml").write_text('[patterns]\npacks = ["bad.toml"]\n')
    (tmp_path / "bad.toml").write_text('[pack]\nname = "bad"\n')
    bad = scraper(tmp_path, "config", "check", "x.toml")
    assert bad.returncode == 1
    assert "bad.toml" in bad.stderr
    (tmp_path / "x.toml").write_text("stroe = 1\n")
    wrong = scraper(tmp_path, "config", "check", "x.toml")
    assert (wrong.returncode, wrong.stderr) == (2, "scraper: x.toml: unknown key 'stroe'; did you mean 'store'?\n")
    (tmp_path / "x.toml").unlink()
    assert scraper(tmp_path, "config", "check").returncode == 2, "there is none to check"


def test_show_tells_every_setting_and_where_it_was_given(tmp_path: Path) -> None:
    rule = '[[watch]]\npaths = ["l"]\nfrom = "end"\nlabels = { a = "b" }\n'
    (tmp_path / "scraper.toml").write_text(f'store = "s.db"\nbatch_points = 5\n{rule}')
    done = scraper(tmp_path, "config", "show", "--json", SCRAPER_BATCH_POINTS="6")
    found = json.loads(done.stdout)
    assert found["settings"]["store"] == {"value": str(tmp_path / "s.db"), "origin": "scraper.toml"}
    assert found["settings"]["batch_points"] == {"value": 6, "origin": "SCRAPER_BATCH_POINTS"}
    assert found["settings"]["experiment"] == {"value": "default", "origin": "default"}
    (rule,) = found["watch"]
    assert (rule["paths"], rule["from"], rule["labels"]) == ([str(tmp_path / "l")], "end", {"a": "b"})
    text = scraper(tmp_path, "config", "show").stdout
    assert f'watch 1: paths ["{tmp_path}/l"]' in text
    assert scraper(tmp_path / "..", "config", "show").returncode == 0, "where there is no file, defaults are shown"
