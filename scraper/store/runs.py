"""Runs and experiments: their ids, names and columns. Works inside a transaction its caller holds."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from scraper.errors import NotFoundError, StoreError
from scraper.run_ids import new_run_id

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from scraper.model import NewRun

STATUSES: Final = ("running", "finished", "failed", "killed", "lost", "ended")
_JSON_COLUMNS: Final = frozenset({"command", "hardware", "environment", "tags", "patterns"})
_UPDATABLE: Final = _JSON_COLUMNS | {
    *("name", "kind", "status", "cwd", "host", "user", "pid", "started", "ended", "heartbeat", "exit_code", "signal", "git_commit"),
    *("git_branch", "git_dirty", "python", "note", "log_path"),
}
_LAUNCHERS: Final = re.compile(
    r"(python|pypy)[0-9.]*|torchrun|accelerate|launch|deepspeed|srun|mpirun|mpiexec|uv|poetry|run|env|nohup|time|nice|bash|sh|sudo"
)
_INTERPRETER: Final = re.compile(r"(python|pypy)[0-9.]*|(ba|da|k|z|fi)?sh")
_CODE: Final = re.compile(r"-[A-Za-z]*c")
_SEEN: Final = (  # events that only the tailer saw, and that no log repeats; what a fault of the parser cost is found out again
    "kind IN ('gap', 'truncation', 'rotation') AND json_extract(detail, '$.fault') IS NULL"
)
_SCRIPT: Final = re.compile(r"\.(?:py|sh|ipynb|jl|R|lua)$")


@dataclass(frozen=True, slots=True)
class RunRef:
    """How a run is referred to: `key` by other tables, `id` and `name` by people."""

    key: int
    id: str
    name: str


def plain(text: str) -> str:
    """Return `text` as the store can keep it: bytes that were no UTF-8 are written as escapes, NUL as the replacement character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


def default_name(run: NewRun) -> str:
    """Return a name for `run` from its command's script, else from its log file, else from its kind."""
    stem = PurePath(_script(run.command) or run.log_path or (run.command[0] if run.command else "")).stem
    return plain(stem) or run.kind


def _script(command: Sequence[str]) -> str:
    """Return the word of a command that names what is run: a script, a module, or the interpreter of code given with -c."""
    if interpreter := _interpreter_of_code(command):
        return interpreter
    scripts = [word for word in command if _SCRIPT.search(word)]
    if scripts:
        return scripts[0]
    modules = [after for word, after in pairwise(command) if word == "-m"]
    if modules:
        return modules[-1].replace(".__main__", "").rpartition(".")[2]
    words = [word for word in command if word and not word.startswith("-")]
    return next((word for word in words if not _LAUNCHERS.fullmatch(PurePath(word).name)), "")


def _interpreter_of_code(command: Sequence[str]) -> str:
    """Return the shell or Python that a command gives code to (`bash -lc CODE`); "" where it gives it none."""
    name = ""
    for word in command:
        if not word.startswith("-"):
            name = PurePath(word).name
        elif _CODE.fullmatch(word) and _INTERPRETER.fullmatch(name):
            return name
    return ""


def _experiment(connection: sqlite3.Connection, name: str, now: float) -> int:
    """Return the key of the experiment called `name`, made now if it is new."""
    connection.execute("INSERT INTO experiments (name, created) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, now))
    key: int = connection.execute("SELECT id FROM experiments WHERE name = ?", (name,)).fetchone()[0]
    return key


def encode(column: str, value: Any) -> Any:
    """Return `value` as the column of `runs` stores it: JSON text for structures, 0/1 for booleans."""
    if column in _JSON_COLUMNS:
        return plain(json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool):
        return int(value)
    return plain(os.fspath(value)) if isinstance(value, str | os.PathLike) else value


def _unused_id(connection: sqlite3.Connection, run: NewRun, when: float) -> str:
    """Return the id `run` brings, or a new one; StoreError when the one it brings is taken."""
    while True:
        chosen = run.id or new_run_id(when, run.git_commit)
        if not connection.execute("SELECT 1 FROM runs WHERE id = ?", (chosen,)).fetchone():
            return chosen
        if run.id:
            raise StoreError(f"run {run.id} is already in the store; remove it first, or give another id (import --new-id)")


def create(connection: sqlite3.Connection, run: NewRun, now: float) -> RunRef:
    """Insert `run`, status running, and return how it is referred to."""
    row: dict[str, Any] = {
        "id": _unused_id(connection, run, now if run.started is None else run.started),
        "name": plain(run.name) or default_name(run),
        "experiment_id": _experiment(connection, plain(run.experiment), now),
        "status": "running",
        "heartbeat": now,
    }
    for column in sorted(_UPDATABLE - row.keys() - {"ended", "exit_code", "signal"}):
        row[column] = encode(column, getattr(run, column))
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    key = connection.execute(f"INSERT INTO runs ({names}) VALUES ({marks})", list(row.values())).lastrowid
    if key is None:  # pragma: no cover - sqlite3 types it so; an INSERT always has a row id
        raise StoreError("the run was not inserted")
    return RunRef(key, row["id"], row["name"])


def find(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> RunRef | None:
    """Return the newest run that fulfils `where`, a condition over runs and experiments; None when there is none."""
    row = connection.execute(
        "SELECT runs.key, runs.id, runs.name FROM runs JOIN experiments ON experiments.id = runs.experiment_id"
        f" WHERE {where} ORDER BY runs.key DESC LIMIT 1",
        tuple(values),
    ).fetchone()
    return RunRef(*row) if row else None


def update(connection: sqlite3.Connection, run_key: int, columns: dict[str, Any]) -> None:
    """Set `columns` of a run. ValueError for a column or status there is not, NotFoundError for a run there is not."""
    unknown = sorted(columns.keys() - _UPDATABLE)
    if unknown:
        raise ValueError(f"runs has no column {unknown[0]!r} to update; there are {', '.join(sorted(_UPDATABLE))}")
    if columns.get("status", "running") not in STATUSES:
        raise ValueError(f"a run's status is one of {', '.join(STATUSES)}, not {columns['status']!r}")
    assignments = ", ".join(f"{column} = ?" for column in columns)
    values = [encode(column, value) for column, value in columns.items()]
    if not connection.execute(f"UPDATE runs SET {assignments} WHERE key = ?", (*values, run_key)).rowcount:
        raise NotFoundError(f"the store has no run with key {run_key}; it may have been deleted meanwhile")


def change_tags(connection: sqlite3.Connection, run_key: int, add: Iterable[str], remove: Iterable[str]) -> None:
    """Take the tags `remove` from a run and put `add` behind those it keeps, each once. NotFoundError for a run there is not."""
    gone = set(remove)
    row = connection.execute("SELECT tags FROM runs WHERE key = ?", (run_key,)).fetchone()
    known = json.loads(row[0]) if row else []
    kept = [tag for tag in known if tag not in gone]
    update(connection, run_key, {"tags": list(dict.fromkeys([*kept, *add]))})


def clear(connection: sqlite3.Connection, run_key: int, *, keep_seen: bool = False) -> None:
    """Delete a run's points, rollups and series, and its events, but those that only the tailer saw where asked for; its sources stay."""
    mine = "(SELECT id FROM series WHERE run_key = ?)"
    connection.execute(f"DELETE FROM point_rows WHERE series_id IN {mine}", (run_key,))  # at once: through the foreign key it is one by one
    connection.execute(f"DELETE FROM rollups WHERE series_id IN {mine}", (run_key,))
    connection.execute("DELETE FROM series WHERE run_key = ?", (run_key,))
    connection.execute(f"DELETE FROM events WHERE run_key = ? AND NOT ({_SEEN if keep_seen else 'false'})", (run_key,))
