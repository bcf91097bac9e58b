"""Puts two streams into one log in the order they arrived, without cutting a line of one in two by a line of the other."""

from __future__ import annotations

from collections.abc import Callable

HOLD_SECONDS = 0.2  # an unfinished line keeps the other stream waiting at most this long
HOLD_BYTES = 65_536


def _line_end(data: bytes) -> int:
    """Return the index after the first line feed or carriage return, 0 when there is none."""
    ends = [position + 1 for position in (data.find(b"\n"), data.find(b"\r")) if position >= 0]
    return min(ends, default=0)


class Joiner:
    """The order of a log: whole lines where they come in pieces (an unbuffered `print(a, b)` is four writes), arrival order otherwise."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write
        self.owner = -1  # the stream whose line is unfinished in the log; -1: none
        self.waiting: list[tuple[int, bytes]] = []  # (stream, data) in arrival order
        self.since = 0.0  # when the oldest of them began to wait

    def add(self, stream: int, data: bytes, now: float) -> None:
        """Take `data` printed on `stream` at `now` (seconds, any monotonic clock)."""
        if not self.waiting:
            if self.owner in (-1, stream):
                self._emit(stream, data)
                return
            self.since = now
        self.waiting.append((stream, data))
        self._settle()
        if sum(len(data) for _, data in self.waiting) > HOLD_BYTES:
            self.release()

    def due(self) -> float | None:
        """Return when `release` is to be called, None while nothing waits."""
        return self.since + HOLD_SECONDS if self.waiting else None

    def release(self) -> None:
        """Let everything that waits into the log as it arrived."""
        waiting, self.waiting = self.waiting, []
        for stream, data in waiting:
            self._emit(stream, data)

    def _emit(self, stream: int, data: bytes) -> None:
        self.write(data)
        self.owner = -1 if data[-1:] in (b"\n", b"\r") else stream

    def _settle(self) -> None:
        """Finish the owner's line from what waits, then let the others in."""
        while self.waiting:
            index = next((i for i, (stream, _) in enumerate(self.waiting) if self.owner in (-1, stream)), None)
            if index is None:
                return
            stream, data = self.waiting.pop(index)
            end = _line_end(data) if index else len(data)
            if 0 < end < len(data):
                self.waiting.insert(index, (stream, data[end:]))
            self._emit(stream, data[: end or len(data)])
