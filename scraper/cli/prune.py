"""`scraper prune`: delete the checkpoints of a run that are neither among the last nor among the best; shows them first."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import text
from scraper.cli.checkpoints import judged_by, size
from scraper.cli.common import complete_metric, complete_run, number, shown, store_option, table, where
from scraper.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scraper.query import Checkpoint

EPILOG = """
\b
Examples:
  scraper prune run-a --keep-last 2 --keep-best 1             shows what would be deleted
  scraper prune run-a --keep-last 2 --keep-best 1 --yes       deletes it
  scraper prune run-a --keep-last 1 --keep-best 3 --metric val/acc --dir out/ckpts

Only what is named like a checkpoint, and lies in the run's working directory or in --dir, is ever deleted. The log, the store
and the metrics stay.
"""


@click.command(epilog=EPILOG)
@click.argument("run", shell_complete=complete_run)
@click.option("--keep-last", type=click.IntRange(1), required=True, metavar="N", help="Keep the newest so many.")
@click.option("--keep-best", type=click.IntRange(0), default=1, show_default=True, metavar="K", help="Keep the best so many.")
@click.option("--metric", shell_complete=complete_metric, help="What the best are the best by [default: the run's primary metric].")
@click.option("--higher/--lower", "higher", default=None, help="Which way is better [default: as its definition or name says].")
@click.option("--dir", "directory", type=click.Path(path_type=Path), metavar="DIR", help="Look for checkpoints in this directory too.")
@click.option("--yes", "-y", is_flag=True, help="Delete; without it nothing is deleted.")
@store_option
def command(
    run: str, keep_last: int, keep_best: int, metric: str | None, higher: bool | None, directory: Path | None, yes: bool, store: str | None
) -> None:
    """Show which checkpoints of RUN (an id, the beginning of one, a name, or latest) would be deleted, and delete them with --yes."""
    from scraper.query import open_store

    with open_store(store) as db:
        found = db.run(run)
        by = judged_by(found, metric, higher)
        if keep_best and by is None:
            raise UsageError("no metric tells which checkpoints are best; name one with --metric, or say --keep-best 0")
        there = _whole([one for one in found.checkpoints(directory=directory) if one.file])
        roots = [Path(root).resolve() for root in (found.config()["cwd"], directory) if root]
    kept = {*list(there)[-keep_last:], *_best(there, by, keep_best)}
    doomed = [file for file, one in there.items() if not _touches(file, kept) and _may_go(Path(one.file), roots)]
    _print(there, doomed, kept, by)
    if not yes:
        click.echo("nothing was deleted; --yes deletes it" if doomed else "nothing to delete")
        return
    for file in doomed:
        _delete(file)
    click.echo(f"deleted {len(doomed)} of {len(there)} checkpoints, {text.size(sum(there[file].size or 0 for file in doomed))}")


def _whole(found: Sequence[Checkpoint]) -> dict[Path, Checkpoint]:
    """Return what is on the disk by its real place, oldest first: each file once, whatever its names, and no part of a checkpoint."""
    from scraper.query.checkpoints import looks_like_one

    newest: dict[Path, Checkpoint] = {}
    for one in reversed(found):
        file = Path(one.file).resolve()
        if file not in newest or (Path(newest[file].file).is_symlink() and not Path(one.file).is_symlink()):
            newest[file] = one  # stays where the newest of its names is
    wholes = {file for file in newest if file.is_dir() and looks_like_one(file)}
    return {file: newest[file] for file in reversed(newest) if wholes.isdisjoint(file.parents)}


def _touches(file: Path, kept: set[Path]) -> bool:
    """Whether to delete a file would delete something that is kept: it is that, holds it, or is a part of it."""
    return any(file == other or file in other.parents or other in file.parents for other in kept)


def _best(there: Mapping[Path, Checkpoint], by: tuple[str, bool] | None, number_kept: int) -> list[Path]:
    """Return the best so many of the checkpoints whose metric is finite."""
    if by is None:
        return []
    name, up = by
    having = {file: one.metrics[name] for file, one in there.items() if math.isfinite(one.metrics.get(name, math.nan))}
    return sorted(having, key=lambda file: having[file], reverse=up)[:number_kept]


def _may_go(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a path that a log named may be deleted: no link, named like a checkpoint, and inside of where the run saved."""
    from scraper.query.checkpoints import looks_like_one

    inside = any(root in path.resolve().parents for root in roots)
    return inside and not path.is_symlink() and looks_like_one(path)


def _print(there: Mapping[Path, Checkpoint], doomed: Sequence[Path], kept: set[Path], by: tuple[str, bool] | None) -> None:
    """Write what is kept and what is not."""
    rows = []
    for file, one in there.items():
        fate = "delete" if file in doomed else "keep" if _touches(file, kept) else "leave (not where the run saves)"
        value = number(one.metrics.get(by[0])) if by else "-"
        rows.append([fate, shown(one.path), where(one.step, one.epoch), size(one), value])
    click.echo(table(("", "CHECKPOINT", "STEP", "SIZE", shown(by[0], 24) if by else ""), rows, right=("STEP", "SIZE")))


def _delete(path: Path) -> None:
    """Delete a file or a directory. UsageError where that is refused; what was deleted before stays so."""
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise UsageError(f"cannot delete {path}: {error.strerror}; the checkpoints before it are deleted") from error
