"""`scraper daemon`: follow what a configuration file names, as a service."""

from __future__ import annotations

import os
import time

import click

from scraper.cli.common import shown, store_option
from scraper.errors import ConfigError

EPILOG = """
\b
Examples:
  scraper config init scraper.toml       write a configuration to edit
  scraper config check scraper.toml      see what is wrong with it
  scraper daemon --config scraper.toml   follow what it names
  kill -HUP PID                          read the configuration again
  scraper status                         see how far it is
"""


@click.command("daemon", epilog=EPILOG)
@click.option("--plot-every", type=click.FloatRange(1), metavar="S", help="Draw a picture of each run that goes on every S seconds.")
@store_option
def command(plot_every: float | None, store: str | None) -> None:
    """Follow the files that a configuration's watch rules name, now and as they appear, into one store.

    SIGHUP reads the configuration again and keeps the old one when the new one is not valid. SIGTERM reads what is there, commits
    it and ends. Under systemd (Type=notify) it says when it is ready, how it goes and that it is alive.
    """
    from scraper.configfile import find
    from scraper.daemon.service import Daemon

    path = find()
    if path is None:
        raise ConfigError("there is no configuration: name one with --config FILE, or write one with: scraper config init")
    Daemon(path, {"store": store, "plot_every": plot_every}, _say).serve()


def _say(sentence: str) -> None:
    """Write a sentence to standard error, with the time unless a journal adds it."""
    when = "" if "JOURNAL_STREAM" in os.environ else time.strftime("%Y-%m-%dT%H:%M:%S%z ")
    click.echo(f"{when}scraper: {shown(sentence)}", err=True)
