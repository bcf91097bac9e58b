"""Lines that whoever kept them wrapped whole in a JSON object: Docker's log files, loguru with `serialize`. Gives what was printed."""

from __future__ import annotations

import json
from typing import Any, Final

from scraper.parse.encodings import text_of

_FRONTS: Final = ('{"log":"', '{"text": "')  # Docker's json-file driver; loguru's sinks


def printed_text(data: bytes) -> str:
    """Return what was printed of a line's bytes, whole ones or damaged."""
    return unwrapped(text_of(data))


def unwrapped(text: str) -> str:
    """Return what was printed, behind its time, of a line that is such an object; any other line as it is."""
    if not text.startswith(_FRONTS):
        return text
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    printed = _printed(data)
    return text if printed is None else printed.rstrip("\r\n").rpartition("\r")[2].replace("\n", " ")


def _printed(data: dict[str, Any]) -> str | None:
    """Return the text within, None where the object is another, or holds values of its own."""
    if isinstance(data.get("log"), str) and isinstance(data.get("stream"), str):
        time, log = data.get("time"), data["log"]
        return f"{time} {log}" if isinstance(time, str) and "\r" not in log.rstrip("\r\n") else log
    record, text = data.get("record"), data.get("text")
    if isinstance(record, dict) and "message" in record and not record.get("extra") and isinstance(text, str):
        return text
    return None
