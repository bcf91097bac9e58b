"""Which parsers are sent to other processes, for when several files are far behind; one process still reads files and writes the store.

A parser goes away with its state and comes home at the end of its backlog; what becomes of it there is `hands`' to know.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scraper.ingest.hands import Away, Hand
    from scraper.parse.packs import PackSet
    from scraper.parse.parser import Parser

LANES: Final = 2  # files read side by side for each process, so that none waits for the next
_WORTH: Final = 64 << 20  # bytes not read yet for which it is worth to start one process more
_LEAST: Final = 1 << 16  # bytes not read yet for which it is worth to send a parser away
_FEWEST: Final = 2  # processes: one alone would do no more than this one does


class Crew:
    """At most `most` processes; none is started before there is enough to read for several, and `rest` ends them."""

    def __init__(self, packs: PackSet, settings: Mapping[str, Any], most: int) -> None:
        self._packs, self._settings = packs, dict(settings)
        self._most = most
        self._wanted = 0
        self._hands: list[Hand] = []
        self._numbers = count(1)  # 0 is no source's

    def expect(self, backlogs: Iterable[int]) -> None:
        """Decide how many processes are to parse, from the bytes not read yet of each source."""
        if self._most < _FEWEST:
            return
        sizes = [size for size in backlogs if size >= _LEAST]
        self._wanted = max(self._wanted, min(self._most, len(sizes), sum(sizes) // _WORTH))

    @property
    def lanes(self) -> int:
        """How many files to read side by side."""
        return LANES * self._wanted if self._wanted >= _FEWEST else 1

    def wants(self, backlog: int) -> bool:
        """Tell whether it is worth to send away a parser that is behind by so many bytes."""
        return self._wanted >= _FEWEST and backlog >= _LEAST

    def take(self, parser: Parser, unfinished: bytes) -> Parser | Away:
        """Send a parser away, if anyone is there, with what it was fed and has not accounted for; return what stands in its place."""
        from scraper.ingest.hands import Away  # noqa: PLC0415 - costs its time only where it is used

        self._fill()
        hands = [hand for hand in self._hands if not hand.is_gone]
        if not hands:
            return parser
        return Away(min(hands, key=lambda hand: len(hand.answers)), next(self._numbers), parser, unfinished, self._packs, self._settings)

    def _fill(self) -> None:
        """Start one process more if there are fewer than wanted; one that has died is not replaced."""
        from scraper.ingest.hands import Hand  # noqa: PLC0415 - costs its time only where it is used

        if len(self._hands) < min(self._wanted, self._most):
            try:
                self._hands.append(Hand((self._packs, self._settings)))
            except OSError:  # no more processes or descriptors: those there are, and this one, do the work
                self._most = len(self._hands)

    def rest(self) -> None:
        """End all processes if nothing is parsed there."""
        if self._hands and not any(hand.answers for hand in self._hands):
            self.close()

    def close(self) -> None:
        """End all processes."""
        for hand in self._hands:
            hand.close()
        self._hands.clear()
        self._wanted = 0
