"""What a log names without end, remembered within bounds: counters of lines, highest steps, names. Knows nothing of what they mean."""

from __future__ import annotations

from itertools import islice
from typing import Final, TypeVar

MOST: Final = 10_000  # names of each kind that are remembered
_AT_ONCE: Final = 1024  # of these are forgotten where there are more
_FEW: Final = 1024  # in what order so many were set does not matter yet

K = TypeVar("K")
V = TypeVar("V")


class Recent(dict[K, V]):
    """A mapping that keeps what was set last, be it to the same value: where it is full, what was set longest ago makes room."""

    __slots__ = ()

    def __setitem__(self, key: K, value: V) -> None:
        """Set a value."""
        if len(self) >= _FEW:
            self.pop(key, None)
            if len(self) >= MOST:
                for old in list(islice(self, _AT_ONCE)):
                    del self[old]
        super().__setitem__(key, value)

    def setdefault(self, key: K, default: V, /) -> V:
        """Return a value, which is set again, or the default where there was none."""
        self[key] = value = self.get(key, default)
        return value
