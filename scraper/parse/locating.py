"""Where one value belongs: the step and epoch that its line tells, or those of the lines before it. Keeps what it learns in the stream."""

from __future__ import annotations

import math
from operator import lt
from typing import Final

from scraper.model import BAR, COUNT, DERIVED, EPOCH, EXPLICIT, INHERITED, SAMPLES
from scraper.parse.counters import Counter
from scraper.parse.plans import Columns
from scraper.parse.records import BLOCK, GENERIC, HEADER, REDRAWN, Kind, Record
from scraper.parse.streams import Stream, counter_key
from scraper.parse.words import TOTALS, is_metric

_SEVERAL: Final = 3  # lines of a kind under one header: so many will come under the next


def locate(stream: Stream, record: Record, guide: Stream | None = None) -> tuple[int | None, int, float | None]:
    """Return step, kind of step, epoch; `guide`: another rank, which tells the epochs where this one does not."""
    facts = record.facts
    epoch = _fitted(stream, record) or facts.get("epoch", stream.epoch)
    if "step" in facts:
        return _stated(stream, record, epoch, guide)
    for one, local in (("counter", False), ("batch", True), ("samples", True)):
        if one in facts:
            of = facts["last_batch"] + 1 if "last_batch" in facts else facts.get(TOTALS[one])
            step, kind, epoch = _count(stream, record, facts[one], of, epoch, local=local, guide=guide)
            return step, SAMPLES if one == "samples" else kind, epoch
    if "bar" not in facts:
        return *_unplaced(stream, record, epoch), epoch
    length = facts.get("bar_total")
    of_epochs = record.is_of_epochs and ("epoch" not in facts or record.pattern.id in stream.spans)
    if record.pattern.wait or of_epochs or (length is not None and stream.rate.is_of(length)):
        return int(facts["bar"]), BAR, epoch
    step, _, epoch = _count(stream, record, facts["bar"], length, epoch, local="epoch" in facts)
    return step, BAR, epoch


def _fitted(stream: Stream, record: Record) -> float | None:
    """Return the epoch that begins where `Epoch 1/1` stands again behind a complete bar: one epoch of several, each fitted by itself."""
    facts, epoch = record.facts, stream.epoch
    again = record.pattern is HEADER and facts.get("epoch") == facts.get("epochs") == 1
    return epoch + 1 if again and epoch is not None and any(whole[0] == epoch for whole in stream.whole.values()) else None


def own_steps(stream: Stream, columns: Columns) -> list[int] | None:
    """Return the steps of consecutive lines where each tells its own, beyond the one before; None where they must be placed one by one."""
    kind, facts = columns.kind, columns.facts
    pattern = kind.pattern
    if not (kind.plain and kind.distinct and "step" in facts) or "epoch" in facts or "bar_total" in facts:
        return None
    if pattern.paced or pattern.unordered:
        return None
    totals = set(facts.get("steps", ()))
    if len(totals) > 1 or (totals and (stream.epoch is not None or kind.aside)) or not math.isfinite(sum(facts["step"])):
        return None
    steps = list(map(int, facts["step"]))
    if steps[0] <= stream.highs.get((kind.key, EXPLICIT, None), -1) or not all(map(lt, steps, steps[1:])):
        return None
    may_be_local = _may_be_local(kind)
    if totals or may_be_local:
        counter = _counter(stream, kind, totals.pop() if totals else None)
        if counter.mode == "local" or (may_be_local and not _runs_on(stream, counter, steps[0])):
            return None
        counter.run_on(steps, stream.epoch)
    stream.starts = False
    return steps


def _runs_on(stream: Stream, counter: Counter, step: int) -> bool:
    """Whether steps from `step` on are what they say: none is drawn over, starts anew below a header or is of an epoch not yet told."""
    if REDRAWN.id in stream.held:
        return False
    if stream.epoch is None:
        return True
    if counter.epoch != stream.epoch or counter.last is None or step <= counter.last:
        return False
    if counter.ahead:
        return stream.over is not None and stream.over < stream.epoch
    return stream.over in (None, stream.epoch)


def _stated(stream: Stream, record: Record, epoch: float | None, guide: Stream | None) -> tuple[int | None, int, float | None]:
    """Return the place of a line that prints a step; a validation may count epochs, and call them steps, or count its own batches."""
    facts = record.facts
    step, total = facts["step"], facts.get("steps")
    may_start_over = total is not None or _may_be_local(record.kind)
    if "epoch" in facts or (may_start_over and (epoch is not None or guide is not None or (total is not None and record.kind.aside))):
        return _count(stream, record, step, total, epoch, local=False, guide=guide)
    if record.kind.aside and not record.pattern.unordered and step == epoch and stream.step is not None and stream.step > epoch:
        return stream.step, INHERITED, epoch
    if may_start_over:
        _counter(stream, record.kind, total).run_on((step,), epoch)
    return int(step), EXPLICIT, epoch


def _may_be_local(kind: Kind) -> bool:
    """Whether steps may be counted within epochs where no total is printed: a pack knows that of its lines."""
    return kind.pattern is GENERIC or (kind.pattern.kind == "json" and not kind.aside)


def _unplaced(stream: Stream, record: Record, epoch: float | None) -> tuple[int | None, int]:
    """Return step and kind of step of a line that prints none."""
    is_first = stream.told and not stream.bar_at and stream.step_epoch is None and stream.first is None and "epoch" in record.facts
    is_taken = record.pattern.wait and epoch is not None and stream.last.get(record.names, (None, None))[1] == epoch  # by one of its kind
    if stream.step is not None and (is_first or stream.step_epoch == epoch or _is_just_over(stream, epoch)) and not is_taken:
        return stream.step, EXPLICIT if record.pattern is BLOCK else INHERITED
    if epoch is None:
        return None, COUNT
    key, tells = header_key(record), "epoch" in record.facts
    under, lines = stream.under.get(key, (None, 0))
    again = under == epoch and not tells
    stream.under[key] = epoch, lines + 1 if again else 1
    return None, COUNT if again or (lines >= _SEVERAL and not tells) else EPOCH  # no line has a place of its own where several come


def _is_just_over(stream: Stream, epoch: float | None) -> bool:
    """Whether the training is at the end of `epoch`, where a bar of the next one was drawn that has counted nothing."""
    if epoch is None or stream.step_epoch != epoch + 1:
        return False
    return any(counter.end and counter.last == 0 and counter.epoch == stream.step_epoch for counter in stream.counters.values())


def beside(stream: Stream, main: Stream, record: Record) -> tuple[int | None, int, float | None]:
    """Return where a value belongs whose rank has told of no place itself, or that has none: where `main`, another one, says."""
    if main.step is not None and main.step_epoch == main.epoch:
        return main.step, INHERITED, main.epoch
    return *_unplaced(stream, record, main.epoch), main.epoch


def compared_as(kind: int) -> int:
    """Return the kind of step under which a line's place is kept for the next of its kind: with a step from above it is its epoch, too."""
    return EPOCH if kind == INHERITED else kind


def header_key(record: Record) -> str:
    """Return under what it is remembered which header a line without a place of its own stood below."""
    return f"{record.pattern.id} {' '.join(record.names[:1])}"


def _count(
    stream: Stream, record: Record, n: float, total: float | None, epoch: float | None, *, local: bool, guide: Stream | None = None
) -> tuple[int, int, float | None]:
    """Return the place of a line that counts; where epochs are told when they are over, its own is the next one."""
    kind, tells = record.kind, "epoch" in record.facts
    done = kind.pattern.kind == "bar"
    counter = _counter_behind(stream, record, total, epoch)
    if not (tells or counter.ahead or stream.over is None):
        counter.ahead = _is_over(stream, kind, counter, n, stream.over)
    if counter.ahead and not tells:
        step = counter.locate_ahead(n, total, stream.over, done=done, ended=stream.is_ended)
        epoch = counter.epoch
    elif guide is not None and epoch is None and (not guide.labels or counter_key(kind, total) in guide.counters):
        step = counter.locate_ahead(n, total, None, done=done, ended=guide.attempt > stream.attempt, sure=True)
    else:
        sure = (local and (total is not None or kind.pattern not in (GENERIC, REDRAWN))) or _is_ahead_of(stream, record, n, total)
        step = counter.locate(n, total, epoch, local=sure, likely=local, done=done, length=stream.length)
        if n == total and tells and "batches" in record.facts and not kind.aside:
            stream.length = total
    if n == total:
        stream.complete(kind, total, counter.epoch)
    is_local = counter.mode == "local" or (local and not counter.mode)
    return step, DERIVED if is_local else EXPLICIT, epoch


def starts_over(stream: Stream, record: Record) -> bool:
    """Whether a bar without an epoch counts anew behind what a program prints when it begins: it does not go on."""
    facts = record.facts
    if not (stream.starts and stream.highs) or "bar" not in facts or facts.keys() & {"epoch", "step"}:
        return False
    counter = stream.counters.get(counter_key(record.kind, facts.get("bar_total")))
    return counter is not None and counter.last is not None and facts["bar"] < counter.last


def _is_ahead_of(stream: Stream, record: Record, n: float, total: float | None) -> bool:
    """Whether a count is beyond what all epochs up to its own would have of it: then it starts over, `Epoch 1/50, iter 300/989`."""
    epoch, epochs = (record.facts.get("epoch"), record.facts.get("epochs")) if "epoch" in record.facts else (stream.epoch, stream.in_all)
    return epoch is not None and epochs is not None and total is not None and n * epochs > total * (epoch + 1)


def _is_over(stream: Stream, kind: Kind, counter: Counter, n: float, epoch: float) -> bool:
    """Whether a line without an epoch is of the one behind `epoch`, the last that was told: with values, when it was over."""
    is_bar = kind.pattern.kind == "bar"
    if kind.aside and not any(other.ahead for other in stream.counters.values()):
        return False  # evaluated once before the training began, it may be
    if counter.begins_anew(n, done=is_bar):
        return any(told == epoch for _, told, _ in stream.last.values())
    if is_bar or not counter.passes(n):
        return False
    early = (names for names, (step, told, _) in stream.last.items() if told == epoch and (step is None or told == stream.first))
    if any(is_metric(name) for names in early for name in names):
        counter.mode = "global"
    return counter.mode == "global"


def _counter(stream: Stream, kind: Kind, total: float | None) -> Counter:
    """Return what counts lines of such a kind, of a new one where there was none."""
    key = counter_key(kind, total)
    if (counter := stream.counters.get(key)) is None:
        base = 0.0 if kind.pattern.from_zero else 1.0 if kind.pattern.from_one else None
        counter = Counter("local" if kind.pattern.from_one else "", base)
    stream.counters[key] = counter
    return counter


def _counter_behind(stream: Stream, record: Record, total: float | None, epoch: float | None) -> Counter:
    """Return what counts a line; where its total is new in a later epoch, such as of a last, shorter one, it goes on behind its pack's."""
    key, pack = counter_key(record.kind, total), f"{record.pattern.pack}:"
    may_go_on = pack != f"{GENERIC.pack}:" and not record.kind.aside
    if may_go_on and key not in stream.counters and total is not None and epoch is not None:
        others = [counter for known, counter in stream.counters.items() if known.startswith(pack) and counter.end is not None]
        last = max(others, key=lambda counter: counter.epoch or 0.0, default=None)
        if last is not None and last.end is not None and last.epoch is not None and last.epoch < epoch:
            stream.counters[key] = Counter("local", base=epoch, offset=last.end)
    return _counter(stream, record.kind, total)


def follows_longer(stream: Stream, record: Record, epoch: float | None, before: Record | None = None) -> bool:
    """Whether a bar of `epoch` is drawn behind a longer one of its pack that is complete in it: it evaluates, and counts no step.

    `before` was drawn last, and is not placed yet.
    """
    total = record.facts.get("bar_total")
    if epoch is None or total is None:
        return False
    if before is not None and before.complete and before.facts["bar_total"] > total:
        is_behind = before.facts.get("epoch", stream.epoch) == epoch
    else:
        told, length, key = stream.whole.get(record.pattern.pack, (None, 0.0, ""))
        counter = stream.counters.get(key) if told == epoch and length > total else None
        is_behind = counter is not None and counter.last == length
    if not is_behind:
        return False
    own = stream.counters.get(counter_key(record.kind, total))  # where that counts anew, another epoch has begun
    return own is None or own.epoch != epoch or own.last is None or own.last <= record.facts["bar"]


def by_grain(stream: Stream, record: Record, kind: int) -> tuple[str, ...]:
    """Keep a batch's loss and the epoch's loss apart where both are printed under one name."""
    facts = record.facts
    grain = "epoch" if "epoch" in facts else ""
    if kind in (EXPLICIT, DERIVED, SAMPLES) and facts.keys() & {"step", "batch", "counter", "samples"}:
        grain = "batch"
    if not grain:
        return record.names
    return tuple(name if stream.grain.setdefault(name, grain) == grain else f"{grain}/{name}" for name in record.names)


def move(stream: Stream, record: Record, step: int | None, kind: int, epoch: float | None) -> None:
    """Remember where the training is, for lines that do not say."""
    facts, is_summary = record.facts, record.kind.pattern.summary
    tells = "epoch" in facts and not is_summary
    if tells and not record.values and facts["epoch"] < (stream.epoch or 0.0):
        stream.once.clear()  # another training, whose epochs may have other totals
    if tells and (epoch != stream.over or "epochs" in facts):
        stream.tell(epoch, facts.get("epochs"))
    if record.kind.aside or is_summary or (record.pattern.kind == "bar" and follows_longer(stream, record, epoch)):
        if tells:
            stream.epoch = epoch
        return
    stream.epoch = epoch
    if tells and kind == INHERITED and stream.step_epoch is None and step is not None and step > 1:
        stream.step_epoch = epoch  # what was counted, and more than one, was of the epoch that this line is the first to tell
    if step is not None and kind in (EXPLICIT, DERIVED, BAR, SAMPLES):
        stream.step, stream.step_epoch = step, epoch
        stream.told = stream.told or kind != BAR or (record.kind.pattern.kind == "bar" and bool(record.values))
