"""What a progress bar shows that it did not show before: a value is repeated in redraw after redraw. Keeps what was shown in the stream."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise
from typing import Final

from scraper.parse.locating import follows_longer, locate, move
from scraper.parse.numbers import same
from scraper.parse.records import ASIDE, Record
from scraper.parse.streams import Stream
from scraper.parse.words import phase

_MAX_DRAFTS: Final = 1024  # drawings of one count that are kept; a loop with more is too fast to be placed batch by batch
_MAX_CUT: Final = 256  # values of the epoch that a bar showed and now does not
_EPOCHS: Final = "epochs"  # stands for any bar over the epochs among those drawn
Shown = dict[str, float]  # values by name, as a bar had them


def fresh(stream: Stream, record: Record) -> list[tuple[str, float]]:
    """Take a bar's drawing as seen and return its names and values that are new.

    None at count 0, which mostly shows old values, unless it says their step.
    """
    count, shown = stream.drawn.get(record.pattern.id, (None, {}))
    if _is_begun(record) and "step" not in record.facts and record.pattern.id not in stream.early:
        return []
    _learn_late(stream, record, count, shown)
    state, again = _compared(stream, record, count, shown)
    pairs = list(zip(record.names, record.values, strict=True))
    new = [(n, v) for n, v in pairs if not (again and _says(shown, n, v)) and _is_due(stream, record, n, v, shown)]
    if stream.checks == 1 and _stands_still(stream, record, shown):
        new = [(name, value) for name, value in new if _is_of_epoch(stream, record, name)]
    if stream.messages:
        epoch = record.facts.get("epoch", stream.epoch)
        new = [(name, value) for name, value in new if not stream.has_told(name, value, epoch)]
    if pairs:
        cut = {name: value for name, value in shown.items() if again or _has_scope(record, name)}  # may be by the terminal's edge
        shown = {**dict(list(cut.items())[-_MAX_CUT:]), **dict(pairs)}
    stream.drawn[record.pattern.id] = (state, shown)
    if stream.checks == 1 and any(phase(name) == "val" for name, _ in new):
        stream.checks = 0
    return new


def ended(stream: Stream, last: Record, following: Record | None) -> list[Record]:
    """Return what a bar showed at the count that its drawing `last` ends, each with the count it is placed at; learn what its loop does.

    tqdm counts on only so often: in a fast loop, it is drawn for batch after batch at the count of some batch before, which is known by
    as many drawings as the next count is further. Other bars show one thing at a count.
    """
    before = _of_epoch_before(stream, last)
    if before is not None and not _is_begun(last):
        return [before, *_of_counts(stream, last, following)]
    return _of_counts(stream, before or last, following)


def _of_counts(stream: Stream, last: Record, following: Record | None) -> list[Record]:
    """Return what the count that `last` ends shows of the epoch that the bar is in."""
    key = last.pattern.id
    drawn = [*stream.drafts.pop(key, ()), last]
    _, shown = stream.drawn.get(key, (None, {}))
    if last.pattern.drawn == "clock" and following is not None and last.values and not last.complete and _is_known(last, shown):
        return []  # its values were not drawn
    if not _may_be_fast(last):
        return [last]
    batches = _batches(drawn, shown, None if following is None else _distance(last, following))
    if following is not None:
        _learn_often(stream, drawn, batches, following)
        _learn_early(stream, last, shown, len(batches), following)
    if key in stream.early and not (last.complete or batches) and (following is None or len(drawn) == 1) and _is_known(last, shown):
        return []  # drawn by the count itself, and no more
    if len(batches) < 2 or not (key in stream.early or (following is not None and _is_of_loop(last))):
        return [last]
    stream.early.add(key)
    count = last.facts["bar"]
    return [record._replace(facts={**record.facts, "bar": count + number}) for number, record in enumerate(batches)]


def _of_epoch_before(stream: Stream, record: Record) -> Record | None:
    """Return what a bar shows of the epoch before, at its end, where only a drawing of another shows it; None where that is nothing.

    Its first drawing may be the only one with an evaluation. What a hook logs when the epoch is over stands beside the next one's batches.
    """
    state, shown = stream.drawn.get(record.pattern.id, (None, {}))
    unit = "bar" if "bar_total" in record.facts else "batch"  # a bar without a total ends wherever it was drawn last
    epoch, count = record.facts.get("epoch"), record.facts.get(unit)
    if not record.pattern.scope or state is None or epoch is None or (count is None and not _is_begun(record)):
        return None
    end = record.facts.get("bar_total", state[0])
    pairs = list(zip(record.names, record.values, strict=True))
    if state != (end, record.state[1], epoch - 1):
        for name, value in pairs:
            if name in shown and not _says(shown, name, value):
                stream.behind.pop(_key(record, name), None)  # it is of the batches
        return None
    behind = [(n, v) for n, v in pairs if count and _is_behind(stream, record, n, shown)]
    for name, _ in behind:
        stream.behind[_key(record, name)] = True
        shown.pop(name, None)  # it is another one, though it may be the same
    new = behind or [(n, v) for n, v in pairs if not count and _has_scope(record, n) and not _says(shown, n, v)]
    facts = {**record.facts, "epoch": epoch - 1, unit: end}
    return record.named(tuple(n for n, _ in new), [v for _, v in new])._replace(facts=facts) if new else None


def _is_behind(stream: Stream, record: Record, name: str, shown: Shown) -> bool:
    """Whether the first drawing with values of an epoch shows one of the epoch before, of which all was `shown` that was its own."""
    return _key(record, name) in stream.behind or not (name in shown or phase(name) in ASIDE)


def _is_begun(record: Record) -> bool:
    """Whether a bar is drawn where it has counted nothing, also one that has no total and prints no count there."""
    facts = record.facts
    return facts.get("bar") == 0 or (bool(record.pattern.scope) and "epoch" in facts and record.state[0] < 0)


def _key(record: Record, name: str) -> str:
    """Return under what is kept what is learnt of a bar's value."""
    return f"{record.pattern.id} {name}"


def beside(stream: Stream, message: Record) -> Record:
    """Return a message as it is placed beside the bars of its pack, which are where they were drawn last; bars may say it again.

    Their count stands for its step where they are at its epoch: they may count batches, several to a step.
    """
    epoch = message.facts.get("epoch", stream.epoch)
    for bar in stream.held.values():
        if bar.pattern.pack == message.pattern.pack and bar.facts.get("epoch") == epoch:
            move(stream, bar, *locate(stream, bar))
    for name, value in zip(message.names, message.values, strict=True):
        stream.messages[name] = epoch, value
    if stream.step is None or stream.step_epoch != epoch or stream.shown_by(message.pattern.pack) is None:
        return message
    return message._replace(facts={name: value for name, value in message.facts.items() if name != "step"})


def keep(stream: Stream, record: Record) -> None:
    """Keep a drawing which the next one of the same count draws over, where it may show a batch."""
    if not _may_be_fast(record):
        return
    drafts = stream.drafts.setdefault(record.pattern.id, [])
    if len(drafts) < _MAX_DRAFTS:
        drafts.append(record)


def _may_be_fast(record: Record) -> bool:
    """Whether a drawing with values is of a loop of the user's, or may be."""
    return bool(record.values) and "bar" in record.facts and record.pattern.drawn in ("loop", "either")


def _is_of_loop(record: Record) -> bool:
    """Whether a bar gets its values before it counts on, batch by batch."""
    return record.pattern.drawn == "loop"


def _distance(last: Record, following: Record) -> float:
    """Return how many a bar counts from its last drawing at a count to the following one; to its end where that is of another round."""
    count, on = last.facts["bar"], following.facts.get("bar", 0.0)
    return (on if on > count and last.state[1:] == following.state[1:] else last.facts.get("bar_total", 0.0)) - count


def _batches(drawn: list[Record], shown: Shown, distance: float | None) -> list[Record]:
    """Return those drawings of one count that show a batch each, if they are as many as the bar counts then; None: it is not known."""
    known = _is_known(drawn[0], shown)
    if not (known or drawn[0].facts["bar"] == 0):
        return []
    new = drawn[known:]
    if len(new) != distance:  # something else drew it, too
        changed = [record for before, record in pairwise(drawn) if not (before.names == record.names and _is_known(record, _shows(before)))]
        new = changed if known else [drawn[0], *changed]
    return new if distance in (None, len(new)) else []


def _is_known(record: Record, shown: Shown) -> bool:
    """Whether a drawing shows nothing that was not `shown` at the count before, as when it is drawn by the count itself."""
    return all(_says(shown, name, value) for name, value in zip(record.names, record.values, strict=True))


def _says(shown: Shown, name: str, value: float) -> bool:
    """Whether what was `shown` has that value; nan is nan."""
    return name in shown and same(shown[name], value)


def may_be_redrawn(stream: Stream, record: Record) -> bool:
    """Whether what a bar's count brings may still be drawn though the line has ended.

    A message may stand behind the bar, or every drawing on a line of its own: a bar that has counted on shows what it did before, and one
    that brings several new values at a count is known from then on.
    """
    key = record.pattern.id
    if not record.values or record.pattern.redraw != "last" or "bar_total" not in record.facts:
        return False
    count, shown = stream.drawn.get(key, (None, {}))
    if count == record.state and not _is_known(record, shown):
        stream.lined.add(key)
    if key in stream.lined or key in stream.early or count is None:
        return key in stream.lined and not record.complete
    return count[1:] == record.state[1:] and count[0] < record.state[0] and _is_known(record, shown)


def _shows(record: Record) -> Shown:
    """Return the values that a drawing shows, by name."""
    return dict(zip(record.names, record.values, strict=True))


def _learn_early(stream: Stream, record: Record, shown: Shown, batches: int, following: Record) -> None:
    """Learn from a bar's last drawing at count 0 and what was drawn next whether its loop shows what a batch gave before it counts that.

    Lightning's own shows nothing at its first count 0, and what was before at the others.
    """
    if record.facts["bar"] != 0:
        return
    key = record.pattern.id
    own = (not shown or _is_of_loop(record) or key in stream.early) and key not in stream.often
    early = own and following.facts.get("bar") == batches and not _is_known(record, shown)
    (stream.early.add if early else stream.early.discard)(key)


def _learn_often(stream: Stream, drawn: list[Record], batches: list[Record], following: Record) -> None:
    """Learn from several values at one count, where the next count is the one after, that its loop accumulates gradients.

    What it shows at a count is then of that count, however many batches that takes.
    """
    key = drawn[0].pattern.id
    if key in stream.early and not batches and len(drawn) > 2 and following.facts.get("bar", 0.0) == drawn[0].facts["bar"] + 1:
        stream.early.discard(key)
        stream.often.add(key)


def begins_anew(stream: Stream, record: Record) -> bool:
    """Whether a bar over the epochs is drawn at 0 behind one that had counted: another training begins."""
    if not record.is_of_epochs or "epoch" in record.facts:
        return False
    before, _ = stream.drawn.get(_EPOCHS, (None, {}))
    stream.drawn[_EPOCHS] = record.state, {}
    return record.facts["bar"] == 0 and before is not None and before[0] > 0


def of_epochs(stream: Stream, record: Record, before: Record | None) -> Record:
    """Return a bar's drawing with the epoch that is behind it, where the bar counts the epochs that its description says.

    That is learnt from a description that goes on while the count stays; a bar of batches begins anew with each epoch.
    """
    facts, key = record.facts, record.pattern.id
    if not record.is_of_epochs or "epoch" not in facts:
        return record
    count, epoch = facts["bar"], facts["epoch"]
    last = before.state if before is not None else stream.drawn.get(key, (None, {}))[0]
    if count not in (epoch - 1, epoch):
        stream.spans.discard(key)
    elif last is not None and last[0] == count == last[-1] == epoch - 1 > 0:
        stream.spans.add(key)
    return record._replace(facts={**facts, "epoch": count}) if key in stream.spans else record


def told_apart(stream: Stream, record: Record, before: Record | None) -> Record:
    """Return a bar's drawing with its values named as a validation's, where it follows a longer one of its epoch that shows the same names.

    `before` was drawn last, and is not placed yet.
    """
    if not (_is_of_loop(record) and record.values):
        return record
    alike = before.names == record.names if before is not None and before.complete else record.names in stream.last
    is_second = alike and follows_longer(stream, record, record.facts.get("epoch", stream.epoch), before)
    is_second = is_second and not any(phase(name) for name in record.names)
    return record.named(tuple(f"val/{name}" for name in record.names)) if is_second else record


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
        is_there = count is not None and count[:2] == state[:2]
        again = count == state or (is_there and len(shown) == len(record.values) and _is_known(record, shown))
    if record.pattern.redraw == "complete":  # the same bar, with an evaluation added below a callback's message
        again = again and shown.keys() < set(record.names)
    return state, again


def _learn_late(stream: Stream, record: Record, count: tuple[float, ...] | None, shown: Shown) -> None:
    """Learn which values are of the epoch although their names do not say so: those that only its last count brings."""
    if record.complete and count is not None and count[1:] == record.state[1:] and count[0] < record.state[0]:
        for name in record.names:
            if name not in shown:
                stream.late[_key(record, name)] = True


def _is_due(stream: Stream, record: Record, name: str, value: float, shown: Shown) -> bool:
    """A value of the epoch is repeated in every redraw of the next one: it counts when it changes, and at the epoch's end."""
    if _key(record, name) in stream.behind:
        return not _says(shown, name, value)
    if not _is_of_epoch(stream, record, name):
        return True
    is_new = not _says(shown, name, value)
    if is_new or not record.complete:
        return is_new
    if phase(name) != "val" or stream.checks == 1:
        return True
    if stream.checks != -1 or record.facts.get("epoch") in stream.epochs(name):
        return False  # no evaluation was drawn since: it still shows what that gave, or one earlier in this epoch
    alike = [_says(shown, n, v) for n, v in zip(record.names, record.values, strict=True) if phase(n) == "val"]
    return not (len(alike) > 1 and all(alike))  # nor was there one where all that it shows of it is the same


def _is_of_epoch(stream: Stream, record: Record, name: str) -> bool:
    """Whether a bar's value is of the whole epoch."""
    return _key(record, name) in stream.late or _has_scope(record, name)


def _has_scope(record: Record, name: str) -> bool:
    """Whether the pattern says that a value of that name is of the whole epoch, as all of a validation are where some values are."""
    scope = record.pattern.scope
    return bool(scope) and (_is_any(name, scope) or phase(name) == "val")


@lru_cache(maxsize=8192)
def _is_any(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def _stands_still(stream: Stream, record: Record, shown: Shown) -> bool:
    """Whether a bar shows the batches' values as drawn before: some count on while a validation runs."""
    values = {n: v for n, v in zip(record.names, record.values, strict=True) if not _is_of_epoch(stream, record, n)}
    return "loss" in values and all(_says(shown, name, value) for name, value in values.items())
