"""Where one value belongs: the step and epoch that its line tells, or those of the lines before it. Keeps what it learns in the stream."""

from __future__ import annotations

from scraper.model import BAR, COUNT, DERIVED, EPOCH, EXPLICIT, INHERITED, SAMPLES
from scraper.parse.counters import Counter
from scraper.parse.records import BLOCK, GENERIC, Record
from scraper.parse.streams import Stream, counter_key


def locate(stream: Stream, record: Record) -> tuple[int | None, int, float | None]:
    """Return step, kind of step, epoch."""
    facts = record.facts
    epoch = facts.get("epoch", stream.epoch)
    if "step" in facts:
        return *_stated(stream, record, epoch), epoch
    for one, total, local in (("counter", "counters", False), ("batch", "batches", True), ("samples", "total_samples", True)):
        if one in facts:
            of = facts["last_batch"] + 1 if "last_batch" in facts else facts.get(total)
            step, kind = _count(stream, record, facts[one], of, epoch, local=local)
            return step, SAMPLES if one == "samples" else kind, epoch
    if "bar" not in facts:
        return *_unplaced(stream, record, epoch), epoch
    length = facts.get("bar_total")
    of_epochs = record.pattern.id in stream.spans and record.is_of_epochs
    if record.pattern.wait or of_epochs or (length is not None and stream.rate.is_of(length)):
        return int(facts["bar"]), BAR, epoch
    counter = _counter(stream, record, length, epoch)
    if "epoch" not in facts and epoch is not None and counter.begins_anew(facts["bar"], length, epoch):
        counter.ahead = any(told == epoch for _, told, _ in stream.last.values())  # it came with values, as an epoch's end does
    step = counter.locate(facts["bar"], length, epoch, local="epoch" in facts, done=True)
    return step, BAR, counter.epoch if counter.ahead else epoch


def _stated(stream: Stream, record: Record, epoch: float | None) -> tuple[int, int]:
    """Return step and kind of step of a line that prints one; a validation may count epochs, and call them steps."""
    facts = record.facts
    if "epoch" in facts or (epoch is not None and ("steps" in facts or record.pattern is GENERIC)):
        return _count(stream, record, facts["step"], facts.get("steps"), epoch, local=False)
    if record.kind.aside and facts["step"] == epoch and stream.step is not None and stream.step > epoch:
        return stream.step, INHERITED
    return int(facts["step"]), EXPLICIT


def _unplaced(stream: Stream, record: Record, epoch: float | None) -> tuple[int | None, int]:
    """Return step and kind of step of a line that prints none."""
    if stream.step is not None and stream.step_epoch == epoch:
        return stream.step, EXPLICIT if record.pattern is BLOCK else INHERITED
    if epoch is None:
        return None, COUNT
    key = header_key(record)
    again = "epoch" not in record.facts and stream.under.get(key) == epoch
    stream.under[key] = epoch
    return None, COUNT if again else EPOCH  # a second value under one header has no place of its own


def beside(stream: Stream, main: Stream, record: Record) -> tuple[int | None, int, float | None]:
    """Return where the value of a rank belongs that has told of no place itself: where lines without a rank say that the training is."""
    if main.step is not None and main.step_epoch == main.epoch:
        return main.step, INHERITED, main.epoch
    return *_unplaced(stream, record, main.epoch), main.epoch


def header_key(record: Record) -> str:
    """Return under what it is remembered which header a line without a place of its own stood below."""
    return f"{record.pattern.id} {' '.join(record.names[:1])}"


def _count(stream: Stream, record: Record, n: float, total: float | None, epoch: float | None, *, local: bool) -> tuple[int, int]:
    counter = _counter(stream, record, total, epoch)
    step = counter.locate(n, total, epoch, local=local, done=record.pattern.kind == "bar")
    return step, DERIVED if counter.mode == "local" else EXPLICIT


def _counter(stream: Stream, record: Record, total: float | None, epoch: float | None) -> Counter:
    """Return what counts lines of such a kind, of a new one where there was none."""
    key = counter_key(record.kind, total)
    counter = stream.counters.get(key)
    if counter is None:
        counter = stream.counters[key] = _begun(stream, record, epoch) or Counter(base=0.0 if record.pattern.from_zero else None)
    return counter


def _begun(stream: Stream, record: Record, epoch: float | None) -> Counter | None:
    """Return the counter of a bar whose total is new in a later epoch, such as a last, shorter one: it goes on behind the others."""
    if record.pattern.kind != "bar" or "epoch" not in record.facts or epoch is None:
        return None
    others = [counter for key, counter in stream.counters.items() if key.startswith(f"{record.kind.key} ") and counter.end is not None]
    last = max(others, key=lambda counter: counter.epoch or 0.0, default=None)
    if last is None or last.end is None or last.epoch is None or last.epoch + 1 != epoch:
        return None
    return Counter("local", base=epoch, offset=last.end)


def move(stream: Stream, record: Record, step: int | None, kind: int, epoch: float | None) -> None:
    """Remember where the training is, for lines that do not say."""
    if record.kind.aside or record.kind.pattern.summary:
        if "epoch" in record.facts and not record.pattern.summary:
            stream.epoch = epoch
        return
    stream.epoch = epoch
    if step is not None and kind in (EXPLICIT, DERIVED, BAR, SAMPLES):
        stream.step, stream.step_epoch = step, epoch
        stream.told = stream.told or kind != BAR or (record.kind.pattern.kind == "bar" and bool(record.values))
