"""One transaction on one connection, and what SQLite's errors mean. Owns BEGIN, the wait for the write lock, COMMIT and ROLLBACK."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from scraper.errors import StoreBusyError, StoreError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE: Final = (0.0005, 0.005)  # seconds between two attempts to get the write lock
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def store_error(error: sqlite3.Error, path: object) -> StoreError:
    """Return what `error`, raised while the store at `path` was used, means: StoreBusyError, StoreFullError or StoreError."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in _BUSY:
        return StoreBusyError(f"{path} stayed locked by another process; nothing was written, the same write may be tried again")
    if code in _FULL:
        return StoreFullError(f"{path} cannot be written ({error}); nothing was written; make room or give access, then try again")
    if code in _DAMAGED:
        return StoreError(f"{path} is not a usable SQLite database ({error}); name another with --store, or restore it from a copy")
    return StoreError(f"{path}: {error}")


@contextmanager
def translated(path: object) -> Iterator[None]:
    """Raise SQLite's errors as the package's own."""
    try:
        yield
    except sqlite3.Error as error:
        raise store_error(error, path) from error


def _begin(connection: sqlite3.Connection) -> None:
    """Begin to write, waiting for other writers as long as the connection's busy timeout says.

    SQLite itself looks after the lock ever more rarely, up to 100 ms apart, so of many writers those that have waited long wait longest.
    """
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()  # milliseconds
    deadline = time.monotonic() + patience / 1e3
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(random.uniform(*_PAUSE))  # noqa: S311 - no secret
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")


@contextmanager
def transaction(connection: sqlite3.Connection, path: object) -> Iterator[None]:
    """Hold the write lock for the block: all of it is stored, or nothing. Raises what `store_error` returns."""
    with translated(path):
        try:
            _begin(connection)
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk may have ended it already
                with suppress(sqlite3.Error):  # the error that led here says more
                    connection.execute("ROLLBACK")
            raise


@contextmanager
def moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Have everything that is read in the block be of one moment, whatever others write meanwhile. Keep it short: the WAL grows.

    Within another transaction it is that one's moment. Raises sqlite3.Error.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # an error of the disk may have ended it
            connection.execute("ROLLBACK")
