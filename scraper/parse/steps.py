"""Records into points: which step and epoch each value belongs to, and which attempt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from scraper.model import COUNT, EPOCH, EXPLICIT, INHERITED, Event, Labels, Parsed, Point
from scraper.parse import redraws
from scraper.parse.counters import Pace
from scraper.parse.locating import beside, by_grain, compared_as, locate, move, own_steps, starts_over
from scraper.parse.numbers import near, restates, same
from scraper.parse.packs import PackSet
from scraper.parse.plans import Columns
from scraper.parse.records import BLOCK, GENERIC, REDRAWN, SCHEDULED, Record, kind_of
from scraper.parse.streams import Stream, Streams, is_regular, labels_of, load_stream
from scraper.parse.words import is_metric

_MAX_WAITING: Final = 256  # records that wait for a progress bar's step; more of them are placed without it
_MANY: Final = 8  # records behind an unfinished training's last bar that were printed before it
_MAX_KINDS: Final = 2048  # sets of names whose last values are remembered
_GENERIC: Final = (GENERIC, REDRAWN)
_MAX_ODD: Final = 10_000  # series that are non-finite at once


class Stepper:
    """Places records. `feed` in printed order; `flush` when no more will come."""

    def __init__(self, packs: PackSet, state: dict[str, Any] | None = None) -> None:
        self.streams = Streams((state or {}).get("part", ""))
        self.repeated = 0  # values printed again at the same step, not stored a second time
        self.finders: dict[str, str] = {}  # metric -> the pack that found it first
        at, taken = (state or {}).get("taken", (-1, ()))
        self._at: int = at  # of the last point, and which names have one there
        self._taken = [tuple[str, ...](names) for names in taken]
        known = {p.id: p for p in (*packs.patterns, GENERIC, REDRAWN, BLOCK)}
        for stream in (load_stream(saved, known) for saved in (state or {}).get("streams", [])):
            self.streams[stream.labels] = stream
        if state and state.get("guide") is not None:
            self.streams.guide = labels_of(state["guide"])

    @property
    def reached(self) -> int:
        """Where the line of the last point begins, or a little behind; -1 when there was none."""
        return self._at

    # --- records in

    def feed(self, record: Record, out: Parsed) -> None:
        """Take the next record; add to `out` the points that are now settled."""
        stream = self.streams.hear(record.labels, record.at)
        if stream is None:
            self.flush(out, self.streams.crowded_out())
            stream = self.streams.add(record.labels, record.at)
        if record.kind.pattern is GENERIC and (record.redraw or REDRAWN.id in stream.held):
            record = record._replace(kind=kind_of(REDRAWN, record.names))
        if record.facts and not math.isfinite(sum(record.facts.values())):  # `epoch inf` places nothing
            record = record._replace(facts={name: value for name, value in record.facts.items() if math.isfinite(value)})
        if stream.held:
            self._end_bars(stream, record, out)
        if record.kind.plain:
            if stream.echoes.facts is None or not self._echo(stream, record, out):
                self._place(stream, record, out)
        else:
            self._settle(stream, record, out)

    def _echo(self, stream: Stream, record: Record, out: Parsed) -> bool:
        """Keep back what a dict may say once more; return whether it was."""
        kept = stream.echoes.keep(record)
        if len(stream.echoes.held) > _MAX_WAITING:
            self._place_all(stream, stream.echoes.release(), out)
        return kept

    def feed_many(self, columns: Columns, out: Parsed) -> None:
        """Take the records of consecutive lines: at once where each has its own step beyond the one before, else one by one."""
        stream = self.streams.hear(columns.labels, columns.ats[-1])
        if stream is None or not self._place_many(stream, columns, out):
            for record in columns.rows():
                self.feed(record, out)

    def _place_many(self, stream: Stream, columns: Columns, out: Parsed) -> bool:
        if stream.odd or not all(math.isfinite(sum(column)) for column in columns.values):
            return False
        steps = own_steps(stream, columns)
        if steps is None:
            return False
        kind, epoch = columns.kind, stream.epoch
        pattern, names = kind.pattern, kind.names
        if pattern is GENERIC:
            names = by_grain(stream, next(columns.rows()), EXPLICIT)
        size = len(steps)
        shared = [EXPLICIT] * size, [epoch] * size, columns.times
        out.points.extend((names, stream.labels, stream.attempt), columns.ats, steps, *shared, columns.values)
        if names not in stream.last:
            self._found(names, pattern.pack)
        stream.highs[kind.key, EXPLICIT, None] = steps[-1]
        stream.last[names] = (steps[-1], epoch, [column[-1] for column in columns.values])
        self._at, self._taken = columns.ats[-1], [names]
        if not kind.aside:
            stream.step, stream.step_epoch, stream.told = steps[-1], epoch, True
        return True

    def _settle(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Take a record that is redrawn, waits or repeats one."""
        pattern = record.pattern
        if stream.echoes.held:
            self._place_all(stream, stream.echoes.settle(record), out)
        if pattern.kind == "bar":
            self._draw(stream, record, out)
        if pattern.echoed:
            stream.echoes.facts = record.facts
        elif (pattern.wait and stream.echoes.says_again(record)) or (pattern.barless and stream.shows(record)):
            self.repeated += len(record.values)
        elif pattern.redraw:
            self._hold(stream, record, out)
        elif pattern.summary:
            self._summarize(stream, record, out)
        elif pattern.wait and stream.rate.total and "step" not in record.facts:
            self._await(stream, record, out)
        elif record.values or not (stream.told or stream.waiting or stream.rate.excludes(record.facts.get("bar_total", 0.0))):
            self._place(stream, record, out)  # beside those that tell, a bar alone says no more

    def flush(self, out: Parsed, streams: Iterable[Stream] | None = None) -> None:
        """No more will come, or none of these `streams`: settle what was held back."""
        for stream in self.streams.values() if streams is None else streams:
            self._end_bars(stream, None, out)
            self._end_waiting(stream, out)
            self._place_all(stream, stream.echoes.release(), out)

    def where(self, labels: Labels) -> tuple[int | None, float | None]:
        """Return the step and the epoch at which a rank's training is; of the one farthest on where that rank has told of none."""
        known = {s.labels: s.place for s in self.streams.values() if s.place != (None, None)}
        return known.get(labels) or max(known.values(), key=lambda place: (place[1] or 0.0, place[0] or 0), default=(None, None))

    def begin(self, part: str, at: int, time: float | None, *, alone: bool, is_new: bool, out: Parsed) -> None:
        """Another fold or trial begins: here where its line stands `alone`, else where the steps go back."""
        if alone and is_new:
            self.flush(out)
        begun = self.streams.begin(part, alone=alone, is_new=is_new)
        out.events.extend(Event(at, kind, None, None, time, line, detail) for kind, line, detail in begun)

    def start(self, out: Parsed) -> None:
        """The program begins anew: a bar that is complete is over, though the next one comes to the same count."""
        for stream in self.streams.values():
            for key in [key for key, record in stream.held.items() if record.complete]:
                self._emit_drawn(stream, stream.held.pop(key), None, out)
                stream.drawn.pop(key, None)
            stream.starts = stream.is_silent = True

    # --- redraws and waiting

    def _draw(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Learn what a bar tells of the training, or that it is of a validation."""
        count = record.facts.get("bar", 0.0)
        if redraws.begins_anew(stream, record):
            self.start(out)
        if stream.waiting and (steps := stream.rate.rewritten(stream.awaited)):
            self._release(stream, out, steps=steps)
        elif stream.flushed:
            self._learn(stream, out)
        elif stream.waiting and stream.rate.begins_anew(count, record.facts.get("bar_total", 0.0)):
            self._end_waiting(stream, out)
        if not record.pattern.summary and stream.rate.draw(count, record.facts.get("bar_total", 0.0)):
            self._learn(stream, out)
            stream.bar_at, stream.returns = record.at, stream.returns or record.redraw
        elif stream.fresh and not count:  # another bar begins, and the training's own was not drawn again first
            stream.rate.held = True
        if record.pattern.validates:
            stream.checks = 1

    def _summarize(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Place those values of a summary that were not printed before."""
        if record.values and stream.waiting and stream.rate.n == stream.rate.total:
            self._end_waiting(stream, out)
        if stream.has_printed(record):
            fresh = []
        elif record.facts or record.pattern.barless:
            fresh = list(zip(record.names, record.values, strict=True))
        else:
            pairs = zip(record.names, record.values, strict=True)
            fresh = [(name, value) for name, value in pairs if not any(restates(v, value) for v in stream.said(name, record))]
        self.repeated += len(record.values) - len(fresh)
        if record.pattern.barless:
            record = redraws.beside(stream, record)
        if fresh:
            self._place(stream, record.named(tuple(n for n, _ in fresh), [v for _, v in fresh]), out)

    def _hold(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Keep the redraw of a counter that counts, until the counter moves on or the line ends."""
        key = record.pattern.id
        if record.pattern.summary and "step" in record.facts:
            stream.ahead = int(record.facts["step"]), record.facts.get("epoch")
        before = stream.held.pop(key, None)
        record = redraws.told_apart(stream, redraws.of_epochs(stream, record, before), before)
        if record.pattern.scope and key not in stream.early:
            record = record.as_end_of(before)
        same = before is not None and before.state == record.state
        if before is not None and not same:
            self._emit_drawn(stream, before, record, out)
        elif before is not None:
            redraws.keep(stream, before)
        if record.pattern.redraw == "complete" and not record.complete:
            return
        if same and before is not None and before.values and record.pattern.redraw == "first":
            record = before
        if same and before is not None and not record.values:
            record = before._replace(redraw=record.redraw)
        if record.redraw or record.pattern.scope or redraws.may_be_redrawn(stream, record):  # it may yet be redrawn below this line
            stream.held[key] = record
            if not record.redraw and (record.values or "epoch" in record.facts):
                move(stream, record, *locate(stream, record))  # what is printed below it stands where it does
        else:
            self._emit_drawn(stream, record, None, out)

    def _emit_drawn(self, stream: Stream, last: Record, following: Record | None, out: Parsed) -> None:
        """Place what a bar showed for the first time at a count that is over: behind its `last` drawing comes the `following` one."""
        for record in redraws.ended(stream, last, following):
            if new := redraws.fresh(stream, record):
                self._place(stream, redraws.counted(stream, record).named(tuple(n for n, _ in new), [v for _, v in new]), out)
            elif record.complete and not record.values and "epoch" in record.facts:
                move(stream, record, *locate(stream, record))

    def _end_bars(self, stream: Stream, following: Record | None, out: Parsed) -> None:
        """Place what bars showed last that are not drawn again: at the end, or where a line tells another epoch and theirs is untold."""
        if following and (following.pattern.kind == "bar" or following.facts.get("epoch", stream.epoch) == stream.epoch):
            return
        for key, record in list(stream.held.items()):
            if not following or (record.pattern.kind == "bar" and "epoch" not in record.facts):
                del stream.held[key]
                self._emit_drawn(stream, record, None, out)

    def _learn(self, stream: Stream, out: Parsed) -> None:
        """The training's bar was drawn: lines printed since the one before get their step from it, if they agree with it."""
        fresh, stream.fresh, stream.flushed = stream.fresh, 0, False
        if steps := stream.block(fresh):
            self._release(stream, out, steps=steps)
            return
        told = fresh > 0 and stream.rate.learn(stream.awaited, fresh, piped=bool(stream.labels))
        if told or (stream.rate.known and stream.waiting):
            self._release(stream, out, told=told)

    def _await(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Let a line wait for the training's bar; where the epochs went back, what waited was of another training."""
        if stream.rate.turns_back(record.facts.get("epoch")):
            self._end_waiting(stream, out)
            stream.rate = stream.rate.renewed()
        if is_regular(record):
            stream.rate.adopt()
        stream.waiting.append(record)
        stream.fresh += 1
        if record.at == stream.bar_at and not stream.returns:  # glued to its bar: what is drawn next is later
            self._learn(stream, out)
        elif record.at == stream.bar_at:
            stream.flushed = stream.rate.twice
        elif len(stream.waiting) > _MAX_WAITING:
            self._release(stream, out)

    def _end_waiting(self, stream: Stream, out: Parsed) -> None:
        """No more bars will come: where the training's own is complete, the last line that waits belongs to its end."""
        if steps := stream.block(stream.fresh):
            self._release(stream, out, steps=steps)
        if stream.rate.n == stream.rate.total:
            stream.rate.learn(stream.awaited, len(stream.waiting), ended=True)
        elif stream.fresh == len(stream.waiting) >= _MANY:  # a pipe held back what was printed before the bar
            stream.rate.stop(stream.awaited)
        self._release(stream, out)

    def _release(self, stream: Stream, out: Parsed, *, told: bool = False, steps: Sequence[float] = ()) -> None:
        """Place the records that waited for a bar, with the step where it is known; `told`: the last is at the bar's; `steps`: of all."""
        self._place_all(stream, stream.settled(told=told, steps=steps), out)

    # --- placing

    def _place_all(self, stream: Stream, records: Iterable[Record], out: Parsed) -> None:
        for record in records:
            self._place(stream, record, out)

    def _place(self, stream: Stream, record: Record, out: Parsed) -> None:
        pattern = record.kind.pattern
        if pattern.once and record.values:
            names = stream.named_once(record)
            if names is not record.names or stream.epoch is None:  # it counts its own batches, or those of one epoch alone
                record = record.named(names)._replace(facts={})
        guide = self.streams.guide_of(stream)
        self._start_over(stream, record, out)
        step, kind, epoch = locate(stream, record, guide)
        if (main := self.streams.beside(stream) if kind == COUNT and epoch is None else None) is not None:
            step, kind, epoch = beside(stream, main, record)
        if record.values:
            order = _order(step, kind, epoch)
            if order is not None and not (pattern.summary or pattern.unordered):
                again = record.kind.aside and kind < EPOCH and epoch is not None and "epoch" in record.facts and epoch == stream.epoch
                key = (record.kind.key, compared_as(kind), record.total(epoch))
                if not again and (stream.goes_back(key, order) or stream.begins_anew(key, record)):
                    above = (stream.step, stream.step_epoch) if step == stream.step else (None, None)
                    self._restart(stream, record, order, out)
                    stream.step, stream.step_epoch = above  # told by a line without values, which is of this attempt
                    step, kind, epoch = locate(stream, record, guide)  # counters begin anew, and may take another view of its count
                    order = _order(step, kind, epoch)
                if order is not None:
                    stream.highs[record.kind.key, compared_as(kind), record.total(epoch)] = order
            if pattern.paced:
                stream.paces.setdefault(" ".join(record.names), Pace()).take(record.facts["step"])
            self._points(stream, record, step, kind, epoch, out)
        if main is None:
            move(stream, record, step, kind, epoch)
            self.streams.follow(stream)

    def _start_over(self, stream: Stream, record: Record, out: Parsed) -> None:
        """Begin another attempt where a program that begins anew draws a bar that counts anew."""
        if starts_over(stream, record):
            stream.epoch = None if stream.is_silent else stream.epoch
            self._restart(stream, record, record.facts["bar"], out)

    def _restart(self, stream: Stream, record: Record, order: float, out: Parsed) -> None:
        """The training went back, as after a resume: what follows is another attempt."""
        shown = stream.drawn.get(record.pattern.id)
        kind, line, detail = self.streams.turn(stream, order)
        if shown is not None:  # by this drawing
            stream.drawn[record.pattern.id] = shown
        out.events.append(Event(record.at, kind, None, None, record.time, line, detail))

    # --- points out

    def _points(self, stream: Stream, record: Record, step: int | None, kind: int, epoch: float | None, out: Parsed) -> None:
        names, values = record.kind.names, record.values
        if record.kind.pattern in _GENERIC:
            names = by_grain(stream, record, kind)
        before = stream.last.get(names)
        if before is None:
            self._found(names, record.kind.pattern.pack)
            if len(stream.last) >= _MAX_KINDS:
                stream.last.clear()
        stream.last[names] = (step, epoch, values)
        if before is not None and before[:2] == (step, epoch) and record.is_placed_by_itself(kind):
            names, values = self._unrepeated(stream, record, names, before[2], kind)
            if not names:
                return
        labels, attempt, time, at = stream.labels, stream.attempt, record.time, record.at
        if at != self._at and record.kind.distinct and kind < EPOCH:
            self._at, self._taken = at, [names]
            out.points.add((names, labels, attempt), at, step, kind, epoch, time, values)
        else:
            for name, value in zip(names, values, strict=True):
                place = step if kind < EPOCH else stream.counted(name, alone=kind == COUNT)
                out.points.add(((name,), labels, attempt), self._position(name, at), place, kind, epoch, time, (value,))
        if stream.odd or not math.isfinite(sum(values)):
            for name, value in zip(names, values, strict=True):
                self._turn(stream, Point(at, name, labels, attempt, step, kind, epoch, time, value), out)

    @staticmethod
    def _turn(stream: Stream, point: Point, out: Parsed) -> None:
        """Note a series that is not finite any more, or is so again."""
        if math.isfinite(point.value):
            stream.odd.discard(point.metric)
        elif point.metric not in stream.odd and len(stream.odd) < _MAX_ODD:
            stream.odd.add(point.metric)
            out.turned.append(point)

    def _found(self, names: tuple[str, ...], pack: str) -> None:
        """Remember which pack found these metrics, so that what they mean is taken from it."""
        if len(self.finders) >= _MAX_KINDS:
            self.finders.clear()
        for name in names:
            self.finders.setdefault(name, pack)

    def _unrepeated(
        self, stream: Stream, record: Record, names: tuple[str, ...], before: list[float], kind: int
    ) -> tuple[tuple[str, ...], list[float]]:
        """Leave out what was printed before at this very place: two log handlers, or an evaluation done twice, state one fact."""
        rounded = record.kind.pattern.wait
        values = zip(names, before, record.values, strict=True)
        alike = [same(x, y) or (rounded and near(x, y, loose=not is_metric(name))) for name, x, y in values]
        again = alike[0] and all(one for name, one in zip(names, alike, strict=True) if is_metric(name) or name in SCHEDULED)
        if kind in (EPOCH, INHERITED) and not (rounded and all(alike)) and stream.is_crowded(names, again=again):
            return names, record.values
        if record.kind.plain and any(not one and is_metric(name) for name, one in zip(names, alike, strict=True)):
            return names, record.values  # of another rank or of other data, though the learning rate is the same
        new = [i for i, one in enumerate(alike) if not one]
        self.repeated += len(names) - len(new)
        return tuple(names[i] for i in new), [record.values[i] for i in new]

    def _position(self, name: str, at: int) -> int:
        """Return the line's position, one more for each earlier value of the same series in the same line."""
        if at != self._at:
            self._at, self._taken = at, []
        order = sum(names.count(name) for names in self._taken)
        self._taken.append((name,))
        return at + order

    def save(self) -> dict[str, Any]:
        """Return the state as plain data."""
        streams, taken = [stream.save() for stream in self.streams.values()], (self._at, self._taken)
        return {"streams": streams, "guide": self.streams.guide, "part": self.streams.part, "taken": taken}


def _order(step: int | None, kind: int, epoch: float | None) -> float | None:
    """Return what a line's place is compared by with that of its kind before it."""
    return step if step is not None and kind not in (INHERITED, COUNT) else epoch
