"""Brings what sources hold into the store, batch by batch, and keeps it while the store refuses. Reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scraper.errors import StoreError
    from scraper.ingest.source import Source
    from scraper.store.writer import Writer

_BACKOFF: Final = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds between attempts to write into a store that refused
_SHARE: Final = 2.0  # a commit is followed by a pause of so many times what it took, so that most of the time is for reading
_LONGEST: Final = 8.0  # seconds of such a pause at most
_A_SERIES: Final = 10  # points of each series that may wait, where that is more than `batch_points`
_GREATEST: Final = 5  # times `batch_points` that may wait at most
_HEARTBEAT: Final = 20.0  # seconds; a holder on another machine counts as gone after 60


@dataclass(slots=True)
class _Refusal:
    """What is known while the store cannot be written."""

    until: float = 0.0  # monotonic seconds of the next attempt
    times: int = 0


class Committer:
    """The sources that have something to commit, and when it is due. Times are monotonic seconds."""

    def __init__(self, writer: Writer, settings: Mapping[str, Any], notify: Callable[[str], None]) -> None:
        self._writer = writer
        self._seconds = float(settings["batch_seconds"])
        self._points = int(settings["batch_points"])
        self._notify = notify
        self._touched: dict[int, Source] = {}
        self._metrics: dict[int, set[str]] = {}  # by run: those whose meaning is stored
        self._last = -1e9
        self._took = 0.0  # seconds the last commit took, without waiting for other writers
        self._last_heartbeat = -1e9
        self._refusal = _Refusal()

    def touch(self, source: Source) -> None:
        """Note that a source may have something to commit."""
        self._touched[source.row.id] = source

    def forget(self, source: Source) -> None:
        """Leave out what a source holds that was not committed: it will be read again."""
        self._touched.pop(source.row.id, None)

    def due_in(self, now: float) -> float | None:
        """Return in how many seconds a commit is due; None: there is nothing to commit."""
        if not self._touched:
            return None
        return max(self._last + self._pause() - now, 0.0)

    def is_due(self, now: float) -> bool:
        """Tell whether the points that wait are many or old enough. The first after a silence are due at once."""
        if not self._touched:
            return False
        return now - self._last >= self._pause() or sum(len(source.points) for source in self._touched.values()) >= self._most()

    def _pause(self) -> float:
        return max(self._seconds, min(_SHARE * self._took, _LONGEST))

    def _most(self) -> int:
        """Return how many points may wait: more than usual of thousands of series, each of which has its own cost in a commit."""
        series = sum(len(kind[0]) for source in self._touched.values() for kind, _ in source.points.kinds())
        return max(self._points, min(series * _A_SERIES, _GREATEST * self._points))

    def commit(self, now: float) -> None:
        """Store everything there is, in one transaction. StoreError: nothing was stored, and everything is kept for another attempt."""
        ready = [source for source in self._touched.values() if source.dirty()]
        if ready:
            batches = [source.batch(self._metrics.get(source.run_key, frozenset())) for source in ready]
            result = self._writer.commit(batches)
            self._took = result.seconds
            for source, batch in zip(ready, batches, strict=True):
                self._metrics.setdefault(source.run_key, set()).update(source.committed(batch, result))
            self._accepted()
        self._touched.clear()
        self._last = now

    def heartbeat(self, sources: Iterable[Source], now: float) -> None:
        """Say now and then that this process still follows its sources, silent ones too."""
        if now - self._last_heartbeat >= _HEARTBEAT:
            runs = {source.run_key for source in sources}
            if runs:
                self._writer.heartbeat(runs)
            self._last_heartbeat = now

    def is_held_off(self, now: float) -> bool:
        """Tell whether the store refused lately: then nothing more is read, so that memory stays bounded."""
        return now < self._refusal.until

    @property
    def is_refusing(self) -> bool:
        """Whether the last attempt to write was refused: what is kept has to be stored before more is read."""
        return self._refusal.times > 0

    def pause(self, now: float) -> float:
        """Return the seconds until the store may be asked again."""
        return max(self._refusal.until - now, 0.0)

    def refused(self, error: StoreError, now: float) -> None:
        """Put off the next attempt after the store refused one, each time for longer."""
        if not self._refusal.times:
            self._notify(f"{error}; reading pauses and goes on by itself")
        self._refusal.until = now + _BACKOFF[min(self._refusal.times, len(_BACKOFF) - 1)]
        self._refusal.times += 1

    def _accepted(self) -> None:
        if self._refusal.times:
            self._notify("the store can be written again; reading goes on")
            self._refusal = _Refusal()
