"""Whether a store has changed since it was last looked at, in microseconds. Owns one read-only connection; reads no data through it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

from scraper.errors import StoreError
from scraper.store.schema import connect_readonly

BUSY_SECONDS = 0.02  # it is asked on the event loop, which must not wait for a writer's lock


class Version(NamedTuple):
    """Differs from an earlier one of the same watch as soon as anything was committed or the file was replaced."""

    device: int
    inode: int
    commits: int  # SQLite's data_version: changes with every commit of another connection


class StoreWatch:
    """Tells versions of a store apart. To be used from one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)

    def version(self) -> Version | None:
        """Return the store's version now; None when it cannot be told, so that nothing may be taken for unchanged."""
        try:
            found = self.path.stat()
            file = (found.st_dev, found.st_ino)
            if self._connection is None or file != self._file:
                self.close()
                self._connection = connect_readonly(self.path, busy_seconds=BUSY_SECONDS)
                self._file = file
            return Version(*file, self._connection.execute("PRAGMA data_version").fetchone()[0])
        except (OSError, sqlite3.Error, StoreError):
            self.close()
            return None

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
