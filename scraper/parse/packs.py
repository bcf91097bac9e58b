"""Pattern packs: TOML text into checked patterns. A pack without samples, or whose samples fail, is refused.

Reading the files is the business of `packfiles`; what is here takes text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import regex

from scraper.errors import PackError
from scraper.model import MetricDefinition
from scraper.nearest import nearest
from scraper.parse.numbers import INTEGER, NUMBER

# Groups with these names say where the training is; desc, phase, pairs, key and value say how to read on; every other named group is a
# metric of that name.
FACTS: Final = frozenset(
    ("step", "steps", "epoch", "epochs", "batch", "batches", "samples", "total_samples", "counter", "counters", "bar", "bar_total")
)
KINDS: Final = ("regex", "bar", "table", "box", "json")
REDRAWS: Final = ("", "last", "first", "complete")
_TEXTS: Final = ("prefix", "phase", "opens", "inside", "once", "joins")
_FLAGS: Final = ("wait", "summary", "unordered", "closes", "paced")
_PATTERN_KEYS: Final = frozenset(("name", "kind", "regex", "names", "redraw", "rest", "columns", "skip", "scope", *_TEXTS, *_FLAGS))
_PACK_KEYS: Final = frozenset(("name", "title", "about", "source", "after"))
# Marks for what is no literal in `_outermost`.
_OPAQUE: Final = "\x00"
_EITHER: Final = "\x01"
_TIMES: Final = "\x02"
_SPECIAL: Final = _OPAQUE + _EITHER + _TIMES + "*+?"
_MACROS: Final = {"{NUM}": NUMBER, "{INT}": INTEGER}


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One way in which a framework prints numbers. Two patterns are the same only when they are one object."""

    pack: str
    name: str
    kind: str = "regex"
    regex: regex.Pattern[str] | None = None
    source: str = ""  # the regex as written in the pack
    literals: tuple[str, ...] = ()  # text every match contains: a line without them is not tried
    names: Mapping[str, str] = field(default_factory=dict)  # group, column or key -> metric name
    prefix: str = ""  # put in front of every name
    phase: str = ""  # train, val or test: what the values are of
    wait: bool = False  # the step stands in the progress bar that is drawn next
    redraw: str = ""  # which redraw of a counter counts: the last, the first, or only the complete bar
    summary: bool = False  # repeats earlier values: it moves no step and starts no attempt
    unordered: bool = False  # steps may go back without a restart, as with parallel trials
    opens: str = ""  # the section this line begins
    inside: str = ""  # the section this pattern is looked for in
    closes: bool = False  # ends the open section
    rest: bool = False  # what follows the match on the line is read as a line of its own
    columns: Mapping[str, str] = field(default_factory=dict)  # of a table: header -> name, or a fact
    skip: frozenset[str] = frozenset()  # names that are no metrics
    once: str = ""  # prefix for a further record under the same header, as Keras' evaluate after fit
    paced: bool = False  # printed at regular steps, one of which a `summary` line with the same names may repeat
    joins: str = ""  # the pattern whose record goes on in this line, because a terminal was too narrow for it
    scope: tuple[str, ...] = ()  # glob patterns of names whose value belongs to the epoch, and is repeated in every redraw
    user: bool = False  # not built in: guarded by a timeout

    @property
    def id(self) -> str:
        """Pack and pattern, as shown to people."""
        return f"{self.pack}:{self.name}"


@dataclass(frozen=True, slots=True)
class Sample:
    """Printed text and the points it must give; without points, a near miss that must give none."""

    text: str
    points: tuple[tuple[str, float | None, float | None, float], ...]  # metric, step, epoch, value
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pack:
    """The patterns of one framework."""

    name: str
    title: str = ""
    about: str = ""
    source: str = ""  # where the framework's printing code is
    origin: str = ""  # the file it was read from
    user: bool = False
    after: int = 0  # packs are tried from low to high; the generic ones come last
    patterns: tuple[Pattern, ...] = ()
    metrics: tuple[MetricDefinition, ...] = ()
    samples: tuple[Sample, ...] = ()


class PackSet:
    """All packs in use, in the order they are tried: the user's own first."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(sorted(packs, key=lambda p: (not p.user, p.after, p.name)))
        self.patterns = tuple(pattern for pack in self.packs for pattern in pack.patterns)
        self._definitions = {d.metric: d for pack in reversed(self.packs) for d in pack.metrics}

    def definition(self, metric: str) -> MetricDefinition | None:
        """Return what a pack says of a metric, with or without the phase in front of its name."""
        found = self._definitions.get(metric) or self._definitions.get(metric.rsplit("/", 1)[-1])
        return None if found is None else MetricDefinition(**{**_fields(found), "metric": metric})


def _fields(definition: MetricDefinition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in MetricDefinition.__dataclass_fields__}


def parse_pack(text: str, origin: str, *, user: bool = False) -> Pack:
    """Return the pack written in `text`. Raises PackError with the file, the pattern and what to do; runs no sample."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{origin}: not valid TOML: {error}") from None
    head = data.get("pack")
    if not isinstance(head, dict) or not isinstance(head.get("name"), str):
        raise PackError(f'{origin}: needs a table [pack] with name = "…"')
    _refuse_unknown(head, _PACK_KEYS, f"{origin}: [pack]")
    _refuse_unknown(data, frozenset(("pack", "pattern", "metrics", "sample")), origin)
    name = str(head["name"])
    raws = enumerate(data.get("pattern", []), 1)
    patterns = tuple(_pattern(raw, name, f"{origin}: pattern {raw.get('name', number)!r}", user=user) for number, raw in raws)
    if not patterns:
        raise PackError(f"{origin}: has no [[pattern]]")
    samples = tuple(_sample(raw, f"{origin}: sample {number}") for number, raw in enumerate(data.get("sample", []), 1))
    if not any(s.points for s in samples):
        raise PackError(f"{origin}: has no [[sample]] with points; a pack carries lines it matches and the points they give")
    metrics = tuple(_definition(metric, raw, name, origin) for metric, raw in data.get("metrics", {}).items())
    return Pack(
        name=name,
        title=str(head.get("title") or name),
        about=head.get("about", ""),
        source=head.get("source", ""),
        origin=origin,
        user=user,
        after=int(head.get("after", 0)),
        patterns=patterns,
        metrics=metrics,
        samples=samples,
    )


def _refuse_unknown(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise PackError(f"{where}: unknown key {key!r}{nearest(key, sorted(known))}")


def _pattern(raw: dict[str, Any], pack: str, where: str, *, user: bool) -> Pattern:
    _refuse_unknown(raw, _PATTERN_KEYS, where)
    kind, redraw = raw.get("kind", "regex"), raw.get("redraw", "")
    if kind not in KINDS:
        raise PackError(f"{where}: kind {kind!r} is none of {', '.join(KINDS)}")
    if redraw not in REDRAWS:
        raise PackError(f"{where}: redraw {redraw!r} is none of {', '.join(r for r in REDRAWS if r)}")
    source = raw.get("regex", "")
    compiled = _compile(source, where) if source else None
    if compiled is None and kind not in ("json", "box"):
        raise PackError(f"{where}: needs a regex")
    texts: dict[str, Any] = {key: str(raw.get(key, "")) for key in _TEXTS}
    flags: dict[str, Any] = {key: bool(raw.get(key, False)) for key in _FLAGS}
    return Pattern(
        pack=pack,
        name=raw.get("name", kind),
        kind=kind,
        regex=compiled,
        source=source,
        literals=required_literals(source),
        names=raw.get("names", {}),
        redraw=redraw,
        rest=raw.get("rest", kind == "bar"),
        columns=raw.get("columns", {}),
        skip=frozenset(raw.get("skip", ())),
        scope=tuple(raw.get("scope", ())),
        user=user,
        **texts,
        **flags,
    )


def expand(source: str) -> str:
    """Return a regex with {NUM} and {INT} replaced by what they stand for."""
    for macro, meaning in _MACROS.items():
        source = source.replace(macro, meaning)
    return source


def _compile(source: str, where: str) -> regex.Pattern[str]:
    try:
        return regex.compile(expand(source))
    except regex.error as error:
        raise PackError(f"{where}: the regex is not valid: {error}\n  {source}") from None


def required_literals(source: str) -> tuple[str, ...]:
    """Return text that every match of a regex must contain, found without reading more of it than its outermost level."""
    flat = _outermost(source)
    if _EITHER in flat or re.match(r"\(\?[a-zA-Z]", source):  # alternatives, or flags that change what letters mean
        return ()
    runs, run = [], ""
    for i, c in enumerate(flat):
        if c not in _SPECIAL and flat[i + 1 : i + 2] not in ("*", "?", _TIMES):
            run += c
        else:
            runs.append(run)
            run = ""
    runs.append(run)
    return tuple(r for r in runs if len(r.strip()) >= 2)  # a single character excludes next to nothing


def _outermost(source: str) -> str:
    """Return the outermost level of a regex: literal characters as they are, everything else as one mark each."""
    out, depth, i = [], 0, 0
    while i < len(source):
        c, end = source[i], i + 1
        mark = c
        if c == "\\":
            escaped = source[i + 1 : i + 2]
            mark, end = (_OPAQUE if escaped.isalnum() else escaped), i + 2
        elif c == "[":
            mark, end = _OPAQUE, _set_end(source, i)
        elif c == "{":
            mark, end = _TIMES, source.find("}", i) + 1 or len(source)
        elif c == "|":
            mark = _EITHER
        elif c in ".^$":
            mark = _OPAQUE
        elif c in "()":
            depth += 1 if c == "(" else -1
            mark = _OPAQUE
        if not depth:
            out.append(mark)
        i = end
    return "".join(out)


def _set_end(source: str, start: int) -> int:
    """Return where the character set that begins at `start` ends."""
    i = start + 1
    while source[i : i + 1] in ("^", "]"):
        i += 1
    while i < len(source) and source[i] != "]":
        i += 2 if source[i] == "\\" else 1
    return i + 1


def _sample(raw: dict[str, Any], where: str) -> Sample:
    if not isinstance(raw.get("log"), str):
        raise PackError(f'{where}: needs log = """the printed text"""')
    _refuse_unknown(raw, frozenset(("log", "points")), where)
    points = []
    for point in raw.get("points", []):
        if not isinstance(point, dict) or "metric" not in point or "value" not in point:
            raise PackError(f'{where}: a point is written {{metric = "loss", step = 10, epoch = 1.0, value = 0.5}}')
        points.append((point["metric"], point.get("step"), point.get("epoch"), float(point["value"])))
    return Sample(raw["log"], tuple(points))


def _definition(metric: str, raw: dict[str, Any], pack: str, origin: str) -> MetricDefinition:
    known = frozenset(MetricDefinition.__dataclass_fields__) - {"metric", "pack"}
    _refuse_unknown(raw, known, f"{origin}: [metrics.{metric!r}]")
    return MetricDefinition(metric=metric, pack=pack, **raw)
