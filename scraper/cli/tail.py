"""`scraper tail`: read log files that exist, or follow them as they grow. Says on standard error what came of it."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import count, shown, store_option, with_bar
from scraper.errors import UsageError
from scraper.text import QUARANTINED, discards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import FrameType

    from scraper.ingest.pipeline import Pipeline
    from scraper.ingest.session import Outcome, Session, Wish
    from scraper.parse.packs import PackSet
    from scraper.store.writer import Writer

EPILOG = """
\b
Examples:
  scraper tail train.log                    follow one log
  scraper tail --once 'slurm-*.out'         read logs that exist, one run each
  scraper tail --run exp7 rank*.log         follow the ranks of one run
  ssh node tail -f train.log | scraper tail -
"""


class _Signals:
    """What arrived: the first asks for an end, the second insists; the first does, too, where files are read `once`."""

    def __init__(self, *, once: bool) -> None:
        self.number = 0
        self._once = once
        self._pipeline: Pipeline | None = None

    def attach(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        pipeline = self._pipeline
        if pipeline is None:  # nothing was read yet; opening a FIFO may wait for ever
            raise SystemExit(128 + number)
        if self.number or self._once:
            pipeline.abandon()
        pipeline.waker.wake()
        self.number = number


@contextmanager
def _handled(signals: _Signals) -> Iterator[None]:
    """Let signals that end a process end the reading instead, so that what was read is committed."""
    before = {number: signal.signal(number, signals) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command("tail", epilog=EPILOG)
@click.argument("files", nargs=-1, metavar="FILE|GLOB|DIR|-…")
@click.option("--once", is_flag=True, help="Read to the end and exit.")
@click.option("--follow", is_flag=True, help="Follow; files that do not exist yet are waited for.")
@click.option("--from", "start", type=click.Choice(["start", "end"]), default="start", help="Where to begin in new files [default: start].")
@click.option("--resume", is_flag=True, help="Go on with everything that was not read to its end.")
@click.option("--run", "run_name", metavar="NAME", default="", help="Join all files into the run of this name.")
@click.option("--experiment", metavar="NAME", help="The experiment new runs belong to.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag new runs; repeatable.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Read with a regex like 'loss=(?P<loss>{NUM})'; repeatable.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Parse long files in N processes [default: one a processor].")
@store_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(
    files: tuple[str, ...],
    once: bool,
    follow: bool,
    start: str,
    resume: bool,
    run_name: str,
    experiment: str | None,
    tags: tuple[str, ...],
    patterns: tuple[str, ...],
    jobs: int | None,
    store: str | None,
    quiet: bool,
) -> None:
    """Read log files into the store: follow them as they grow, or once.

    Every file becomes a run of its own, named after it; --run joins files (ranks, rotations) into one. A file that was read
    before goes on where reading stopped. Rotated, truncated and compressed (.gz .xz .zst) logs are understood.
    """
    from scraper.configfile import load, settings_for

    _check(files, once=once, follow=follow, start=start, resume=resume)
    configuration = load()
    settings = settings_for(configuration, {"store": store, "experiment": experiment, "parse_processes": jobs})
    say: Callable[[str], None] = (lambda _: None) if quiet else _say
    patterns = configuration.patterns(patterns)
    groups = {patterns: files or ("-",)}
    if resume:
        groups = _unfinished(settings, say, {patterns: files} if files else {}, patterns)
    from scraper.ingest.session import Wish
    from scraper.packfiles import load_packs

    status = 0
    for given, names in groups.items():
        packs = load_packs(configuration.packs, given, configuration.metrics)
        wish = Wish(names, settings["experiment"], run_name, tags, not once and not resume, follow, start == "end", given)
        status = _read(wish, settings, packs, say, quiet=quiet) or status
        if status > 128:
            break  # told to end
    if status:
        click.get_current_context().exit(status)


def _check(files: tuple[str, ...], *, once: bool, follow: bool, start: str, resume: bool) -> None:
    """Refuse flags that contradict each other."""
    if once and follow:
        raise UsageError("--once reads to the end and --follow reads on; give one of them")
    if once and start == "end":
        raise UsageError("--from end leaves out what --once would read; drop one of them")
    if not files and not resume and sys.stdin.isatty():
        raise UsageError("nothing to read: name a FILE, a 'GLOB' or a directory, or pipe a log in; see scraper tail --help")


def _say(text: str) -> None:
    click.echo(f"scraper: {shown(text)}", err=True)


def _writer(settings: dict[str, Any]) -> Writer:
    from scraper.config import store_path
    from scraper.store.writer import Writer

    return Writer.within(store_path(settings["store"]), settings)


def _unfinished(
    settings: dict[str, Any], say: Callable[[str], None], asked: dict[tuple[str, ...], tuple[str, ...]], patterns: tuple[str, ...]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Complete the wrapped runs that were left half-read; return the files to read, those asked for and of other runs that may have more.

    They come by the patterns to read them with: those their runs were given, and `patterns`.
    """
    from scraper.config import store_path
    from scraper.ingest.follow_run import resume
    from scraper.ingest.run_directory import unfinished
    from scraper.store.beside import runs

    path = store_path(settings["store"])
    if not path.exists() and not unfinished(path):  # a run whose scraper was killed at once has left a log, and no store
        raise UsageError(f"{path}: no such store; name one with --store")
    completed = resume(path)
    for run_id in completed:
        say(f"run {run_id}: read to its end; scraper show {run_id}")
    from pathlib import Path

    wrapped = runs(path.absolute()).as_posix() + "/"
    found = {given: set(names) for given, names in asked.items()}
    with _writer(settings) as writer:
        for row in writer.unfinished_sources():
            if row.path.startswith("/") and Path(row.path).is_file() and not row.path.startswith(wrapped):
                given = dict.fromkeys([*writer.run_patterns(row.run_key), *patterns])
                found.setdefault(tuple(given), set()).add(row.path)
    if not found and not completed:
        say("nothing to resume: every known source was read to its end")
    return {given: tuple(sorted(names)) for given, names in found.items()}


def _read(wish: Wish, settings: dict[str, Any], packs: PackSet, say: Callable[[str], None], *, quiet: bool) -> int:
    """Read what is wished for; return the exit status."""
    from scraper.ingest.launch import processors
    from scraper.ingest.pipeline import Pipeline
    from scraper.ingest.session import Session
    from scraper.store.filesystem import journal_note

    writer = _writer(settings)
    session = Session(wish, writer, time.time)
    session.check()
    signals = _Signals(once=not wish.follow)
    said: set[str] = set()

    def tell(sentence: str) -> None:
        say(sentence)
        said.update(() if quiet else (sentence,))

    if note := journal_note(writer.path):
        say(note)
    with writer:
        processes = settings["parse_processes"] or processors()
        with Pipeline(writer, packs, settings, notify=tell, processes=processes) as pipeline:
            with _handled(signals):
                session.begin(pipeline)
                signals.attach(pipeline)
                if wish.follow:
                    _follow(pipeline, signals)
                else:
                    with_bar(pipeline.drain)
            troubles = [*session.skipped, *pipeline.troubles()]
            outcomes = session.finish(pipeline.progress())
        for sentence in dict.fromkeys(str(trouble) for trouble in troubles):
            if sentence not in said:
                _say(sentence)
        if not quiet:
            _report(outcomes, session, writer.path, say)
    return 128 + signals.number if signals.number else 1 if troubles else 0


def _follow(pipeline: Pipeline, signals: _Signals) -> None:
    """Follow until a signal, or until the last pipe has ended where nothing else is read."""

    def over() -> bool:
        held = pipeline.refused()
        if held is not None:
            raise held
        return bool(signals.number) or pipeline.is_exhausted()

    pipeline.run(over)


def _report(outcomes: list[Outcome], session: Session, store: Path, say: Callable[[str], None]) -> None:
    """Say what came of every run, in a line each, and how to look closer."""
    from scraper.packfiles import ONE_OFF
    from scraper.query import open_store
    from scraper.query.patterns import idle_patterns

    if not outcomes:
        return
    shown_runs = outcomes[:20]
    with open_store(store) as database:
        ids = dict(database.rows("SELECT key, id FROM runs"))
        unused = [idle_patterns(database, outcome.run_key, ONE_OFF) for outcome in shown_runs]
    for outcome, patterns in zip(shown_runs, unused, strict=True):
        say(_line(outcome, ids.get(outcome.run_key, "?"), patterns, new=outcome.run_key in session.new_runs))
    if len(outcomes) > len(shown_runs):
        rest = outcomes[len(shown_runs) :]
        say(f"… and {count(len(rest))} runs more with {count(sum(outcome.points for outcome in rest))} points")
    if any(outcome.points for outcome in outcomes):
        say(f"look closer: scraper show {ids.get(outcomes[-1].run_key, 'latest')}, scraper ls")


def _line(outcome: Outcome, run_id: str, unused: Sequence[str], *, new: bool) -> str:
    """Return the summary of one run; `unused` are the one-off patterns that read no line of it."""
    from scraper.store.sources import REFUSALS

    names = ", ".join(path.name for path in outcome.paths[:3]) + (", …" if len(outcome.paths) > 3 else "")
    if not outcome.points and not new:
        refused = discards({reason: times for reason, times in outcome.discarded.items() if reason in REFUSALS})
        return f"run {run_id}: {'; '.join([f'nothing new in {names}', *refused])}"
    coverage = f"{count(outcome.matched)} of {count(outcome.lines)} lines carried metrics"
    rest = f"; {count(outcome.lag)} bytes not read yet" if outcome.lag else ""
    idle = [f"the pattern {name} read no line" for name in unused if f"{QUARANTINED}{name}" not in outcome.discarded]
    lost = "".join(f"; {said}" for said in (*discards(outcome.discarded), *idle))
    hint = f"; to see why: scraper packs explain --log {quote(str(outcome.paths[0]))}" if outcome.lines and not outcome.matched else ""
    return f"run {run_id}: {count(outcome.points)} points{'' if new else ' more'} from {names}; {coverage}{rest}{lost}{hint}"
