"""`scraper status`: what is read, how far, by whom and by which patterns, what was discarded. From the store, files, what daemons say."""

from __future__ import annotations

import json
import platform
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import age, count, json_option, number, print_json, shown, store_option, table
from scraper.text import QUARANTINED, discarded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scraper.query import Database
    from scraper.query.patterns import PatternTotal, Silence

_MOST_PATTERNS: Final = 12  # shown without --all
_QUERY: Final = """
SELECT sources.id AS id, runs.id AS run, runs.name AS name,
       sources.path AS path, sources.device AS device, sources.inode AS inode, sources.offset AS offset,
       sources.counters AS counters, sources.finished AS finished, sources.holder AS holder, sources.updated AS updated,
       (SELECT coalesce(sum(series.count), 0) FROM series WHERE series.run_key = runs.key) AS run_points
FROM sources JOIN runs ON runs.key = sources.run_key ORDER BY sources.finished, sources.updated DESC
"""
EPILOG = """
\b
Examples:
  scraper status                 files that may still grow
  scraper status --all --json    every file ever read, for a program

\b
Of each pattern it tells how many lines it read, in how many files, how long lines were
searched for it, and when a file of it was last read; and which of them read a file's
lines regularly and does so no more, as when a script prints otherwise than before.
"""


@click.command("status", epilog=EPILOG)
@click.option("--all", "show_all", is_flag=True, help="Files that were read to their end, too, and every pattern.")
@store_option
@json_option
def command(show_all: bool, store: str | None, as_json: bool) -> None:
    """Show what is being read, how far, and what was discarded."""
    from scraper.daemon.state import read_all
    from scraper.query import open_store
    from scraper.query.patterns import pattern_totals, silences

    with open_store(store) as database, database.moment():
        daemons = [_Daemon(said) for said in read_all(database.path)]
        sources = [_facts(row, daemons) for row in database.sql(_QUERY) if show_all or not row["finished"]]
        total = _totals(database)
        patterns, stopped = pattern_totals(database), silences(database, finished=show_all)
    if as_json:
        said = {"patterns": [asdict(one) for one in patterns], "stopped": [asdict(one) for one in stopped]}
        print_json({"sources": sources, "daemons": [daemon.facts() for daemon in daemons], **total, **said})
        return
    for daemon in daemons:
        for line in daemon.lines():
            click.echo(shown(line))
    if sources:
        click.echo(_table(sources))
    else:
        click.echo("no file is unfinished; those read to their end: scraper status --all")
    click.echo(f"{count(total['lines'])} lines read, {count(total['matched'])} of them carried metrics ({_percent(total)})")
    for reason, times in sorted(total["discarded"].items()):
        click.echo(f"  {shown(reason)}: {count(times)}")
    for pattern in total["quarantined"]:
        click.echo(f"  quarantined: the pattern {shown(pattern)} ran into its time limit too often; mend it, then scraper reparse")
    for line in _pattern_lines(patterns, stopped, len(patterns) if show_all else _MOST_PATTERNS):
        click.echo(line)


class _Daemon:
    """What a living daemon says of itself; what it does not say, as an older one may not, is empty."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said
        self._watching = said.get("watching") or {}
        self._modes = {directory: mode for mode in ("polling", "events") for directory in self._watching.get(mode, ())}
        self._rates = said.get("rates") or {}

    def holds(self, row: dict[str, Any]) -> bool:
        """Tell whether it is the process that reads a source."""
        holder = json.loads(row["holder"]) if row["holder"] else {}
        return (holder.get("host"), holder.get("pid")) == (self._said.get("host"), self._said.get("pid"))

    def rate(self, source: int) -> float:
        """Return the points a second it stores of a source."""
        return float(self._rates.get(str(source), 0.0))

    def mode(self, path: str) -> str | None:
        """Tell whether it learns of a file's changes by "events", or by "polling" alone; None when it does not follow it."""
        return self._modes.get(str(Path(path).parent))

    def facts(self) -> dict[str, Any]:
        """Return what it says, as it is shown to programs."""
        return {name: value for name, value in self._said.items() if name != "rates"}

    def lines(self) -> Iterator[str]:
        """Yield what it says, for people."""
        said = self._said
        polled = sum(mode == "polling" for mode in self._modes.values())
        modes = f"{count(len(self._modes) - polled)} directories by events, {count(polled)} by polling"
        rate = f"{said.get('points_per_second', 0.0):.0f} points/s"
        who = f"daemon {said.get('pid')} on {said.get('host')} ({said.get('config')})"
        yield f"{who}: {count(said.get('files'))} files, {modes}, {rate}, as of {age(said.get('updated'))}"
        for reason, polled in Counter((self._watching.get("why") or {}).values()).most_common():
            yield f"  {count(polled)} polled, as {reason}"
        if lost := self._watching.get("lost"):
            yield f"  events were lost {count(lost)} times; what they were about was found by polling"
        yield from (f"  {sentence}" for sentence in (*said.get("troubles", ()), said.get("reload_error")) if sentence)


def _facts(row: dict[str, Any], daemons: list[_Daemon]) -> dict[str, Any]:
    """Return one source as it is shown: sizes in bytes, times in seconds since the epoch."""
    counters = json.loads(row["counters"])
    daemon = next((daemon for daemon in daemons if daemon.holds(row)), None)
    size = _size(row)
    return {
        "run": row["run"],
        "name": row["name"],
        "path": row["path"],
        "state": _state(row),
        "mode": daemon.mode(row["path"]) if daemon else None,
        "offset": row["offset"],
        "size": size,  # None: the file is not there under this name any more, or was a pipe or compressed
        "lag": None if size is None else max(size - row["offset"], 0),
        "lines": counters.get("lines", 0),
        "matched": counters.get("matched", 0),
        "run_points": row["run_points"],
        "points_per_second": daemon.rate(row["id"]) if daemon else None,
        "discarded": _discarded(counters),
        "quarantined": _quarantined(counters),
        "updated": row["updated"],
    }


def _size(row: dict[str, Any]) -> int | None:
    """Return the size of a source's file; None when its name means another file now, or none, or a compressed one."""
    try:
        status = Path(row["path"]).stat()
    except OSError:
        return None
    inode = status.st_ino - (1 << 64) if status.st_ino >= 1 << 63 else status.st_ino  # as the store keeps it
    return status.st_size if (inode, status.st_dev) == (row["inode"], row["device"]) and status.st_size >= row["offset"] else None


def _state(row: dict[str, Any]) -> str:
    """Return "finished", "reading" (a live process has it), "elsewhere" (one of another machine has it) or "waiting" (nobody has)."""
    from scraper.ingest.recorder.state import is_running

    if row["finished"]:
        return "finished"
    holder = json.loads(row["holder"]) if row["holder"] else None
    if holder is None:
        return "waiting"
    if holder["host"] != platform.node():
        return "elsewhere"
    return "reading" if is_running(holder["pid"], holder["started"]) else "waiting"


def _totals(database: Database) -> dict[str, Any]:
    """Return lines, lines with metrics and what was discarded by reason, over everything the store has read."""
    counted: Counter[str] = Counter()
    for (counters,) in database.rows("SELECT counters FROM sources"):
        counted.update(json.loads(counters))
    lines, matched = counted.pop("lines", 0), counted.pop("matched", 0)
    return {"lines": lines, "matched": matched, "discarded": _discarded(counted), "quarantined": _quarantined(counted)}


def _discarded(counters: Mapping[str, int]) -> dict[str, int]:
    """Return what was discarded, by reason."""
    return {name: times for name, times in discarded(counters).items() if not name.startswith(QUARANTINED)}


def _quarantined(counters: Mapping[str, int]) -> list[str]:
    """Return the patterns that are not tried any more, as pack:pattern."""
    return sorted(name.removeprefix(QUARANTINED) for name in counters if name.startswith(QUARANTINED))


def _pattern_lines(patterns: list[PatternTotal], stopped: list[Silence], most: int) -> Iterator[str]:
    """Yield the table of patterns, those without a line last, and a sentence for each that stopped matching."""
    if patterns:
        cells = [[p.pattern, count(p.reads), count(p.files), f"{p.seconds:.3f}s", p.run or "-", age(p.updated)] for p in patterns[:most]]
        headers = ["PATTERN", "LINES", "FILES", "TIME", "LAST RUN", "UPDATED"]
        yield table(headers, cells, right=["LINES", "FILES", "TIME"], spare=["UPDATED"])
    if patterns[most:]:
        yield f"… and {count(len(patterns) - most)} more patterns: scraper status --all"
    for one in stopped:
        read = f"the pattern {shown(one.pattern)} read {count(one.reads)} lines of {shown(one.path)} (run {one.run})"
        why = f"see why: scraper packs explain --log {shown(quote(one.path))}"
        yield f"  stopped matching: {read} and none in its last {count(one.silent)} bytes; {why}"


def _percent(total: dict[str, Any]) -> str:
    return f"{100 * total['matched'] / total['lines']:.1f} %" if total["lines"] else "no line yet"


def _table(sources: list[dict[str, Any]]) -> str:
    headers = ["RUN", "FILE", "STATE", "MODE", "OFFSET", "LAG", "LINES", "MATCHED", "POINTS/S", "UPDATED"]
    cells = [
        [
            *(s["run"], s["path"], s["state"], s["mode"] or "-", count(s["offset"]), count(s["lag"])),
            *(count(s["lines"]), count(s["matched"]), number(s["points_per_second"]), age(s["updated"])),
        ]
        for s in sources
    ]
    return table(headers, cells, right=["OFFSET", "LAG", "LINES", "MATCHED", "POINTS/S"], spare=["MODE", "MATCHED", "UPDATED"])
