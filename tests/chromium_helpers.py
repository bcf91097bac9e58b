"""Driving a real Chromium over its debugging pipe: pages, scripts in them, input and pictures. Nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
)
# The browser reads commands at descriptor 3 and writes answers at 4.
_AT_3_AND_4 = (
    "import fcntl, os, sys\n"
    "one, other = (fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1:3])\n"
    "os.dup2(one, 3), os.dup2(other, 4), os.execv(sys.argv[3], sys.argv[3:])"
)
_PAUSE = threading.Event()  # never set: waiting for it is how a page is looked at again a moment later


class Page:
    """One page of a browser of its own."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._received = b""
        self._number = 0
        self._session: str | None = None
        self.problems: list[str] = []  # exceptions and error messages of the page
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._writing, json.dumps(message).encode() + b"\0")
        while True:
            found = self._receive()
            if found.get("id") == self._number:
                assert "error" not in found, (method, found["error"])
                return found["result"]
            self._note(found)

    def _receive(self, seconds: float = 30.0) -> dict[str, Any]:
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._reading], [], [], seconds)
            assert ready, "the browser does not answer"
            data = os.read(self._reading, 1 << 20)
            assert data, "the browser ended"
            self._received += data
        message, _, self._received = self._received.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.problems.append(message["params"]["entry"]["text"])

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, url: str) -> None:
        """Go to an address, and wait until it and its scripts are there."""
        found = self.call("Page.navigate", url=url)
        assert "errorText" not in found, found
        self.until("location.protocol === 'http:' && document.readyState === 'complete'")

    def js(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, (expression, found["exceptionDetails"])
        return found["result"].get("value")

    def until(self, expression: str, seconds: float = 20.0) -> float:
        """Look until a JavaScript expression is true; return the seconds that took."""
        start = time.monotonic()
        while not self.js(expression):
            assert time.monotonic() - start < seconds, (expression, self.js("document.body.innerText")[:1500], self.problems)
            _PAUSE.wait(0.02)
        return time.monotonic() - start

    def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def mouse(self, *steps: tuple[str, float, float]) -> None:
        """Send mouse events: (pressed, released or moved, x, y)."""
        for what, x, y in steps:
            kind = {"pressed": "mousePressed", "released": "mouseReleased", "moved": "mouseMoved"}[what]
            button = {"button": "left", "clickCount": 1} if what != "moved" else {"buttons": 1}
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **button)

    def click(self, x: float, y: float) -> None:
        self.mouse(("moved", x, y), ("pressed", x, y), ("released", x, y))

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start Chromium with a new profile, and end it with the block. Skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so the page was not looked at")
    from_us, to_browser = os.pipe()
    from_browser, to_us = os.pipe()

    command = [sys.executable, "-c", _AT_3_AND_4, str(from_us), str(to_us), CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    null = subprocess.DEVNULL
    process = subprocess.Popen(command, pass_fds=(from_us, to_us), stdin=null, stdout=null, stderr=null)
    os.close(from_us)
    os.close(to_us)
    try:
        page = Page(from_browser, to_browser)
        yield page
        page._session = None
        page.call("Browser.close")
    finally:
        os.close(to_browser)
        os.close(from_browser)
        process.terminate()
        process.wait(30)
