"""Putting the application together: routes inside, kept answers around them, the guard outermost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from scraper.web import live, pages, problems, routes
from scraper.web.answers import Answers
from scraper.web.live import Pulse
from scraper.web.readers import Readers
from scraper.web.security import Guard, Rules
from scraper.web.watch import StoreWatch

if TYPE_CHECKING:
    from starlette.types import ASGIApp

DESCRIPTION = """
Metrics of training runs, read-only. Every answer has an ETag: ask again with If-None-Match and get 304, at next to no cost, while the store
has not changed. Errors are application/problem+json. Numbers JSON has none for are the strings "NaN", "Infinity" and "-Infinity".
"""


@dataclass(frozen=True, slots=True)
class Application:
    """What a server needs: the guarded application, and the pulse it must end before it can stop."""

    asgi: ASGIApp
    pulse: Pulse


def create_app(store: Path, rules: Rules) -> Application:
    """Return the application over the store at `store`. UsageError when the chart library is missing."""
    watch, readers = StoreWatch(store), Readers(store)
    pulse = Pulse(StoreWatch(store))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            readers.close()
            watch.close()
            pulse.close()

    api = FastAPI(
        title="metric-scraper",
        version="1",  # of the API
        description=DESCRIPTION,
        docs_url=None,  # these two would load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    api.state.store, api.state.readers, api.state.pulse = store, readers, pulse
    problems.install(api)
    routes.install(api)
    live.install(api)
    pages.install(api)
    return Application(Guard(Answers(api, watch, readers), rules), pulse)
