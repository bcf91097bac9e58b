"""Errors as application/problem+json (RFC 9457). Owns which error has which status; nothing of a traceback leaves the process."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from scraper.errors import NotFoundError, ScraperError, SourceError, StoreError, UsageError

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[ScraperError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (SourceError, HTTPStatus.NOT_FOUND),  # a log that cannot be read
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def document(status: int, detail: str, **more: Any) -> bytes:
    """Return a problem as JSON; `more` adds members."""
    return json.dumps({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}).encode()


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:
    """Return a problem as an answer."""
    return Response(document(status, detail, **more), status, headers, MEDIA_TYPE)


def status_of(error: ScraperError) -> int:
    """Return the HTTP status of an error of ours."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def pathless(text: str, store: Path) -> str:
    """Return what an error says without the place of the store, which is the server's business."""
    places = ((f"the store {store}", "the store"), (f" --store {store}", ""), (f"at {store}", "here"), (str(store), "the store"))
    for said, instead in places:
        text = text.replace(said, instead)
    return text


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, ScraperError):  # what it was registered for
        raise error
    return problem(status_of(error), pathless(str(error), request.app.state.store))


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # what it was registered for
        raise error
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> Response:
    """Say which parameters are wrong and why, without repeating what was sent."""
    if not isinstance(error, RequestValidationError):  # what it was registered for
        raise error
    wrong = [{"in": str(one["loc"][0]), "name": ".".join(map(str, one["loc"][1:])), "detail": str(one["msg"])} for one in error.errors()]
    detail = "; ".join(f"{one['name']}: {one['detail']}" for one in wrong)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=wrong)


async def _broken(_: Request, __: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server failed on this request; its terminal says how")


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem."""
    app.add_exception_handler(ScraperError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)
