"""Records into points: which step and epoch each value belongs to, and which attempt."""

from __future__ import annotations

import math
from collections import Counter as Counts
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, Final

from scraper.model import BAR, COUNT, DERIVED, EPOCH, EXPLICIT, INHERITED, SAMPLES, Event, Labels, Parsed, Point
from scraper.parse.counters import Counter, EpochRate, Pace
from scraper.parse.matcher import BLOCK, GENERIC, REDRAWN, Record, kind_of
from scraper.parse.packs import PackSet, Pattern

_MAX_WAITING: Final = 256  # records that wait for a progress bar's step; more of them are placed without it
_PRINTED: Final = 6e-4  # two values whose first four significant digits agree may be one value printed twice
_SELF_PLACED: Final = (EXPLICIT, DERIVED, BAR, SAMPLES, EPOCH)


class Stream:
    """Where the training of one rank is."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.step: int | None = None
        self.step_epoch: float | None = None  # the epoch in which that step was printed
        self.epoch: float | None = None
        self.attempt = 0
        self.counters: dict[str, Counter] = {}
        self.highs: dict[tuple[str, int, float | None], float] = {}
        self.counts: Counts[str] = Counts()
        self.held: dict[str, Record] = {}
        self.drawn: dict[str, tuple[float, dict[str, float]]] = {}  # last emitted counter and values of a bar
        self.once: dict[str, float] = {}
        self.waiting: list[Record] = []
        self.fresh = 0  # how many of them were printed since the training's bar was drawn last
        self.rate = EpochRate()
        self.grain: dict[str, str] = {}
        self.last: dict[str, tuple[int | None, float | None, float]] = {}
        self.paces: dict[str, Pace] = {}  # steps at which lines were printed that a later line may repeat
        self.under: dict[str, float] = {}  # the header under which a line without a place of its own was last seen


class Stepper:
    """Places records. `feed` in printed order; `flush` when no more will come."""

    def __init__(self, packs: PackSet, state: dict[str, Any] | None = None) -> None:
        self._patterns: dict[str, Pattern] = {p.id: p for p in (*packs.patterns, GENERIC, REDRAWN, BLOCK)}
        self._streams: dict[Labels, Stream] = {}
        self.repeated = 0  # values printed again at the same step, not stored a second time
        self._at = -1  # of the last point, and which series have one there
        self._names: set[tuple[str, Labels]] = set()
        for saved in (state or {}).get("streams", []):
            stream = self._load(saved)
            self._streams[stream.labels] = stream

    # --- records in

    def feed(self, record: Record, out: Parsed) -> None:
        """Take the next record; add to `out` the points that are now settled."""
        stream = self._streams.get(record.labels)
        if stream is None:
            stream = self._streams[record.labels] = Stream(record.labels)
        if record.kind.pattern is GENERIC and (record.redraw or REDRAWN.id in stream.held):
            record = record._replace(kind=kind_of(REDRAWN, record.names))
        if record.kind.plain:
            self._place(stream, record, out)
            return
        pattern = record.pattern
        if pattern.kind == "bar" and not pattern.summary and stream.rate.draw(record.facts.get("bar", 0.0), record.facts.get("bar_total", 0.0)):
            self._learn(stream, out)
        if pattern.joins:
            self._join(stream, record)
        elif pattern.redraw:
            self._hold(stream, record, out)
        elif pattern.summary and self._was_printed(stream, record):
            self.repeated += len(record.values)
        elif pattern.wait and stream.rate.total:
            stream.waiting.append(record)
            stream.fresh += 1
            if len(stream.waiting) > _MAX_WAITING:
                self._release(stream, out)
        else:
            self._place(stream, record, out)

    def flush(self, out: Parsed) -> None:
        """No more will come: settle what was held back."""
        for stream in self._streams.values():
            held, stream.held = stream.held, {}
            for record in held.values():
                self._emit_drawn(stream, record, out)
            if stream.rate.n == stream.rate.total:  # the bar is complete, so the last line belongs to its end
                stream.rate.learn([r.facts.get("epoch") for r in stream.waiting])
            self._release(stream, out)

    # --- redraws and waiting

    @staticmethod
    def _join(stream: Stream, record: Record) -> None:
        """Add what did not fit on a bar's line to the bar's record."""
        key = f"{record.pattern.pack}:{record.pattern.joins}"
        held = stream.held.get(key)
        if held is not None:
            stream.held[key] = held.named(held.names + record.names, held.values + record.values)

    @staticmethod
    def _was_printed(stream: Stream, record: Record) -> bool:
        """Whether a line that repeats the best step repeats one of those that were printed at regular distance."""
        step = record.facts.get("step")
        pace = stream.paces.get(" ".join(record.names))
        return step is not None and pace is not None and pace.covers(step)

    def _hold(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Keep the redraw of a counter that counts, until the counter moves on or the line ends."""
        key = record.pattern.id
        before = stream.held.pop(key, None)
        same = before is not None and _count(before) == _count(record)
        if before is not None and not same:
            self._emit_drawn(stream, before, out)
        if record.pattern.redraw == "complete" and not _complete(record):
            return
        if same and before is not None and before.values and record.pattern.redraw == "first":
            record = before
        if same and before is not None and not record.values:
            record = before._replace(redraw=record.redraw)
        if record.redraw or record.pattern.scope:  # what is of the epoch may yet be redrawn below this line
            stream.held[key] = record
        else:
            self._emit_drawn(stream, record, out)

    def _emit_drawn(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Place a bar's record: nothing at count 0, which shows old values, and nothing a second time."""
        if not record.values or record.facts.get("bar") == 0:
            return
        key = record.pattern.id
        count, shown = stream.drawn.get(key, (-1.0, {}))
        again = count == _count(record)[0] and record.pattern.redraw != "complete"
        fresh = [(n, v) for n, v in zip(record.names, record.values, strict=True) if not (again and shown.get(n) == v) and self._is_due(record, n, v, shown)]
        shown = dict(zip(record.names, record.values, strict=True))
        stream.drawn[key] = (_count(record)[0], shown)
        if fresh:
            self._place(stream, record.named(tuple(n for n, _ in fresh), [v for _, v in fresh]), out)

    @staticmethod
    def _is_due(record: Record, name: str, value: float, shown: dict[str, float]) -> bool:
        """A value of the epoch is repeated in every redraw of the next one: it counts when it changes, and at the epoch's end."""
        if not any(fnmatchcase(name, glob) for glob in record.pattern.scope):
            return True
        return shown.get(name) != value or _complete(record)

    def _learn(self, stream: Stream, out: Parsed) -> None:
        """The training's bar was drawn: lines printed since the one before get their step from it, if they agree with it."""
        fresh, stream.fresh = stream.fresh, 0
        if fresh:
            stream.rate.learn([r.facts.get("epoch") for r in stream.waiting[-fresh:]])
        if stream.rate.known and stream.waiting:
            self._release(stream, out)

    def _release(self, stream: Stream, out: Parsed) -> None:
        """Place the records that waited for a bar, with the step where it is known."""
        waiting, stream.waiting, stream.fresh = stream.waiting, [], 0
        for record in waiting:
            step = stream.rate.step(record.facts.get("epoch"))
            facts = record.facts if step is None else {**record.facts, "bar": float(step)}
            self._place(stream, record._replace(facts=facts), out)

    # --- placing

    def _place(self, stream: Stream, record: Record, out: Parsed) -> None:
        pattern = record.kind.pattern
        if pattern.once and record.values:
            record = record.named(self._once(stream, record))
        step, kind, epoch = self._locate(stream, record)
        if record.values:
            order = step if step is not None and kind not in (INHERITED, COUNT) else epoch
            if order is not None and not (pattern.summary or pattern.unordered):
                key = (record.kind.key, kind, record.facts.get("bar_total"))
                if order < stream.highs.get(key, order):
                    self._restart(stream, record, order, out)
                    step, kind, epoch = self._locate(stream, record)
                stream.highs[key] = order
            if pattern.paced:
                stream.paces.setdefault(" ".join(record.names), Pace()).take(record.facts["step"])
            self._points(stream, record, step, kind, epoch, out)
        self._move(stream, record, step, kind, epoch)

    def _restart(self, stream: Stream, record: Record, order: float, out: Parsed) -> None:
        """The training went back, as after a resume: what follows is another attempt."""
        stream.attempt += 1
        detail = {"attempt": stream.attempt, "from": max(stream.highs.values()), "to": order}
        stream.highs.clear()
        stream.counters.clear()
        stream.drawn.clear()
        stream.step = stream.step_epoch = None
        out.events.append(Event(record.at, "restart", None, None, record.time, f"the step went back to {order:g}", detail))

    def _locate(self, stream: Stream, record: Record) -> tuple[int | None, int, float | None]:
        """Return step, kind of step, epoch."""
        facts = record.facts
        epoch = facts.get("epoch", stream.epoch)
        if "step" in facts:
            if "epoch" in facts or ("steps" in facts and epoch is not None):
                return *self._count(stream, record, facts["step"], facts.get("steps"), epoch, local=False), epoch
            return int(facts["step"]), EXPLICIT, epoch
        if "counter" in facts:
            return *self._count(stream, record, facts["counter"], facts.get("counters"), epoch, local=False), epoch
        if "batch" in facts:
            return *self._count(stream, record, facts["batch"], facts.get("batches"), epoch, local=True), epoch
        if "samples" in facts:
            step, _ = self._count(stream, record, facts["samples"], facts.get("total_samples"), epoch, local=True)
            return step, SAMPLES, epoch
        if "bar" in facts:
            if record.pattern.wait or "bar_total" not in facts:
                return int(facts["bar"]), BAR, epoch
            step, _ = self._count(stream, record, facts["bar"], facts["bar_total"], epoch, local="epoch" in facts)
            return step, BAR, epoch
        if stream.step is not None and stream.step_epoch == epoch:
            return stream.step, EXPLICIT if record.pattern is BLOCK else INHERITED, epoch
        if epoch is None:
            return None, COUNT, None
        key = f"{record.pattern.id} {' '.join(record.names[:1])}"
        again = "epoch" not in facts and stream.under.get(key) == epoch
        stream.under[key] = epoch
        return None, COUNT if again else EPOCH, epoch  # a second value under one header has no place of its own

    @staticmethod
    def _count(stream: Stream, record: Record, n: float, total: float | None, epoch: float | None, *, local: bool) -> tuple[int, int]:
        key = f"{record.kind.key} {total}"
        counter = stream.counters.get(key)
        if counter is None:
            counter = stream.counters[key] = Counter()
        step = counter.locate(n, total, epoch, local=local)
        return step, DERIVED if counter.mode == "local" else EXPLICIT

    @staticmethod
    def _move(stream: Stream, record: Record, step: int | None, kind: int, epoch: float | None) -> None:
        """Remember where the training is, for lines that do not say."""
        if record.kind.aside or record.kind.pattern.summary:
            if "epoch" in record.facts and not record.pattern.summary:
                stream.epoch = epoch
            return
        stream.epoch = epoch
        if step is not None and kind in (EXPLICIT, DERIVED, BAR, SAMPLES):
            stream.step, stream.step_epoch = step, epoch

    # --- points out

    def _points(self, stream: Stream, record: Record, step: int | None, kind: int, epoch: float | None, out: Parsed) -> None:
        names = self._by_grain(stream, record, kind) if record.kind.pattern in (GENERIC, REDRAWN) else record.kind.names
        labels, attempt, time, at = stream.labels, stream.attempt, record.time, record.at
        last, rounded, guarded = stream.last, record.kind.pattern.wait, kind in _SELF_PLACED
        append = out.points.append
        for name, value in zip(names, record.values, strict=True):
            now = (step, epoch, value)
            before = last.get(name)
            if guarded and before is not None and (before == now or (rounded and _repeats(before, now))):
                self.repeated += 1  # two log handlers, or an evaluation done twice: one fact
                continue
            last[name] = now
            place = step if kind < EPOCH else self._counted(stream, name, kind)
            append(Point(self._position(name, labels, at), name, labels, attempt, place, kind, epoch, time, value))

    @staticmethod
    def _counted(stream: Stream, name: str, kind: int) -> int | None:
        """Count the values that have no step; the count stands in for it where there is no epoch either."""
        stream.counts[name] += 1
        return stream.counts[name] - 1 if kind == COUNT else None

    def _position(self, name: str, labels: Labels, at: int) -> int:
        """Return the line's position, one more for each earlier value of the same series in the same line."""
        if at != self._at:
            self._at, self._names = at, {(name, labels)}
            return at
        while (name, labels) in self._names:
            name, at = name + "\x00", at + 1
        self._names.add((name, labels))
        return at

    @staticmethod
    def _by_grain(stream: Stream, record: Record, kind: int) -> tuple[str, ...]:
        """Keep a batch's loss and the epoch's loss apart where both are printed under one name."""
        facts = record.facts
        grain = "batch" if kind in (EXPLICIT, DERIVED, SAMPLES) and facts.keys() & {"step", "batch", "counter", "samples"} else "epoch" if "epoch" in facts else ""
        if not grain:
            return record.names
        return tuple(name if stream.grain.setdefault(name, grain) == grain else f"{grain}/{name}" for name in record.names)

    @staticmethod
    def _once(stream: Stream, record: Record) -> tuple[str, ...]:
        """A second complete bar under one header is an evaluation, not an epoch."""
        epoch = stream.epoch if stream.epoch is not None else -1.0
        total = record.facts.get("bar_total", 0.0)
        first = stream.once.setdefault(f"{record.pattern.id} {stream.attempt} {epoch}", total)
        return record.names if first == total and stream.epoch is not None else tuple(record.pattern.once + n for n in record.names)

    # --- state

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {"streams": [self._save(s) for s in self._streams.values()]}

    @staticmethod
    def _save(s: Stream) -> dict[str, Any]:
        return {
            "labels": s.labels, "step": s.step, "step_epoch": s.step_epoch, "epoch": s.epoch, "attempt": s.attempt,
            "counters": {k: c.save() for k, c in s.counters.items()}, "highs": [[*k, v] for k, v in s.highs.items()], "counts": s.counts,
            "held": [_save_record(r) for r in s.held.values()], "drawn": s.drawn, "once": s.once,
            "waiting": [_save_record(r) for r in s.waiting], "fresh": s.fresh, "rate": s.rate.save(), "grain": s.grain, "under": s.under, "last": s.last, "paces": {k: p.save() for k, p in s.paces.items()},
        }  # fmt: skip

    def _load(self, saved: dict[str, Any]) -> Stream:
        s = Stream(_labels(saved["labels"]))
        s.step, s.step_epoch, s.epoch, s.attempt = saved["step"], saved["step_epoch"], saved["epoch"], saved["attempt"]
        s.counters = {k: Counter(*c) for k, c in saved["counters"].items()}
        s.highs = {(key, kind, total): high for key, kind, total, high in saved["highs"]}
        s.counts, s.once, s.grain = Counts(saved["counts"]), saved["once"], saved["grain"]
        s.drawn = {k: (n, shown) for k, (n, shown) in saved["drawn"].items()}
        s.rate, s.fresh, s.under = EpochRate(*saved["rate"]), saved["fresh"], saved["under"]
        s.last = {name: (step, epoch, value) for name, (step, epoch, value) in saved["last"].items()}
        s.paces = {k: Pace(*p) for k, p in saved["paces"].items()}
        s.held = {r.pattern.id: r for r in self._load_records(saved["held"])}
        s.waiting = list(self._load_records(saved["waiting"]))
        return s

    def _load_records(self, saved: list[list[Any]]) -> Iterable[Record]:
        for at, redraw, time, labels, pattern, facts, names, values in saved:
            if pattern in self._patterns:  # a pack that is gone takes what it held back with it
                yield Record(at, redraw, time, _labels(labels), kind_of(self._patterns[pattern], tuple(names)), facts, values)


def _repeats(before: tuple[int | None, float | None, float], now: tuple[int | None, float | None, float]) -> bool:
    """Whether a value was printed before at the same place with other digits, as trainers' scripts print what `evaluate()` returned."""
    return before[:2] == now[:2] and math.isclose(before[2], now[2], rel_tol=_PRINTED)


def _count(record: Record) -> tuple[float, float, float]:
    """Return what tells one state of a bar from the next: count, total, epoch."""
    facts = record.facts
    return facts.get("bar", facts.get("batch", facts.get("counter", facts.get("step", -1.0)))), facts.get("bar_total", -1.0), facts.get("epoch", -1.0)


def _complete(record: Record) -> bool:
    total = record.facts.get("bar_total", record.facts.get("batches"))
    return total is not None and record.facts.get("bar", record.facts.get("batch")) == total


def _save_record(r: Record) -> list[Any]:
    return [r.at, r.redraw, r.time, r.labels, r.pattern.id, r.facts, r.names, r.values]


def _labels(saved: Iterable[Iterable[str]]) -> Labels:
    return tuple((name, value) for name, value in saved)
