"""`scraper watch`: a run's curves on the full terminal, redrawn as points come in. Reads the store only; leaving it stops nothing."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from scraper.cli.common import age, complete_run, count, store_option, terminal_size
from scraper.errors import UsageError

if TYPE_CHECKING:
    from types import FrameType

    from scraper.plot.live import Facts, View
    from scraper.query import Database, Run

ROWS: Final = 9  # of a panel
_ENTER_SCREEN, _LEAVE_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # xterm: alternate screen, cursor hidden
_HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
_SEQUENCE: Final = re.compile(r"\x1b[\[O][0-9;]*[@-~]")  # what arrow and function keys send
EPILOG = """
\b
Examples:
  scraper watch                    the newest run
  scraper watch run-a --every 5

\b
Keys:
  /  filter metrics     y  log values     x  next axis     s  smoothing
  [ ]  pages            space  hold       ?  help          q  leave
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@click.option("--every", type=click.FloatRange(0.1, 3600), default=1.0, show_default=True, metavar="S", help="Look so often.")
@store_option
def command(run: str, every: float, store: str | None) -> None:
    """Watch the metrics of RUN (an id, the beginning of one, a name, or latest) while it goes on."""
    from scraper.query import open_store

    with open_store(store) as db:
        chosen = db.run(run)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("watch needs a terminal; `scraper plot` draws once, also into a file")
        with _screen():
            _watch(db, chosen.id, every)


@contextmanager
def _screen() -> Iterator[None]:
    """Take over the terminal: keys come one by one and unseen. However the block ends, the terminal is as it was."""
    keys = sys.stdin.fileno()
    before = termios.tcgetattr(keys)
    earlier = signal.signal(signal.SIGTERM, _leave)
    try:
        tty.setcbreak(keys)
        own = termios.tcgetattr(keys)
        own[6][termios.VSUSP] = b"\0"  # Ctrl-Z would leave the shell with this screen
        termios.tcsetattr(keys, termios.TCSANOW, own)
        sys.stdout.write(_ENTER_SCREEN)
        yield
    except KeyboardInterrupt:
        pass  # Ctrl-C is one way to leave
    finally:
        sys.stdout.write(_LEAVE_SCREEN)
        sys.stdout.flush()
        termios.tcsetattr(keys, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTERM, earlier)


def _leave(number: int, _: FrameType | None) -> None:
    """Leave by way of the handlers that put the terminal back."""
    raise SystemExit(128 + number)


def _watch(db: Database, run_id: str, every: float) -> None:
    """Draw, wait for a key or the time to look again, and so on until the view is left."""
    from scraper.plot.live import View, pressed

    view, drawn, pages = View(), "", 1
    lines: list[str] = []
    while not view.left:
        if not (view.held and lines):
            lines, view, pages = _lines(db.run(run_id), view)
        text = _HOME + "".join(f"{line}{_CLEAR_LINE}\r\n" for line in lines[:-1]) + lines[-1] + _CLEAR_LINE + _CLEAR_BELOW
        if text != drawn:
            sys.stdout.write(text)
            sys.stdout.flush()
            drawn = text
        for key in _keys(every):
            changed = pressed(view, key, pages)
            lines = lines if changed == view else []  # what a key changes is drawn also while the picture is held
            view = changed


def _keys(seconds: float) -> str:
    """Return the keys pressed within so many seconds, as soon as there is one; arrow and function keys are left out."""
    keys = sys.stdin.fileno()
    if not select.select([keys], [], [], seconds)[0]:
        return ""
    pressed = os.read(keys, 256)
    if not pressed:
        return "q"  # the terminal is gone
    return _SEQUENCE.sub("", pressed.decode("utf-8", "ignore"))


def _lines(run: Run, view: View) -> tuple[list[str], View, int]:
    """Return what fills the terminal, the view with a page that there is, and how many pages there are."""
    from scraper.plot import live

    width, height = terminal_size()
    if view.help:
        body, pages = list(live.HELP), 1
    else:
        body, page, pages = _picture(run, view, width, height - 2)
        view = replace(view, page=page)
    facts = _facts(run, pages)
    body = [*body[: height - 2], *[""] * (height - 2 - len(body))]
    return [live.head(facts, width), *body, live.foot(view, facts, width)], view, pages


def _picture(run: Run, view: View, width: int, height: int) -> tuple[list[str], int, int]:
    """Return the panels of the chosen page as lines, its number, and how many pages there are."""
    from scraper.plot import gather, live
    from scraper.plot.terminal import NARROWEST, draw

    room = max(1, height // ROWS) * (2 if width >= 2 * NARROWEST else 1)
    names = list(dict.fromkeys(metric.name for metric in sorted(run.metrics(), key=gather.rank)))
    chosen, page, pages = live.page_of(names, view, room)
    if not chosen:
        return ["", f"no metric fits {view.pattern!r}" if names else "no metric was printed yet"], page, pages
    how = gather.Wanted(live.AXES[view.axis], view.log, live.SMOOTHINGS[view.smoothing], points=8 * width)
    panels = []
    for name in chosen:
        axis = how if _has(run, name, live.AXES[view.axis]) else gather.Wanted("step", view.log, how.smooth, points=how.points)
        panels.append(gather.panel([run], name, gather.series_of([run], name, axis), axis, {}))
    return draw(panels, width=width, height=height, colour=not os.environ.get("NO_COLOR")).splitlines(), page, pages


def _has(run: Run, name: str, axis: str) -> bool:
    """Whether every series of a metric can be drawn along an axis; all can along the step."""
    rows = run.series_rows(name)
    if axis == "epoch":
        return all(row.first_epoch is not None or row.last_epoch is not None for row in rows)
    return axis == "step" or all(row.first_time is not None or row.last_time is not None for row in rows)


def _facts(run: Run, pages: int) -> Facts:
    """Return what is said around the picture."""
    from scraper.plot.live import Facts

    events = run.events()
    news = f"{events[-1].kind.replace('_', ' ')}: {events[-1].line}" if events else ""
    heard = f"  heard of {age(run.heartbeat)}" if run.status == "running" and run.heartbeat else ""
    return Facts(f"{run.name}  {run.id}  {run.status}  step {count(run.last_step)}{heard}", news, pages)
