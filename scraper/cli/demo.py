"""`scraper demo`: wraps the bundled training as `scraper run` wraps any command, then draws what was stored.

Owns no way of its own to do either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.common import store_option
from scraper.config import store_path
from scraper.errors import NotFoundError

if TYPE_CHECKING:
    from scraper.query import Run

EXPERIMENT = "demo"
METRICS = ("val_loss", "val_acc")  # two panels fit a terminal of 24 rows
STORED_SECONDS = 10.0  # how long the last points may take to arrive once the training is over
EPILOG = """
\b
Examples:
  scraper demo                        a training of about six seconds, then its curves
  scraper demo --fast                 the same in about one
  scraper demo --store /tmp/try.db    leave your own store alone
"""


@click.command(epilog=EPILOG)
@store_option
@click.option("--fast", is_flag=True, help="A smaller training: about one second instead of about six.")
@click.pass_context
def command(context: click.Context, store: str | None, *, fast: bool) -> None:
    """Wrap a small real training and show its curves.

    The training is a plain script that knows nothing of the scraper: `python -m scraper.demo`. Its exit status is this one's.
    """
    from scraper.cli import plot

    training = [sys.executable, "-m", "scraper.demo", *(["--fast"] if fast else [])]
    pid, status = _run(training, store)
    if status == 0:
        run = _stored(store, pid)
        click.echo()
        context.invoke(plot.command, runs=(run.id,), metrics=METRICS, store=store)
        click.echo("\nThat was `scraper run -- python -m scraper.demo`, on a script like any other.")
        click.echo("Now yours: scraper run -- python train.py")
    context.exit(status)


def _run(training: list[str], store: str | None) -> tuple[int, int]:
    """Wrap `training` by the very command a user would type; return its process id and exit status, 128 + n for signal n."""
    wrapping = [sys.executable, "-m", "scraper", "run", "--experiment", EXPERIMENT, "--name", EXPERIMENT]
    wrapping += [*(["--store", store] if store else []), "--", *training]
    child = subprocess.Popen(wrapping)
    with _signals_passed_to(child.pid):
        status = child.wait()
    return child.pid, status if status >= 0 else 128 - status


@contextmanager
def _signals_passed_to(pid: int) -> Iterator[None]:
    """Leave it to the wrapper to end: Ctrl-C and Ctrl-Z reach it from the terminal, SIGTERM and SIGHUP are handed on."""

    def hand_on(number: int, _: Any) -> None:
        os.kill(pid, number)

    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    for number in (signal.SIGTERM, signal.SIGHUP):
        before[number] = signal.signal(number, hand_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stored(store: str | None, pid: int) -> Run:
    """Return the run that process `pid` recorded, once it is stored whole. NotFoundError when that takes too long."""
    deadline, pause = time.monotonic() + STORED_SECONDS, threading.Event()
    while (run := _ended(store, pid)) is None:
        if time.monotonic() > deadline:
            raise NotFoundError(
                f"the demo ran, but its points are not stored after {STORED_SECONDS:.0f} s; "
                "`scraper doctor` may tell why, `scraper tail --resume` stores them and `scraper plot` draws them"
            )
        pause.wait(0.05)
    return run


def _ended(store: str | None, pid: int) -> Run | None:
    """Return the newest demo that process `pid` recorded if it has ended; None as long as there is none, or no store yet."""
    from scraper.query import open_store

    if not store_path(store).exists():
        return None
    with open_store(store) as db:
        mine = (run for run in db.runs(limit=20) if run.experiment == EXPERIMENT and run.config()["pid"] == pid)
        run = next(mine, None)
        return run if run is not None and run.status != "running" else None
