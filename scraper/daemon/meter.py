"""A writer that notes what it commits: points a second by source, and when runs that a daemon follows end or go on."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scraper.store.writer import CommitResult, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scraper.model import Batch

WINDOW: Final = 10.0  # seconds over which points a second are counted
_ENDED: Final = """
SELECT runs.key, runs.log_path, (SELECT min(first_time) FROM series WHERE run_key = runs.key),
       (SELECT max(last_time) FROM series WHERE run_key = runs.key)
FROM runs WHERE kind = 'daemon' AND status = 'running' AND EXISTS (SELECT 1 FROM sources WHERE run_key = runs.key)
AND NOT EXISTS (SELECT 1 FROM sources WHERE run_key = runs.key AND finished = 0)
"""
_GOES_ON: Final = """
SELECT key FROM runs WHERE kind = 'daemon' AND status = 'ended' AND EXISTS (SELECT 1 FROM sources WHERE run_key = runs.key AND finished = 0)
"""


class Meter(Writer):
    """A writer that counts. Times are monotonic seconds."""

    def __init__(self, path: Path, **limits: Any) -> None:
        super().__init__(path, **limits)
        self.points = 0  # stored by this process
        self._recent: deque[tuple[float, int, int]] = deque()  # when, source, points
        self._finished: dict[int, bool] = {}
        self._unsettled = True

    def commit(self, batches: Sequence[Batch]) -> CommitResult:
        """Store batches as every writer does, and note them."""
        result = super().commit(batches)
        now = time.monotonic()
        self.points += result.points
        for batch in batches:
            if batch.points:
                self._recent.append((now, batch.source_id, len(batch.points)))
            if self._finished.get(batch.source_id) is not batch.mark.finished:
                self._finished[batch.source_id] = batch.mark.finished
                self._unsettled = True
        return result

    def rates(self) -> dict[int, float]:
        """Return the points a second of every source that had any within the last `WINDOW` seconds."""
        since = time.monotonic() - WINDOW
        while self._recent and self._recent[0][0] < since:
            self._recent.popleft()
        sums: dict[int, int] = {}
        for _, source, points in self._recent:
            sums[source] = sums.get(source, 0) + points
        return {source: points / WINDOW for source, points in sums.items()}

    def settle(self) -> None:
        """Store which of the daemons' runs have ended, as every file of theirs is complete, and which go on after all."""
        if not self._unsettled:
            return
        connection = self.open()
        for key, log, first, last in connection.execute(_ENDED).fetchall():
            columns = {"started": first} if first is not None else {}
            self.update_run(key, status="ended", ended=last if last is not None else _written(log), **columns)
        for (key,) in connection.execute(_GOES_ON).fetchall():
            self.update_run(key, status="running", ended=None)
        self._unsettled = False


def _written(path: str) -> float | None:
    """Return when a log was last written, in seconds since the epoch; None when it is gone."""
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return None
