"""Server-sent events that say when runs moved, so that a page asks only then. Owns the one look at the store that all listeners share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Query, Request
from starlette.responses import Response, StreamingResponse

from scraper.errors import NotFoundError, ScraperError, UsageError
from scraper.export.portable import known
from scraper.query import Database
from scraper.web import documents, shapes
from scraper.web.problems import problem
from scraper.web.readers import Readers
from scraper.web.watch import StoreWatch, Version

LOOK_SECONDS: Final = 0.25  # between two looks at the store while somebody listens
ALIVE_SECONDS: Final = 15.0  # a comment is sent after this silence, so that proxies and browsers keep the connection
LISTENERS: Final = 100
MOST_RUNS: Final = 200  # watched by one listener


class Pulse:
    """Wakes every listener when the store has changed. Looks at it only while there are listeners."""

    def __init__(self, watch: StoreWatch) -> None:
        self._watch = watch
        self._changed = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._version: Version | None = None
        self.count = 0  # changes seen
        self.listeners = 0
        self.ended = False

    def join(self) -> None:
        """Begin to listen; the look at the store starts with the first listener."""
        self.listeners += 1
        if self._looking is None:
            self._version = self._watch.version()
            self._looking = asyncio.create_task(self._look())

    def leave(self) -> None:
        """End to listen; the look ends with the last listener."""
        self.listeners -= 1
        if not self.listeners and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            version = self._watch.version()
            if version != self._version:
                self._version = version
                await self._wake()

    async def _wake(self) -> None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()

    async def wait(self, seen: int) -> None:
        """Wait until more than `seen` changes were seen, ALIVE_SECONDS have passed, or the server ends."""
        async with self._changed:
            with suppress(TimeoutError):
                async with asyncio.timeout(ALIVE_SECONDS):
                    await self._changed.wait_for(lambda: self.count > seen or self.ended)

    def close(self) -> None:
        """Close the connection that the looks were taken through."""
        self._watch.close()

    async def end(self) -> None:
        """Let every listener go, so that the server can stop."""
        self.ended = True
        await self._wake()


def states(db: Database, runs: list[str]) -> dict[str, Any]:
    """Return where each of `runs` stands; what names no run, or several, is left out."""
    found = []
    for which in dict.fromkeys(runs):
        try:
            run = db.run(which)
        except (NotFoundError, UsageError):
            continue
        rows = run.series_rows()
        moved = {"points": sum(row.count for row in rows), "series": len(rows), "cursor": documents.cursor(rows)}
        found.append({"id": run.id, "status": run.status, "heartbeat": known(run.heartbeat), "last_step": run.last_step, **moved})
    return {"runs": found}


async def _stream(pulse: Pulse, readers: Readers, runs: list[str]) -> AsyncIterator[bytes]:
    """Yield an event when it begins and after every change of the store, and a comment in long silences."""
    pulse.join()
    try:
        seen = -1
        while not pulse.ended:
            if seen == pulse.count:
                yield b": still here\n\n"
            else:
                seen = pulse.count
                try:
                    found = await readers.ask(lambda db: states(db, runs))
                except ScraperError:  # whoever listens asks again, and the other routes say what is wrong
                    return
                text = json.dumps(found, separators=(",", ":"))
                yield f"event: moved\nid: {seen}\ndata: {text}\n\n".encode()
            await pulse.wait(seen)
    finally:
        pulse.leave()


async def live(
    request: Request,
    run: Annotated[
        list[Annotated[str, Query(max_length=200)]], Query(description="Runs to tell about, as in a path.", max_length=MOST_RUNS)
    ] = [],  # noqa: B006 - FastAPI copies defaults
) -> Response:
    """Send an event `moved` at once and whenever the store changes: status, last step and cursor of each run asked about."""
    pulse: Pulse = request.app.state.pulse
    if pulse.listeners >= LISTENERS:
        return problem(503, f"{LISTENERS} listeners are connected already; ask the metrics route instead", {"retry-after": "10"})
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(pulse, request.app.state.readers, run), headers=headers, media_type="text/event-stream")


def install(app: FastAPI) -> None:
    """Add the route."""
    router = APIRouter()
    stream: dict[str, Any] = {"description": "Events without an end.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    full: dict[str, Any] = {"model": shapes.Problem, "description": "Too many listeners."}
    router.add_api_route("/live", live, methods=["GET"], response_class=Response, responses={200: stream, 503: full})
    app.include_router(router)
