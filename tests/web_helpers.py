"""What the tests of the web share: a real server on loopback, and plain requests to it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from leaks import SERVER

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
pytest.importorskip("uvicorn", reason="the extra `web` is not installed")
pytest.importorskip("youplot", reason="the extra `web` is not installed")

from scraper.web.app import create_app
from scraper.web.security import Rules
from scraper.web.server import Server, listen

LOOPBACK = Rules("127.0.0.1")


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A served store."""

    port: int

    def get(self, path: str, method: str = "GET", **headers: str) -> Got:
        """Ask; header names are given with underscores."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Got(answer.status, found, answer.read())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(store: Path, rules: Rules = LOOPBACK) -> Iterator[Site]:
    """Serve a store from a thread, until the block ends."""
    ready = threading.Event()
    with closing(listen("127.0.0.1", 0)) as at:
        server = Server(create_app(store, rules), ready.set)
        thread = threading.Thread(target=server.run, args=([at],), name=SERVER)
        thread.start()
        try:
            assert ready.wait(20), "the server did not start"
            yield Site(at.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()


def path_of(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)
