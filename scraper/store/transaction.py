"""One write transaction on one connection, and what SQLite's errors mean to the caller. Owns BEGIN, COMMIT and ROLLBACK."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from scraper.errors import StoreBusyError, StoreError, StoreFullError

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@contextmanager
def transaction(connection: sqlite3.Connection, path: object) -> Iterator[None]:
    """Hold the write lock for the block: all of it is stored, or nothing. Raises what `store_error` returns."""
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk may have ended it already
                with suppress(sqlite3.Error):  # the error that led here says more
                    connection.execute("ROLLBACK")
            raise
