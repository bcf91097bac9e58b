"""The run's output.log, written by a thread so that no disk holds up the command. Owns the file, and the account of what is not in it.

What cannot be written is dropped in whole lines and counted: a half line of a number would read as another number.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

BOUND_BYTES = 32 << 20  # waiting for the disk in memory; beyond it the command waits for at most PATIENCE, then bytes are dropped
BATCH_BYTES = 1 << 20  # written at once
PATIENCE_SECONDS = 1.0  # granted again whenever the disk has caught up
TAIL_BYTES = 65_536  # of a line cut by a failed write or a full queue, kept to finish it
MOST_GAPS = 1000  # told apart; later ones are added to the last
LAGGED = "the disk did not keep up"


class Log:
    """An append-only file behind a bounded queue. `gaps` tells what it lacks: at (bytes before it), bytes, reason, from and to (times)."""

    def __init__(self, path: str, complain: Callable[[str], None], gaps_changed: Callable[[], None]) -> None:
        self.path, self.complain, self.gaps_changed = path, complain, gaps_changed
        self.fd = -1
        self.written = 0  # bytes in the file
        self.gaps: list[dict[str, Any]] = []
        self._lock = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._queued = 0  # bytes in the queue and in the thread's hands
        self._patience = PATIENCE_SECONDS
        self._dropping = False
        self._mid_line = False  # the last byte queued is not a line's end
        self._gap_open = False
        self._gaps_told = True
        self._closing = False
        self._file_mid_line = False  # the last byte in the file is not a line's end
        self._rest = b""  # the end of a line cut by a failed write
        self._skipping = False  # a line's beginning was lost, so its end is not wanted
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)

    def start(self) -> None:
        """Start the thread; the file is opened there, since opening can hang too."""
        self._thread.start()

    def append(self, data: bytes) -> None:
        """Queue `data`. Waits only while the queue is full and PATIENCE is left."""
        with self._lock:
            kept = self._admit(data)
            if kept:
                self._queue.append(kept)
                self._queued += len(kept)
                self._mid_line = not kept.endswith(b"\n")
                self._lock.notify_all()
            if len(kept) < len(data):
                self._miss(len(data) - len(kept), LAGGED, self.written + self._queued)

    def close(self, seconds: float) -> None:
        """Write what is queued for at most so long; what the disk has not taken then is a gap."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        self._thread.join(seconds)
        with self._lock:
            if self._thread.is_alive() and self._queued:
                self._miss(self._queued, "the disk did not answer before the end", self.written)

    @property
    def cut(self) -> bool:
        """Whether the last line in the file is not whole, as its end is among what is missing."""
        return self._file_mid_line and self._gap_open

    def _admit(self, data: bytes) -> bytes:
        """Return the part of `data` there is room for, cut at a line's end (the lock is held)."""
        if self._dropping:
            if self._queued > BOUND_BYTES // 2 or b"\n" not in data:
                return b""
            self._dropping = self._gap_open = False
            self._miss(start := data.find(b"\n") + 1, LAGGED, self.written + self._queued)
            return self._admit(data[start:]) if start < len(data) else b""
        until = time.monotonic() + self._patience
        while self._queued + len(data) > BOUND_BYTES and self._patience > 0:
            self._lock.wait(self._patience)
            self._patience = until - time.monotonic()
        at_line = not self._mid_line or b"\n" in data
        if self._queued + len(data) <= BOUND_BYTES + (0 if at_line else TAIL_BYTES):  # a line that was begun is finished first
            return data
        self._dropping = True
        return data[: data.find(b"\n") + 1] if self._mid_line else b""

    def _miss(self, count: int, reason: str, at: int) -> None:
        """Account for `count` bytes that are not recorded (the lock is held)."""
        now = time.time()
        if not self.gaps:
            self.complain(f"{self.path}: {reason}; the command goes on, but not all it prints is recorded. Look at the disk.")
        if self.gaps and (self._gap_open or len(self.gaps) == MOST_GAPS):
            self.gaps[-1].update(bytes=self.gaps[-1]["bytes"] + count, to=now)
        else:
            self.gaps.append({"at": at, "bytes": count, "reason": reason, "from": now, "to": now})
        self._gap_open, self._gaps_told = True, False

    def _run(self) -> None:
        with suppress(OSError):  # told with the first bytes that cannot be written
            self._open()
        while batch := self._next_batch():
            self._write(batch)
            with self._lock:
                self._queued -= len(batch)
                self._lock.notify_all()
            self._tell()
        if self._rest:
            self._write(b"")
        with self._lock:
            if self._rest:
                self._miss(len(self._rest), "a line was cut", self.written)
        self._tell()
        if self.fd >= 0:
            os.close(self.fd)

    def _tell(self) -> None:
        if not self._gaps_told:
            self._gaps_told = True
            self.gaps_changed()

    def _next_batch(self) -> bytes:
        """Wait for and take what is queued, up to BATCH_BYTES or a little more; nothing at the end."""
        with self._lock:
            if not self._queue:
                self._patience = PATIENCE_SECONDS
            while not self._queue and not self._closing:
                self._lock.wait()
            batch: list[bytes] = []
            size = 0
            while self._queue and size < BATCH_BYTES:
                batch.append(self._queue.popleft())
                size += len(batch[-1])
            return b"".join(batch)

    def _write(self, batch: bytes) -> None:
        """Write one batch, or account for what of it could not be written."""
        if self._skipping:
            start = batch.find(b"\n") + 1 or len(batch)
            self._skipping = not batch[:start].endswith(b"\n")
            with self._lock:
                self._miss(start, "", self.written)
            batch = batch[start:]
        view = memoryview(self._rest + batch)
        try:
            self._open()
            while view:
                count = os.write(self.fd, view)
                self.written += count
                self._file_mid_line = view[count - 1] != ord("\n")
                view = view[count:]
        except OSError as error:
            self._fail(bytes(view), error)
        else:
            self._rest = b""
            self._gap_open = self._gap_open and (self._dropping or not batch)

    def _fail(self, left: bytes, error: OSError) -> None:
        """Keep the end of a line that was cut, and count what follows it as missing."""
        end = left.find(b"\n") + 1
        kept = (end or len(left)) if self._file_mid_line else 0
        self._skipping = not (left.endswith(b"\n") or kept == len(left))
        self._rest = left[:kept] if kept <= TAIL_BYTES else b"\n"
        with self._lock:
            self._miss(len(left) - len(self._rest), error.strerror or str(error), self.written)

    def _open(self) -> None:
        """Open the file, and again after it was deleted; OSError when there is none to write to."""
        if self.fd >= 0 and os.fstat(self.fd).st_nlink == 0:
            os.close(self.fd)
            self.fd = -1
        if self.fd < 0:
            self.fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
            self._file_mid_line = self._file_mid_line and os.fstat(self.fd).st_size > 0
