"""Ranks that are started apart, each under a `scraper run` of its own, and the one run they share. It starts nothing and follows nothing.

What ranks have in common is in their environment: the Slurm step, or torchrun's run id; else they are told a name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from scraper.ingest.recorder.state import process_started
from scraper.run_ids import before

if TYPE_CHECKING:
    from scraper.ingest.run_directory import RunDirectory
    from scraper.model import NewRun
    from scraper.store.writer import RunRef, Writer

Outcome: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]  # a recorder's state -> columns of its run
# Recorded beside the environment of a run whose ranks join: that they do, and the torchrun process where that gave its run no id.
JOINED: Final = "SCRAPER_JOINED"
LAUNCHER: Final = "SCRAPER_LAUNCHER"
NAME: Final = "name"
_APART: Final = 3600.0  # seconds; ranks of one run start no further apart, by clocks that may differ
_RANKS: Final = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
_SLURM: Final = ("SLURM_CLUSTER_NAME", "SLURM_JOB_ID", "SLURM_STEP_ID")


def asked(environ: Mapping[str, str], name: str, *, alone: bool = False) -> dict[str, Any]:
    """Return what run.json says of joining: `join`, what the ranks of the run have in common, and `labels`, what tells this one apart.

    `name` is that of a run to join; "" leaves it to the environment, which counts unless the run is to be `alone`. Empty: not one of
    several ranks.
    """
    common = {NAME: name} if name else {} if alone else _common(environ)
    if not common:
        return {}
    if not name:
        common[JOINED] = "by its environment"  # another with this environment may have been told to stay alone
    rank = next((environ[variable] for variable in _RANKS if environ.get(variable, "").isdecimal()), None)
    return {"join": common, "labels": {} if rank is None else {"rank": str(int(rank))}}


def _common(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that every rank of this launch has alike and no other launch has, {} when there is one rank."""
    if _number(environ, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS") > 1 and environ.get("SLURM_STEP_ID") and environ.get("SLURM_JOB_ID"):
        return {name: environ.get(name, "") for name in _SLURM}
    if not environ.get("TORCHELASTIC_RUN_ID") or not environ.get("RANK") or _number(environ, "WORLD_SIZE") < 2:
        return {}
    if environ["TORCHELASTIC_RUN_ID"] != "none":
        return {"TORCHELASTIC_RUN_ID": environ["TORCHELASTIC_RUN_ID"]}
    if environ.get("LOCAL_WORLD_SIZE") != environ["WORLD_SIZE"]:
        return {}  # torchrun on several nodes without --rdzv-id: nothing tells this launch from another
    launcher = os.getppid()
    return {LAUNCHER: f"{os.uname().nodename}:{launcher}:{process_started(launcher)}"}


def _number(environ: Mapping[str, str], *names: str) -> int:
    """Return the first of the variables that is a number; 0 without one."""
    return next((int(environ[name]) for name in names if environ.get(name, "").isdecimal()), 0)


def run_of(writer: Writer, directory: RunDirectory, run: Mapping[str, Any], new: Callable[[], NewRun]) -> RunRef:
    """Return the run that a rank's log belongs to: one that has it already, the one its fellows made, or a new one."""
    from scraper.store import runs  # noqa: PLC0415 - `scraper run` starts without the store

    own = writer.find_run_id(directory.id)
    if own is not None or "join" not in run:
        return own or writer.create_run(new())
    begun = [source.run_key for source in writer.find_sources_by_path(directory.log)]
    with writer.transaction() as connection:  # one of the ranks makes the run, and the others find it
        found = runs.find(connection, *(("runs.key = ?", begun[:1]) if begun else _condition(run)))
        if found is None:
            return runs.create(connection, new(), writer.clock())
        runs.update(connection, found.key, {"status": "running", "ended": None, "exit_code": None, "signal": None})
        return found


def _condition(run: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return what the run of a rank fulfils in the store."""
    common: dict[str, str] = dict(run["join"])
    if NAME in common:
        return "experiments.name = ? AND runs.name = ?", [run["experiment"], common[NAME]]
    alike = [f"coalesce(json_extract(runs.environment, '$.{name}'), '') = ?" for name in common]
    return " AND ".join(["runs.kind = 'run'", "experiments.name = ?", *alike]), [run["experiment"], *common.values()]


def outcome(writer: Writer, ref: RunRef, directory: RunDirectory, run: Mapping[str, Any], of: Outcome) -> dict[str, Any]:
    """Return how a run ended, by what `of` says of a recorder's state; {} while another of its ranks is still recorded.

    Of ranks that ended badly the first to end counts: the others often die of it.
    """
    if "join" not in run:
        return of(directory.recorder())
    ranks = _ranks(writer, ref, directory, run)
    if any(rank.recording() for rank in ranks):
        return {}
    ends = [of(rank.recorder()) for rank in ranks]
    bad = [end for end in ends if end["status"] in ("killed", "failed")] or [end for end in ends if end["status"] == "lost"] or ends
    first = min(bad, key=lambda end: end["ended"])
    return {**first, "ended": max(end["ended"] for end in ends)}


def _ranks(writer: Writer, ref: RunRef, directory: RunDirectory, run: Mapping[str, Any]) -> Iterable[RunDirectory]:
    """Return the directories of a run's ranks, for each rank the newest: a job that was requeued starts them anew.

    The rank that made the run need not be the one that was started first.
    """
    newest: dict[str, RunDirectory] = {}
    earliest = before(ref.id, _APART)
    for path in sorted(directory.path.parent.iterdir()):
        if path.name < earliest:
            continue
        other = type(directory)(path)
        told = other.run()
        if (told.get("join"), told.get("experiment")) == (run["join"], run["experiment"]):
            into = {source.run_key for source in writer.find_sources_by_path(other.log)}
            if not into or ref.key in into:  # another run may have had the name, or its ranks this Slurm step's number
                newest[str(told.get("labels"))] = other
    return newest.values()
