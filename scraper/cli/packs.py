"""`scraper packs`: list, check, test, explain and suggest pattern packs.

What they find is worked out in `parse`; `packs_shown` shows it.
"""

from __future__ import annotations

import sys
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import config_option, examples, json_option
from scraper.errors import PackError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scraper.configfile import Configuration

_BLOCK: Final = 1 << 18  # bytes read at a time
EPILOG = """
\b
Examples:
  scraper packs list                                    what is known, and from where
  scraper packs explain 'iter 10: loss 2.31, 34 ms'     why a line is, or is not, read
  scraper packs suggest train.log --out mine.toml       a pack to begin with
  scraper packs check mine.toml                         does it read its own samples?
  scraper packs test mine.toml train.log                what does it find in a log?
"""
_EXPLAINED: Final = examples(
    "packs explain 'iter 10: loss 2.31, 34 ms'",
    "packs explain train.log --line 120           one line, after those before it",
    "packs explain train.log                      what read each kind of line",
)


@click.group("packs", epilog=EPILOG)
@config_option
def command() -> None:
    """List, check, test, explain and suggest pattern packs.

    A pack is a TOML file: patterns, sample lines with the points they give, and near misses that give none. Your own
    lie in .scraper/patterns, in ~/.config/scraper/patterns or where the configuration says, and come before the built-in ones.
    """


@command.command("list", epilog=examples("packs list", "packs list --json | jq -r '.[].name'"))
@json_option
def list_packs(as_json: bool) -> None:
    """List the packs in use, in the order in which they are tried."""
    from scraper.cli import packs_shown
    from scraper.packfiles import builtin_packs, user_packs
    from scraper.parse.packs import PackSet

    refused = ""
    try:
        own = user_packs(_configuration().packs)
    except PackError as error:
        own, refused = [], str(error)
    names = {pack.name for pack in own}
    packs = PackSet((*own, *(pack for pack in builtin_packs() if pack.name not in names))).packs
    packs_shown.print_list(packs, as_json=as_json)
    if refused:
        raise PackError(f"{refused}\n  your own packs are left out of this list; scraper tail and run refuse to start until this is mended")


@command.command("check", epilog=examples("packs check .scraper/patterns/mine.toml", "packs check patterns/     every pack of a directory"))
@click.argument("files", nargs=-1, metavar="[FILE|DIR]…")
@json_option
def check(files: tuple[str, ...], as_json: bool) -> None:
    """Check packs: their TOML, their regexes, and that each sample gives exactly its points.

    Without FILE: your own packs. Warns where a pack and another one claim the same lines. Exit status 1 when a pack is refused.
    """
    from scraper.cli import packs_shown

    reports = [_check(path) for path in _pack_paths(files)]
    packs_shown.print_checks(reports, as_json=as_json)
    if any(report["errors"] for report in reports):
        click.get_current_context().exit(1)


def _pack_paths(files: tuple[str, ...]) -> list[Path]:
    from scraper.config import there, user_dirs

    paths = []
    for place in map(Path, files or map(str, there(user_dirs()))):
        if not place.exists():
            raise UsageError(f"{place}: no such file; give the .toml file of a pack, or a directory of them")
        paths += sorted(place.glob("*.toml")) if place.is_dir() else [place]
    if not paths:
        raise UsageError(f"no pack to check: give a FILE, or put one into {' or '.join(map(str, user_dirs()))}")
    return paths


def _check(path: Path) -> dict[str, Any]:
    """Return what is wrong with the pack in a file, and where it collides with those in use."""
    from scraper.packfiles import builtin_packs, is_builtin, read_pack, user_packs
    from scraper.parse.check import check_pack, collisions

    report: dict[str, Any] = {"file": str(path), "pack": "", "patterns": 0, "samples": 0, "errors": [], "warnings": []}
    try:
        pack = read_pack(path, user=not is_builtin(path))
    except PackError as error:
        return {**report, "errors": [str(error)]}
    report.update(pack=pack.name, patterns=len(pack.patterns), samples=len(pack.samples), errors=check_pack(pack))
    if not report["errors"]:
        try:
            own = [other for other in user_packs(_configuration().packs) if Path(other.origin).resolve() != path.resolve()]
        except PackError as error:
            own = []
            report["warnings"].append(f"not checked beside your other packs: {error}")
        names = {other.name for other in own}
        report["warnings"] += collisions(pack, [*own, *(other for other in builtin_packs() if other.name not in names)])
    return report


@command.command("test", epilog=examples("packs test mine.toml train.log", "packs test keras train.log --lines 0 --missed 50"))
@click.argument("pack")
@click.argument("log", type=click.Path(allow_dash=True))
@click.option("--lines", type=click.IntRange(0), default=20, metavar="N", help="Matched lines to show [default: 20].")
@click.option("--missed", type=click.IntRange(0), default=10, metavar="N", help="Lines to show that were not matched [default: 10].")
@json_option
def test(pack: str, log: str, lines: int, missed: int, as_json: bool) -> None:
    """Read LOG (- for standard input) with PACK alone: a name from `packs list`, or a .toml file.

    Shows matched lines with each metric's values in a colour, counts, and the first lines that look like metrics and were not matched.
    """
    from scraper.cli import packs_shown
    from scraper.packfiles import find_pack
    from scraper.parse.trial import try_pack

    configuration = _configuration()
    chosen = find_pack(pack, configuration.packs)
    trial = try_pack(chosen, _settings(configuration), _read(log), show=lines, show_missed=missed)
    packs_shown.print_trial(chosen, trial, log, as_json=as_json)


@command.command("explain", epilog=_EXPLAINED)
@click.argument("line", required=False, metavar="LINE|LOG")
@click.option("--log", type=click.Path(allow_dash=True), metavar="FILE", help="Explain a log, or one line of it; - for standard input.")
@click.option("--line", "number", type=click.IntRange(1), metavar="N", help="Which line of the log, from 1.")
@click.option("--pack", "packs", multiple=True, metavar="FILE", help="Use this pack, too; repeatable.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Use this pattern, too; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Show also the patterns that were ruled out without trying.")
@json_option
def explain(
    line: str | None,
    log: str | None,
    number: int | None,
    packs: tuple[str, ...],
    patterns: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> None:
    """Say how LINE is read and why: what was taken off its front, which patterns were tried and how far each got,
    which facts and values it gave, and where their step came from. Of a LOG, a file that is there, what read each kind of its lines.
    """  # noqa: D205 - one sentence, on two lines
    from scraper.cli import packs_shown
    from scraper.packfiles import load_packs
    from scraper.parse.explain import explain as explain_line
    from scraper.parse.overview import overview

    if line is not None and log is None and isfile(line):  # noqa: PTH113 - Path.is_file raises for what is too long for a name
        line, log = None, line
    if (line is None) == (log is None) or (number is not None and log is None):
        raise UsageError("give a LINE, or a LOG with or without --line N; see scraper packs explain --help")
    configuration = _configuration()
    settings = _settings(configuration)
    loaded = load_packs((*packs, *configuration.packs), configuration.patterns(patterns))
    data = _read(log) if log is not None else iter([f"{line}\n".encode(errors="surrogateescape")])
    if log is not None and number is None:
        packs_shown.print_overview(overview(loaded, settings, data), as_json=as_json)
        return
    explanation = explain_line(loaded, settings, data, number or 1)
    if explanation is None:
        raise UsageError(f"{log}: has no line {number}")
    packs_shown.print_explanation(explanation, as_json=as_json, everything=everything)


@command.command("suggest", epilog=examples("packs suggest train.log", "packs suggest train.log --out .scraper/patterns/mine.toml"))
@click.argument("log", type=click.Path(allow_dash=True))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the pack here [default: standard output].")
@click.option("--name", default="", help="The pack's name [default: made from LOG's or FILE's].")
@click.option("--force", is_flag=True, help="Write over FILE if it exists.")
def suggest(log: str, out: Path | None, name: str, force: bool) -> None:
    """Write a pack to begin with for the numeric lines of LOG that nothing reads, with patterns, names, a step and samples.

    It passes `packs check` as it is; what its numbers mean is guessed, so read it. Exit status 1 when there is nothing to suggest.
    """
    from scraper.cli import packs_shown
    from scraper.packfiles import load_packs
    from scraper.parse.suggest import suggest as suggest_pack

    if out is not None and out.exists() and not force:
        raise UsageError(f"{out}: exists already; name another file, or give --force to write over it")
    called = name or _pack_name(out.stem if out else "" if log == "-" else Path(log).stem)
    configuration = _configuration()
    packs, origin = load_packs(configuration.packs, configuration.regexes), "a log" if log == "-" else Path(log).name
    found = suggest_pack(packs, _settings(configuration), _read(log), name=called, origin=origin)
    if found.text and out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(found.text, encoding="utf-8")
        except OSError as error:
            raise PackError(f"{out}: cannot be written: {error.strerror}; name a file elsewhere with --out") from None
    elif found.text:
        click.echo(found.text, nl=False)
    packs_shown.print_suggestion(found, log, out)
    if not found.text:
        click.get_current_context().exit(1)


def _pack_name(stem: str) -> str:
    """Return a name for a pack made from a file's."""
    from scraper.packfiles import builtin_packs
    from scraper.parse.packs import RESERVED

    name = "-".join("".join(c if c.isalnum() else " " for c in stem.lower()).split()) or "mine"
    taken = {pack.name for pack in builtin_packs()} | RESERVED
    return f"my-{name}" if name in taken else name


def _configuration() -> Configuration:
    from scraper.configfile import load

    return load()


def _settings(configuration: Configuration) -> dict[str, Any]:
    from scraper.configfile import settings_for

    return settings_for(configuration)


def _read(name: str) -> Iterator[bytes]:
    """Yield the bytes of a log, compressed or not. UsageError or SourceError when there is nothing that can be read."""
    if name == "-":
        yield from iter(lambda: sys.stdin.buffer.read(_BLOCK), b"")
        return
    from scraper.ingest.identity import looks_binary
    from scraper.ingest.tailer import compression, open_file

    path = Path(name)
    try:
        with path.open("rb") as file:
            head = file.read(8192)
        if not head and path.is_file():
            raise SourceError(f"{path}: is empty; give it again once something was printed")
        if looks_binary(head) and not compression(path):
            raise SourceError(f"{path}: a binary file, not a log; give the file that the training prints to")
        log = open_file(path)
    except IsADirectoryError:
        raise UsageError(f"{path}: a directory; give one log file") from None
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}; give the file that the training prints to") from None
    with log:
        yield from iter(lambda: log.read1(_BLOCK), b"")
