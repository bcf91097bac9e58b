"""One process that parses beside this one, and what stands for a parser that is there.

Whatever becomes of the process, nothing is lost: a block is kept until it was answered, and parsed here where no answer comes.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from scraper.ingest import worker
from scraper.ingest.launch import scraper_environment
from scraper.model import Parsed
from scraper.parse.parser import Parser
from scraper.points import Points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scraper.model import MetricDefinition, PatternUse
    from scraper.parse.packs import PackSet

AHEAD: Final = 4  # blocks of a source that may be under way; more would only take memory
_START: Final = "import sys; from scraper.ingest.worker import main; main(int(sys.argv[1]))"
_GREETING: Final = 0  # what is no source's number
_PATIENCE: Final = 5.0  # seconds in which a process has to end whose socket was closed


class Hand:
    """One process, and a thread that takes its answers as they come, so that neither side ever waits to be heard."""

    def __init__(self, greeting: tuple[PackSet, dict[str, Any]]) -> None:
        self._link, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = _start(theirs.fileno())
            except OSError:
                self._link.close()
                raise
        self._outgoing = self._link.makefile("wb")
        self.answers: dict[int, SimpleQueue[bytes | None]] = {}  # not opened: that would keep the other thread from the interpreter
        self.is_gone = False
        self._thread = Thread(target=self._listen, name="crew", daemon=True)
        self._thread.start()
        self.send(_GREETING, greeting)

    def _listen(self) -> None:
        with self._link.makefile("rb") as incoming, suppress(EOFError, OSError):
            while True:
                number, reply = worker.receive(incoming)
                if (answers := self.answers.get(number)) is not None:
                    answers.put(reply)
        self.is_gone = True
        for answers in list(self.answers.values()):
            answers.put(None)

    def begin(self, number: int, state: bytes) -> SimpleQueue[bytes | None]:
        """Have a source parsed there; return where the answers come, and None once there will be no more."""
        answers = self.answers[number] = SimpleQueue()
        self.send(number, worker.Begin(state))
        if self.is_gone:
            answers.put(None)
        return answers

    def end(self, number: int) -> None:
        """Have a source parsed there no more."""
        del self.answers[number]
        self.send(number, worker.End())

    def send(self, number: int, message: object) -> None:
        """Send a message; that nobody is there any more shows in the answers."""
        with suppress(OSError):
            worker.send(self._outgoing, number, message)

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._outgoing.close()
        self._link.close()
        self._thread.join()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    """Start a process that parses for the other end of a socket. OSError where there can be no more."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(descriptor)],  # -P: a regex.py beside the training is not ours
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # what goes wrong there goes wrong here again, and is told then
        start_new_session=True,
        env=scraper_environment(),
    )


class Away:
    """Stands for a parser that is in another process: what it says is what was answered last, and fits the points returned so far."""

    def __init__(
        self, hand: Hand, number: int, parser: Parser, unfinished: bytes, packs: PackSet, settings: Mapping[str, Any]
    ) -> None:
        self._hand = hand
        self._number = number
        self._packs, self._settings = packs, settings
        self._finders: dict[str, str] = {}
        self._sent: deque[tuple[bytes, float | None]] = deque()  # blocks that were not answered
        self._rest = b""  # what was answered and is not accounted for: an unfinished line
        self._last = worker.snapshot(parser, _nothing(), {})
        self._finders.update(self._last.finders)
        self._answers = hand.begin(number, self._last.state)
        self.is_lost = False  # no more answers come: it has to be called home
        if unfinished:
            self._send(unfinished, None)

    @property
    def consumed(self) -> int:
        """As of `Parser`."""
        return self._last.consumed

    @property
    def lines(self) -> int:
        """As of `Parser`."""
        return self._last.lines

    @property
    def counters(self) -> dict[str, int]:
        """As of `Parser`."""
        return self._last.counters

    @property
    def patterns(self) -> dict[str, PatternUse]:
        """As of `Parser`."""
        return self._last.patterns

    def save(self) -> bytes:
        """As of `Parser`."""
        return self._last.state

    def definitions(self, metrics: Iterable[str]) -> list[MetricDefinition]:
        """As of `Parser`."""
        return [said for metric in metrics for said in self._packs.definitions(metric, self._finders.get(metric, ""))]

    def feed(self, data: bytes, now: float | None) -> Parsed:
        """Send the next bytes; return what was found meanwhile in those sent before."""
        self._send(data, now)
        found = _nothing()
        while not self.is_lost and (len(self._sent) > AHEAD or not self._answers.empty()):
            self._take(found)
        return found

    def home(self) -> tuple[Parser, Parsed]:
        """Wait for what is under way, and return a parser that goes on from there, and what was found."""
        found = _nothing()
        while self._sent and not self.is_lost:
            self._take(found)
        parser = Parser(self._packs, self._settings, self._last.state, clock=perf_counter)
        parser.finders.update(self._finders)
        for data, now in [(self._rest, None), *self._sent]:
            _add(found, parser.feed(data, now))
        self.drop()
        return parser, found

    def drop(self) -> None:
        """Parse no further; what is under way is of no use."""
        self._hand.end(self._number)

    def _send(self, data: bytes, now: float | None) -> None:
        self._sent.append((data, now))
        self._hand.send(self._number, worker.Block(data, now))

    def _take(self, found: Parsed) -> None:
        answer = self._answers.get()
        if answer is None:
            self.is_lost = True
            return
        reply: worker.Reply = worker.opened(answer)
        data, _ = self._sent.popleft()
        self._rest = (self._rest + data)[reply.consumed - self._last.consumed :]
        self._last = reply
        self._finders.update(reply.finders)
        _add(found, reply.parsed)


def _nothing() -> Parsed:
    return Parsed(Points(), [], [])


def _add(found: Parsed, more: Parsed) -> None:
    points = found.points
    points += more.points
    found.events.extend(more.events)
    found.turned.extend(more.turned)
