"""Directories that may not be entered: a home that is somebody else's, where a rule's file would be, where a store is said to be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from reading_helpers import invoke
from tailing import permissions_count

from scraper.config import store_path, there, user_dirs
from scraper.errors import ConfigError
from scraper.ingest.fileset import FileSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory, the home of this process, that it may not enter."""
    place = tmp_path / "closed"
    place.mkdir(mode=0)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "SCRAPER_STORE", "SCRAPER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.chdir(tmp_path)
    with permissions_count():
        yield place


def test_a_home_that_may_not_be_entered_holds_no_configuration_and_no_packs(closed: Path, tmp_path: Path) -> None:
    assert closed in user_dirs()[1].parents
    assert there(user_dirs()) == []
    (tmp_path / "train.log").write_text("step 1 loss 0.5\n")
    found = invoke("tail", "--once", "train.log", "--store", tmp_path / "s.db")
    assert (found.exit_code, "1 points" in found.stderr) == (0, True), found.stderr
    assert invoke("packs", "list").exit_code == 0
    told = invoke("doctor")
    assert "cannot look at the store" in told.stdout, told.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ls", "--store", "closed/s.db"], "cannot look at the store closed/s.db"),
        (["ls"], "cannot look at the store"),
        (["tail", "--once", "closed/a.log", "--store", "s.db"], "closed/a.log: Permission denied"),
        (["packs", "check", "closed/a.toml"], "closed/a.toml: Permission denied"),
        (["upgrade", "--store", "closed/s.db"], "closed/s.db: Permission denied"),
    ],
)
def test_what_may_not_be_looked_at_is_said(closed: Path, words: list[str], said: str) -> None:
    found = invoke(*words)
    assert (found.exit_code, said in found.stderr) == (1, True), (closed, found.output)


def test_a_file_that_is_named_in_a_closed_directory_is_waited_for(closed: Path, tmp_path: Path) -> None:
    files = FileSet([str(closed / "a.log"), str(closed / "*.log"), str(closed)], tmp_path / "s.db")
    assert files.scan() == []
    assert files.directories([]) == [closed]


def test_without_a_home_a_store_has_to_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "SCRAPER_STORE", "SCRAPER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000 - 7)  # an account that nobody has, as in a container
    with pytest.raises(ConfigError, match="name it with --store"):
        store_path()
