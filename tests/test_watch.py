"""The live view: it follows a growing store on a real terminal, obeys its keys, and leaves the terminal as it was."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from reading_helpers import fill, point

from scraper.cli import cli
from scraper.model import Batch, SourceMark
from scraper.plot.live import AXES, Facts, View, foot, page_of, pressed
from scraper.points import Points
from scraper.store.writer import Writer

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 30.0  # seconds


class Terminal:
    """A terminal with `scraper watch` (or another verb) on it."""

    def __init__(self, store: Path, *arguments: str, verb: tuple[str, ...] = ("watch",)) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.settings = termios.tcgetattr(theirs)
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        command = [sys.executable, "-m", "scraper", *verb, "--store", str(store), "--every", "0.1", *arguments]
        environment |= {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True)
        self.theirs, self.seen = theirs, ""

    def until(self, text: str) -> None:
        """Read until the screen has shown `text` since the last call."""
        end = time.monotonic() + DEADLINE
        while text not in self.seen:
            assert select.select([self.ours], [], [], max(0.0, end - time.monotonic()))[0], self.seen
            self.seen += os.read(self.ours, 65536).decode("utf-8", "replace")
        self.seen = self.seen.partition(text)[2]

    def press(self, keys: str) -> None:
        os.write(self.ours, keys.encode())


@contextmanager
def watching(store: Path, *arguments: str, verb: tuple[str, ...] = ("watch",)) -> Iterator[Terminal]:
    terminal = Terminal(store, *arguments, verb=verb)
    try:
        yield terminal
    finally:
        terminal.process.kill()
        terminal.process.wait(DEADLINE)
        os.close(terminal.ours)
        os.close(terminal.theirs)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    points = [point(100 * i + j, 2.0 + i + j, name, step=i) for i in range(20) for j, name in enumerate(("loss", "val/acc", "lr"))]
    fill(path, points, name="live\x1b[31m")
    return path


def test_it_draws_what_is_stored_while_it_is_stored(store: Path) -> None:
    with watching(store) as terminal:
        terminal.until("live\\x1b[31m")
        terminal.until("last 21 at 19")
        with Writer(store) as writer:
            source = writer.find_sources_by_path("train.log")[0]
            mark = SourceMark(9999, 1, "", source.identity, b"", {})
            writer.commit([Batch(source.id, mark, Points([point(9000, 0.5, "loss", step=20)]))])
        terminal.until("last 0.5 at 20")
        terminal.press("q")
        assert terminal.process.wait(DEADLINE) == 0


def test_keys_change_what_is_shown(store: Path) -> None:
    with watching(store) as terminal:
        terminal.until("page 1/2")
        terminal.press("]")
        terminal.until("page 2/2")
        terminal.press("y")
        terminal.until("log scale")
        terminal.press("/ac")
        terminal.until("/ac▏")
        terminal.press("\r")
        terminal.until("val/acc")
        terminal.press(" ")
        terminal.until("HELD")
        terminal.press("?")
        terminal.until("next axis")
        terminal.press("?x/nix\r")
        terminal.until("no metric fits 'nix'")
        terminal.press("\x1b[A\x1b")
        terminal.press("q")
        assert terminal.process.wait(DEADLINE) == 0


@pytest.mark.parametrize(("how", "status"), [("q", 0), ("\x03", 0), (signal.SIGTERM, 143)])
def test_the_terminal_is_left_as_it_was(store: Path, how: str | signal.Signals, status: int) -> None:
    with watching(store) as terminal:
        terminal.until("\x1b[?1049h")
        terminal.until("last 21 at 19")
        assert termios.tcgetattr(terminal.theirs) != terminal.settings
        if isinstance(how, str) and how != "\x03":
            terminal.press(how)
        else:
            terminal.process.send_signal(signal.SIGINT if how == "\x03" else how)
        assert terminal.process.wait(DEADLINE) == status
        terminal.until("\x1b[?25h\x1b[?1049l")
        assert termios.tcgetattr(terminal.theirs) == terminal.settings


def grow(store: Path, *, status: str = "running") -> None:
    """Store one more point of the run, and say how it stands."""
    with Writer(store) as writer:
        source = writer.find_sources_by_path("train.log")[0]
        writer.commit([Batch(source.id, SourceMark(9999, 1, "", source.identity, b"", {}), Points([point(9000, 0.5, "loss", step=20)]))])
        writer.update_run(source.run_key, status=status)


def test_plot_draws_again_while_a_run_goes_on_and_ends_with_it(store: Path) -> None:
    with watching(store, verb=("plot", "--watch")) as terminal:
        terminal.until("last 21 at 19")
        assert "\x1b[?1049h" not in terminal.seen  # what it draws stays on the screen
        grow(store, status="finished")
        terminal.until("finished")
        terminal.until("last 0.5 at 20")
        assert terminal.process.wait(DEADLINE) == 0


def test_plot_leaves_with_ctrl_c(store: Path) -> None:
    with watching(store, verb=("plot", "--watch")) as terminal:
        terminal.until("last 21 at 19")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(DEADLINE) == 0


def test_plot_keeps_a_picture_up_to_date(store: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "run.svg"
    with watching(store, verb=("plot", "--watch", "--out", str(picture))) as terminal:
        terminal.until("run.svg: 3 metrics")
        before = picture.read_text()
        grow(store, status="finished")
        terminal.until("run.svg: 3 metrics")
        assert terminal.process.wait(DEADLINE) == 0
    assert picture.read_text() != before


def test_without_a_terminal_it_says_what_to_use(store: Path) -> None:
    result = CliRunner().invoke(cli, ["watch", "--store", str(store)])
    assert (result.exit_code, "scraper plot" in result.stderr) == (2, True)
    result = CliRunner().invoke(cli, ["plot", "--watch", "--store", str(store)])
    assert (result.exit_code, "--out" in result.stderr) == (2, True)
    assert "scraper watch" in CliRunner().invoke(cli, ["watch", "--help"]).stdout.partition("Examples:")[2]


def typed(keys: str, pages: int = 3) -> View:
    view = View()
    for key in keys:
        view = pressed(view, key, pages)
    return view


def test_keys_without_a_terminal() -> None:
    assert typed("xxxxx") == View(axis=5 % len(AXES))
    assert typed("]]]]") == View(page=2)
    assert typed("[") == View()
    assert typed("yy??  ") == View()
    assert typed("/a[q\x7f\r") == View(filter="a[")
    assert typed("/ab\x1b") == View()
    assert typed("]/a") == View(typing="a")
    assert typed("/a\r\x1b") == View()
    assert typed("ö\x01") == View()
    assert typed("q").left


def test_a_page_holds_what_fits_the_filter() -> None:
    names = ["loss", "val/loss", "lr", "Loss2"]
    assert page_of(names, View(filter="LOSS"), 2) == (["loss", "val/loss"], 0, 2)
    assert page_of(names, View(filter="loss", page=9), 2) == (["Loss2"], 1, 2)
    assert page_of(names, View(filter="nix"), 2) == ([], 0, 1)
    assert "page 2/3" in foot(View(page=1), Facts("", "saved \x1b[2J", 3), 200)
    assert "\x1b" not in foot(View(), Facts("", "saved \x1b[2J", 3), 200)
