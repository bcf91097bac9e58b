"""Records what a framework prints, through a pipe and through a 120 x 40 terminal, beside the framework's own numbers.

Every `tests/logs/<name>/record.py` calls `record`; it is run by hand with the framework installed, never by the tests:

    python tests/logs/<name>/record.py

writes, beside that script,

    pipe.log, pty.log   the bytes of standard output and standard error together
    truth.tsv           metric, step, value a line: what was printed, unrounded, from the framework's own record, never from
                        the log; step is a number, `epoch:batch`, or `-` where nothing printed tells it; it is the epoch where the
                        log prints an epoch and no step
    sometimes.tsv       likewise, values that a redraw shows only if it happens to come at the right moment (absent if there are none)
    clocks.txt          metrics that are printed too, but differ from one recording to the next (times, rates)
    VERSION.txt         what was installed
"""

from __future__ import annotations

import fcntl
import fnmatch
import importlib.metadata
import os
import platform
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
COLUMNS, LINES = 120, 40
LARGEST = 60_000  # bytes of one log
READ = 65_536  # bytes
PRIVATE = re.compile(rb"/(?:work|root|home)/[^\s]*")


class Truth:
    """The framework's own numbers, in the order they were printed."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, float]] = []
        self.perhaps: list[tuple[str, str, float]] = []

    def add(self, metric: str, step: float | str, value: object) -> None:
        """Note that `value` was printed for `metric` at `step` (a number, `epoch:batch` or `-`)."""
        self.rows.append((metric, str(step), float(value)))  # type: ignore[arg-type]

    def sometimes(self, metric: str, step: float | str, value: object) -> None:
        """Note that `value` may have been shown, which depends on when a bar was redrawn."""
        self.perhaps.append((metric, str(step), float(value)))  # type: ignore[arg-type]

    def write(self, folder: Path) -> None:
        """Write one row a line; floats with every digit they have."""
        for name, rows in (("truth.tsv", self.rows), ("sometimes.tsv", self.perhaps)):
            folder.joinpath(name).write_text("".join(f"{metric}\t{step}\t{value!r}\n" for metric, step, value in rows), encoding="utf-8")


def _environment(home: Path) -> dict[str, str]:
    """Return a small environment in which nothing reaches for a network, a GPU or the user's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",  # sums in one order, so that both recordings give the same numbers
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _through_pipe(command: Sequence[str], cwd: Path) -> bytes:
    done = subprocess.run(
        command, cwd=cwd, env=_environment(cwd), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.exit(f"the training exited {done.returncode} under a pipe:\n{done.stdout.decode(errors='replace')}")
    return done.stdout


def _read_all(descriptor: int) -> bytes:
    """Return what the terminal was sent until its last user closed it, which Linux tells as an OSError."""
    parts: list[bytes] = []
    while True:
        try:
            data = os.read(descriptor, READ)
        except OSError:
            return b"".join(parts)
        if not data:
            return b"".join(parts)
        parts.append(data)


def _through_terminal(command: Sequence[str], cwd: Path) -> bytes:
    child, descriptor = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.chdir(cwd)
        os.execve(command[0], list(command), _environment(cwd))  # noqa: S606 - the training is this repository's own script
    output = _read_all(descriptor)
    os.close(descriptor)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        sys.exit(f"the training exited {status} under a terminal:\n{output.decode(errors='replace')}")
    return output


def _split_clocks(pipe: str, terminal: str, clocks: Sequence[str]) -> tuple[str, list[str]]:
    """Return the rows that both recordings share, and the metrics that differ; a difference nobody announced ends the program."""
    first, second = ([line.split("\t") for line in text.splitlines()] for text in (pipe, terminal))
    moving = {row[0] for row in first + second if any(fnmatch.fnmatch(row[0], clock) for clock in clocks)}
    steady_first, steady_second = ([row for row in rows if row[0] not in moving] for rows in (first, second))
    for a, b in zip(steady_first, steady_second, strict=True):
        if a != b:
            sys.exit(f"the two recordings differ in a metric that is no clock: {a} and {b}")
    return "".join("\t".join(row) + "\n" for row in steady_first), sorted(moving)


def _checked(name: str, log: bytes) -> bytes:
    """Return `log`; a log that is too large or names this machine's folders ends the program."""
    if len(log) > LARGEST:
        sys.exit(f"{name} has {len(log)} bytes, more than {LARGEST}: print less")
    if found := PRIVATE.search(log):
        sys.exit(f"{name} names a folder of this machine: {found.group().decode(errors='replace')}")
    return log


def _versions(distributions: Sequence[str]) -> str:
    lines = [f"{name} {importlib.metadata.version(name)}" for name in distributions]
    return "\n".join([*lines, f"python {platform.python_version()}"]) + "\n"


def _record_once(script: Path, way: Callable[[Sequence[str], Path], bytes]) -> tuple[bytes, str, str]:
    """Run a copy of `script` in a temporary directory; return what it printed, its truth and its sometimes."""
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        tree, cwd = Path(folder, "logs"), Path(folder, "job")
        shutil.copytree(HERE, tree, ignore=lambda _, names: [n for n in names if n.endswith((".log", ".tsv", ".txt", "__pycache__"))])
        cwd.mkdir()
        log = way([sys.executable, str(tree / script.parent.name / script.name), "--truth", folder], cwd)
        return log, *(Path(folder, name).read_text(encoding="utf-8") for name in ("truth.tsv", "sometimes.tsv"))


def _record_both(script: Path, distributions: Sequence[str], clocks: Sequence[str]) -> None:
    """Run `script` through a pipe and a terminal, and write what came out beside it."""
    (log_pipe, truth_pipe, perhaps), (log_pty, truth_pty, perhaps_pty) = (_record_once(script, way) for way in (_through_pipe, _through_terminal))
    rows, moving = _split_clocks(truth_pipe, truth_pty, clocks)
    if perhaps != perhaps_pty:
        sys.exit("the two recordings differ in what redraws may show")
    texts = {"truth.tsv": rows, "sometimes.tsv": perhaps, "clocks.txt": "".join(f"{metric}\n" for metric in moving), "VERSION.txt": _versions(distributions)}
    for name, text in texts.items():
        if text:
            (script.parent / name).write_text(text, encoding="utf-8")
    for name, log in (("pipe.log", log_pipe), ("pty.log", log_pty)):
        (script.parent / name).write_bytes(_checked(name, log))
    print(f"{script.parent.name}: {rows.count(chr(10))} true values; bytes: pipe {len(log_pipe)}, pty {len(log_pty)}")


def record(script: str, train: Callable[[Truth], None], distributions: Sequence[str], clocks: Sequence[str] = ()) -> None:
    """Record `train`, the training of `script` (its `__file__`), both ways; or be that training, when called with --truth FOLDER.

    `distributions` are the packages to name in VERSION.txt; `clocks` are patterns of metric names that two runs do not share.
    """
    if sys.argv[1:2] == ["--truth"]:
        truth = Truth()
        train(truth)
        truth.write(Path(sys.argv[2]))
    else:
        _record_both(Path(script).resolve(), distributions, clocks)
