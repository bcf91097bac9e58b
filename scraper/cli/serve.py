"""`scraper serve`: the page and the HTTP API over one store."""

from __future__ import annotations

import contextlib
import os
import secrets
import webbrowser
from urllib.parse import quote

import click

from scraper.cli.common import shown, store_option
from scraper.errors import UsageError

EPILOG = """
\b
Examples:
  scraper serve --open                    the page, in your browser
  scraper serve --port 0                  at a free port, which it prints
  scraper serve --host 0.0.0.0            for other machines, who need the token that it prints
  curl localhost:8420/runs/latest/metrics.csv

From a laptop to a cluster: ssh -L 8420:localhost:8420 NODE. The API is described at /openapi.json.
It needs the extra `web`: pip install '.[web]'. It reads only, and works offline.
"""


@click.command(epilog=EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8420, show_default=True, help="The port; 0 takes a free one.")
@click.option("--allow-host", "names", metavar="NAME", multiple=True, help="A host name it may be called by; repeatable.")
@click.option("--token", "ask", is_flag=True, help="Ask for a token on this machine, too, as others may be logged in.")
@click.option("--open", "browser", is_flag=True, help="Open the page in a browser.")
@store_option
def command(host: str, port: int, names: tuple[str, ...], ask: bool, browser: bool, store: str | None) -> None:
    """Serve the page and the HTTP API, until Ctrl-C.

    Addresses other than loopback always ask for a token: $SCRAPER_WEB_TOKEN, or one made for this start.
    """
    try:
        from scraper.web.app import create_app
        from scraper.web.security import Rules, is_loopback
        from scraper.web.server import listen, serve
    except ModuleNotFoundError as error:
        raise UsageError(f"serve needs {error.name}, which is not installed; install it with: pip install '.[web]'") from error
    from scraper.query import open_store

    with open_store(store) as db:
        path = db.path.absolute()
    given = os.environ.get("SCRAPER_WEB_TOKEN", "")
    token = (given or secrets.token_urlsafe(24)) if ask or not is_loopback(host) else ""
    rules = Rules(host.lower(), frozenset(name.lower() for name in names), token)
    with contextlib.closing(listen(host, port)) as at:
        url = _url(host, at.getsockname()[1])
        # A token of the user's own is not printed: they know it, and a terminal is often logged.
        first = f"{url}?token={quote(token)}" if token and not given else url

        def started() -> None:
            click.echo(f"{shown(str(path))} at {first} (Ctrl-C ends it)")
            if browser:
                webbrowser.open(f"{url}?token={quote(token)}" if token else url)

        with contextlib.suppress(KeyboardInterrupt):  # the signal that ended it, raised again when all was closed
            serve(create_app(path, rules), at, started)


def _url(host: str, port: int) -> str:
    """Return the address to open; this machine's name where all its addresses are meant."""
    from scraper.web.security import is_wildcard

    reached = "127.0.0.1" if is_wildcard(host) else f"[{host}]" if ":" in host else host
    return f"http://{reached}:{port}/"
