"""The scraper's process of a wrapped run: follows its output.log into the store until the recorder has ended, and leaves a summary.

It can be killed at any moment: what it had not committed is read again by `resume`, which the next `scraper run` starts as well.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import traceback
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scraper.config import resolve
from scraper.errors import ScraperError, SourceError, StoreBusyError, StoreFullError, lacking
from scraper.ingest import facts, joining, launch, run_directory
from scraper.ingest.run_directory import RunDirectory
from scraper.model import MetricDefinition, NewRun
from scraper.store.filesystem import journal_note
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scraper.ingest.pictures import Pictures
    from scraper.ingest.pipeline import Pipeline
    from scraper.store.writer import RunRef

LOOK_SECONDS = 0.2  # how often the recorder is asked after while its log grows without pause
REFUSED_SECONDS = 0.1  # between the first attempts to write into a store that refuses
AFTERWARDS_SECONDS = 3600.0  # for which a store that refuses what is left of an ended run is asked again
AFTERWARDS_PAUSE = 30.0  # seconds between two such attempts, at most
LOCK_SECONDS = 0.5  # for another process that only looks whether the run has a scraper


class Ending:
    """Knows when the recorder has ended. SIGCONT makes it look at once: a signal that harms no process that is not ready for it."""

    def __init__(self, directory: RunDirectory) -> None:
        self.directory = directory
        self.ended = False
        self._next_look = 0.0

    def look_now(self) -> None:
        """Make the next question look, however recent the last one was."""
        self._next_look = 0.0

    def __call__(self) -> bool:
        """Tell whether nothing more will be recorded."""
        now = time.monotonic()
        if not self.ended and now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self.ended = not self.directory.recording()
        return self.ended


class SlowFacts:
    """Facts that programs are asked for (git, the interpreter, the GPUs), gathered beside the reading of the log."""

    def __init__(self, run: Mapping[str, Any], update: Callable[..., None], *, code_is_unchanged: bool) -> None:
        self._run, self._update, self._code_is_unchanged = run, update, code_is_unchanged
        self._found: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._gather, name="facts", daemon=True)

    def start(self) -> None:
        """Begin to ask, if a thread can be started."""
        with suppress(RuntimeError):
            self._thread.start()

    def _gather(self) -> None:
        found: dict[str, Any] = {"hardware": facts.hardware()}
        if self._run["program"] and (python := facts.python_version(self._run["program"])):
            found["python"] = python
        if self._run["git_commit"] and self._code_is_unchanged:
            found["git_dirty"] = facts.git_dirty(self._run["cwd"])
        self._found = found

    def hand_over(self) -> None:
        """Give `update` the columns found so far, once: when it raises they are given by the next call."""
        if found := self._found:
            self._update(**found)
            self._found = {}

    def wait(self) -> None:
        """Wait for what is being asked; each question has its time limit."""
        if self._thread.ident is not None:
            self._thread.join()


def new_run(run: Mapping[str, Any]) -> NewRun:
    """Return what run.json knows, as the store takes it."""
    known = {name: run[name] for name in NewRun.__dataclass_fields__ if name in run}
    known.update(kind="run", command=tuple(run["command"]), tags=tuple(run["tags"]), log_path=run["log"])
    return NewRun(**known)


def outcome(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run's columns that the recorder's state decides: status, ended, exit_code, signal."""
    if state.get("ended") is None:
        return {"status": "lost", "ended": time.time()}
    status = "killed" if state["signal"] else "failed" if state["exit_code"] else "finished"
    return {"status": status, **{name: state[name] for name in ("ended", "exit_code", "signal")}}


def follow(directory: RunDirectory, store: Path, *, fresh: bool = True) -> bool:
    """Ingest one run into `store` until its recorder has ended and its log is read; tells whether that was done.

    False when another scraper has the run, or this one was told to end. `fresh`: the run begins now, so the checkout is as it was
    when the command started. Raises ScraperError; what was committed stays, and `resume` goes on there.
    """
    lock = directory.lock(patience=LOCK_SECONDS)
    if lock is None:
        return False
    with lock:
        run = directory.run()
        if "settings" not in run:
            advice = f"read its log with: scraper tail --once {directory.path / 'output.log'}"
            raise SourceError(f"{directory.run_file} is damaged, so the run cannot be completed; {advice}")
        settings = resolve(flags=run["settings"])
        with closing(Writer.within(store, settings)) as writer:
            return _follow(directory, run, settings, writer, fresh=fresh)


def _follow(directory: RunDirectory, run: dict[str, Any], settings: dict[str, Any], writer: Writer, *, fresh: bool) -> bool:
    if note := journal_note(writer.path):
        _say(note)
    ref = _insist(directory, lambda: joining.run_of(writer, directory, run, lambda: new_run(run)))
    from scraper.ingest.pictures import Pictures  # noqa: PLC0415 - loaded when the run is in the store
    from scraper.ingest.pipeline import Pipeline  # noqa: PLC0415 - loaded when the run is in the store
    from scraper.packfiles import load_packs  # noqa: PLC0415 - loaded when the run is in the store

    metrics = [MetricDefinition(**said) for said in run.get("metrics", ())]
    packs = load_packs(run.get("packs", ()), run.get("patterns", ()), metrics)
    update = partial(writer.update_run, ref.key)
    slow = SlowFacts(run, update, code_is_unchanged=fresh)
    slow.start()
    is_first = run.get("labels", {}).get("rank", "0") == "0"  # of several ranks one has pictures drawn
    pictures = Pictures(writer.path, settings["plot_every"] if is_first else 0)
    with Pipeline(writer, packs, settings, notify=_say) as pipeline:
        points = partial(_points, pipeline, ref.key)
        pipeline.add(directory.log, ref.key, tuple(sorted(run.get("labels", {}).items())), live=True)
        is_read = _read(pipeline, Ending(directory), lambda: _beside(slow, pictures, points))
    if not is_read:
        pictures.stop()
        return False
    if columns := joining.outcome(writer, ref, directory, run, outcome):
        update(**columns)
    summarise(directory, writer.path, ref.id)
    pictures.last(points())
    slow.wait()
    slow.hand_over()
    return True


def _points(pipeline: Pipeline, run_key: int) -> dict[int, int]:
    """Return how many points there are of the run, as `Pictures` asks for them."""
    return {run_key: sum(one.points for one in pipeline.progress())}


def _beside(slow: SlowFacts, pictures: Pictures, points: Callable[[], dict[int, int]]) -> None:
    """Do what is due beside the reading."""
    with suppress(StoreBusyError, StoreFullError):  # the pipeline says so, and this is called again
        slow.hand_over()
    pictures.tick(points)


def _read(pipeline: Pipeline, ending: Ending, beside: Callable[[], None]) -> bool:
    """Read until the recorder has ended; False when SIGTERM ended it before."""
    terminated = threading.Event()

    def over() -> bool:
        beside()
        if ending():
            pipeline.lacks(ending.directory.recorder())
        return ending.ended

    def on_signal(number: int, _frame: object) -> None:
        ending.look_now()
        if number == signal.SIGTERM:
            terminated.set()
            pipeline.abandon()
        pipeline.waker.wake()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGCONT, signal.SIGTERM)}
    try:
        pipeline.run(over)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return not terminated.is_set()


def _insist(directory: RunDirectory, action: Callable[[], RunRef]) -> RunRef:
    """Do what needs the store; while that refuses, try again as long as the run is recorded. Raises the last refusal."""
    pause = REFUSED_SECONDS
    while True:
        try:
            return action()
        except (StoreBusyError, StoreFullError) as error:
            if not directory.recording():
                raise
            if pause == REFUSED_SECONDS:
                _say(f"{error}; this goes on for as long as the run is recorded")
        time.sleep(pause)
        pause = min(2 * pause, 10 * REFUSED_SECONDS)


def summarise(directory: RunDirectory, store: Path, run_id: str) -> None:
    """Leave the run's summary for the recorder to print (text) and for programs (JSON)."""
    from scraper.ingest.run_summary import as_json, as_text  # noqa: PLC0415 - at the end of a run
    from scraper.query import open_store  # noqa: PLC0415 - at the end of a run

    state = directory.recorder()
    with open_store(store) as database:
        summary = database.run(run_id).summary()
    directory.write(directory.summary_text, as_text(summary, state, directory.log))
    directory.write(directory.summary_file, json.dumps(as_json(summary, state), ensure_ascii=False, allow_nan=False))


def _say(text: str) -> None:
    """Leave a sentence in the run's scraper.log, where standard error goes, if its disk takes it."""
    with suppress(OSError):
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
        sys.stderr.flush()


def resume(store: Path) -> list[str]:
    """Complete the wrapped runs of `store` whose scraper ended early; return the ids of those that are complete now.

    A run that is still being recorded here gets a new scraper in the background instead, unless it has one; one on another machine
    is left to that machine. One that cannot be read is reported on standard error and left for another time.
    """
    completed = []
    for directory in run_directory.unfinished(store):
        try:
            if directory.recording():
                if directory.is_local() and not directory.has_scraper():
                    launch.start_scraper(directory)
            elif follow(directory, store, fresh=False):
                completed.append(directory.id)
        except (ScraperError, OSError) as error:
            _say(f"run {directory.id}: {error}")
        except ModuleNotFoundError as error:
            _say(f"run {directory.id}: {lacking(error)}")
        except Exception:  # noqa: BLE001 - a fault in reading one run must not keep the others from being completed
            _say(f"run {directory.id}: {traceback.format_exc()}")
    return completed


def _start_catching_up(directory: RunDirectory, store: Path) -> None:
    """Have another process complete what earlier scrapers left, if there is anything."""
    others = [other for other in run_directory.unfinished(store) if other.id != directory.id]
    if any(not other.has_scraper() and (other.is_local() or not other.recording()) for other in others):
        launch.start_catching_up(store, directory.messages)


def _follow_on(directory: RunDirectory, store: Path) -> bool:
    """Do as `follow`, again where the store refuses at the end, as on a full disk: else the run would go on for all that is shown of it."""
    until, pause, fresh = 0.0, REFUSED_SECONDS, True
    while not directory.is_complete():
        try:
            return follow(directory, store, fresh=fresh)
        except (StoreBusyError, StoreFullError) as error:
            if fresh:
                until = time.monotonic() + AFTERWARDS_SECONDS
                _say(f"{error}; it is tried again for an hour")
                _leave_word(directory, error)
            elif time.monotonic() > until:
                raise
        fresh, pause = False, min(2 * pause, AFTERWARDS_PAUSE)
        time.sleep(pause)
    return True  # `scraper tail --resume` was quicker


def _leave_word(directory: RunDirectory, why: object) -> None:
    """Leave for the recorder to print why not everything is stored."""
    with suppress(OSError):  # it was said, as far as anything can be written there
        directory.write(directory.summary_text, f"scraper: run {directory.id}: its metrics are not all stored: {why}\n")


def main(arguments: list[str]) -> int:
    """Follow the run whose directory is given, or with `--resume STORE` complete those that were left. Returns the exit status."""
    if arguments[0] == "--resume":
        resume(Path(arguments[1]))
        return 0
    directory = RunDirectory(Path(arguments[0]))
    try:
        store = Path(directory.run()["store"])
        _start_catching_up(directory, store)
        return 0 if _follow_on(directory, store) else 1
    except (ScraperError, OSError) as error:
        _say(f"{error}; `scraper tail --resume` goes on from here")
        _leave_word(directory, error)
        return 1
    except Exception as error:  # noqa: BLE001 - this process has no one to raise to; the recording is untouched
        _say(traceback.format_exc())
        fault = f"a fault of the reader ({type(error).__name__}: {error}), told in {directory.messages}"
        why = lacking(error) if isinstance(error, ModuleNotFoundError) else fault
        _leave_word(directory, f"{why}; `scraper tail --resume` goes on from here")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
