"""The command line: one module a verb, loaded only when that verb is asked for."""

from __future__ import annotations

import importlib
import keyword
from typing import Any

import click

from scraper.errors import ScraperError

# verb -> its one line of help; the module scraper.cli.<verb> (import_, as import is a keyword) holds a click command named `command`
VERBS = {
    "run": "Wrap a command: record what it prints, store its metrics.",
    "tail": "Read log files, or follow them as they grow.",
    "daemon": "Follow what a configuration file names, as a service.",
    "ls": "List runs.",
    "show": "Show one run: what it was, its metrics, last and best.",
    "plot": "Draw metrics in the terminal, or into a picture.",
    "summary": "Statistics of every metric of a run.",
    "best": "The best value of a metric, in one run or ranked over all.",
    "compare": "Several runs side by side, and in what they differ.",
    "folds": "What each fold, run or seed of one log reached, and their mean.",
    "events": "What happened in a run: checkpoints, restarts, tracebacks.",
    "checkpoints": "Saved checkpoints with their metrics; the latest and the best.",
    "prune": "Delete checkpoints that are neither among the last nor the best.",
    "line": "The printed line behind a point, from the kept log.",
    "sql": "Any SELECT over the store, limited in time and rows.",
    "watch": "Watch a run's curves on the full terminal.",
    "export": "Write points as csv, json, jsonl or parquet, or an experiment directory.",
    "packs": "List, check, test, explain and suggest pattern packs.",
    "report": "Write what runs came to into one HTML file.",
    "import": "Read points back that `export` wrote as csv, json, jsonl or parquet.",
    "tag": "Put tags on runs, take them off, or list them.",
    "note": "Keep a sentence with a run, or read it.",
    "rename": "Give a run another name.",
    "archive": "Move runs into another store, and back.",
    "upgrade": "Bring the store of an older version up to date.",
    "rm": "Delete runs from the store, after asking.",
    "reparse": "Rebuild a run's points from its kept log with today's packs.",
    "status": "Show what is being read, how far, and what was discarded.",
    "config": "Write, check and show the configuration.",
    "serve": "Serve the page and the HTTP API over the store.",
    "doctor": "Check this machine and the store for what commonly goes wrong.",
    "completion": "Print the script that makes a shell complete.",
    "demo": "Wrap a small real training and show its curves.",
}
EXITS = "Exit status: 0 done; 1 something is not there, or cannot be read or written; 2 asked for wrongly."
EPILOG = f"""
\b
Examples:
  scraper run -- python train.py        wrap an unmodified training command
  scraper tail --once 'slurm-*.out'     read logs that already exist
  scraper show latest                   what the newest run reached

{EXITS} `scraper run` ends with the status of its command.
"""


class Verbs(click.Group):
    """A group that knows its verbs by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002, D102 - click asks
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002, D102 - click asks
        if name not in VERBS:
            return None
        module = f"{name}_" if keyword.iskeyword(name) else name
        command: click.Command = importlib.import_module(f"scraper.cli.{module}").command
        if "exit status" not in f"{command.help} {command.epilog}".lower():
            command.epilog = f"{command.epilog or ''}\n\n{EXITS}"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002, D102 - click asks
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; print an error of ours as one message and exit with its status."""
        try:
            return super().invoke(ctx)
        except ScraperError as error:
            click.echo(f"scraper: {error}", err=True)
            ctx.exit(error.exit_code)
        except PermissionError as error:
            if error.filename is None:
                raise
            click.echo(f"scraper: {error.filename}: {error.strerror}; check its permissions, or name another", err=True)
            ctx.exit(1)
        except FileNotFoundError as error:
            if error.filename is not None:  # none has the one that a relative path is met with in a directory that was deleted
                raise
            click.echo("scraper: this directory was deleted; change to one that is there, or write paths out", err=True)
            ctx.exit(1)


@click.group(cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="metric-scraper", prog_name="scraper")
def cli() -> None:
    """Turn what a training job prints into metrics you can query, without touching the training code."""
