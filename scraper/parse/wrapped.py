"""Lines that whoever kept them wrapped in a JSON object: Docker's log files, Kaggle's, loguru with `serialize`. Gives what was printed."""

from __future__ import annotations

import json
from typing import Any, Final

_KAGGLE: Final = (b'[{"stream_name":"', b',{"stream_name":"')  # a list, with an object a line
FRONTS: Final = (b'{"log":"', b'{"text": "', *_KAGGLE)  # Docker's json-file driver; loguru's sinks
_WITHIN: Final = tuple(b"\n" + front for front in FRONTS)


def may_wrap(text: bytes) -> bool:
    """Whether one of these lines may be such an object. One byte is found many times as fast as several, and most texts lack one."""
    return b"{" in text and b'"' in text and (text.startswith(FRONTS) or any(front in text for front in _WITHIN))


def unwrapped(line: bytes) -> bytes:
    """Return what was printed, behind its time, of a line that is such an object, several lines of Kaggle's; any other line as it is."""
    several = line.startswith(_KAGGLE)
    try:
        data = json.loads(line[1:].removesuffix(b"]") if several else line)
    except (ValueError, RecursionError):
        return line
    printed = _printed(data)
    if printed is None:
        return line
    printed = printed.rstrip("\r\n")
    return (printed if several else printed.replace("\n", " ")).encode(errors="replace")


def _printed(data: dict[str, Any]) -> str | None:
    """Return the text within, None where the object is another, or holds values of its own. Of one that was drawn over, no time is told."""
    if isinstance(data.get("log"), str) and isinstance(data.get("stream"), str):
        time, log = data.get("time"), data["log"]
        return f"{time} {log}" if isinstance(time, str) and "\r" not in log.rstrip("\r\n") else log
    if isinstance(data.get("stream_name"), str) and isinstance(data.get("data"), str):
        return str(data["data"])
    record, text = data.get("record"), data.get("text")
    if isinstance(record, dict) and "message" in record and not record.get("extra") and isinstance(text, str):
        return text
    return None
