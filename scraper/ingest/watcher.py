"""The one place where the pipeline waits, and the clock it goes by. It knows nothing of files."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Waker:
    """The one place where the pipeline waits, and the monotonic clock it goes by. `wake` may be called from threads and signal handlers."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def monotonic(self) -> float:
        """Return seconds on a clock that only goes forward."""
        return time.monotonic()

    def wake(self) -> None:
        """End the wait that goes on, or the next one."""
        try:
            os.write(self._write, b"!")
        except BlockingIOError:
            return  # it is full of wakes already

    def wait(self, seconds: float, readable: Iterable[int] = ()) -> bool:
        """Wait until woken, until one of the descriptors can be read, or for `seconds`. Tells whether it was ended early."""
        ready, _, _ = select.select([self._read, *readable], [], [], max(seconds, 0.0))
        if self._read in ready:
            os.read(self._read, 65536)
        return bool(ready)

    def rest(self, seconds: float) -> None:
        """Let `seconds` pass, woken or not, so that a file written without pause is read in pieces worth reading."""
        time.sleep(seconds)

    def close(self) -> None:
        """Release the descriptors."""
        for descriptor in (self._read, self._write):
            os.close(descriptor)
