"""Where the training of one rank is, as far as its lines have told: the stepper's memory, and its plain-data form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from scraper.model import Labels
from scraper.parse.counters import Counter, Pace
from scraper.parse.echoes import Echoes
from scraper.parse.numbers import restates
from scraper.parse.packs import Pattern
from scraper.parse.rates import EpochRate
from scraper.parse.recent import Recent
from scraper.parse.records import Kind, Record, kind_of

_FIRST: Final = (("rank", "0"),)  # whose lines stand beside what the program prints without a rank
_MOST: Final = 1024  # ranks and workers of one log that are remembered
_MOST_AGAIN: Final = 1000  # attempts behind which a fold that comes again begins none: each has an event
_AT_ONCE: Final = 128  # of these are forgotten where there are more
_MAX_CROWDED: Final = 2048  # kinds of line that are remembered to come several times an epoch


class Stream:
    """Where the training of one rank is."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self.heard = 0  # where its last line is
        self.step: int | None = None
        self.step_epoch: float | None = None  # the epoch in which that step was printed
        self.ahead: tuple[int, float | None] | None = None  # step and epoch of a bar that repeats what is printed below it
        self.told = False  # a line has told a step, or a bar with values
        self.epoch: float | None = None
        self.length: float | None = None  # how many batches an epoch has, by the line of its last one
        self.over: float | None = None  # the epoch that a line told last
        self.first: float | None = None  # and the one that a line told first
        self.in_all: float | None = None  # epochs, by what that line said
        self.attempt = 0
        self.part = ""  # the fold or trial that the attempt is of
        self.starts = False  # the program began anew since its last line that told its place
        self.is_silent = False  # and no line has told an epoch since then
        self.counters: Recent[str, Counter] = Recent()
        self.whole: dict[str, tuple[float, float, str]] = {}  # by pack, the longest count complete in an epoch: that, total, its counter
        self.highs: Recent[tuple[str, int, float | None], float] = Recent()
        self.counts: Recent[str, int] = Recent()
        self.held: dict[str, Record] = {}
        self.drawn: dict[str, tuple[tuple[float, ...] | None, dict[str, float]]] = {}  # last emitted state and values of a bar
        self.early: set[str] = set()  # bars that show the values of a batch before they count it
        self.drafts: dict[str, list[Record]] = {}  # drawings of a bar at the count it is at, before the one that is held
        self.often: set[str] = set()  # bars that show several values before they count on by one
        self.lined: set[str] = set()  # bars that are drawn anew at a count, each time on a line of its own
        self.spans: set[str] = set()  # bars that count epochs
        self.late: Recent[str, bool] = Recent()  # bar and name, of values that come with the last count of an epoch alone
        self.behind: Recent[str, bool] = Recent()  # bar and name, of values that the first batches of the next epoch bring
        self.once: Recent[str, float] = Recent()
        self.waiting: list[Record] = []
        self.fresh = 0  # how many of them were printed since the training's bar was drawn last
        self.rate = EpochRate()
        self.messages: Recent[str, tuple[float | None, float]] = Recent()  # epoch and value by name, which bars did not show before
        self.checks = -1  # bars of validations were never drawn; 1 since values of one were stored, 0 not since then
        self.bar_at = 0  # of the line that drew the training's bar last
        self.returns = False  # a carriage return was seen behind it once
        self.flushed = False  # what waits came out of a pipe behind the bar that was drawn anew around the last of it
        self.grain: Recent[str, str] = Recent()
        self.last: dict[tuple[str, ...], tuple[int | None, float | None, list[float]]] = {}  # by names: step, epoch, values
        self.paces: Recent[str, Pace] = Recent()  # steps at which lines were printed that a later line may repeat
        self.odd: set[str] = set()  # metrics whose last value was not finite
        self.crowded: set[str] = set()  # names, of lines that come several times an epoch
        self.echoes = Echoes()
        self.under: Recent[str, tuple[float, int]] = Recent()  # header below which lines without a place were last seen, and how many

    def begin_anew(self, part: str) -> None:
        """Begin another attempt, which repeats nothing of the one before; `part`: of the log's fold or trial."""
        self.attempt += 1
        self.part = part
        for known in (self.highs, self.drawn, self.last, self.under):
            known.clear()
        if self.told or self.epoch is not None:  # else it is a list of results, counted through
            self.counts.clear()
        self.counters = Recent((key, counter.renewed()) for key, counter in self.counters.items() if not counter.goes_on)
        self.step = self.step_epoch = self.ahead = self.over = self.first = None
        self.in_all = None

    def goes_back(self, key: tuple[str, int, float | None], order: float) -> bool:
        """Whether a line of this kind has gone back to `order`; where the program began anew, also whether it is there again."""
        high = self.highs.get(key)
        if high is None:
            return False
        starts, self.starts = self.starts, False
        return order < high or (starts and order == high)

    def begins_anew(self, key: tuple[str, int, float | None], record: Record) -> bool:
        """Whether a line tells an earlier epoch than the one before with its names, and has a total that is new: it is of another run."""
        epoch, before = record.facts.get("epoch"), self.last.get(record.names)
        is_earlier = before is not None and before[1] is not None and epoch is not None and epoch < before[1]
        may_be_new = is_earlier and key[2] is not None and not record.kind.aside
        return may_be_new and not any(key[::2] == known[::2] for known in self.highs)

    def complete(self, kind: Kind, total: float, epoch: float | None) -> None:
        """Note a count that has reached its total, if it is the longest of its pack in an epoch."""
        known = self.whole.get(kind.pattern.pack)
        if epoch is not None and (known is None or known[0] != epoch or total >= known[1]):
            self.whole[kind.pattern.pack] = epoch, total, counter_key(kind, total)

    def tell(self, epoch: float | None, epochs: float | None) -> None:
        """Note the epoch that a line tells, and of how many."""
        self.is_silent = False
        self.over, self.first = epoch, epoch if self.first is None else self.first
        self.in_all = epochs

    @property
    def is_ended(self) -> bool:
        """Whether the epoch that was told last is the training's last one."""
        return self.over is not None and self.in_all is not None and self.in_all == self.over + (self.first == 0)

    def is_crowded(self, names: tuple[str, ...], *, again: bool) -> bool:
        """Whether lines with these names come several times an epoch without their step; `again`: its first value is the last one's."""
        key = " ".join(names)
        if not again and len(self.crowded) < _MAX_CROWDED:
            self.crowded.add(key)
        return not again or key in self.crowded

    def said(self, name: str, by: Record) -> list[float]:
        """Return the last values printed under a name, one of each kind of line; those that wait for their step first.

        `by` may say it again. Where that is a row of a table, it repeats nothing that the table of an epoch before said.
        """
        own = set(by.names) if by.pattern.kind == "rows" else set()
        kinds = [(r.names, r.values) for r in reversed(self.waiting)]
        kinds += [(names, values) for names, (_, epoch, values) in self.last.items() if epoch == self.epoch or not own.issuperset(names)]
        return [values[names.index(name)] for names, values in kinds if name in names]

    def has_printed(self, record: Record) -> bool:
        """Whether a line that repeats the best step repeats one of those that were printed at regular distance."""
        step = record.facts.get("step")
        pace = self.paces.get(" ".join(record.names))
        return step is not None and pace is not None and pace.covers(step)

    def shows(self, record: Record) -> bool:
        """Whether bars or boxes of the pack were drawn, or lines with a place of their own told of what a line without one says.

        What was shown on a screen may keep of all bars the last one, above the messages of the epochs before.
        """
        pack = record.pattern.pack
        shown = self.shown_by(pack)
        if shown is not None:
            epoch = record.facts.get("epoch", self.epoch)
            if not shown.isdisjoint(record.names):
                return epoch in (self.epoch, *(bar.facts.get("epoch") for bar in self.held.values()))
            return all(self.has_said(name, value, epoch) for name, value in zip(record.names, record.values, strict=True))
        if any(key.startswith(f"{pack}:box") for key, *_ in self.highs):
            return True
        placed = {name for names, (step, epoch, _) in self.last.items() if (step, epoch) != (None, None) for name in names}
        return record.pattern.summary and not record.facts and not placed.isdisjoint(record.names)

    def shown_by(self, pack: str) -> set[str] | None:
        """Return the names of what the bars of a pack show, None where none is drawn."""
        bars = {key for key in (*self.held, *self.drawn) if key.startswith(f"{pack}:")}
        held = {name for key, record in self.held.items() if key in bars for name in record.names}
        return held.union(*(shown for key, (_, shown) in self.drawn.items() if key in bars)) if bars else None

    def has_told(self, name: str, value: float, epoch: float | None) -> bool:
        """Whether a bar shows for the first time what a message told of its epoch, maybe with more digits."""
        told = self.messages.pop(name, None)
        return told is not None and told[0] == epoch and restates(told[1], value)

    def has_said(self, name: str, value: float, epoch: float | None) -> bool:
        """Whether a line of its own told of this value in that epoch, maybe with other digits."""
        known = self.last.get((name,))
        return known is not None and known[1] == epoch and any(restates(*pair) for pair in ((known[2][0], value), (value, known[2][0])))

    def named_once(self, record: Record) -> tuple[str, ...]:
        """A second complete bar under one header, or without any, is an evaluation if it counts to another total or says less."""
        header = f"attempt {self.attempt}" if self.epoch is None else f"{self.epoch}"  # one that is told again may begin an attempt
        total = record.facts.get("bar_total", 0.0)
        first = self.once.setdefault(f"{record.pattern.pack} {header}", total)
        says_less = any(where[1] == self.epoch and set(record.names) < set(names) for names, where in self.last.items())
        if first == total and not says_less:
            return record.names
        return tuple(record.pattern.once + name for name in record.names)

    def counted(self, name: str, *, alone: bool) -> int | None:
        """Count a value that has no step; the count stands in for it where there is no epoch either, and it stands `alone`."""
        count = self.counts.get(name, 0)
        self.counts[name] = count + 1
        return count if alone else None

    def epochs(self, name: str) -> list[float | None]:
        """Return the epochs of the last values printed under a name, one of each kind of line."""
        return [epoch for names, (_, epoch, _) in self.last.items() if name in names]

    def settled(self, *, told: bool, steps: Sequence[float] = ()) -> list[Record]:
        """Give up the records that wait for a bar, with the step where it is known; `told`: the last is at the bar's; `steps`: of all."""
        waiting, self.waiting, self.fresh = self.waiting, [], 0
        if steps:
            return [record._replace(facts={**record.facts, "bar": step}) for record, step in zip(waiting, steps, strict=True)]
        self.rate.miscount(len(waiting))
        last = {record.names: i for i, record in enumerate(waiting)}  # lines with the same names do not stand at one step
        out = []
        for i, record in enumerate(waiting):
            if told and i == len(waiting) - 1:
                step: int | None = int(self.rate.n)
            else:
                step = self.rate.step(record.facts.get("epoch"), regular=is_regular(record), latest=last[record.names] == i)
            out.append(record if step is None else record._replace(facts={**record.facts, "bar": float(step)}))
        return out

    def block(self, fresh: int) -> Sequence[float]:
        """Return the steps of what waits where a file got all of it at once, `fresh` lines since the bar was drawn last."""
        if steps := self.rate.rewritten(self.awaited):
            return steps
        return self.rate.places_of(self.awaited) if fresh == len(self.waiting) else ()

    @property
    def awaited(self) -> list[tuple[float | None, bool]]:
        """Return the epochs of the records that wait for a bar, and which of them come at regular steps."""
        return [(record.facts.get("epoch"), is_regular(record)) for record in self.waiting]

    @property
    def place(self) -> tuple[int | None, float | None]:
        """Where the training is: as told by lines, or by a bar that is ahead of them."""
        if self.ahead is not None and (self.step is None or self.ahead[0] > self.step):
            return self.ahead
        return self.step, self.epoch

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        return {
            "labels": self.labels, "heard": self.heard, "step": self.step, "step_epoch": self.step_epoch, "told": self.told,
            "epoch": self.epoch, "over": [self.over, self.first, self.in_all], "attempt": self.attempt,
            "part": self.part, "starts": self.starts, "silent": self.is_silent,
            "length": self.length, "whole": self.whole,
            "counters": {key: counter.save() for key, counter in self.counters.items()},
            "highs": [[*key, high] for key, high in self.highs.items()], "counts": self.counts,
            "held": [_save_record(r) for r in self.held.values()], "drawn": self.drawn, "once": self.once,
            "late": list(self.late), "early": sorted(self.early), "often": sorted(self.often), "lined": sorted(self.lined),
            "drafts": [_save_record(r) for drafts in self.drafts.values() for r in drafts], "spans": sorted(self.spans),
            "waiting": [_save_record(r) for r in self.waiting], "fresh": self.fresh, "rate": self.rate.save(),
            "grain": self.grain, "under": self.under, "odd": sorted(self.odd), "crowded": sorted(self.crowded),
            "bar_at": self.bar_at, "returns": self.returns, "flushed": self.flushed, "checks": self.checks, "ahead": self.ahead,
            "messages": self.messages, "behind": list(self.behind),
            "last": [[names, *where] for names, where in self.last.items()],
            "paces": {key: pace.save() for key, pace in self.paces.items()},
            "echoes": [self.echoes.facts, [_save_record(r) for r in self.echoes.held], self.echoes.logged],
        }  # fmt: skip


class Streams(dict[Labels, Stream]):
    """The ranks of one log, or its workers: those that were heard of last."""

    def __init__(self, part: str = "") -> None:
        super().__init__()
        self.part = part  # the fold or trial that the log is at
        self.forgotten = 0  # how many made room for others; whoever takes the count clears it
        self.guide: Labels | None = None  # the one that told an epoch first

    def hear(self, labels: Labels, at: int) -> Stream | None:
        """Return the stream with these labels, which has a line at this place; None where it is new."""
        stream = self.get(labels)
        if stream is not None:
            stream.heard = at
        return stream

    def wipe(self) -> None:
        """A bar was wiped: a line is written above it, which a pipe may hold back. Ranks' lines come through pipes of their own."""
        if () in self:
            self[()].rate.wipes.wipe()

    def follow(self, stream: Stream) -> None:
        """Let others take their epochs from it, where it is the first to have told one."""
        if self.guide is None and stream.over is not None:
            self.guide = stream.labels

    def guide_of(self, stream: Stream) -> Stream | None:
        """Return the stream that tells the epochs where this one has told none, be it a rank's or what is printed without one."""
        if stream.first is not None or self.guide is None or self.guide == stream.labels:
            return None
        return self.get(self.guide)

    def begin(self, part: str, *, alone: bool, is_new: bool) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Begin another fold or trial of the log, and yield kind, text and detail of its events; not `is_new`: it was named before.

        Where its line stands `alone`, all that told where they are begin anew here; else where their steps go back. Where none
        tells, as the log is a list of results, all begin anew with each but the first, and with one that comes again.
        """
        printed = [stream for stream in self.values() if stream.last]
        telling = [stream for stream in printed if stream.told or stream.epoch is not None]
        if part == self.part or not (is_new or (printed and not telling and printed[0].attempt < _MOST_AGAIN)):
            return
        is_first, is_within, self.part = not self.part, part.startswith(self.part), part  # within a run; all is within none
        begins_here = alone if telling else not is_first
        begun = (telling or printed) if begins_here else []
        for stream in begun:
            stream.begin_anew(part)
            stream.epoch = None
            yield _fold(part, stream.attempt)
        for stream in self.values() if alone or not telling else ():
            stream.part = part
        if is_within and not telling and not begun:
            yield _fold(part, max((stream.attempt for stream in self.values()), default=0))

    def turn(self, stream: Stream, order: float) -> tuple[str, str, dict[str, Any]]:
        """Let a stream begin anew whose steps went back to `order`; return kind, text and detail of that event."""
        detail = {"attempt": stream.attempt + 1, "from": max(stream.highs.values()), "to": order}
        is_part = stream.part != self.part
        stream.begin_anew(self.part)
        moved = f"went back to {order:g}" if order < detail["from"] else f"is {order:g} again"
        return _fold(self.part, stream.attempt) if is_part else ("restart", f"the step {moved}", detail)

    def beside(self, stream: Stream) -> Stream | None:
        """Return the stream that says where the training is for one that does not: the one without a rank, or for that rank 0."""
        return self.get(() if stream.labels else _FIRST)

    def add(self, labels: Labels, at: int) -> Stream:
        """Return a new stream, whose first line is at this place."""
        stream = self[labels] = Stream(labels)
        stream.heard, stream.part = at, self.part
        return stream

    def crowded_out(self) -> list[Stream]:
        """Forget those that were not heard of for longest where there is no room for one more, and return them; never what has no rank."""
        if len(self) < _MOST:
            return []
        oldest = sorted((stream for labels, stream in self.items() if labels), key=lambda stream: stream.heard)[:_AT_ONCE]
        for stream in oldest:
            del self[stream.labels]
        self.forgotten += len(oldest)
        return oldest


def _fold(part: str, attempt: int) -> tuple[str, str, dict[str, Any]]:
    """Return kind, text and detail of the event that a fold or trial begins."""
    return "fold", f"{part} begins", {"attempt": attempt, "name": part}


def counter_key(kind: Kind, total: float | None = None) -> str:
    """Return under what a stream keeps the counter of such lines; `total`: that they print."""
    return f"{kind.key} {total}"


def is_regular(record: Record) -> bool:
    """Whether it is one that a trainer prints every so many steps, not one of an evaluation or of the end."""
    return "loss" in record.names


def load_stream(saved: dict[str, Any], patterns: Mapping[str, Pattern]) -> Stream:
    """Return the stream that `Stream.save` described. What a pattern that is gone held back is dropped with it."""
    s = Stream(labels_of(saved["labels"]))
    s.step, s.step_epoch, s.epoch, s.attempt = saved["step"], saved["step_epoch"], saved["epoch"], saved["attempt"]
    s.heard, s.part, s.starts = saved.get("heard", 0), saved.get("part", ""), saved.get("starts", False)
    s.is_silent = saved.get("silent", False)
    s.over, s.first, s.in_all = saved["over"]
    s.length = saved.get("length")
    s.whole = {pack: (epoch, total, key) for pack, (epoch, total, key) in saved.get("whole", {}).items()}
    s.counters = Recent((key, Counter(*counter)) for key, counter in saved["counters"].items())
    s.highs = Recent(((key, kind, total), high) for key, kind, total, high in saved["highs"])
    s.counts, s.once, s.grain = (Recent(saved[name]) for name in ("counts", "once", "grain"))
    s.under = Recent((key, (epoch, lines)) for key, (epoch, lines) in saved.get("under", {}).items())
    s.drawn = {key: (tuple(count), shown) for key, (count, shown) in saved["drawn"].items()}
    s.told = saved.get("told", False)
    s.late, s.behind = (Recent((key, True) for key in saved.get(name, ())) for name in ("late", "behind"))
    s.early, s.often, s.lined, s.spans = (set(saved.get(name, ())) for name in ("early", "often", "lined", "spans"))
    for record in _load_records(saved.get("drafts", ()), patterns):
        s.drafts.setdefault(record.pattern.id, []).append(record)
    s.crowded, s.bar_at = set(saved.get("crowded", ())), saved.get("bar_at", 0)
    s.returns, s.flushed = saved.get("returns", s.bar_at == -1), saved.get("flushed", False)
    s.checks, s.ahead = saved.get("checks", -1), tuple(saved["ahead"]) if saved.get("ahead") else None
    s.messages = Recent((name, (epoch, value)) for name, (epoch, value) in saved.get("messages", {}).items())
    s.rate, s.fresh, s.odd = EpochRate(*saved["rate"]), saved["fresh"], set(saved.get("odd", ()))
    s.last = {tuple(names): (step, epoch, values) for names, step, epoch, values in saved["last"]}
    s.paces = Recent((key, Pace(*pace)) for key, pace in saved["paces"].items())
    s.held = {record.pattern.id: record for record in _load_records(saved["held"], patterns)}
    facts, echoes, *logged = saved.get("echoes", (None, ()))
    s.echoes = Echoes(facts, _load_records(echoes, patterns), *logged)
    s.waiting = list(_load_records(saved["waiting"], patterns))
    return s


def _load_records(saved: Iterable[list[Any]], patterns: Mapping[str, Pattern]) -> Iterator[Record]:
    for at, redraw, time, labels, pattern, facts, names, values in saved:
        if pattern in patterns:
            yield Record(at, redraw, time, labels_of(labels), kind_of(patterns[pattern], tuple(names)), facts, values)


def _save_record(r: Record) -> list[Any]:
    return [r.at, r.redraw, r.time, r.labels, r.pattern.id, r.facts, r.names, r.values]


def labels_of(saved: Iterable[Iterable[str]]) -> Labels:
    """Return labels that were saved as plain data."""
    return tuple((name, value) for name, value in saved)
