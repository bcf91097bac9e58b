"""A suggested pack as TOML: commented, ready to edit, and readable by `parse_pack`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scraper.model import Point
from scraper.parse.packs import Pack, Pattern, compile_regex
from scraper.parse.words import is_metric, is_side

_HEAD: Final = """\
# Suggested by `scraper packs suggest`{origin}. Read it, give things better names, and then:
#   scraper packs check FILE          every sample below must give exactly its points
#   scraper packs test FILE LOG       what it finds in a log, and what it leaves
#   move FILE into .scraper/patterns/ (this project) or ~/.config/scraper/patterns/ (all of yours)
#
# A regex is looked for behind timestamps, levels and ranks, which are taken off first. A named group is a metric of that name;
# step, epoch, batch and the totals steps, epochs, batches say where the training is. {NUM} is a number, {INT} a whole one.
"""

_UNKNOWN: Final = 8  # names that are listed
_MEANING: Final = """\
# Not told by their names: {names}. For each that matters:
# [metrics.{name}]
# label = "…"                # for people
# higher_is_better = true    # or false; without it there is no best value
# tier = "primary"           # what the training is about is shown first
"""


@dataclass(slots=True)
class Draft:
    """One pattern to be suggested, and a sample for it."""

    name: str
    regex: str
    sample: str
    count: int  # lines of the log that it was made from
    first: int  # number of the first of them
    last: int = 0  # of the last
    kind: str = ""  # "table", "box"; "" for a plain regex
    names: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    redraw: str = ""
    wait: bool = False  # its step stands in the progress bar that is drawn next
    notes: tuple[str, ...] = ()
    heads: bool = False  # gives no points itself: it says where those below it belong
    points: list[Point] = field(default_factory=list)  # that the sample gives

    def pattern(self, pack: str) -> Pattern:
        """Return the pattern as it will be read from the pack. PackError when its regex is not valid."""
        compile_regex(self.regex, self.name)
        return Pattern(
            pack=pack,
            name=self.name,
            kind=self.kind or "regex",
            source=self.regex,
            names=self.names,
            columns=self.columns,
            skip=frozenset(self.skip),
            redraw=self.redraw,
            wait=self.wait,
            user=True,
        )


def as_pack(drafts: Sequence[Draft], name: str) -> Pack:
    """Return the pack of some drafts, without samples."""
    return Pack(name, user=True, patterns=tuple(draft.pattern(name) for draft in drafts))


def write(drafts: Sequence[Draft], misses: Sequence[str], name: str, origin: str) -> str:
    """Return the TOML text of a pack: its patterns, their samples, near misses, and what is known of its metrics."""
    parts = [_HEAD.replace("{origin}", f" for {_comment(origin)}" if origin else "")]
    parts.append(f"[pack]\nname = {_text(name)}\ntitle = {_text(name)}\nabout = {_text(f'Lines of {origin}.')}\n")
    for draft in drafts:
        parts.append(_pattern(draft))
        parts += [_sample(draft.sample, _told(draft))] if draft.points else []
    if misses:
        parts.append("# Near misses: lines that must give nothing.")
        parts += [_sample(miss, []) for miss in misses]
    metrics = dict.fromkeys(point.metric for draft in drafts for point in draft.points)
    parts += [_metric(metric) for metric in metrics if is_metric(metric)]
    unknown = [metric for metric in metrics if not (is_metric(metric) or is_side(metric))][:_UNKNOWN]
    parts += [_MEANING.replace("{names}", _comment(", ".join(unknown))).replace("{name}", _text(unknown[0]))] if unknown else []
    return "\n".join(parts)


def _told(draft: Draft) -> list[Point]:
    """Return the points of a draft's sample, without a step where the lines above would tell it: a sample stands alone."""
    return [point._replace(step=None) for point in draft.points] if draft.notes else draft.points


def _pattern(draft: Draft) -> str:
    count = f"{draft.count:,} lines, the first of them line {draft.first:,}" if draft.count > 1 else f"Line {draft.first:,}"
    lines = [f"# {count}", *(f"# {_comment(note)}" for note in draft.notes)]
    lines += ["[[pattern]]", f"name = {_text(draft.name)}"]
    lines += [f"kind = {_text(draft.kind)}"] if draft.kind else []
    lines += [f"redraw = {_text(draft.redraw)}  # of a line that is drawn over and over, its last state counts"] if draft.redraw else []
    lines += ["wait = true  # its step stands in the progress bar that is drawn next"] if draft.wait else []
    lines += [f"names = {_table(draft.names)}"] if draft.names else []
    lines += [f"columns = {_table(draft.columns)}  # what places the values"] if draft.columns else []
    lines += [f"skip = [{', '.join(map(_text, draft.skip))}]"] if draft.skip else []
    lines += [f"regex = {_literal(draft.regex)}"]
    return "\n".join(lines) + "\n"


def _sample(log: str, points: Sequence[Point]) -> str:
    lines = ["[[sample]]", f"log = {_block(log)}"]
    if points:
        lines += ["points = [", *(f"  {_point(point)}," for point in points), "]"]
    return "\n".join(lines) + "\n"


def _point(point: Point) -> str:
    parts = [f"metric = {_text(point.metric)}"]
    parts += [] if point.step is None else [f"step = {point.step}"]
    parts += [] if point.epoch is None else [f"epoch = {_number(point.epoch)}"]
    return "{" + ", ".join([*parts, f"value = {_number(point.value)}"]) + "}"


def _metric(metric: str) -> str:
    stem = metric.lower()
    lower = any(word in stem for word in ("loss", "err", "perplexity", "ppl", "mse", "mae", "nll"))
    told = lower or not any(word in stem for word in ("norm", "entropy", "kl", "objective"))  # which way these should go is not in the name
    guess = f"higher_is_better = {'false' if lower else 'true'}  # guessed from the name\n" if told else ""
    return f"[metrics.{_text(metric)}]\nlabel = {_text(metric)}\n{guess}"


def _number(value: float) -> str:
    if math.isfinite(value):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _table(texts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{_text(key)} = {_text(value)}" for key, value in texts.items()) + "}"


def _text(text: str) -> str:
    """Return a TOML string of one line; JSON's escapes are TOML's too, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _block(text: str) -> str:
    """Return a TOML string over several lines, as it was printed."""
    if "'''" in text or any((c < " " and c not in "\n\t") or c == "\x7f" for c in text):
        lines = (_text(line)[1:-1] for line in text.split("\n"))
        return '"""\n' + "\n".join(lines) + '"""'
    return f"'''\n{text}'''"


def _literal(regex: str) -> str:
    return f"'''{regex}'''" if "'''" not in regex and not regex.endswith("'") else _text(regex)


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
