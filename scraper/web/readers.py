"""Reading the store beside the event loop: a few threads, each with a connection of its own. Owns those; knows no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from scraper.query import Database, open_store

Answer = TypeVar("Answer")
LANES = 4  # questions asked of the store at once; further ones wait for their turn


class _Lane:
    """One thread and the connection that only it uses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scraper-reader")
        self._db: Database | None = None
        self._file = (0, 0)

    async def ask(self, question: Callable[[Database], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: question(self._opened()))

    def _opened(self) -> Database:
        """Return the connection, opened anew where the file was replaced."""
        try:
            found = self._path.stat()
            file = (found.st_dev, found.st_ino)
        except OSError:
            file = (0, 0)  # opening it says what is wrong
        if self._db is None or file != self._file:
            self._close()
            self._db, self._file = open_store(self._path), file
        return self._db

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def close(self) -> None:
        """Close the connection in the thread that opened it, then end the thread."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()


class Readers:
    """Answers questions about one store, a few at a time. To be used from one event loop."""

    def __init__(self, path: Path) -> None:
        self._lanes = [_Lane(path) for _ in range(LANES)]
        self._free: asyncio.Queue[_Lane] = asyncio.Queue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def ask(self, question: Callable[[Database], Answer]) -> Answer:
        """Return what `question` makes of the store; it runs in a thread, and raises here what it raised there."""
        lane = await self._free.get()
        try:
            return await lane.ask(question)
        finally:
            self._free.put_nowait(lane)

    def close(self) -> None:
        """Wait for the questions under way and close every connection."""
        for lane in self._lanes:
            lane.close()
