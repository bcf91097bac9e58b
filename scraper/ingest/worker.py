"""A process that parses for another: bytes of sources come in, points and parser states go out. It opens no log and no store.

It is started by `hands` with a socket, and ends when the other end of that is closed.
"""

from __future__ import annotations

import pickle
import signal
import socket
import struct
from time import perf_counter
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scraper.model import Parsed, PatternUse
    from scraper.parse.packs import PackSet

_FRAME: Final = struct.Struct("!QQ")  # which source, and bytes that follow


class Begin(NamedTuple):
    """A source that is to be parsed from here on, and what its parser knows of it."""

    state: bytes  # as `Parser.save` gives it


class Block(NamedTuple):
    """The next bytes of a source."""

    data: bytes
    now: float | None  # seconds since the epoch; None for a log written long ago


class End(NamedTuple):
    """A source that is not parsed here any more."""


class Reply(NamedTuple):
    """What one block brought, and the parser behind it: one answer to every `Block`, in their order."""

    parsed: Parsed
    state: bytes
    consumed: int
    lines: int
    counters: dict[str, int]
    patterns: dict[str, PatternUse]
    finders: dict[str, str]  # metric -> the pack that found it; those that were new


def snapshot(parser: Parser, parsed: Parsed, known: Mapping[str, str]) -> Reply:
    """Return what a parser found and what it is like now; `known` are the finders that were told of before."""
    finders = {metric: pack for metric, pack in parser.finders.items() if metric not in known}
    return Reply(parsed, parser.save(), parser.consumed, parser.lines, parser.counters, parser.patterns, finders)


def send(stream: BinaryIO, number: int, message: object) -> None:
    """Write one message about the source called `number`."""
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_FRAME.pack(number, len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[int, bytes]:
    """Read one message as it came: which source it is about, and what `opened` makes a message of. EOFError when there are no more."""
    head = stream.read(_FRAME.size)
    if len(head) < _FRAME.size:
        raise EOFError
    number, size = _FRAME.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return number, data


def opened(data: bytes) -> Any:
    """Return the message that was received."""
    return pickle.loads(data)  # noqa: S301 - written by the same program, over a socket that nobody else has


def main(descriptor: int) -> None:
    """Answer until the other side has gone. How this process ends is its starter's to say, so signals to both are ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as link, link.makefile("rb") as incoming, link.makefile("wb") as outgoing:
        try:
            packs, settings = opened(receive(incoming)[1])
            _answer(incoming, outgoing, packs, settings)
        except (EOFError, ConnectionError):
            return


def _answer(incoming: BinaryIO, outgoing: BinaryIO, packs: PackSet, settings: Mapping[str, Any]) -> None:
    parsers: dict[int, Parser] = {}
    known: dict[int, dict[str, str]] = {}
    while True:
        number, data = receive(incoming)
        match opened(data):
            case Begin(state):
                parsers[number], known[number] = Parser(packs, settings, state, clock=perf_counter), {}
            case Block(block, now):
                reply = snapshot(parsers[number], parsers[number].feed(block, now), known[number])
                known[number].update(reply.finders)
                send(outgoing, number, reply)
            case End():
                del parsers[number], known[number]
