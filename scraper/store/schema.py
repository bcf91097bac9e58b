"""The tables of the store, and how a connection to it is opened. Owns DDL and migrations; inserts and reads nothing else."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scraper.errors import SchemaError, StoreBusyError, StoreError, StoreFullError
from scraper.store.filesystem import filesystem_type, is_network, make_private
from scraper.store.packing import POINTS, repack
from scraper.store.transaction import moment, transaction, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

APPLICATION_ID: Final = 0x4D455452  # "METR", in the file's header, so that another program's database is not taken for a store
SCHEMA_VERSION: Final = 5  # PRAGMA user_version after every migration below
WAL_BYTES: Final = 16 << 20  # a WAL that had to grow is cut to this after a checkpoint

# Plain tables, readable by any SQLite tool. Times are seconds since the epoch (REAL), booleans 0/1, structures JSON text.
TABLES = """
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created REAL NOT NULL
);
CREATE TABLE runs (
    key INTEGER PRIMARY KEY,            -- what other tables refer to
    id TEXT NOT NULL UNIQUE,            -- sorts by start time: 20261121-062249-1a2b3c4-x7q
    name TEXT NOT NULL,
    experiment_id INTEGER NOT NULL REFERENCES experiments(id),
    kind TEXT NOT NULL,                 -- run, tail or daemon
    status TEXT NOT NULL,               -- running, finished, failed, killed, lost (its recorder vanished), ended (a log read to its end)
    command TEXT NOT NULL DEFAULT '[]', -- JSON array of arguments
    cwd TEXT, host TEXT, user TEXT, pid INTEGER,
    started REAL, ended REAL,           -- NULL: not known
    heartbeat REAL,                     -- when its scraper last wrote anything
    exit_code INTEGER,                  -- as a shell shows it
    signal INTEGER,                     -- the signal that ended the command
    git_commit TEXT, git_branch TEXT, git_dirty INTEGER,
    python TEXT, hardware TEXT NOT NULL DEFAULT '{}', environment TEXT NOT NULL DEFAULT '{}',
    tags TEXT NOT NULL DEFAULT '[]', note TEXT NOT NULL DEFAULT '',
    log_path TEXT,
    patterns TEXT NOT NULL DEFAULT '[]' -- JSON array of regexes that were given for its log, besides the packs
);
CREATE INDEX runs_by_experiment ON runs(experiment_id, id);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,           -- 0 first; a point's position is ordinal << 40 | byte offset
    path TEXT NOT NULL,                 -- where it was when it was last seen
    device INTEGER NOT NULL, inode INTEGER NOT NULL,
    head_hash TEXT NOT NULL, head_size INTEGER NOT NULL,
    tail_hash TEXT NOT NULL DEFAULT '',
    "offset" INTEGER NOT NULL DEFAULT 0,
    line_number INTEGER NOT NULL DEFAULT 0,
    parser_state BLOB,
    counters TEXT NOT NULL DEFAULT '{}', -- JSON: lines, matched, and everything discarded, by reason
    patterns TEXT NOT NULL DEFAULT '{}', -- JSON: pattern -> {"reads", "first_at", "last_at", "seconds"}, offsets in bytes of the file
    finished INTEGER NOT NULL DEFAULT 0,
    labels TEXT NOT NULL DEFAULT '{}',  -- JSON: labels put on every point of this source
    holder TEXT,                        -- JSON {"host", "pid", "started", "namespace", "since"} of the process that reads it; NULL: nobody
    updated REAL,
    UNIQUE (run_key, ordinal)
);
CREATE INDEX sources_by_file ON sources(device, inode);
CREATE INDEX sources_by_path ON sources(path);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL DEFAULT '{}',  -- JSON object, sorted keys
    attempt INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0,   -- every point ever stored, thinned ones too
    non_finite INTEGER NOT NULL DEFAULT 0,
    thinned INTEGER NOT NULL DEFAULT 0, -- raw points removed by retention; their rollups remain
    raw_from INTEGER NOT NULL DEFAULT 0, -- retention is done with the points numbered below this, a multiple of 64: level-1 buckets
                                        -- below raw_from / 64 stand for them, and `points` still has their non-finite, first, best
    raw_from_at INTEGER,                -- every point from this position on is in `points`; NULL: nothing was thinned
    ordered INTEGER NOT NULL DEFAULT 1, -- 0: a point arrived behind a later position, so buckets (numbered by arrival) may overlap in
                                        -- position; if such a series is thinned, draw all of it from rollups
    first_at INTEGER, first_step INTEGER, first_epoch REAL, first_time REAL, first_value REAL, first_kind INTEGER,
    last_at INTEGER, last_step INTEGER, last_epoch REAL, last_time REAL, last_value REAL, last_kind INTEGER, -- by position
    min_at INTEGER, min_step INTEGER, min_epoch REAL, min_value REAL,  -- over finite values; NULL when there is none
    max_at INTEGER, max_step INTEGER, max_epoch REAL, max_value REAL,
    sum REAL NOT NULL DEFAULT 0,        -- of finite values
    time_base INTEGER,                  -- milliseconds since the epoch, from which times of its points are counted; NULL: none has a time
    UNIQUE (run_key, metric, labels, attempt)
);
CREATE TABLE rollups (
    series_id INTEGER NOT NULL REFERENCES series(id) ON DELETE CASCADE,
    level INTEGER NOT NULL,             -- a bucket of level k (1..5) covers 64^k points; level k exists once count > 64^(k-1)
    bucket INTEGER NOT NULL,            -- number of its first point in the series (0 first, by arrival) // 64^k; the newest is partial
    count INTEGER NOT NULL, non_finite INTEGER NOT NULL,
    first_at INTEGER, first_step INTEGER, first_epoch REAL, first_time REAL, first_value REAL,  -- over finite values, as all below
    last_at INTEGER, last_step INTEGER, last_epoch REAL, last_time REAL, last_value REAL,
    min_at INTEGER, min_step INTEGER, min_epoch REAL, min_time REAL, min_value REAL,
    max_at INTEGER, max_step INTEGER, max_epoch REAL, max_time REAL, max_value REAL,
    sum REAL NOT NULL,
    PRIMARY KEY (series_id, level, bucket)
) WITHOUT ROWID;
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    at INTEGER NOT NULL, kind TEXT NOT NULL,
    step INTEGER, epoch REAL, time REAL,
    line TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '{}',
    UNIQUE (run_key, at, kind)
);
"""
DEFINITIONS = """
CREATE TABLE metric_definitions (
    run_key INTEGER NOT NULL REFERENCES runs(key) ON DELETE CASCADE, -- of a run, as frameworks mean different things by one name
    metric TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '', format TEXT NOT NULL DEFAULT 'float', unit TEXT NOT NULL DEFAULT '',
    higher_is_better INTEGER, description TEXT NOT NULL DEFAULT '', tier TEXT NOT NULL DEFAULT 'custom',
    pack TEXT NOT NULL DEFAULT '',      -- the pack that found the metric; '': the configuration
    PRIMARY KEY (run_key, metric)
) WITHOUT ROWID;
"""
_FIELDS: Final = "metric, label, format, unit, higher_is_better, description, tier, pack"


def _statements(script: str) -> list[str]:
    """Return the statements of an SQL script: `executescript` would commit the transaction that makes a migration atomic."""
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Keep modules that are not imported yet from being imported: sqlite-utils takes up what is installed, for types that no store has.

    Beside a training, numpy is installed; importing it would cost the scraper 17 MB and a tenth of a second.
    """
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type] # None marks what is not to be found
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply every migration that is pending; the caller holds the write lock, so that of several processes one does."""
    with _without("numpy", "pandas"):
        from sqlite_utils import Database, Migrations  # noqa: PLC0415 - slow to import, and needed once in a store's life

    migrations = Migrations("metric-scraper")

    @migrations(name="001_tables")
    def tables(database: Database) -> None:
        for statement in [*_statements(TABLES), *_statements(POINTS), *_statements(DEFINITIONS)]:
            database.conn.execute(statement)

    @migrations(name="002_packed_points")
    def packed_points(database: Database) -> None:
        if "points" in database.table_names():  # in stores that began with the tables above it is a view
            repack(database.conn, _statements(POINTS))

    @migrations(name="003_definitions_of_runs")
    def definitions_of_runs(database: Database) -> None:
        if "run_key" not in database["metric_definitions"].columns_dict:
            _share_definitions(database.conn)

    @migrations(name="004_patterns_of_runs")
    def patterns_of_runs(database: Database) -> None:
        _extend(database, "runs", "patterns", "TEXT NOT NULL DEFAULT '[]'")

    @migrations(name="005_patterns_of_sources")
    def patterns_of_sources(database: Database) -> None:
        _extend(database, "sources", "patterns", "TEXT NOT NULL DEFAULT '{}'")

    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _extend(database: Database, table: str, column: str, kind: str) -> None:
    """Add a column to a table of a store that began without it."""
    if column not in database[table].columns_dict:
        database.conn.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


def _share_definitions(connection: sqlite3.Connection) -> None:
    """Give every run what an older store says of the metrics it has."""
    connection.execute("ALTER TABLE metric_definitions RENAME TO shared_definitions")
    for statement in _statements(DEFINITIONS):
        connection.execute(statement)
    pairs = "SELECT DISTINCT run_key, metric FROM series"
    rows = f"SELECT run_key, {_FIELDS} FROM shared_definitions JOIN ({pairs}) USING (metric)"
    connection.execute(f"INSERT INTO metric_definitions (run_key, {_FIELDS}) {rows}")
    connection.execute("DROP TABLE shared_definitions")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _check_version(connection: sqlite3.Connection, path: object) -> bool:
    """Return whether the schema is this version's. SchemaError for a newer one, StoreError for another program's database."""
    with moment(connection):  # another process may be making it
        version, application = _pragma(connection, "user_version"), _pragma(connection, "application_id")
        holds_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    if application != APPLICATION_ID:
        if holds_tables or version:
            raise StoreError(f"{path} is another program's SQLite database; name another file with --store")
        return False
    if version > SCHEMA_VERSION:
        raise SchemaError(
            f"{path} was written by a newer metric-scraper (schema {version}, this one knows {SCHEMA_VERSION});"
            " install that version, or name another store with --store FILE"
        )
    return version == SCHEMA_VERSION


def _create_file(path: Path) -> None:
    """Make the store's directory (0700) and file (0600) where they are missing: logs and command lines are their owner's business."""
    try:
        make_private(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreFullError(f"cannot write the store {path} ({error.strerror}); name another with --store or SCRAPER_STORE") from error


def _set_journal(connection: sqlite3.Connection, path: Path, mode: str, busy_seconds: float) -> None:
    """Set the journal mode. SQLite does not wait for the lock this needs when processes open one new store at once: this does."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            with translated(path):
                if connection.execute("PRAGMA journal_mode").fetchone()[0] != mode:
                    connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        except StoreBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _check_place(path: Path) -> None:
    """Raise StoreError where a directory has the store's name, or it cannot be told what has."""
    try:
        is_directory = path.is_dir()
    except OSError as error:
        raise StoreError(f"cannot look at the store {path} ({error.strerror}); name another with --store or SCRAPER_STORE") from error
    if is_directory:
        raise StoreError(f"{path} is a directory; name the store's file, e.g. --store {path / 'store.db'}")


def connect(path: str | os.PathLike[str], *, busy_seconds: float = 30.0, network: bool | None = None) -> sqlite3.Connection:
    """Open the store for writing, made or migrated first where needed, in autocommit (transactions by hand, with `transaction`).

    The journal is a WAL; where `network` (None: as the path's filesystem says) it is a rollback journal, synced in full, as WAL needs
    memory that all its processes share. `busy_seconds` is how long a statement waits for another writer.
    StoreError when the path is no store, SchemaError when it is a newer one, StoreFullError when it cannot be written.
    """
    path = Path(path)
    _check_place(path)
    _create_file(path)
    if network is None:
        network = is_network(filesystem_type(path))
    with translated(path):
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        with translated(path):
            current = _check_version(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
            connection.execute(f"PRAGMA synchronous = {'FULL' if network else 'NORMAL'}")
        _set_journal(connection, path, "delete" if network else "wal", busy_seconds)
        if not current:
            with transaction(connection, path):
                if not _check_version(connection, path):  # another process may have migrated while this one waited
                    _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _open_uri(path: Path, options: str, busy_seconds: float) -> sqlite3.Connection:
    """Open `path` with URI `options` and look into it, as SQLite touches the file only then."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True, timeout=busy_seconds, isolation_level=None)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def connect_readonly(path: str | os.PathLike[str], *, busy_seconds: float = 30.0) -> sqlite3.Connection:
    """Open an existing store for reading, whether or not processes write to it.

    A store in WAL mode on a medium or in a directory that cannot be written is opened as it stands, without its WAL: what its writers
    have not moved into the main file yet is not seen then. StoreError when there is no store at `path`, SchemaError when it is newer.
    """
    path = Path(path)
    _check_place(path)
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet; record one with `scraper run` or `scraper tail`, or name it with --store")
    with translated(path):
        try:
            connection = _open_uri(path, "mode=ro", busy_seconds)
        except sqlite3.OperationalError:
            if os.access(path.parent, os.W_OK) or not os.access(path, os.R_OK):
                raise
            connection = _open_uri(path, "mode=ro&immutable=1", busy_seconds)  # nobody can write there, so nothing changes
    try:
        with translated(path):
            connection.execute("PRAGMA query_only = ON")
            _check_readable(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_readable(connection: sqlite3.Connection, path: Path) -> None:
    """Raise SchemaError or StoreError unless the schema is this version's."""
    with moment(connection):
        current, version = _check_version(connection, path), _pragma(connection, "user_version")
    if not current:
        if version:
            raise StoreError(f"{path} was written by an older version; bring it up to date with: scraper upgrade --store {path}")
        raise StoreError(f"{path} holds no runs yet; record one with `scraper run` or `scraper tail`")
