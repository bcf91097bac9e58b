"""Sources: the file generations of a run, how far each was read, and which process reads it. Works inside a caller's transaction."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.errors import SourceHeldError, StoreError
from scraper.ingest.recorder.state import is_running, process_started
from scraper.model import FileIdentity
from scraper.store.runs import plain

if TYPE_CHECKING:
    import sqlite3

    from scraper.model import Batch, Labels

REMOTE_SECONDS: Final = 60.0  # a holder on another machine counts as alive while its run or source was touched within this time
# Why the store itself discards a point, as counted beside the parser's reasons.
SERIES_LIMIT, NAME_TOO_LONG, DUPLICATE, OUT_OF_RANGE = REFUSALS = (
    "store_series_limit",  # the run has max_series series already
    "store_name_too_long",  # a metric's or label's name
    "store_duplicate",  # this series has a point at this position: a second reading of the same bytes
    "store_out_of_range",  # a step beyond 64 bits, or a position beyond 1 TiB of one file
)
_COLUMNS: Final = (
    "id, run_key, ordinal, path, device, inode, head_hash, head_size, tail_hash, offset, line_number, parser_state, counters, finished,"
    " labels, holder, updated"
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A file generation as stored: what a tailer needs to go on where the last one stopped."""

    id: int
    run_key: int
    ordinal: int  # 0 first; a point's position is ordinal << 40 | byte offset
    path: str  # where it was when it was last seen
    identity: FileIdentity
    tail_hash: str  # of the up to 1024 bytes before `offset`; "" while nothing was committed
    offset: int  # bytes fully accounted for: reading resumes here
    line_number: int
    parser_state: bytes | None  # what the parser saved; None while nothing was committed
    counters: dict[str, int] = field(default_factory=dict)
    finished: bool = False
    labels: Labels = ()
    holder: dict[str, Any] | None = None
    updated: float | None = None  # seconds since the epoch of the last commit or claim


def _signed(number: int) -> int:
    """Return an unsigned 64-bit inode as the signed one SQLite keeps."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _unsigned(number: int) -> int:
    return number + (1 << 64) if number < 0 else number


def _source(row: tuple[Any, ...]) -> SourceRow:
    """Return the row of `_COLUMNS` as a value."""
    key, run_key, ordinal, path, device, inode, head_hash, head_size, tail_hash, offset, line_number, state, *rest = row
    counters, finished, labels, holder, updated = rest
    return SourceRow(
        id=key,
        run_key=run_key,
        ordinal=ordinal,
        path=path,
        identity=FileIdentity(_unsigned(device), _unsigned(inode), head_hash, head_size),
        tail_hash=tail_hash,
        offset=offset,
        line_number=line_number,
        parser_state=state,
        counters=json.loads(counters),
        finished=bool(finished),
        labels=tuple(sorted(json.loads(labels).items())),
        holder=json.loads(holder) if holder else None,
        updated=updated,
    )


def select(connection: sqlite3.Connection, where: str, *values: Any) -> list[SourceRow]:
    """Return the sources that fulfil `where`, newest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sources WHERE {where} ORDER BY id DESC", values)
    return [_source(row) for row in rows]


def by_file(connection: sqlite3.Connection, device: int, inode: int) -> list[SourceRow]:
    """Return the sources that had this device and inode, newest first."""
    return select(connection, "device = ? AND inode = ?", _signed(device), _signed(inode))


def load(connection: sqlite3.Connection, source_id: int) -> SourceRow:
    """Return one source; StoreError when its run was deleted meanwhile."""
    found = select(connection, "id = ?", source_id)
    if not found:
        raise StoreError(f"the store has no source {source_id}: its run was deleted meanwhile; read the file again to make a new one")
    return found[0]


def create(connection: sqlite3.Connection, run_key: int, path: str, identity: FileIdentity, *, labels: Labels, now: float) -> SourceRow:
    """Insert the next generation of a run's files and return it."""
    ordinal = connection.execute("SELECT coalesce(max(ordinal) + 1, 0) FROM sources WHERE run_key = ?", (run_key,)).fetchone()[0]
    cursor = connection.execute(
        "INSERT INTO sources (run_key, ordinal, path, device, inode, head_hash, head_size, labels, updated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (run_key, ordinal, plain(path), _signed(identity.device), _signed(identity.inode), identity.head_hash, identity.head_size,
         labels_json(dict(labels)), now),
    )  # fmt: skip
    return load(connection, cursor.lastrowid or 0)


def labels_json(labels: dict[str, str]) -> str:
    """Return labels as the store writes them: a JSON object with sorted keys."""
    return plain(json.dumps(labels, sort_keys=True, ensure_ascii=False)) if labels else "{}"


@cache
def _boot_place() -> tuple[str, int]:
    """Return this machine's name and the number of the namespace its process ids are counted in."""
    try:
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        namespace = 0
    return os.uname().nodename, namespace


@cache
def _process(pid: int) -> dict[str, Any]:
    """Return what is known of this process; `since` is when it first asked, seconds since the epoch, for people."""
    host, namespace = _boot_place()
    return {"host": host, "pid": pid, "started": process_started(pid), "namespace": namespace, "since": int(time.time())}


def this_process() -> dict[str, Any]:
    """Return what a source's `holder` says of the calling process."""
    return _process(os.getpid())  # asked anew each time: a fork is another process


def _is_alive(holder: dict[str, Any], touched: float, now: float) -> bool:
    """Tell whether the process that `holder` names still reads its source; `touched` is when it was last heard of."""
    if (holder.get("host"), holder.get("namespace")) != _boot_place():
        return now - touched < REMOTE_SECONDS
    return is_running(holder["pid"], holder["started"])


def check_holder(source: SourceRow) -> None:
    """Raise SourceHeldError when another process claimed `source`: what this one read of it would be stored twice."""
    holder = source.holder
    if holder is not None and holder != this_process():
        raise SourceHeldError(_held(source.path, holder))


def _held(path: str, holder: dict[str, Any]) -> str:
    since = f" since {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(holder['since']))}" if "since" in holder else ""
    who = f"process {holder['pid']} on {holder['host']}{since}"
    return f"{path} is being read into this store by {who}; stop that one, or use another --store"


def claim(connection: sqlite3.Connection, source_id: int, now: float) -> SourceRow:
    """Make the calling process the holder of a source and return it; SourceHeldError when a live one has it."""
    source = load(connection, source_id)
    holder = source.holder
    if holder is not None and holder != this_process():
        heartbeat = connection.execute("SELECT heartbeat FROM runs WHERE key = ?", (source.run_key,)).fetchone()[0]
        if _is_alive(holder, max(heartbeat or 0.0, source.updated or 0.0), now):
            raise SourceHeldError(_held(source.path, holder))
    connection.execute("UPDATE sources SET holder = ?, updated = ? WHERE id = ?", (json.dumps(this_process()), now, source_id))
    return load(connection, source_id)


def release(connection: sqlite3.Connection, source_id: int) -> None:
    """Leave a source to the next process, if the calling one holds it."""
    connection.execute("UPDATE sources SET holder = NULL WHERE id = ? AND holder = ?", (source_id, json.dumps(this_process())))


def set_mark(connection: sqlite3.Connection, source: SourceRow, batch: Batch, refused: dict[str, int], now: float) -> None:
    """Store how far `source` is accounted for, and its counters: those of the batch, and what the store itself refused so far."""
    mark = batch.mark
    counters = dict(mark.counters)
    for reason in REFUSALS:
        total = source.counters.get(reason, 0) + refused.get(reason, 0)
        if total:
            counters[reason] = total
    patterns = {name: use._asdict() for name, use in mark.patterns.items()}
    connection.execute(
        "UPDATE sources SET device = ?, inode = ?, head_hash = ?, head_size = ?, tail_hash = ?, offset = ?, line_number = ?,"
        " parser_state = ?, counters = ?, patterns = ?, finished = ?, updated = ? WHERE id = ?",
        (_signed(mark.identity.device), _signed(mark.identity.inode), mark.identity.head_hash, mark.identity.head_size, mark.tail_hash,
         mark.offset, mark.line_number, mark.parser_state, json.dumps(counters), json.dumps(patterns),
         mark.finished, now, source.id),
    )  # fmt: skip
