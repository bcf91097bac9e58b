"""Answers kept while what they were made from does not move: ETags, 304s and HEAD, as an ASGI layer. Owns their memory; knows no route."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from scraper.errors import ScraperError
from scraper.query import Database

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from scraper.web.readers import Readers
    from scraper.web.watch import StoreWatch, Version

State: TypeAlias = Callable[[Database], Hashable]  # what an answer depends on: it holds for as long as this gives the same


@dataclass(slots=True)
class Basis:
    """What an answer was made from; a route that depends on less than the whole store fills it in, before it reads."""

    state: State | None = None
    was: Hashable = None


BASIS = "scraper.basis"  # its place in a request's scope
STREAMS = frozenset({"/live"})  # answers without an end, which cannot be kept
KEPT_BYTES = 64 << 20
MOST_KEPT = 4096  # answers: each is asked for by a text of its own, as cursors are, and small ones weigh more than their bytes
LARGEST = 8 << 20  # bytes of one answer that is kept
_Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer, the store's version before it was made, and what of the store it was made from."""

    version: Version | None
    basis: Basis
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: bytes

    async def send(self, asked: bytes, send: Send, *, head: bool) -> None:
        """Send it, or 304 where `asked` (If-None-Match) names its ETag; without the body for a HEAD."""
        unchanged = self.status == 200 and _names(asked, self.etag)
        length = () if unchanged else ((b"content-length", str(len(self.body)).encode()),)
        status, headers = (304 if unchanged else self.status), (*self.headers, *length)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if unchanged or head else self.body})


class Answers:
    """Wraps an application whose answers depend on the URL and the store alone, or on the part of the store that they name."""

    def __init__(self, app: ASGIApp, watch: StoreWatch, readers: Readers) -> None:
        self._app = app
        self._watch = watch
        self._readers = readers
        self._kept: OrderedDict[_Key, _Answer] = OrderedDict()
        self._size = 0  # bytes of all bodies kept
        self._making: dict[tuple[_Key, Version | None], asyncio.Task[_Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's only method
        if scope["type"] != "http" or scope["path"] in STREAMS:
            await self._app(scope, receive, send)
            return
        asked = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        answer = await self._answer(scope)
        await answer.send(asked, send, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope) -> _Answer:
        """Return the kept answer if the store is as it was, else see to it; requests that come meanwhile wait for the same one."""
        key = (scope["path"], scope["query_string"])
        version = self._watch.version()
        kept = self._kept.get(key)
        if kept is not None and version is not None and kept.version == version:
            self._kept.move_to_end(key)
            return kept
        task = self._making.get((key, version))
        if task is None:
            task = asyncio.create_task(self._renew(scope, key, version))
            self._making[key, version] = task
            task.add_done_callback(lambda _: self._making.pop((key, version), None))
        return await asyncio.shield(task)  # a client that leaves does not end what others wait for

    async def _renew(self, scope: Scope, key: _Key, version: Version | None) -> _Answer:
        """Return the kept answer if what it depends on is as it was in the same store, else ask the application."""
        kept = self._kept.get(key)
        if kept is not None and await self._still_holds(kept, version):
            answer = replace(kept, version=version)
            self._keep(key, answer)
            return answer
        answer = await _collect(self._app, {**scope, "method": "GET"}, version)
        if answer.status == 200 and version is not None and len(answer.body) <= LARGEST:
            self._keep(key, answer)
        return answer

    async def _still_holds(self, kept: _Answer, version: Version | None) -> bool:
        """Whether the part of the same store that an answer was made from is as it was; what can no longer be told is not."""
        state = kept.basis.state
        if state is None or version is None or kept.version is None or kept.version[:2] != version[:2]:
            return False
        try:
            return await self._readers.ask(state) == kept.basis.was
        except ScraperError:
            return False

    def _keep(self, key: _Key, answer: _Answer) -> None:
        """Keep an answer in place of the one before, and drop those asked for longest ago beyond KEPT_BYTES and MOST_KEPT."""
        self._drop(key)
        self._kept[key] = answer
        self._size += len(answer.body)
        while self._size > KEPT_BYTES or len(self._kept) > MOST_KEPT:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        old = self._kept.pop(key, None)
        if old is not None:
            self._size -= len(old.body)


async def _nothing() -> Message:
    """Give an application that reads its request an empty one."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def _collect(app: ASGIApp, scope: Scope, version: Version | None) -> _Answer:
    """Return what `app` answers. What it raises after it has answered 500 is logged here, as a server would."""
    status, headers, body, basis = 0, [], bytearray(), Basis()

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            body.extend(message.get("body", b""))

    try:
        await app({**scope, BASIS: basis}, _nothing, send)
    except Exception:
        if not status:
            raise
        logging.getLogger("uvicorn.error").exception("the answer to %s failed", scope["path"])
    etag = b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"'
    kept = [(name, value) for name, value in headers if name not in (b"content-length", b"etag", b"cache-control")]
    kept += [(b"etag", etag), (b"cache-control", b"private, no-cache")] if status == 200 else [(b"cache-control", b"no-store")]
    return _Answer(version, basis, status, tuple(kept), bytes(body), etag)


def _names(asked: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match header names this ETag; weak ones count, as RFC 9110 compares them weakly here."""
    return bool(asked) and any(one.strip().removeprefix(b"W/") in (etag, b"*") for one in asked.split(b","))
