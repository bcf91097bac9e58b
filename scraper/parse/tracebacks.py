"""Tracebacks, line by line: Python's own, chained and grouped, loguru's, rich's, IPython's. Which lines belong to one, what it came to.

Holds the open traceback of each rank. It reads no metric: what belongs to a traceback is none.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from scraper.parse import prefixes
from scraper.parse.events import MAX_TEXT

_PLAIN_HEADER: Final = re.compile(r"Traceback \(most recent call last\):\s*$")
_RICH_HEADER: Final = re.compile(r"^(?:╭─+|\+-+) ?Traceback \(most recent call last\) ?(?:─+╮|-+\+)\s*$")
_FRAME: Final = re.compile(r"^(?:> ?)?File \"(?P<file>[^\"]+)\", line (?P<line>\d+)(?:, in (?P<function>.+))?")
_RICH_FRAME: Final = re.compile(r"^[│|] (?:> )?(?P<file>[^\s:][^:]*):(?P<line>\d+) in (?P<function>[\w<>.]+)")
_CHAIN: Final = re.compile(
    r"^(?:During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
    r"|-- Process \d+ terminated with the following (?:error|exception):)$"  # torch.multiprocessing
)
_ORIGINAL: Final = re.compile(r"^Original Traceback \(most recent call last\):$")  # of a worker process, in the message
_IPYTHON_HEADER: Final = re.compile(r"^(?P<type>[A-Za-z_]\w*) {2,}Traceback \(most recent call last\)$")
_IPYTHON_FRAME: Final = re.compile(
    r"^(?:File |Cell |Input )?(?P<file>[~/<\w][^\s:,]*|In ?\[\d+\])(?::(?P<line>\d+))?,? in (?P<function>[\w<>.]+)"
)
_MAX_IPYTHON: Final = 500  # lines: what ends it is its exception's name, and that may be missing
_RAISED: Final = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?P<said>:(?:\s.*)?)?$")
_TYPICAL: Final = re.compile(r"(?:Error|Exception|Interrupt|Exit|Warning|Iteration|Group|Timeout|Abort(?:ed)?|Failure|Fault)$")
_NUMERIC: Final = re.compile(r"[:\s]*[-+]?(?:\d|nan\b|inf\b)")
_MAX_LINES: Final = 5000  # a traceback with more lines is none
_MAX_FOREIGN: Final = 100  # lines of others between two of its own
_MAX_BLANK: Final = 2  # blank lines behind the exception; a chain goes on after one or two
_MAX_SAID: Final = 500  # characters


@dataclass(slots=True)
class Open:
    """A traceback that may go on."""

    at: int  # byte offset of its first line
    time: float | None
    step: int | None  # where the training was then
    epoch: float | None
    labels: list[list[str]]
    form: str  # "plain", "rich", "group" or "ipython"
    indent: int  # blanks in front of its header
    stamped: bool | None  # whether every line has the logger's prefix; None: only the header was seen
    stage: str = "frames"  # "frames", "end" (a rich box is closed), "raised", "chained"
    frame: str = ""
    said: str = ""  # the exception's line
    lines: int = 1
    foreign: int = 0
    blank: int = 0
    chained: int = 0  # exceptions before the last


class Tracebacks:
    """The open tracebacks, one a rank at most."""

    def __init__(self, saved: list[dict[str, Any]] | None = None) -> None:
        self.open = [Open(**one) for one in saved or []]

    def save(self) -> list[dict[str, Any]]:
        """Return the state as plain data."""
        return [asdict(one) for one in self.open]

    def begin(self, at: int, text: str, prefix: prefixes.Prefix, time: float | None, place: tuple[int | None, float | None]) -> list[Open]:
        """Open a traceback if the line is a header; return what it ends."""
        body = text[prefix.end :]
        rich = _RICH_HEADER.match(body) is not None
        ipython = _IPYTHON_HEADER.match(body.rstrip())
        if not rich and not ipython and not _PLAIN_HEADER.search(body):
            return []
        labels = [list(label) for label in prefix.labels]
        ended = [one for one in self.open if one.labels == labels]
        form = "rich" if rich else "ipython" if ipython else "group" if "Exception Group Traceback" in body else "plain"
        stamped = None if prefix.timed or prefix.level else False
        glued = not (rich or ipython or body.startswith(("Traceback", "+ Exception Group")))  # to a progress bar
        indent = _indent(text, prefix)
        if glued:  # one blank behind a prefix; further ones stand in front of a bar's percent
            indent = min(indent, int(prefix.start > 0))
        self.open = [one for one in self.open if one.labels != labels]
        self.open.append(Open(at, time, *place, labels, form, indent, stamped, said=ipython["type"] if ipython else ""))
        return ended

    def take(self, text: str, prefix: prefixes.Prefix) -> tuple[bool, Open | None, bool]:
        """Offer the next line to its rank's traceback.

        Returns whether the line belongs to it, the traceback if it is over, and whether the line is that of the exception.
        """
        labels = [list(label) for label in prefix.labels]
        one = next((one for one in self.open if one.labels == labels), None)
        if one is None:
            return False, None, False
        stage = one.stage
        belongs = _belongs(one, text[:MAX_TEXT], prefix)
        one.lines += belongs
        one.foreign = 0 if belongs else one.foreign + 1
        over = (not belongs and (one.stage == "raised" or one.form == "group")) or one.lines > _MAX_LINES or one.foreign > _MAX_FOREIGN
        over = over or one.blank > _MAX_BLANK
        if over:
            self.open.remove(one)
        return belongs, one if over else None, one.stage == "raised" and stage != "raised"

    def flush(self) -> list[Open]:
        """No more will come: return what is open."""
        ended, self.open = self.open, []
        return ended


def detail(one: Open) -> dict[str, Any]:
    """Return what an event says of a traceback: exception, message, last frame, size."""
    m = _RAISED.match(one.said)
    said = {"exception": m["type"].rsplit(".", 1)[-1], "message": (m["said"] or "")[1:].strip()} if m else {}
    chained = {"chained": one.chained} if one.chained else {}
    frame = {"frame": one.frame} if one.frame else {}
    return {**said, **frame, "lines": one.lines, **chained, **{str(name): value for name, value in one.labels}}


def _indent(text: str, prefix: prefixes.Prefix) -> int:
    """Return how many blanks stand in front of a line's own text."""
    head = text[: prefix.end]
    return len(head) - len(head.rstrip(" "))


def _own(text: str, prefix: prefixes.Prefix, margin: str) -> str:
    """Return a line's own text with its blanks and margin, which `take` leaves off."""
    if not (prefix.timed or prefix.level or prefix.labels):
        return text
    start = min(prefix.end, len(text))
    while start and text[start - 1] in margin:
        start -= 1
    return text[start:]


def _belongs(one: Open, text: str, prefix: prefixes.Prefix) -> bool:
    """Tell whether a line is one of the traceback's, and note what it says."""
    own = _own(text, prefix, " |" if one.form == "group" else " ").rstrip()
    body = own.lstrip(" ")
    if not body:
        one.blank += one.stage == "raised"
        return True
    marked = prefix.timed or bool(prefix.level)
    if one.stamped is None and _FRAME.match(body):
        one.stamped = marked
        one.indent = one.indent if marked else 0
    if marked and not one.stamped:
        return False
    depth = len(own) - len(body) - one.indent
    if one.form == "rich":
        return _in_box(one, body) if one.stage == "frames" else _behind(one, body, depth)
    if one.form == "group":
        return _in_group(one, body)
    if one.form == "ipython" and one.stage == "frames":
        return _in_ipython(one, body, depth)
    return _in_plain(one, body, depth)


def _in_plain(one: Open, body: str, depth: int) -> bool:
    if one.stage in ("raised", "chained", "end"):
        return _behind(one, body, depth)
    frame = _FRAME.match(body)
    if frame:
        one.frame = _shown(frame)
        return True
    return depth > 0 or _raised(one, body)


def _in_box(one: Open, body: str) -> bool:
    if body[0] in "╰+":
        one.stage = "end"
    elif frame := _RICH_FRAME.match(body):
        one.frame = _shown(frame)
    return body[0] in "│|╰+╭"


def _in_ipython(one: Open, body: str, depth: int) -> bool:
    """Judge a line of IPython's: all up to the one that says the exception's name again."""
    if depth == 0 and re.match(rf"{one.said}(?::|$)", body):
        one.said, one.stage, one.blank = body[:_MAX_SAID], "raised", 0
    elif depth == 0 and (frame := _IPYTHON_FRAME.match(body)):
        one.frame = _shown(frame)
    return one.lines < _MAX_IPYTHON


def _in_group(one: Open, body: str) -> bool:
    if body[0] not in "|+":
        return False
    inner = body[1:].lstrip() if body[0] == "|" else ""
    frame = _FRAME.match(inner)
    if frame and not one.said:
        one.frame = _shown(frame)
    elif not one.said and body.startswith("| ") and not body.startswith("|  ") and _looks_raised(inner):
        one.said = inner[:_MAX_SAID]
    return True


def _behind(one: Open, body: str, depth: int) -> bool:
    """Judge a line behind the frames: the exception, the rest of its message, or what joins it to the next one."""
    if _CHAIN.match(body):
        one.stage, one.blank = "chained", 0
        one.chained += 1
        return True
    if one.stage == "chained":
        header = _RICH_HEADER.match(body) or _PLAIN_HEADER.search(body)
        if header:
            one.stage = "frames"
        return header is not None
    if one.stage == "end":
        return _raised(one, body)
    if _ORIGINAL.match(body):
        one.stage, one.blank = "frames", 0
        one.chained += 1
        return True
    if body == '"""':  # around what another process raised
        return True
    return depth > 0 and not one.blank


def _raised(one: Open, body: str) -> bool:
    if not _looks_raised(body):
        return False
    one.said, one.stage, one.blank = body[:_MAX_SAID], "raised", 0
    return True


def _looks_raised(body: str) -> bool:
    """Whether a line reads `SomeError: message`; `Loss: 0.5` does not."""
    m = _RAISED.match(body)
    if m is None:
        return False
    name = m["type"].rsplit(".", 1)[-1]
    if _TYPICAL.search(name):
        return True
    return bool(m["said"]) and name[:1].isupper() and not _NUMERIC.match(m["said"])


def _shown(frame: re.Match[str]) -> str:
    function = f" in {frame['function'].strip()}" if frame["function"] else ""
    line = f":{frame['line']}" if frame["line"] else ""
    return f"{frame['file']}{line}{function}"[:_MAX_SAID]
