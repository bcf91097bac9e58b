"""Lines that whoever kept them wrapped whole in a JSON object: Docker's log files, loguru with `serialize`. Gives what was printed."""

from __future__ import annotations

import json
from typing import Any, Final

FRONTS: Final = (b'{"log":"', b'{"text": "')  # Docker's json-file driver; loguru's sinks
_WITHIN: Final = tuple(b"\n" + front for front in FRONTS)


def may_wrap(text: bytes) -> bool:
    """Whether one of these lines may be such an object. One byte is found many times as fast as several, and most texts lack one."""
    return b"{" in text and b'"' in text and (text.startswith(FRONTS) or any(front in text for front in _WITHIN))


def unwrapped(line: bytes) -> bytes:
    """Return what was printed, behind its time, of a line that is such an object; any other line as it is."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return line
    printed = _printed(data)
    return line if printed is None else printed.rstrip("\r\n").replace("\n", " ").encode(errors="replace")


def _printed(data: dict[str, Any]) -> str | None:
    """Return the text within, None where the object is another, or holds values of its own. Of one that was drawn over, no time is told."""
    if isinstance(data.get("log"), str) and isinstance(data.get("stream"), str):
        time, log = data.get("time"), data["log"]
        return f"{time} {log}" if isinstance(time, str) and "\r" not in log.rstrip("\r\n") else log
    record, text = data.get("record"), data.get("text")
    if isinstance(record, dict) and "message" in record and not record.get("extra") and isinstance(text, str):
        return text
    return None
