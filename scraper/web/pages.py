"""The page's own files and the chart library, each under a fixed name, so that no path of a client's ever reaches the disk."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.responses import Response
from starlette.routing import Route

from scraper.web import vendor

if TYPE_CHECKING:
    from fastapi import FastAPI

_TYPES: Final = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


def _route(path: str, name: str, content: bytes) -> Route:
    """Return the route that serves these bytes at `path`."""
    media_type = _TYPES[name.rpartition(".")[2]]

    async def serve(_: object) -> Response:
        return Response(content, media_type=media_type)

    return Route(path, serve, methods=["GET"], include_in_schema=False)


def install(app: FastAPI) -> None:
    """Add the page at `/`, its files under `/static/` and the chart library under `/vendor/`. UsageError without the library."""
    own = {item.name: item.read_bytes() for item in files("scraper.web").joinpath("static").iterdir() if item.is_file()}
    app.router.routes.append(_route("/", "index.html", own["index.html"]))
    app.router.routes.extend(_route(f"/static/{name}", name, content) for name, content in sorted(own.items()) if name != "index.html")
    app.router.routes.extend(_route(f"/vendor/{name}", name, content) for name, content in vendor.load().items())
