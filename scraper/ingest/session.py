"""Files and pipes that a user names, read into runs: which run each belongs to, and what is to be told at the end.

It decides no step and no value, and prints nothing itself.
"""

from __future__ import annotations

import os
import platform
import stat
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.errors import SourceError, UsageError
from scraper.ingest import facts, naming
from scraper.ingest.fileset import FileSet
from scraper.ingest.rotations import rotated_from
from scraper.ingest.source import check_text
from scraper.model import NewRun
from scraper.text import discarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scraper.ingest.pipeline import Pipeline
    from scraper.ingest.progress import Progress
    from scraper.store.writer import RunRef, Writer

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for."""

    patterns: tuple[str, ...]  # files, directories, globs, "-"
    experiment: str = "default"
    run: str = ""  # join everything into the run of this name
    tags: tuple[str, ...] = ()
    follow: bool = True  # read on as files grow
    wait: bool = False  # patterns may match later
    from_end: bool = False
    given: tuple[str, ...] = ()  # regexes to read with besides the packs, kept with new runs


@dataclass(slots=True)
class Outcome:
    """What became of one run: its sources' progress added up."""

    run_key: int
    points: int = 0
    lines: int = 0
    matched: int = 0
    discarded: Counter[str] = field(default_factory=Counter)  # by reason
    paths: list[Path] = field(default_factory=list)
    finished: bool = True
    lag: int = 0
    printed: tuple[float, float] | None = None  # seconds since the epoch
    modified: float = 0.0  # seconds since the epoch

    def add(self, progress: Progress) -> None:
        """Add one source."""
        self.points += progress.points
        self.lines += progress.counters.get("lines", 0)
        self.matched += progress.counters.get("matched", 0)
        self.discarded += Counter(discarded(progress.counters))
        self.paths.append(progress.path)
        self.finished = self.finished and progress.finished
        self.lag += progress.lag
        self.modified = max(self.modified, progress.modified)
        spans = [span for span in (self.printed, progress.printed) if span]
        self.printed = (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


class Session:
    """One `scraper tail`: `check` refuses what cannot be read before anything is stored, `begin` hands the rest to a pipeline."""

    def __init__(self, wish: Wish, writer: Writer, clock: Callable[[], float]) -> None:
        self.wish = wish
        self.skipped: list[SourceError] = []  # files that cannot be read, and why
        self.new_runs: dict[int, RunRef] = {}
        self._writer = writer
        self._clock = clock
        self._files = FileSet((pattern for pattern in wish.patterns if not _is_pipe(pattern)), writer.path)
        self._pipes = [pattern for pattern in wish.patterns if _is_pipe(pattern)]
        self._paths: list[Path] = []
        self._names: dict[Path, str] = {}

    def check(self) -> None:
        """Refuse a request that means nothing: UsageError for names that mean no file, SourceError when no file can be read."""
        self._check_missing()
        readable = [path for path in self._files.scan() if self._is_readable(path)]
        if self.skipped and not readable and not self._pipes and not self.wish.wait:
            raise self.skipped[0]
        self._paths = readable

    def _check_missing(self) -> None:
        missing = [] if self.wish.wait else self._files.missing()
        if not missing:
            return
        directory = next(filter(os.path.isdir, missing), "")
        if directory:
            raise UsageError(f"{directory}: no log in this directory (*.log, *.out, *.err, *.txt, *.jsonl, *.csv …); name the files")
        try:
            Path(missing[0]).lstat()
        except PermissionError as error:
            raise SourceError(f"{missing[0]}: {error.strerror}; check its permissions") from error
        except OSError:
            pass  # there is none
        raise UsageError(f"{missing[0]}: no such file; check the name, or wait for it with --follow")

    def _is_readable(self, path: Path) -> bool:
        """Tell whether there is text to read, or may be later; keep the reason when not."""
        try:
            if check_text(path) or self.wish.follow:
                return True
            self.skipped.append(SourceError(f"{path}: empty, nothing to read; follow it without --once to wait for lines"))
        except SourceError as error:
            self.skipped.append(error)
        except OSError as error:
            self.skipped.append(SourceError(f"{path}: {error.strerror or error}; check its permissions"))
        return False

    def begin(self, pipeline: Pipeline) -> None:
        """Hand everything to read to `pipeline`."""
        groups = naming.group_rotations(self._paths)
        self._names = naming.run_names(list(groups))
        labels = naming.rank_labels(list(groups), joined=bool(self.wish.run))
        for path, rotated in groups.items():
            run = self._joined.key if self.wish.run else self._new_run
            pipeline.add(path, run, labels[path], from_end=self.wish.from_end, asked=rotated)
        for pattern in self._pipes:
            ref = self._joined if self.wish.run else self._create(self.wish.run or "stdin", STDIN, self._clock())
            pipeline.add_pipe(_open_pipe(pattern), ref.key, name=pattern, live=self.wish.follow)
        for pattern in self._files.missing():
            pipeline.notify(f"waiting for {pattern} to appear")
        if self.wish.follow and self._files.patterns:
            pipeline.follow(self._files, lambda path: self._found(pipeline, path), self._lost)

    def _found(self, pipeline: Pipeline, path: Path) -> None:
        """Read a file that has appeared from the start, unless it is a rotation of one that is followed."""
        known = [*self._names, path]
        if (base := rotated_from(path)) is not None and base in self._names:
            return
        self._names[path] = naming.run_names(known)[path]
        labels = naming.rank_labels([path], joined=False)[path]
        pipeline.add(path, self._joined.key if self.wish.run else self._new_run, labels)

    def _lost(self, path: Path) -> None:
        self._names.pop(path, None)

    @cached_property
    def _joined(self) -> RunRef:
        """The run that everything joins: of that name, or new."""
        found = self._writer.find_run(self.wish.experiment, self.wish.run)
        return found or self._create(self.wish.run, ", ".join(self.wish.patterns), None)

    def _new_run(self, path: Path) -> int:
        return self._create(self._names.get(path) or naming.stem(path), str(path), None).key

    def _create(self, name: str, log_path: str, started: float | None) -> RunRef:
        ref = self._writer.create_run(
            NewRun(
                name=name,
                experiment=self.wish.experiment,
                kind="tail",
                cwd=str(facts.working_directory()),
                host=platform.node(),
                user=facts.user_name(os.getuid()),
                started=started,
                tags=self.wish.tags,
                log_path=log_path,
                patterns=self.wish.given,
            )
        )
        self.new_runs[ref.key] = ref
        return ref

    def finish(self, progress: Iterable[Progress]) -> list[Outcome]:
        """Add up what was read, run by run, and store when the new runs began and ended as far as that is known.

        A run that was there before is read with the regexes given now from here on: they are kept with its own.
        """
        outcomes: dict[int, Outcome] = {}
        for one in progress:
            outcomes.setdefault(one.run_key, Outcome(one.run_key)).add(one)
        for outcome in outcomes.values():
            known = self._writer.run_patterns(outcome.run_key)
            patterns = tuple(dict.fromkeys([*known, *self.wish.given]))
            columns = _times(outcome) if outcome.run_key in self.new_runs else {}
            if patterns != known:
                columns["patterns"] = patterns
            if columns:
                self._writer.update_run(outcome.run_key, **columns)
        return list(outcomes.values())


def _times(outcome: Outcome) -> dict[str, Any]:
    """Return the columns of a run that its logs tell: the first printed time, and the end where they are complete."""
    columns: dict[str, Any] = {}
    if outcome.printed:
        columns["started"] = outcome.printed[0]
    if outcome.finished:
        columns["status"] = "ended"
        columns["ended"] = outcome.printed[1] if outcome.printed else outcome.modified
    return columns


def _is_pipe(pattern: str) -> bool:
    """Tell whether a name means standard input or a pipe, which are read once and never again."""
    if pattern == STDIN:
        return True
    try:
        return stat.S_ISFIFO(Path(pattern).stat().st_mode)
    except OSError:
        return False


def _open_pipe(pattern: str) -> int:
    """Open standard input or a FIFO for reading (which waits for its writer) and return the descriptor. SourceError when it cannot be."""
    try:
        return os.dup(0) if pattern == STDIN else os.open(pattern, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SourceError(f"{pattern}: {error.strerror or error}; name a file, or pipe something into it") from error
