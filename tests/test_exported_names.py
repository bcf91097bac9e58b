"""The public names: listed, importable, documented, and free until they are used."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import scraper
import scraper.query

ROOT = Path(__file__).resolve().parent.parent


def test_every_listed_name_is_there_and_listed_in_order() -> None:
    names = [name for name in scraper.__all__ if name != "__version__"]
    assert names == sorted(names, key=lambda name: (name.islower(), name))
    assert all(inspect.isclass(getattr(scraper, name)) or callable(getattr(scraper, name)) for name in names)
    assert dir(scraper) == sorted(scraper.__all__)
    assert sorted(scraper.query.__all__) == scraper.query.__all__


def test_every_public_name_and_method_says_what_it_does() -> None:
    for name in scraper.query.__all__:
        thing = getattr(scraper.query, name)
        assert inspect.getdoc(thing), name
        for member, value in inspect.getmembers(thing):
            if not member.startswith("_") and inspect.isfunction(value) and not hasattr(tuple, member):
                assert inspect.getdoc(value), f"{name}.{member}"


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sqlite3'"):
        scraper.sqlite3  # noqa: B018 - looking it up is the test


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, scraper; print([m for m in ('sqlite3', 'click', 'plotext', 'sqlite_utils', 'scraper.query') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def test_reading_a_store_needs_no_heavy_import(tmp_path: Path) -> None:
    heavy = ("plotext", "sqlite_utils", "pandas", "tabulate", "watchdog")
    code = f"import sys, scraper.query; print([m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=True, timeout=60, cwd=tmp_path)
    assert found.stdout.strip() == "[]"
