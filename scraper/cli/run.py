"""`scraper run`: wrap a command. Checks what can be checked, starts the scraper and becomes the recorder; it imports little, for speed."""

from __future__ import annotations

import json
import os
import struct
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from scraper.cli.common import store_option
from scraper.config import store_path, there, user_dirs
from scraper.configfile import load, settings_for
from scraper.errors import SchemaError, StoreError, UsageError
from scraper.ingest import facts, joining, launch, run_directory
from scraper.ingest.recorder.programs import NOT_FOUND, find_program
from scraper.ingest.recorder.state import process_started

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.ingest.run_directory import RunDirectory

_SQLITE_MAGIC = b"SQLite format 3\0"
_HEADER = struct.Struct(">16s24xI16xI4xI")  # https://www.sqlite.org/fileformat.html 1.3: magic, schema cookie, user version, application


EPILOG = """
\b
Examples:
  scraper run -- python train.py --lr 3e-4
  scraper run --experiment resnet --tag baseline -- torchrun --nproc_per_node 8 train.py
  scraper run --detach -- python train.py                   outlives this terminal
  scraper run --pattern 'loss=(?P<loss>{NUM})' -- make      reads what no pack knows

Exit status: the command's, 128 + n where signal n ended it; 126 or 127 where it cannot be started, as in a shell; 1 or 2 where the
store, the configuration, a pack or an option is wrong, before anything is started.
"""


@click.command(epilog=EPILOG, context_settings={"allow_interspersed_args": False})
@store_option
@click.option("--experiment", metavar="NAME", help="The experiment the run belongs to [default: default].")
@click.option("--name", default="", metavar="NAME", help="The run's name [default: made from the command].")
@click.option("--run", "joined", default="", metavar="NAME", help="Join the run of this name: for ranks that are started apart.")
@click.option("--join/--no-join", default=True, help="Join the other ranks of a Slurm step or torchrun in one run [default: on].")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag to find the run by; repeatable.")
@click.option("--note", default="", metavar="TEXT", help="A sentence kept with the run.")
@click.option("--pty/--no-pty", "pty", default=None, help="Give the command a terminal, or pipes [default: as standard output is].")
@click.option("--unbuffered/--no-unbuffered", default=True, help="Without a terminal: set PYTHONUNBUFFERED=1 [default: on].")
@click.option("--log", type=click.Path(path_type=Path), metavar="FILE", help="Record the output in this new file.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="A regex to read with: 'loss=(?P<loss>{NUM})'; repeatable.")
@click.option("--plot-every", type=click.FloatRange(1), metavar="S", help="Draw a picture of the run every S seconds, beside the store.")
@click.option("-q", "--quiet", is_flag=True, help="No summary at the end, unless something is not stored by then.")
@click.option("--detach", is_flag=True, help="Run in the background; the command outlives this terminal.")
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED, metavar="[--] COMMAND…")
def command(
    store: str | None,
    experiment: str | None,
    name: str,
    joined: str,
    join: bool,
    tags: tuple[str, ...],
    note: str,
    pty: bool | None,
    unbuffered: bool,
    log: Path | None,
    patterns: tuple[str, ...],
    plot_every: float | None,
    quiet: bool,
    detach: bool,
    argv: tuple[str, ...],
) -> None:
    """Run COMMAND unchanged, record what it prints, and store the metrics in it.

    The command sees a terminal if you do, and gets your keys and signals. What follows COMMAND is its own.
    """
    program = _check_command(argv[0])
    configuration = load()
    settings = settings_for(configuration, {"store": store, "experiment": experiment, "plot_every": plot_every})
    path = Path(os.path.abspath(store_path(settings["store"])))  # noqa: PTH100 - a link to the store stays the name it is known by
    _check_store(path)
    if log is not None:
        _check_log(log)
    patterns = configuration.patterns(patterns)
    _check_packs(configuration.packs, patterns)
    _check_pictures(settings)
    if name and joined:
        raise UsageError("--run names the run to join and --name a new one; give one of them")
    ranks = joining.asked(os.environ, joined, alone=not join)
    asked = {"experiment": settings["experiment"], "name": name or joined, "tags": tags, "note": facts.redact(note)}
    run = {**asked, **_known(argv, program), "store": str(path), "settings": settings, "patterns": patterns, **ranks}
    run.update(packs=[str(pack) for pack in configuration.packs], metrics=[asdict(metric) for metric in configuration.metrics])
    run["environment"] |= {key: value for key, value in ranks.get("join", {}).items() if key in (joining.JOINED, joining.LAUNCHER)}
    quiet = quiet or ranks.get("labels", {}).get("rank", "0") != "0"  # one summary is enough
    directory = _make_directory(run, path, log)
    if detach:
        _detach(directory, argv, run, pty=bool(pty), unbuffered=unbuffered)
        return
    _record(directory, argv, run["log"], pty=pty, unbuffered=unbuffered, quiet=quiet, detach=False)


def _check_command(name: str) -> str:
    """Return the program that would be run; exit 127 or 126 as a shell does when there is none."""
    path, status = find_program(name, os.environ.get("PATH"))
    if status:
        what = "there is no such command" if status == NOT_FOUND else "it is not executable"
        error = UsageError(f"cannot run {name}: {what}; check the command after `--`")
        error.exit_code = status
        raise error
    return path


def _check_store(path: Path) -> None:
    """Refuse before anything is started what the scraper could not write into; StoreError or SchemaError says why.

    Looks at the file's header alone: a connection could wait for a writer, and this must not. The scraper looks again, properly.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER.size)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; name another store with --store FILE") from error
    if not head:
        return
    from scraper.store.schema import APPLICATION_ID, SCHEMA_VERSION

    magic, tables_changed, version, application = _HEADER.unpack(head) if len(head) == _HEADER.size else (b"", 0, 0, 0)
    if magic != _SQLITE_MAGIC:
        raise StoreError(f"{path} is not an SQLite database; name another store with --store FILE")
    if application == APPLICATION_ID and version > SCHEMA_VERSION:
        raise SchemaError(f"{path} was written by a newer metric-scraper; install that version, or name another store with --store FILE")
    if application != APPLICATION_ID and tables_changed:
        raise StoreError(f"{path} is another program's SQLite database; name another store with --store FILE")


def _check_log(path: Path) -> None:
    """Refuse to record into a file that already holds something, or to anything that is not a file."""
    if path.exists() and (not path.is_file() or path.stat().st_size):
        raise UsageError(f"--log {path}: it exists already; name a new file, so that nothing in it is taken for this run's output")
    if not os.access(path.absolute().parent, os.W_OK):
        raise UsageError(f"--log {path}: cannot write to its directory; name a file elsewhere")


def _check_packs(configured: tuple[Path, ...], patterns: tuple[str, ...]) -> None:
    """Refuse an invalid pack or pattern of the user's own before the training starts: PackError. The built-in ones need no look."""
    if configured or patterns or any(any(place.glob("*.toml")) for place in there(user_dirs())):
        from scraper.packfiles import checked_packs

        checked_packs(configured, patterns)


def _check_pictures(settings: Mapping[str, Any]) -> None:
    """Refuse pictures that cannot be drawn before the training starts."""
    if settings["plot_every"] > 0:
        from scraper.ingest.pictures import check

        check(settings)


def _known(argv: tuple[str, ...], program: str) -> dict[str, Any]:
    """Return what is known of the run before it starts, secrets taken out."""
    here = facts.working_directory()
    commit, branch = facts.git_head(here)
    return {
        "command": facts.redact_command(argv),
        "program": program,
        "cwd": str(here),
        "host": os.uname().nodename,
        "user": facts.user_name(os.getuid()),
        "pid": os.getpid(),
        "pid_started": process_started(os.getpid()),
        "started": time.time(),
        "git_commit": commit,
        "git_branch": branch,
        "environment": facts.environment(os.environ),
    }


def _make_directory(run: dict[str, Any], store: Path, log: Path | None) -> RunDirectory:
    """Make the run's directory and write down in `run` what it is called. StoreError when there is no place for it."""
    directory = run_directory.create(store, run["git_commit"], run["started"])
    run.update(id=directory.id, log=str(log.absolute() if log else directory.path / "output.log"))
    try:
        directory.write(directory.run_file, json.dumps(run, ensure_ascii=True))
    except OSError as error:
        raise StoreError(f"{directory.run_file}: {error.strerror}; name another store with --store FILE") from error
    return directory


def _record(directory: RunDirectory, argv: tuple[str, ...], log: str, **options: Any) -> NoReturn:
    """Start the scraper of a run, if there is room for one more process, and become its recorder."""
    try:
        scraper = launch.start_scraper(directory)
    except OSError:
        scraper = 0  # what is recorded is read by `scraper tail --resume`, and the recorder says so
    fixed = {"dir": str(directory.path), "log": log, "scraper": scraper, "lc_ctype_added": launch.lc_ctype_was_added()}
    launch.become_recorder({**fixed, **options}, argv)


def _detach(directory: RunDirectory, argv: tuple[str, ...], run: dict[str, Any], **options: Any) -> None:
    """Record in a session of its own, without a terminal, and tell how to follow it."""
    pid = os.fork()
    if pid:
        click.echo(f"scraper: run {directory.id} (pid {pid}) goes on in the background; follow it: tail -f {run['log']}", err=True)
        return
    try:
        os.setsid()
        run.update(pid=os.getpid(), pid_started=process_started(os.getpid()))
        directory.write(directory.run_file, json.dumps(run, ensure_ascii=True))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        _record(directory, argv, run["log"], quiet=True, detach=True, **options)
    finally:
        os._exit(1)  # whatever happens, this copy does not go on as a second command line
