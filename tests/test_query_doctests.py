"""Every example in the query module's docstrings runs against a real store and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, point

import scraper
import scraper.query

MODULES = ["scraper", "scraper.query", *(f"scraper.query.{found.name}" for found in pkgutil.iter_modules(scraper.query.__path__))]


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The names that examples use: a store of three runs in the working directory, opened as `db`, and its newest run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_STORE", raising=False)
    Path(".scraper").mkdir()
    store = Path(".scraper/store.db")
    for i, (name, depth) in enumerate((("train", "6"), ("resnet18", "18"), ("resnet50", "50"))):
        end = 2.0 - i / 2
        loss = [point(100 * k + 1, end + 1 - k / 100, "val/loss", step=k, epoch=float(k // 25)) for k in range(0, 101, 50)]
        noisy = [point(100 * k, round(4.21 - k / 1000, 3), "loss", step=k, time=STARTED + k) for k in range(1000)]
        fill(store, [*noisy, *loss], name=name, started=STARTED + i, tags=("sweep",), command=("python", "train.py", "--depth", depth))
    with scraper.open(store) as db:
        yield {"scraper": scraper, "db": db, "run": db.run()}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name: str, names: dict[str, object]) -> None:
    module = importlib.import_module(name)
    found = doctest.DocTestFinder(exclude_empty=True).find(module, name, extraglobs=names)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in found:
        runner.run(test)
    assert runner.failures == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    examples = [example for name in MODULES for test in finder.find(importlib.import_module(name), name) for example in test.examples]
    assert len(examples) >= 20
    assert not any(example.options.get(doctest.SKIP) for example in examples)
