"""Every verb goes by the same configuration file: found in the project or at home, or named by a flag, below environment and flags."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from daemons import scraper
from wrapping import DEADLINE, environment, until

from scraper.cli import VERBS, cli

PACK = """
[pack]
name = "mine"
[[pattern]]
regex = 'q is (?P<quality>{NUM})'
[[sample]]
log = "q is 0.5"
points = [{ metric = "quality", value = 0.5 }]
"""
CONFIGURATION = """
store = "kept/store.db"
experiment = "configured"
max_name_length = 12
[patterns]
packs = ["mine.toml"]
[metrics.quality]
label = "How good"
higher_is_better = true
"""
PRINTED = "q is 0.75\nstep 1: loss 0.5 an_exceedingly_long_name=3\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(PACK)
    (tmp_path / "scraper.toml").write_text(CONFIGURATION)
    (tmp_path / "a.log").write_text(PRINTED)
    return tmp_path


def done(project: Path, *words: str, **variables: str) -> str:
    found = scraper(project, *words, **variables)
    assert found.returncode == 0, found.stderr
    return found.stdout


def shown(project: Path, *words: str) -> tuple[str, set[str]]:
    """Return the experiment of the newest run and the names of its metrics."""
    found = json.loads(done(project, "show", "latest", "--json", *words))
    return found["experiment"], {metric["name"] for metric in found["metrics"]}


def test_regexes_of_the_file_are_read_with_by_every_verb(project: Path) -> None:
    (project / "scraper.toml").write_text("store = 'kept/s.db'\n[patterns]\nregexes = ['zz<(?P<zz>{NUM})>']\n")
    (project / "b.log").write_text("step 1: loss 0.5\nzz<0.25>\n")
    done(project, "tail", "--quiet", "--once", "b.log")
    assert shown(project)[1] == {"loss", "zz"}
    done(project, "run", "--quiet", "--", "printf", "zz<0.5> \n")
    until(lambda: next(iter((project / "kept" / "runs").glob("*/summary.json")), None), "the scraper is done")
    assert shown(project)[1] == {"zz"}
    (project / "scraper.toml").write_text("[patterns]\nregexes = ['zz<(?P<yy>{NUM})>']\n")
    assert "yy" in done(project, "packs", "explain", "zz<0.25>")
    assert "valid" in done(project, "config", "check")


def test_a_wrapped_run_a_read_log_and_what_shows_them_go_by_one_file(project: Path) -> None:
    done(project, "run", "--quiet", "--", "printf", PRINTED)
    until(lambda: next(iter((project / "kept" / "runs").glob("*/summary.json")), None), "the scraper is done")
    assert shown(project) == ("configured", {"quality", "loss"})
    done(project, "tail", "--once", "a.log")
    assert shown(project) == ("configured", {"quality", "loss"})
    (metric,) = json.loads(done(project, "summary", "latest", "--metric", "quality", "--json"))["metrics"]
    assert (metric["label"], metric["higher_is_better"]) == ("How good", True)
    assert "mine" in done(project, "packs", "list")
    assert len(json.loads(done(project, "ls", "--json"))) == 2


def test_environment_and_flags_come_before_the_file(project: Path) -> None:
    done(project, "tail", "--once", "a.log", SCRAPER_EXPERIMENT="told")
    assert shown(project)[0] == "told"
    done(project, "tail", "--once", "--experiment", "asked", "--store", "other.db", "a.log", SCRAPER_EXPERIMENT="told")
    assert shown(project, "--store", "other.db")[0] == "asked"
    assert json.loads(done(project, "ls", "--json", SCRAPER_STORE="other.db"))[0]["experiment"] == "asked"


def test_another_file_is_named_by_a_flag_or_a_variable(project: Path) -> None:
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "x.toml").write_text('store = "x.db"\nexperiment = "x"\n')
    done(project, "tail", "--once", "--config", "elsewhere/x.toml", "a.log")
    assert (project / "elsewhere" / "x.db").exists()
    assert shown(project, "--config", "elsewhere/x.toml")[0] == "x"
    origin = json.loads(done(project, "config", "show", "--json", SCRAPER_CONFIG="elsewhere/x.toml"))["settings"]["experiment"]
    assert origin == {"value": "x", "origin": "elsewhere/x.toml"}
    missing = scraper(project, "ls", "--config", "none.toml")
    assert (missing.returncode, missing.stderr.split(";")[0]) == (2, "scraper: none.toml: No such file or directory")


def test_a_project_may_keep_its_file_out_of_sight(project: Path) -> None:
    (project / ".scraper").mkdir()
    (project / "scraper.toml").rename(project / ".scraper" / "scraper.toml")
    (project / "mine.toml").rename(project / ".scraper" / "mine.toml")
    done(project, "tail", "--once", "a.log")
    assert (project / ".scraper" / "kept" / "store.db").exists()


def test_a_file_that_is_not_valid_stops_the_start_and_never_the_training(project: Path) -> None:
    (project / "scraper.toml").write_text("experimnet = 1\n")
    refused = scraper(project, "run", "--", "touch", "started")
    assert (refused.returncode, refused.stderr) == (2, "scraper: scraper.toml: unknown key 'experimnet'; did you mean 'experiment'?\n")
    assert not (project / "started").exists()


def test_a_run_keeps_the_settings_it_began_with(project: Path) -> None:
    done(project, "run", "--quiet", "--", "sh", "-c", f"rm scraper.toml; printf '{PRINTED}'".replace("\n", "\\n"))
    until(lambda: next(iter((project / "kept" / "runs").glob("*/summary.json")), None), "the scraper is done")
    assert shown(project, "--store", "kept/store.db") == ("configured", {"quality", "loss"})


def test_without_a_file_no_reader_of_such_files_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(PRINTED)
    done(tmp_path, "tail", "--once", "--store", "s.db", "a.log")
    for words in (["run", "--", "true"], ["ls", "--json"]):
        argv = [sys.executable, "-X", "importtime", "-P", "-m", "scraper", *words]
        told = environment(XDG_CONFIG_HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path), SCRAPER_STORE="")
        known = subprocess.run(argv, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=DEADLINE, check=False).stderr
        assert "scraper.configfile" in known
        assert "tomllib" not in known


def test_every_verb_that_takes_a_store_takes_a_configuration() -> None:
    context = click.Context(cli)
    for verb in VERBS:
        command = cli.get_command(context, verb)
        assert command is not None
        flags = {option for parameter in command.params for option in parameter.opts}
        assert "--store" not in flags or "--config" in flags, verb
