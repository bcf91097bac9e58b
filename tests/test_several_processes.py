"""Files that are far behind are parsed in several processes: what is stored is the same, whatever becomes of those processes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tailing import until

from scraper.config import resolve
from scraper.errors import ScraperError
from scraper.ingest.pipeline import Pipeline
from scraper.model import NewRun
from scraper.packfiles import load_packs
from scraper.query import open_store
from scraper.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACKS = load_packs()
STORED = (  # everything that the bytes of files decide
    "SELECT run, metric, labels, attempt, step, epoch, value, at FROM metric_points ORDER BY run, metric, attempt, at",
    "SELECT path, offset, line_number, tail_hash, head_hash, finished FROM sources ORDER BY path",
    "SELECT runs.id, at, events.kind, step, epoch, line, detail FROM events JOIN runs ON runs.key = run_key ORDER BY 1, 2, 3",
    "SELECT runs.id, metric, label, tier, pack FROM metric_definitions JOIN runs ON runs.key = run_key ORDER BY 1, 2",
    "SELECT path, counters, CAST(parser_state AS TEXT) FROM sources ORDER BY path",
)


def write_log(path: Path, seed: int, lines: int = 36_000) -> None:
    """A log of about 36 MB: mostly noise, three metrics in a line of sixty, a checkpoint, a NaN, a resume, bytes that are no text."""
    chance = random.Random(seed)
    with path.open("wb") as log:
        for n in range(lines):
            log.write(b"INFO worker %d says %s\n" % (n, b"hello " * 160))
            if n % 60 == 0:
                step = n if n < lines * 0.8 else n - lines // 4
                log.write(b"iter %d: loss %.4f, time %.2fms, mfu %.2f%%\n" % (step, chance.random(), 10 + n % 7, 33.3))
            if n % 9000 == 100:
                log.write(b"saving checkpoint to out\n\xff\xfe\0\0\0\n{'loss': nan, 'learning_rate': 5e-05, 'epoch': 0.5}\n")
        log.write(b"iter 999999: loss 0.5, time 1.00ms, mfu 1.00%")  # no end of line


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("logs")
    paths = [folder / f"job{n}.log" for n in range(4)]
    for seed, path in enumerate(paths):
        write_log(path, seed)
    for path in paths:
        os.utime(path, (1e9, 1e9))  # complete, for all that can be seen
    return paths


def workers(parent: int) -> list[int]:
    """Return the processes that parse for `parent`."""
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        with suppress(OSError):
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"scraper.ingest.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def read(store: Path, logs: Sequence[Path], processes: int, meanwhile: Callable[[int, int], None] = lambda _read, _size: None) -> None:
    """Read logs to their ends, a run each."""
    settings = resolve(environ={})
    with Writer(store) as writer, Pipeline(writer, PACKS, settings, processes=processes) as pipeline:
        for path in logs:
            pipeline.add(path, lambda path: writer.create_run(NewRun(name=path.name, id=path.stem)).key)
        pipeline.drain(meanwhile)


def content(store: Path) -> list[list[tuple[Any, ...]]]:
    with open_store(store) as database:
        *rest, states = [list(database.rows(query)) for query in STORED]
    plain = [(path, normal(counters), normal(state)) for path, counters, state in states]
    return [*rest, plain]


def normal(text: str) -> str:
    """JSON in one order, and without the time that patterns took."""
    return json.dumps({**json.loads(text), "uses": None}, sort_keys=True)


@pytest.fixture(scope="module")
def alone(logs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[Any, ...]]]:
    """What is stored where one process does everything."""
    store = tmp_path_factory.mktemp("alone") / "store.db"
    read(store, logs, 1)
    return content(store)


def test_what_is_stored_does_not_depend_on_the_number_of_processes(
    logs: list[Path], alone: list[list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    seen: set[int] = set()
    read(tmp_path / "store.db", logs, 3, lambda _read, _size: seen.update(workers(os.getpid())))
    assert len(seen) == 2, "as many as there are 64 MB to read, and no more than allowed"
    assert content(tmp_path / "store.db") == alone
    assert workers(os.getpid()) == []


def test_a_process_that_is_killed_takes_nothing_with_it(logs: list[Path], alone: list[list[tuple[Any, ...]]], tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(read: int, _size: int) -> None:
        if read > 6_000_000 * (1 + len(killed)) and (found := workers(os.getpid())):
            os.kill(found[-1], signal.SIGKILL)
            os.waitid(os.P_PID, found[-1], os.WEXITED | os.WNOWAIT)
            killed.append(found[-1])

    read(tmp_path / "store.db", logs, 3, kill)
    assert len(set(killed)) >= 2
    assert content(tmp_path / "store.db") == alone


def test_who_reads_is_killed_and_another_goes_on(logs: list[Path], alone: list[list[tuple[Any, ...]]], tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    argv = [sys.executable, "-m", "scraper", "tail", "--once", "--quiet", "--jobs", "3", "--store", str(store), *map(str, logs)]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as reader:
        until(lambda: bool(workers(reader.pid)) and is_begun(store))
        parsing = workers(reader.pid)
        reader.kill()
    until(lambda: not any(Path(f"/proc/{pid}/fd").exists() for pid in parsing))
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    points, sources, events, *_ = content(store)
    assert Counter(row[1:] for row in points) == Counter(row[1:] for row in alone[0])
    assert sources == alone[1]
    assert Counter(row[1:] for row in events) == Counter(row[1:] for row in alone[2])


def is_begun(store: Path) -> bool:
    with suppress(ScraperError), open_store(store) as database:
        return bool(list(database.rows("SELECT 1 FROM sources WHERE offset > 0")))
    return False


def test_lines_that_are_printed_meanwhile_are_read_too(logs: list[Path], tmp_path: Path) -> None:
    growing = [tmp_path / path.name for path in logs]
    for path, log in zip(growing, logs, strict=True):
        path.write_bytes(log.read_bytes() + b"\n")
    turns = 0

    def over() -> bool:
        nonlocal turns
        turns += 1
        if turns == 3:
            assert workers(os.getpid())
            for path in growing:
                with path.open("ab") as log:
                    log.write(b"iter 1000000: loss 0.25, time 1.00ms, mfu 1.00%\n")
        if turns <= 3 or workers(os.getpid()):
            return False
        with open_store(tmp_path / "store.db") as database:
            return database.rows("SELECT count(*) FROM metric_points WHERE metric = 'loss' AND step = 1000000") == [(len(growing),)]

    with Writer(tmp_path / "store.db") as writer, Pipeline(writer, PACKS, resolve(environ={}), processes=3) as pipeline:
        for path in growing:
            pipeline.add(path, lambda path: writer.create_run(NewRun(name=path.name)).key)
        pipeline.run(over)


def test_one_file_or_little_to_read_starts_no_process(logs: list[Path], tmp_path: Path) -> None:
    short = [tmp_path / f"{n}.log" for n in range(5)]
    for path in short:
        path.write_text("iter 1: loss 0.5, time 1.00ms, mfu 1.00%\n" * 1000)
    seen: set[int] = set()
    for index, some in enumerate((logs[:1], short)):
        read(tmp_path / f"store{index}.db", some, 3, lambda _read, _size: seen.update(workers(os.getpid())))
    assert not seen


def test_where_no_process_can_be_started_this_one_reads_alone(
    logs: list[Path], alone: list[list[tuple[Any, ...]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    read(tmp_path / "store.db", logs, 3)
    assert content(tmp_path / "store.db") == alone
