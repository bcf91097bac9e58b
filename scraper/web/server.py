"""The socket, and the life of the server on it: bounded connections, no log of addresses, an end within a second of Ctrl-C."""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import TYPE_CHECKING, Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from scraper.errors import UsageError
from scraper.web.problems import MEDIA_TYPE, document
from scraper.web.security import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from scraper.web.app import Application

CONNECTIONS: Final = 400  # at once, or half of the descriptors that the process may have: there must be room for the store
ACCEPTED: Final = 16  # in one turn of the loop: asyncio tells of each only turns later, and the room is counted then
WAITING: Final = 512  # not accepted yet
IDLE_SECONDS: Final = 20  # a connection on which nothing is asked is closed


class Connection(H11Protocol):
    """A connection that may not wait for ever for its first request, and makes room for itself among too many idle ones."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn narrows it, too
        """Take the connection, and close an idle one where there are too many."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(IDLE_SECONDS, self.timeout_keep_alive_handler)
        if len(self.connections) > min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2):
            idle = next((one for one in self.connections if isinstance(one, Connection) and one is not self and one.is_idle), self)
            self.connections.discard(idle)  # at once, so that the next to come does not choose the same
            idle.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or one with an address or headers beyond 64 KiB, as every other error is answered."""
        body = document(400, f"{msg} Addresses and headers may have 64 KiB together.")
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"connection", b"close"), (b"cache-control", b"no-store"), *HEADERS]
        for event in (h11.Response(status_code=400, headers=headers, reason=b"Bad Request"), h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered; half a request is none."""
        return self.cycle is None or self.cycle.response_complete


class Server(uvicorn.Server):
    """A server that tells its listeners to go before it waits for them."""

    def __init__(self, application: Application, started: Callable[[], None]) -> None:
        settings: dict[str, Any] = {
            "http": Connection,
            "ws": "none",
            "log_level": "error",
            "access_log": False,  # addresses may carry the token
            "server_header": False,
            "timeout_keep_alive": IDLE_SECONDS,
            "timeout_graceful_shutdown": 1,
            "backlog": ACCEPTED,
        }
        super().__init__(uvicorn.Config(application.asgi, **settings))
        self._pulse = application.pulse
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        for at in sockets or ():
            at.listen(WAITING)  # for asyncio the backlog is both
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the live streams, then everything else."""
        await self._pulse.end()
        await super().shutdown(sockets)


def listen(address: str, port: int) -> socket.socket:
    """Return a socket that listens at a host name or numeric address; port 0 takes a free one. UsageError when that cannot be."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(f"cannot listen at {address}: {error.strerror}; choose an address of this machine with --host") from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(where)
        found.listen(WAITING)
    except OSError as error:
        found.close()
        raise UsageError(f"cannot listen at {address} port {port}: {error.strerror}; choose another with --port, or 0 for any") from error
    return found


def serve(application: Application, at: socket.socket, started: Callable[[], None]) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM, which is raised again at the end; calls `started` when it answers."""
    Server(application, started).run([at])
