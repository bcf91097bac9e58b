"""`scraper checkpoints`: the saved checkpoints of a run with the metrics of their step; the latest and the best can be linked to."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper import text
from scraper.cli.common import clock, complete_metric, complete_run, json_option, number, print_json, shown, store_option, table, where
from scraper.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.query import Checkpoint, Metric, Run

SHOWN = 4  # metrics in the table when none is asked for
EPILOG = """
\b
Examples:
  scraper checkpoints                              those the newest run's log names
  scraper checkpoints run-a --dir out/ckpts        and those found there
  scraper checkpoints run-a --metric val/loss      the best by it
  scraper checkpoints run-a --link out/ckpts       keep checkpoint_latest and checkpoint_best there
  scraper checkpoints run-a --json | jq '.[] | select(.best) | .file'
"""


@click.command(epilog=EPILOG)
@click.argument("run", default="latest", shell_complete=complete_run)
@click.option("--dir", "directory", type=click.Path(path_type=Path), metavar="DIR", help="Look for checkpoints in this directory too.")
@click.option("--metric", shell_complete=complete_metric, help="What the best is the best by [default: the run's primary metric].")
@click.option("--higher/--lower", "higher", default=None, help="Which way is better [default: as its definition or name says].")
@click.option("--link", type=click.Path(path_type=Path), metavar="DIR", help="Put links checkpoint_latest and checkpoint_best there.")
@json_option
@store_option
def command(
    run: str, directory: Path | None, metric: str | None, higher: bool | None, link: Path | None, as_json: bool, store: str | None
) -> None:
    """List the saved checkpoints of RUN (an id, the beginning of one, a name, or latest), oldest first."""
    from scraper.query import open_store

    with open_store(store) as db:
        found_run = db.run(run)
        found = found_run.checkpoints(directory=directory)
        by = judged_by(found_run, metric, higher)
        chosen = best_of(found, by)
        if as_json:
            print_json([_as_json(one, found, chosen) for one in found])
        elif not found:
            click.echo(f"the log of run {found_run.id} names no checkpoint" + ("" if directory else "; --dir DIR looks for files"))
        else:
            _print(found_run, found, chosen, by)
        if link is not None:
            _link(link, found, chosen)


def judged_by(run: Run, name: str | None, higher: bool | None) -> tuple[str, bool] | None:
    """Return the metric that decides which checkpoint is best and whether more of it is better; None where there is none to decide.

    UsageError and NotFoundError for a metric that was asked for and cannot decide.
    """
    if name is not None:
        run.require(name)
        up = run.definition(name).higher_is_better if higher is None else higher
        if up is None:
            raise UsageError(f"whether a higher {name!r} is better is not known; say --higher or --lower")
        return name, up
    from scraper.cli.ls import leading

    found = leading([metric for metric in run.metrics() if metric.higher_is_better is not None])
    return (found.name, bool(found.higher_is_better)) if found else None


def best_of(found: Sequence[Checkpoint], by: tuple[str, bool] | None) -> Checkpoint | None:
    """Return the best checkpoint; None where nothing decides."""
    from scraper.query.checkpoints import chosen_best

    return chosen_best(found, by[0], higher_is_better=by[1]) if by else None


def _print(run: Run, found: Sequence[Checkpoint], chosen: Checkpoint | None, by: tuple[str, bool] | None) -> None:
    """Write the table."""
    names = _names(run.metrics(), by)
    forms = {name: run.definition(name).format for name in names}
    rows = [[*_cells(one), *(number(one.metrics.get(name), forms[name]) for name in names), _role(one, found, chosen)] for one in found]
    headers = ("CHECKPOINT", "STEP", "SIZE", "SAVED", *(shown(name, 24) for name in names), "")
    click.echo(table(headers, rows, right=("STEP", "SIZE", *headers[4:-1])))
    if by:
        click.echo(shown(f"best by {by[0]}, {'higher' if by[1] else 'lower'} is better"))


def _names(metrics: Sequence[Metric], by: tuple[str, bool] | None) -> list[str]:
    """Return the metrics to show: the one that decides, then those people look at first."""
    from scraper.plot.gather import rank

    first = [by[0]] if by else []
    return list(dict.fromkeys([*first, *(metric.name for metric in sorted(metrics, key=rank))]))[:SHOWN]


def _cells(one: Checkpoint) -> list[str]:
    """Return one checkpoint as the first cells of its row."""
    return [shown(one.path or "(not named)"), where(one.step, one.epoch), size(one), clock(one.time)]


def size(one: Checkpoint) -> str:
    """Return a checkpoint's bytes for people; "not here" where its file is not on this machine, "-" where no line told its path."""
    return text.size(one.size) if one.size is not None else "not here" if one.path else "-"


def _role(one: Checkpoint, found: Sequence[Checkpoint], chosen: Checkpoint | None) -> str:
    """Return what is special about a checkpoint."""
    return " ".join(name for name, is_so in (("latest", one is found[-1]), ("best", one is chosen)) if is_so)


def _as_json(one: Checkpoint, found: Sequence[Checkpoint], chosen: Checkpoint | None) -> dict[str, Any]:
    """Return one checkpoint as JSON can carry it."""
    return asdict(one) | {"latest": one is found[-1], "best": one is chosen}


def _link(folder: Path, found: Sequence[Checkpoint], chosen: Checkpoint | None) -> None:
    """Point checkpoint_latest and checkpoint_best at what is on this machine; at once, so that there is always one of each."""
    there = [one for one in found if one.file]
    if not there:
        raise NotFoundError("no checkpoint of the run is on this machine; --dir DIR looks for them where they are")
    targets = {"checkpoint_latest": there[-1], "checkpoint_best": chosen if chosen is not None and chosen.file else None}
    for name, one in targets.items():
        if one is not None:
            point(folder / name, Path(one.file).resolve())
            click.echo(shown(f"{folder / name} -> {one.file}"), err=True)


def point(link: Path, target: Path) -> None:
    """Make a symbolic link, in place of an older one. UsageError where something else has its name, or it cannot be made."""
    beside = link.with_name(f".{link.name}.{os.getpid()}")
    if link.exists() and not link.is_symlink():
        raise UsageError(f"{link} is no link; choose another directory with --link")
    try:
        beside.symlink_to(target)
        beside.replace(link)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"cannot make the link {link}: {error.strerror}") from error
