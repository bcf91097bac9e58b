"""`scraper doctor`: what commonly goes wrong, looked at one by one, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from scraper import text
from scraper.cli.common import json_option, print_json, shown, store_option
from scraper.errors import ScraperError

OK, WARN, FAIL = "ok", "warn", "fail"
COLOURS = {OK: "green", WARN: "yellow", FAIL: "red"}
LEAST_FREE = 256 << 20  # bytes below which a training's log and points may soon not fit
LARGE = 1 << 30  # bytes of a store that are only read through when asked for
OLDEST_SQLITE = (3, 35, 0)  # RETURNING and ALTER … DROP COLUMN, which migrations use
NOT_BEFORE = 1_700_000_000  # seconds since 1970 (November 2023): a clock before this version was made is wrong
EPILOG = """
\b
Examples:
  scraper doctor
  scraper doctor --store /shared/team.db --full
  scraper doctor --json | jq '.[] | select(.status != "ok")'
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    status: str  # "ok", "warn" or "fail"
    found: str
    advice: str = ""  # what to do, unless all is well


@click.command(epilog=EPILOG)
@click.option("--full", is_flag=True, help="Read a store of more than 1 GiB through as well.")
@json_option
@store_option
def command(full: bool, as_json: bool, store: str | None) -> None:
    """Check this machine and the store for what commonly goes wrong. Exit status 1 when something fails."""
    from scraper.config import store_path

    path = store_path(store)
    looks: list[Callable[[], list[Finding]]] = [
        _python,
        lambda: _place(path),
        lambda: _store(path, full=full),
        _packs,
        _watching,
        _clock,
        _text,
    ]
    findings = [finding for look in looks for finding in look()]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    if any(finding.status == FAIL for finding in findings):
        raise click.exceptions.Exit(1)


def _print(findings: list[Finding]) -> None:
    """Write one line a finding, and what to do under those that are not well."""
    wide = max(len(finding.name) for finding in findings)
    for finding in findings:
        status = click.style(finding.status.ljust(4), fg=COLOURS[finding.status])
        click.echo(f"{status}  {finding.name.ljust(wide)}  {shown(finding.found)}")
        if finding.advice:
            click.echo(f"{' ' * (wide + 8)}→ {shown(finding.advice)}")


def _python() -> list[Finding]:
    """Look at the interpreter and its SQLite."""
    python = ".".join(map(str, sys.version_info[:3]))
    old = sqlite3.sqlite_version_info < OLDEST_SQLITE
    advice = f"version {'.'.join(map(str, OLDEST_SQLITE))} or newer is needed; use a Python that brings one" if old else ""
    return [
        Finding("python", OK, f"{python}, {sys.executable}"),
        Finding("sqlite", FAIL if old else OK, sqlite3.sqlite_version, advice),
    ]


def _nearest_directory(path: Path) -> Path:
    """Return the directory of `path`, or the nearest above it that is there."""
    return next(parent for parent in path.absolute().parents if os.path.isdir(parent))  # noqa: PTH112 - is_dir raises where it may not look


def _place(path: Path) -> list[Finding]:
    """Look at where the store is: filesystem, room, permissions."""
    from scraper.store.filesystem import filesystem_type, is_network

    directory = _nearest_directory(path)
    kind = filesystem_type(directory)
    network = is_network(kind)
    advice = "a store on a local disk is faster and safer; choose one with --store or SCRAPER_STORE" if network else ""
    return [
        Finding("filesystem", WARN if network else OK, f"{kind or 'unknown'} at {directory}", advice),
        _free(directory),
        _permissions(path, directory),
    ]


def _free(directory: Path) -> Finding:
    """Look at the free space."""
    free = shutil.disk_usage(directory).free
    found = f"{text.size(free)} at {directory}"
    if free >= LEAST_FREE:
        return Finding("free space", OK, found)
    return Finding("free space", WARN, found, "logs and points may soon not fit; make room, or move the store with --store")


def _permissions(path: Path, directory: Path) -> Finding:
    """Look at who can write, and who can read."""
    is_there = os.path.exists(path)  # noqa: PTH110 - exists raises where it may not look
    target = path if is_there else directory
    if not os.access(target, os.W_OK) or not os.access(directory, os.W_OK):
        advice = f"reading works; to record, run chmod u+w {directory}, or use --store"
        return Finding("permissions", FAIL, f"{target} cannot be written", advice)
    mode = target.stat().st_mode & 0o777
    if is_there and mode & 0o077:
        found = f"{path} has mode {mode:04o}: others can read what was recorded"
        advice = f"command lines and logs may hold private text; chmod 600 {path}, unless it is shared on purpose"
        return Finding("permissions", WARN, found, advice)
    return Finding("permissions", OK, f"{target} has mode {mode:04o}")


def _store(path: Path, *, full: bool) -> list[Finding]:
    """Look into the store."""
    with suppress(OSError):  # opening it says what is wrong
        if not path.exists():
            return [Finding("store", OK, f"none at {path} yet; the first run makes it")]
        if path.is_file() and not path.stat().st_size:
            return [Finding("store", OK, f"{path} is empty yet; the first run fills it")]
    from scraper.query import open_store

    try:
        with open_store(path) as db:
            runs, journal = len(db.runs()), str(db.rows("PRAGMA journal_mode")[0][0])
            size = path.stat().st_size
            found = Finding("store", OK, f"{path}, {text.size(size)}, runs: {runs}, journal {journal}")
            if size > LARGE and not full:
                return [found, Finding("integrity", OK, "not looked at: the store is large; --full reads it through")]
            return [found, _integrity([str(row[0]) for row in db.rows("PRAGMA quick_check(5)")], path)]
    except ScraperError as error:
        advice = f"look at the file, or set it aside: mv {path} {path}.broken; kept logs can be read again"
        return [Finding("store", FAIL, str(error), advice)]


def _integrity(said: list[str], path: Path) -> Finding:
    """Judge what SQLite found on reading the store through."""
    if said == ["ok"]:
        return Finding("integrity", OK, "quick_check ok")
    return Finding("integrity", FAIL, "; ".join(said), f"rescue what can be read: sqlite3 {path} .recover | sqlite3 rescued.db")


def _packs() -> list[Finding]:
    """Load the packs as `scraper run` would."""
    from scraper.configfile import load
    from scraper.packfiles import load_packs

    try:
        configuration = load()
        packs = load_packs(configuration.packs, configuration.regexes).packs
    except ScraperError as error:
        advice = "correct the pack, or take it out of its directory; `scraper packs check FILE` says more"
        return [Finding("packs", FAIL, str(error), advice)]
    own = sum(1 for pack in packs if pack.user)
    advice = "" if packs else "none came with the program; install it again: pip install --force-reinstall ."
    return [Finding("packs", OK if packs else FAIL, f"{len(packs)} loaded, {own} of them your own", advice)]


def _watching() -> list[Finding]:
    """Look at the kernel's limits for file events; polling stands in where they are used up."""
    limits = {}
    for name in ("max_user_watches", "max_user_instances"):
        file = Path("/proc/sys/fs/inotify") / name
        if file.exists():
            limits[name] = int(file.read_text())
    if not limits:
        advice = "files are polled instead; nothing is lost, but what is new is seen up to 0.5 s later"
        return [Finding("file events", WARN, "this system has no inotify", advice)]
    found = ", ".join(f"{name} {limit}" for name, limit in limits.items())
    low = [name for name, least in (("max_user_watches", 8192), ("max_user_instances", 64)) if limits.get(name, least) < least]
    advice = f"polling stands in when it is used up; raise it with: sysctl fs.inotify.{low[0]}=65536" if low else ""
    return [Finding("file events", WARN if low else OK, found, advice)]


def _clock() -> list[Finding]:
    """Look at the clock, which times points that print none."""
    now = time.time()
    found = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(now))
    if now >= NOT_BEFORE:
        return [Finding("clock", OK, found)]
    return [Finding("clock", WARN, found, "it is years behind, so run ids and times will be; set it, for example with NTP")]


def _text() -> list[Finding]:
    """Look at the encoding of standard output, which curves are drawn in."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding == "utf8":
        return [Finding("terminal", OK, "UTF-8")]
    return [Finding("terminal", WARN, f"standard output is {encoding or 'unknown'}", "plots need UTF-8: export LC_ALL=C.UTF-8")]
