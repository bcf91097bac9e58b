"""The daemon itself: one configuration at a time, followed until a signal says reload or stop. It owns signals and what is told of it.

A reload is a quick restart inside the process: what was not committed is read again, so nothing is lost and nothing stored twice.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.config import store_path
from scraper.configfile import Configuration, WatchRule, read, settings_for
from scraper.daemon.meter import WINDOW, Meter
from scraper.daemon.notify import Manager
from scraper.daemon.rules import Rule
from scraper.daemon.state import StateFile
from scraper.errors import ConfigError, ScraperError, StoreBusyError, StoreFullError
from scraper.ingest.pictures import Pictures, check
from scraper.ingest.pipeline import Pipeline
from scraper.ingest.watcher import Waker
from scraper.packfiles import load_packs
from scraper.parse.packs import PackSet
from scraper.store.filesystem import journal_note

if TYPE_CHECKING:
    from types import FrameType

REPORT_SECONDS: Final = 2.0  # between two looks at what to tell
REFRESH_SECONDS: Final = 30.0  # after which the state is written again though nothing changed
STOP_SECONDS: Final = 60.0  # for reading what is there when told to stop; the rest is read at the next start
_MOST_TROUBLES: Final = 100  # told of by name


class _ReloadError(Exception):
    """Leaves a pipeline as it is, for the next configuration."""


class _LeaveError(BaseException):
    """Ends the daemon wherever it is: what it had not committed is read again at the next start, as after a kill."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A configuration that was found valid, and everything made of it."""

    configuration: Configuration
    settings: Mapping[str, Any]
    packs: PackSet
    writer: Meter
    rules: tuple[Rule, ...]

    @property
    def files(self) -> int:
        """How many names are followed."""
        return len(set().union(*(rule.known for rule in self.rules)))


def prepare(path: Path, flags: Mapping[str, Any]) -> Prepared:
    """Read a configuration, load its packs and open its store. ScraperError says what is wrong; nothing is left open then."""
    configuration = read(path)
    if not configuration.watch:
        raise ConfigError(f"{path}: it names nothing to watch; add a [[watch]] table with paths, as scraper config init shows")
    settings = settings_for(configuration, flags)
    check(settings)
    packs = load_packs(configuration.packs, configuration.regexes, configuration.metrics)
    writer = Meter.within(store_path(settings["store"]), settings)
    writer.open()
    rules = tuple(Rule(rule, writer, settings["experiment"]) for rule in configuration.watch)
    return Prepared(configuration, settings, packs, writer, rules)


def _points(pipeline: Pipeline) -> Counter[int]:
    """Return how many points of each run were stored by a pipeline."""
    found: Counter[int] = Counter()
    for one in pipeline.progress():
        found[one.run_key] += one.points
    return found


class Daemon:
    """Follows what a configuration file names. SIGHUP reads it again; SIGTERM and SIGINT end `serve`, a second one at once."""

    def __init__(self, path: Path, flags: Mapping[str, Any], say: Callable[[str], None]) -> None:
        self._path = path
        self._flags = flags
        self._say = say
        self._manager = Manager()
        self._waker = Waker()
        self._next: Prepared | None = None
        self._reload_asked = self._stop_asked = self._is_leaving = self._is_ready = self._has_turned = False
        self._reload_error = ""
        self._next_report = self._last_written = 0.0
        self._said: dict[str, Any] = {}
        self._started = time.time()

    def serve(self) -> None:
        """Follow until told to stop, then read what is there and commit it.

        ScraperError when the configuration is not valid, or another process reads every file it names.
        """
        with self._signals():
            try:
                self._next = prepare(self._path, self._flags)
                seen: tuple[WatchRule, ...] = ()
                while self._next is not None:
                    prepared, self._next = self._next, None
                    self._follow(prepared, seen)
                    seen += prepared.configuration.watch
            except _LeaveError:
                self._say("stopped before everything was read; the next start goes on there")
            finally:
                self._is_leaving = True  # what comes now changes nothing any more
                if self._next is not None:
                    self._next.writer.close()
                self._waker.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._reload_asked = True
        elif self._stop_asked and not self._is_leaving:
            self._is_leaving = True
            raise _LeaveError
        else:
            self._stop_asked = True
        if not self._is_leaving:
            self._waker.wake()

    def _follow(self, prepared: Prepared, seen: Collection[WatchRule]) -> None:
        """Follow one configuration until told to stop, or until there is another."""
        state = StateFile(prepared.writer.path)
        state.clear_stale()
        self._has_turned = False
        pictures = Pictures(prepared.writer.path, prepared.settings["plot_every"])
        try:
            parts = prepared.writer, prepared.packs, prepared.settings
            processes = prepared.settings["parse_processes"]  # none but this one unless asked for: a training may need the others
            with prepared.writer, Pipeline(*parts, waker=self._waker, notify=self._say, processes=processes) as pipeline:
                for rule in prepared.rules:
                    rule.begin(pipeline, seen=rule.rule in seen)
                try:
                    pipeline.run(lambda: self._is_over(prepared, pipeline, state, pictures))
                except _ReloadError:
                    return
                self._settle(prepared.writer)
        finally:
            pictures.stop()
            state.remove()

    def _is_over(self, prepared: Prepared, pipeline: Pipeline, state: StateFile, pictures: Pictures) -> bool:
        """Do what is due between two turns of the loop; tell whether it is to stop. SourceHeldError when there is nothing left to start."""
        now = self._waker.monotonic()
        if self._stop_asked:
            self._manager.stopping()
            signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)
            for rule in prepared.rules:
                rule.find(pipeline)
            return True
        if self._reload_asked:
            self._reload_asked = False
            self._reload()
        self._manager.alive(now)
        if not self._has_turned:
            self._has_turned = True
            return False
        if not self._is_ready:
            self._begin(prepared, pipeline)
        pictures.tick(lambda: _points(pipeline))
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self._report(prepared, pipeline, state, now)
        return False

    def _begin(self, prepared: Prepared, pipeline: Pipeline) -> None:
        """Say that the first turn went well. SourceHeldError at the first start when another process has every file."""
        held = pipeline.refused()
        if held is not None and not self._said:
            raise held
        self._is_ready = True
        if note := journal_note(prepared.writer.path):
            self._say(note)
        self._say(f"following {prepared.files} files by {len(prepared.rules)} watch rules into {prepared.writer.path}")
        self._manager.ready(self._reload_error or "following")
        self._next_report = 0.0

    def _reload(self) -> None:
        """Leave the pipeline for the configuration as the file says it now; where that is not valid, say so and go on."""
        self._manager.reloading()
        try:
            self._next = prepare(self._path, self._flags)
        except ScraperError as error:
            self._reload_error = f"the configuration was not reloaded: {error}"
            self._say(f"{self._reload_error}; the one before stays in force")
            self._manager.ready(self._reload_error)
            return
        self._reload_error, self._is_ready = "", False
        self._say(f"reading {self._path} again")
        raise _ReloadError

    def _settle(self, writer: Meter) -> None:
        try:
            writer.settle()
        except (StoreBusyError, StoreFullError) as error:
            self._say(f"{error}; when runs ended is stored later")

    def _report(self, prepared: Prepared, pipeline: Pipeline, state: StateFile, now: float) -> None:
        """Tell the manager and `scraper status` how it goes."""
        self._settle(prepared.writer)
        said = self._facts(prepared, pipeline)
        troubles = f", {len(said['troubles'])} cannot be read" if said["troubles"] else ""
        self._manager.status(self._reload_error or f"{said['files']} files, {said['points_per_second']:.0f} points/s{troubles}")
        if said == self._said and now - self._last_written < REFRESH_SECONDS:
            return
        try:
            state.write({**said, "updated": time.time()})
        except OSError as error:
            if self._said != said:
                self._say(f"{state.path}: {error.strerror or error}; scraper status will not show this daemon")
        self._said, self._last_written = said, now

    def _facts(self, prepared: Prepared, pipeline: Pipeline) -> dict[str, Any]:
        """Return what there is to say of this daemon; how far each file was read is in the store."""
        rates = prepared.writer.rates()
        return {
            "config": str(self._path.absolute()),
            "started": self._started,
            "files": prepared.files,
            "points": prepared.writer.points,
            "points_per_second": sum(rates.values()),
            "window_seconds": WINDOW,
            "rates": {str(source): rate for source, rate in rates.items()},
            "watching": pipeline.watching(),
            "troubles": [str(trouble) for trouble in pipeline.troubles()][:_MOST_TROUBLES],
            "reload_error": self._reload_error,
        }
