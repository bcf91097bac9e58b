"""What happened in a run, as events: lines that say so, tracebacks, and losses that stopped being numbers. One event for one happening.

Holds what must be remembered to say a thing once; knows nothing of how metrics are read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from scraper.model import Event, Labels, Parsed, Point
from scraper.parse import events, faults, prefixes
from scraper.parse.encodings import text_of
from scraper.parse.events import Sign
from scraper.parse.tracebacks import Open, Tracebacks, detail
from scraper.parse.words import words

Place: TypeAlias = tuple[int | None, float | None]  # step, epoch
_MAX_LINE: Final = 500  # characters of a line that are kept
_MAX_ODD: Final = 64  # lines with a NaN whose points have not come out yet
_REACH: Final = 64  # a point stands at its line's offset, and one byte further for each earlier value of its name
_APART: Final = 60.0  # seconds between two happenings of a training that says nothing of its steps
_LOSSES: Final = frozenset(
    ("loss", "losses", "nll", "ce", "bce", "mse", "cost", "elbo", "objective", "logloss", "mlogloss", "ppl", "perplexity")
)


class Noticed(NamedTuple):
    """A line whose shape says that it may be an event, or that it has a value that is no finite number."""

    text: str
    time: float | None
    prefix: prefixes.Prefix


class Said(NamedTuple):
    """What was told last of one kind, to know a repetition."""

    stated: int | None  # the step in the line itself
    path: str
    step: int | None
    epoch: float | None
    reason: str
    at: int | None = None  # where its event stands; None: an older version told it
    placed: bool = False  # the line itself tells its step or epoch
    time: float | None = None  # as the line itself prints it


class Journal:
    """Turns lines and points into events, in whatever cut they come. `place` tells where the training of a rank is."""

    def __init__(self, place: Callable[[Labels], Place], saved: dict[str, Any] | None = None) -> None:
        saved = saved or {}
        self._place = place
        self._traces = Tracebacks(saved.get("traces"))
        self._said = {kind: Said(*said) for kind, said in saved.get("said", {}).items()}
        self._odd: dict[int, str] = dict(saved.get("odd", []))
        self.reading = bool(self._traces.open)  # inside a traceback: offer every line to `take`

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {"traces": self._traces.save(), "said": self._said, "odd": list(self._odd.items())}

    def take(self, at: int, data: bytes, redraw: bool, *, srun: bool, out: Parsed) -> bool:
        """Offer a line to the open tracebacks; tell whether it belongs to one and is to be read no further."""
        if redraw:
            return False
        text = text_of(data)
        prefix = prefixes.take(text, srun=srun)
        belongs, ended, last = self._traces.take(text, prefix)
        if last:
            self._signs(at, Noticed(text, None, prefix), out, only=faults.KINDS)
        if ended is not None:
            self._end(ended, out)
        return belongs

    def notice(self, at: int, line: Noticed, *, redraw: bool, odd: bool, out: Parsed) -> None:
        """Take a line that may say that something happened; `odd` when it has a value that is not finite."""
        if odd:
            self._odd[at] = line.text[:_MAX_LINE]
            if len(self._odd) > _MAX_ODD:
                del self._odd[next(iter(self._odd))]
        if redraw:
            return  # of a progress bar: its line has yet to end
        if events.TRACEBACK in line.text:
            for ended in self._traces.begin(at, line.text, line.prefix, line.time, self._place(line.prefix.labels)):
                self._end(ended, out)
            self.reading = bool(self._traces.open)
            return
        self._signs(at, line, out)

    def check(self, out: Parsed, reached: int) -> None:
        """Look at the points where a series ceased to be finite; those of lines before `reached` have come out."""
        for point in out.turned:
            if not _LOSSES.isdisjoint(words(point.metric)):
                out.events.append(self._non_finite(point))
        out.turned.clear()
        while self._odd and (first := next(iter(self._odd))) < reached - _REACH:
            del self._odd[first]

    def flush(self, out: Parsed) -> None:
        """No more will come: a traceback that is open is over."""
        for ended in self._traces.flush():
            self._end(ended, out)
        self.reading = False

    # --- one event

    def _signs(self, at: int, line: Noticed, out: Parsed, only: frozenset[str] | None = None) -> None:
        for sign in events.read(line.text[line.prefix.end :]):
            if only is not None and sign.kind not in only:
                continue
            event = self._event(at, line, sign)
            path, reason = sign.detail.get("path", ""), sign.detail.get("reason", "")
            told = (sign.step, sign.epoch) != (None, None)
            said = Said(sign.step, path, event.step, event.epoch, reason, at, told, line.time if line.prefix.timed else None)
            before = self._said.get(sign.kind)
            if before is None or not _same(before, said):
                out.events.append(event)
                self._said[sign.kind] = said
            elif said.path and not before.path and before.at is not None:  # `Saving checkpoint at step 5`, `… to out/5`
                out.events.append(event._replace(at=before.at))
                self._said[sign.kind] = said._replace(at=before.at)
            if sign.kind == "resume":
                self._said.pop("checkpoint", None)

    def _event(self, at: int, line: Noticed, sign: Sign) -> Event:
        step, epoch = self._place(line.prefix.labels)
        where = (sign.step if sign.step is not None else step, sign.epoch if sign.epoch is not None else epoch)
        return Event(at, sign.kind, *where, line.time, line.text.strip()[:_MAX_LINE], {**sign.detail, **dict(line.prefix.labels)})

    def _end(self, one: Open, out: Parsed) -> None:
        self.reading = bool(self._traces.open)
        line = one.said or "Traceback (most recent call last)"
        out.events.append(Event(one.at, "traceback", one.step, one.epoch, one.time, line[:_MAX_LINE], detail(one)))

    def _non_finite(self, point: Point) -> Event:
        value = "NaN" if math.isnan(point.value) else "Infinity" if point.value > 0 else "-Infinity"
        at = max((at for at in self._odd if at <= point.at < at + _REACH), default=-1)
        line = self._odd.get(at, f"{point.metric} is {value}")
        found = {"metric": point.metric, "value": value, **dict(point.labels)}
        return Event(point.at, "non_finite", point.step, point.epoch, point.time, line, found)


def _same(before: Said, now: Said) -> bool:
    """Whether two lines of one kind tell of one happening, as `Saving checkpoint to X` and `Checkpoint saved to X` do."""
    if before.stated is not None and now.stated is not None:
        return before.stated == now.stated
    if now.placed and before.path and before.path == now.path and before.step is before.epoch is None:
        return True  # `=> loading checkpoint 'X'`, and then `=> loaded checkpoint 'X' (epoch 40)`
    if (before.step, before.epoch) != (now.step, now.epoch) or before.reason != now.reason:
        return False
    if now.step is None and now.epoch is None and (now.time or 0) - (before.time or math.inf) > _APART:
        return False
    if now.path and before.path:
        a, b = before.path.rstrip("/"), now.path.rstrip("/")
        return a == b or a.startswith(b + "/") or b.startswith(a + "/")
    return not now.path
