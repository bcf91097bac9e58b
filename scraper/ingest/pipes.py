"""A pipe, FIFO or standard input read as one source: front to back, once, never waiting for bytes."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from scraper.ingest.identity import History, identity_of
from scraper.ingest.tailer import Chunk

if TYPE_CHECKING:
    from pathlib import Path

    from scraper.model import FileIdentity


class PipeTail:
    """An open descriptor that cannot be read twice. `path` is what to call it, e.g. "-"."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self.path = path
        self.descriptor = descriptor
        self.at_end = False
        self.closed_by_writer = False
        self.history = History()

    def read(self, size: int, now: float) -> Chunk:  # noqa: ARG002 - a file needs the time
        """Return what is there, up to `size` bytes; nothing when nothing is there yet, or ever again (`closed_by_writer`). OSError."""
        ready, _, _ = select.select([self.descriptor], [], [], 0)
        data = os.read(self.descriptor, size) if ready else b""
        self.closed_by_writer = self.closed_by_writer or bool(ready and not data)
        self.at_end = not data
        self.history.extend(data)
        return Chunk(0, data)

    def status(self) -> os.stat_result:
        """Return the stat result of the pipe."""
        return os.fstat(self.descriptor)

    def identity(self) -> FileIdentity:
        """Return which pipe this is."""
        return identity_of(self.status(), self.history.head)

    def close(self) -> None:
        """Close the descriptor; again does nothing."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
