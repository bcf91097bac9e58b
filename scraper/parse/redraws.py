"""What a progress bar shows that it did not show before: a value is repeated in redraw after redraw. Keeps what was shown in the stream."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

from scraper.parse.records import Record
from scraper.parse.streams import Stream
from scraper.parse.words import phase

_LIGHTNING: Final = "lightning:tqdm"
Shown = dict[str, float]  # values by name, as a bar had them


def fresh(stream: Stream, record: Record) -> list[tuple[str, float]]:
    """Take a bar's drawing as seen and return its names and values that are new.

    None at count 0, which mostly shows old values, unless it says their step.
    """
    count, shown = stream.drawn.get(record.pattern.id, (None, {}))
    if record.facts.get("bar") == 0 and "step" not in record.facts and record.pattern.id not in stream.early:
        return []
    _learn_late(stream, record, count, shown)
    state, again = _compared(stream, record, count, shown)
    pairs = list(zip(record.names, record.values, strict=True))
    new = [(n, v) for n, v in pairs if not (again and shown.get(n) == v) and _is_due(stream, record, n, v, shown)]
    if stream.checks == 1 and _stands_still(stream, record, shown):
        new = [(name, value) for name, value in new if _is_of_epoch(stream, record, name)]
    cut = {name: value for name, value in shown.items() if _has_scope(record, name)}  # may be by the terminal's edge
    stream.drawn[record.pattern.id] = (state, {**cut, **dict(pairs)} if pairs else shown)
    if stream.checks == 1 and any(phase(name) == "val" for name, _ in new):
        stream.checks = 0
    return new


def learn_early(stream: Stream, record: Record, following: Record) -> None:
    """Learn from a bar's last drawing at count 0 and what was drawn next whether its loop shows what a batch gave before it counts that.

    Lightning's own, which many name theirs like, shows nothing at its first count 0, and what was before at the others.
    """
    pattern = record.pattern
    if record.facts.get("bar") != 0 or not record.values or not (pattern.pack == "tqdm" or pattern.id == _LIGHTNING):
        return
    _, shown = stream.drawn.get(pattern.id, (None, {}))
    own = (not shown or pattern.pack == "tqdm" or pattern.id in stream.early) and pattern.id not in stream.often
    changed = any(shown.get(name) != value for name, value in zip(record.names, record.values, strict=True))
    early = own and following.facts.get("bar") == 1 and changed
    (stream.early.add if early else stream.early.discard)(pattern.id)


def of_epochs(stream: Stream, record: Record, before: Record | None) -> Record:
    """Return a bar's drawing with the epoch that is behind it, where the bar counts the epochs that its description says.

    That is learnt from a description that goes on while the count stays; a bar of batches begins anew with each epoch.
    """
    facts, key = record.facts, record.pattern.id
    if "epochs" not in facts or facts["epochs"] != facts.get("bar_total") or "epoch" not in facts:
        return record
    count, epoch = facts["bar"], facts["epoch"]
    last = before.state if before is not None else stream.drawn.get(key, (None, {}))[0]
    if count not in (epoch - 1, epoch):
        stream.spans.discard(key)
    elif last is not None and last[0] == count == last[-1] == epoch - 1 > 0:
        stream.spans.add(key)
    return record._replace(facts={**facts, "epoch": count}) if key in stream.spans else record


def notice_several(stream: Stream, before: Record, record: Record) -> None:
    """Remember of two drawings of one count that both show new values."""
    if record.pattern.id not in stream.early or not record.facts.get("bar"):
        return
    _, shown = stream.drawn.get(record.pattern.id, (None, {}))
    earlier = dict(zip(before.names, before.values, strict=True))
    if any(shown.get(n, v) != earlier.get(n, v) != v for n, v in zip(record.names, record.values, strict=True)):
        stream.several.add(record.pattern.id)


def learn_often(stream: Stream, before: Record, record: Record) -> None:
    """Learn from several values at one count, where the next count is the one after, that its loop accumulates gradients.

    What it shows at a count is then of that count, however many batches that takes. Where the next count is as many further as there
    were values, the bar is drawn for each batch and counts less often, as tqdm does in a fast loop.
    """
    key = record.pattern.id
    if key in stream.several and record.facts.get("bar", 0.0) == before.facts.get("bar", 0.0) + 1:
        stream.early.discard(key)
        stream.often.add(key)
    stream.several.discard(key)


def counted(stream: Stream, record: Record) -> Record:
    """Return a drawing with the count that its values are of, which is the next one where its loop draws before it counts."""
    if record.pattern.id not in stream.early or record.complete or "bar" not in record.facts:
        return record
    return record._replace(facts={**record.facts, "bar": record.facts["bar"] + 1})


def _compared(stream: Stream, record: Record, count: tuple[float, ...] | None, shown: Shown) -> tuple[tuple[float, ...], bool]:
    """Return a drawing's state, and whether it is that of the one before, whose state was `count`."""
    state = record.state
    again = count == state
    if record.complete and "epoch" not in record.facts and stream.epoch is not None:  # a bar an epoch, below a header
        state = (*state[:2], stream.epoch)
        again = count == state or (count is not None and count[:2] == state[:2] and list(shown.values()) == record.values)
    if record.pattern.redraw == "complete":  # the same bar, with an evaluation added below a callback's message
        again = again and shown.keys() < set(record.names)
    return state, again


def _learn_late(stream: Stream, record: Record, count: tuple[float, ...] | None, shown: Shown) -> None:
    """Learn which values are of the epoch although their names do not say so: those that only its last count brings."""
    if record.complete and count is not None and count[1:] == record.state[1:] and count[0] < record.state[0]:
        stream.late.update(f"{record.pattern.id} {name}" for name in record.names if name not in shown)


def _is_due(stream: Stream, record: Record, name: str, value: float, shown: Shown) -> bool:
    """A value of the epoch is repeated in every redraw of the next one: it counts when it changes, and at the epoch's end."""
    if not _is_of_epoch(stream, record, name):
        return True
    if shown.get(name) != value or not record.complete:
        return shown.get(name) != value
    if phase(name) != "val" or stream.checks == 1:
        return True
    # no evaluation was drawn since: it still shows what that gave, or one earlier in this epoch
    return stream.checks == -1 and record.facts.get("epoch") not in stream.epochs(name)


def _is_of_epoch(stream: Stream, record: Record, name: str) -> bool:
    """Whether a bar's value is of the whole epoch."""
    return f"{record.pattern.id} {name}" in stream.late or _has_scope(record, name)


def _has_scope(record: Record, name: str) -> bool:
    """Whether the pattern says that a value of that name is of the whole epoch."""
    return any(fnmatchcase(name, glob) for glob in record.pattern.scope)


def _stands_still(stream: Stream, record: Record, shown: Shown) -> bool:
    """Whether a bar shows the batches' values as drawn before: some count on while a validation runs."""
    values = {n: v for n, v in zip(record.names, record.values, strict=True) if not _is_of_epoch(stream, record, n)}
    return "loss" in values and all(shown.get(name) == value for name, value in values.items())
