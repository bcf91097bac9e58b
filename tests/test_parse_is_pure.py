"""The parse core is pure: bytes in, values out. No module of it reaches a file, a clock, a thread, a process or a database."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from pathlib import Path

import pytest

import scraper.parse

MODULES = sorted(Path(scraper.parse.__file__).parent.glob("*.py"))
# What computes and nothing else. A name that is missing here is a decision to take, not an oversight to fix by adding it.
ALLOWED = frozenset(
    (
        "__future__",
        "abc",
        "bisect",
        "codecs",
        "collections",
        "collections.abc",
        "dataclasses",
        "datetime",
        "fnmatch",
        "functools",
        "heapq",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "regex",
        "statistics",
        "string",
        "textwrap",
        "tomllib",
        "types",
        "typing",
        "unicodedata",
        "scraper.errors",
        "scraper.model",
        "scraper.points",
        "scraper.nearest",
        "scraper.text",
    )
)
FORBIDDEN = frozenset(
    ("os", "io", "time", "sqlite3", "sqlite_utils", "threading", "pathlib", "socket", "subprocess", "signal", "select", "shutil")
)
CALLS = frozenset(("open", "print", "input", "exec", "eval", "__import__"))


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_of_the_parse_core_imports_only_what_computes(path: Path) -> None:
    imported = {name for name in _imports(ast.parse(path.read_text(encoding="utf-8"))) if not name.startswith("scraper.parse")}
    assert imported <= ALLOWED, f"{path.name} imports {sorted(imported - ALLOWED)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.stem)
def test_a_module_of_the_parse_core_opens_and_prints_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & CALLS
    clocks = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & {"now", "utcnow", "today"}
    assert not clocks, f"{path.name} asks the clock: time is passed in"


@pytest.mark.parametrize("name", ["errors", "model", "nearest", "points", "text"])
def test_what_the_parse_core_shares_with_others_is_pure_too(name: str) -> None:
    module = Path(scraper.parse.__file__).parent.parent / f"{name}.py"
    assert not _imports(ast.parse(module.read_text(encoding="utf-8"))) & FORBIDDEN


def test_the_allowed_modules_exist() -> None:
    standard = {name for name in ALLOWED if not name.startswith("scraper.") and name != "regex"}
    assert {name.split(".")[0] for name in standard} <= sys.stdlib_module_names


def test_no_pattern_has_a_possessive_group() -> None:
    """Python before 3.11.5 fails on some of those (SystemError) and misreads others: Debian 12 comes with 3.11.2."""
    modules = [importlib.import_module(f"scraper.parse.{module.name}") for module in pkgutil.iter_modules(scraper.parse.__path__)]
    found = {f"{module.__name__}.{name}": value for module in modules for name, value in vars(module).items()}
    patterns = {name: value for name, value in found.items() if isinstance(value, re.Pattern) and isinstance(value.pattern, str)}
    assert len(patterns) > 200
    possessive = re.compile(r"\)(?:[?*+]|\{\d*,?\d*\})\+")
    assert [name for name, value in patterns.items() if possessive.search(value.pattern)] == []
