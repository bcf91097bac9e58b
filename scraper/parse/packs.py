"""Pattern packs: TOML text into checked patterns. A pack without samples, or whose samples fail, is refused.

Reading the files is the business of `packfiles`; what is here takes text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

import regex

from scraper.errors import PackError
from scraper.model import MetricDefinition
from scraper.nearest import nearest
from scraper.parse.literals import Demands, Need, demands_of
from scraper.parse.numbers import INTEGER, NUMBER
from scraper.parse.tomllines import Places
from scraper.parse.words import TOTALS

# Groups with these names say where the training is; desc, phase, part, pairs, key and value say how to read on; every other named
# group is a metric of that name.
FACTS: Final = frozenset((*TOTALS, *TOTALS.values(), "last_batch", "bar", "bar_total"))
SPANNING: Final = ("table", "rows", "box", "tree")  # the lines below are part of what a match opens
KINDS: Final = ("regex", "bar", *SPANNING, "json")
CHOICES: Final = {"redraw": ("last", "first", "complete"), "drawn": ("loop", "either", "clock")}
_JOINTS: Final = ("_", "/", "-", " ")  # what joins the words of a name
_TEXTS: Final = ("prefix", "opens", "inside", "once", *CHOICES)
_FLAGS: Final = (
    "wait", "summary", "unordered", "closes", "paced", "headed", "wraps", "from_zero", "from_one", "echoed", "barless", "validates"
)  # fmt: skip
_PATTERN_KEYS: Final = frozenset(("name", "kind", "regex", "names", "rest", "columns", "skip", "scope", *_TEXTS, *_FLAGS))
_PACK_KEYS: Final = frozenset(("name", "title", "about", "source", "after"))
_TABLES: Final = ("names", "columns")
_LISTS: Final = ("skip", "scope")
# What a key's value must be, and how to say so.
_TYPES: Final[dict[str, tuple[type, str]]] = {
    **dict.fromkeys(("name", "title", "about", "source", "kind", "regex", "log", "metric", *_TEXTS), (str, "a text in quotes")),
    **dict.fromkeys(("label", "format", "unit", "description", "tier"), (str, "a text in quotes")),
    **dict.fromkeys(("rest", "higher_is_better", *_FLAGS), (bool, "true or false")),
    **dict.fromkeys(_TABLES, (dict, 'a table of texts, like {"printed name" = "metric"}')),
    **dict.fromkeys(_LISTS, (list, 'a list of texts, like ["a", "b"]')),
    "after": (int, "a whole number"),
    "points": (list, "a list"),
}
RESERVED: Final = frozenset(("generic", "cli"))  # what the reader without a pack, and patterns from the command line, are called
_SAMPLES: Final = re.compile(r"^\[\[sample\]\]$.*?(?=^\[(?:\[pattern|metrics)|\Z)", re.MULTILINE | re.DOTALL)
_MACROS: Final = {"{NUM}": NUMBER, "{INT}": INTEGER}
_NOT_ASCII: Final = "\x80"  # any character that is not: what patterns demand does not tell these apart


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One way in which a framework prints numbers. Two patterns are the same only when they are one object."""

    pack: str
    name: str
    kind: str = "regex"
    source: str = ""  # the regex as written in the pack; empty for none
    names: Mapping[str, str] = field(default_factory=dict)  # group, column or key -> metric name
    prefix: str = ""  # put in front of every name
    wait: bool = False  # the step stands in the progress bar that is drawn next
    redraw: str = ""  # which redraw of a counter counts: the last, the first, or only the complete bar
    drawn: str = ""  # by what, where its values need not be of its count: a loop of the user's, either that or a trainer, a clock
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
    headed: bool = False  # a heading such as `Validation:` above says which data the values are of
    from_zero: bool = False  # epochs are counted from 0, also where a log begins with a later one
    from_one: bool = False  # likewise from 1, and it starts over in each
    wraps: bool = False  # its values go on in the lines below, where a terminal was too narrow for them
    barless: bool = False  # repeats what a bar or the box of its pack shows: it counts only where there is none
    echoed: bool = False  # a dict of the trainer may say again what stands in the section that it opens
    validates: bool = False  # a validation's bar: what other bars show of a validation is new once it was drawn
    scope: tuple[str, ...] = ()  # glob patterns of names whose value belongs to the epoch, and is repeated in every redraw
    user: bool = False  # not built in: guarded by a timeout

    @property
    def id(self) -> str:
        """Pack and pattern, as shown to people."""
        return f"{self.pack}:{self.name}"

    def named(self, name: str) -> str:
        """Return a printed name with the prefix in front, unless it begins with that word: no `eval/eval_loss`."""
        stem = self.prefix.removesuffix("/")
        told = stem != self.prefix and name.startswith(stem) and name[len(stem) : len(stem) + 1] in _JOINTS
        return name if told else self.prefix + name

    @property
    def demands(self) -> Demands:
        """What a line is like that may match: others are not tried."""
        return demands_of(self.source if self.source or self.kind != "json" else r"\{")

    @property
    def regex(self) -> regex.Pattern[str] | None:
        """The regex, made when it is first wanted: most patterns never meet a line that has their literals."""
        return _compiled(self.source) if self.source else None


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


class _Test(NamedTuple):
    """What a text must hold to be tried with a pattern."""

    longest: str  # rules most texts out by one look
    others: tuple[str, ...]
    either: tuple[Need, ...]
    pattern: Pattern


class PackSet:
    """All packs in use, in the order they are tried: the user's own first. Logs share one, and with it what patterns demand."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        self.packs = tuple(sorted(packs, key=lambda p: (not p.user, p.after, p.name)))
        self.patterns = tuple(pattern for pack in self.packs for pattern in pack.patterns)
        self._tests: dict[Pattern, _Test] = {}
        self._tried: dict[tuple[str, str], list[_Test]] = {}  # by the first character of the text, and the open section
        self._definitions = {pack.name: {d.metric: d for d in pack.metrics} for pack in self.packs if pack.metrics}

    def candidates(self, text: str, section: str) -> Iterator[Pattern]:
        """Yield the patterns that `text`, which is not empty, may match by its first character and the literals in it, in their order."""
        start = text[0] if text[0].isascii() else _NOT_ASCII
        tests = self._tried.get((start, section))
        if tests is None:
            fitting = (p for p in self.patterns if p.inside in ("", section) and p.demands.may_begin(start))
            tests = self._tried[start, section] = [self._tests.get(p) or self._tests.setdefault(p, _test(p)) for p in fitting]
        has = text.__contains__
        for longest, others, either, pattern in tests:
            if longest not in text or (others and not all(map(has, others))):
                continue
            if not either or all(any(map(has, need)) for need in either):
                yield pattern

    def definitions(self, metric: str, finder: str) -> list[MetricDefinition]:
        """Return what is said of a metric, with or without the phase in front of its name, the weaker word first.

        That is the word of the pack called `finder`, which read it (another framework may print another thing under this name), and
        that of the user's packs without a pattern, as the configuration's.
        """
        silent = (pack.name for pack in self.packs if pack.user and not pack.patterns)
        said = [self._definitions.get(name, {}) for name in (finder, *silent)]
        found = [known.get(metric) or known.get(metric.rsplit("/", 1)[-1]) for known in said]
        return [replace(one, metric=metric) for one in found if one is not None]


def _test(pattern: Pattern) -> _Test:
    """Return what to look for before a pattern is tried."""
    needs = pattern.demands.needs
    texts = sorted((need[0] for need in needs if len(need) == 1), key=len, reverse=True)
    return _Test((texts or [""])[0], tuple(texts[1:]), tuple(need for need in needs if len(need) > 1), pattern)


def parse_pack(text: str, origin: str, *, user: bool = False, trusted: bool = False) -> Pack:
    """Return the pack written in `text`. Raises PackError with the file, the line, the pattern and what to do; runs no sample.

    `trusted`: it was tried before. Its regexes are not made now, and its samples, which take most of the time, are left out; lines are
    not told.
    """
    text = _SAMPLES.sub("", text) if trusted else text
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(_toml_error(error, text, origin)) from None
    places = Places("" if trusted else text)
    head = data.get("pack")
    if not isinstance(head, dict) or not isinstance(head.get("name"), str) or not head["name"].strip():
        raise PackError(f'{origin}:{places.table("pack")}: needs a table [pack] with name = "…"')
    _check_keys(data, frozenset(("pack", "pattern", "metrics", "sample")), origin, "", places, 0)
    _check_keys(head, _PACK_KEYS, origin, "[pack]: ", places, places.table("pack"))
    if head["name"] in RESERVED:
        raise PackError(f"{origin}:{places.table('pack')}: [pack]: the name {head['name']!r} is taken by the reader itself; choose another")
    patterns = _patterns(data, str(head["name"]), origin, places, user=user, trusted=trusted)
    samples = tuple(_sample(raw, number, origin, places) for number, raw in enumerate(_tables(data, "sample", origin, places)))
    if not trusted and not any(s.points for s in samples):
        raise PackError(f"{origin}: has no [[sample]] with points; a pack carries lines it matches and the points they give")
    return Pack(
        name=str(head["name"]),
        title=str(head.get("title") or head["name"]),
        about=head.get("about", ""),
        source=head.get("source", ""),
        origin=origin,
        user=user,
        after=head.get("after", 0),
        patterns=patterns,
        metrics=_definitions(data, str(head["name"]), origin, places),
        samples=samples,
    )


def _toml_error(error: tomllib.TOMLDecodeError, text: str, origin: str) -> str:
    """Return what is wrong with a TOML text and where; the reader tells the place at the end of its message alone."""
    m = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if m is None:
        return f"{origin}: not valid TOML: {error}"
    line = int(m[2]) if m[2] else text.count("\n") + 1
    hint = "; a regex is written between three single quotes, where a backslash is a backslash" if "scape" in m[1] else ""
    return f"{origin}:{line}: not valid TOML: {m[1]}{f' at column {m[3]}' if m[3] else ' at the end of the file'}{hint}"


def _tables(data: dict[str, Any], name: str, origin: str, places: Places) -> list[dict[str, Any]]:
    """Return the [[name]] tables of a pack."""
    raws = data.get(name, [])
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        raise PackError(f"{origin}:{places.table(name)}: {name} is written as a table in two brackets: [[{name}]]")
    return raws


def _patterns(data: dict[str, Any], pack: str, origin: str, places: Places, *, user: bool, trusted: bool) -> tuple[Pattern, ...]:
    out: dict[str, Pattern] = {}
    for number, raw in enumerate(_tables(data, "pattern", origin, places)):
        line = places.table("pattern", number)
        what = f"pattern {raw.get('name', number + 1)!r}"
        _check_keys(raw, _PATTERN_KEYS, origin, f"{what}: ", places, line)
        at = f"{origin}:{places.key(line, 'regex')}: {what}"
        pattern = _pattern(raw, pack, f"{origin}:{line}: {what}", user=user)
        if pattern.source and not trusted:
            compile_regex(pattern.source, at)
        if pattern.name in out:
            raise PackError(f"{origin}:{line}: {what}: an earlier pattern has the same name; give each its own")
        out[pattern.name] = pattern
    if not out:
        raise PackError(f"{origin}: has no [[pattern]]")
    return tuple(out.values())


def _check_keys(given: Mapping[str, Any], known: frozenset[str], origin: str, what: str, places: Places, table: int) -> None:
    """Refuse keys that are not known and values of the wrong kind."""
    for key, value in given.items():
        if key not in known:
            where = f"{origin}:{places.key(table, key)}: {what}"
            raise PackError(f"{where}unknown key {key!r}{nearest(key, sorted(known)) or '; known are: ' + ', '.join(sorted(known))}")
        kind, said = _TYPES.get(key, (object, ""))
        texts = value.values() if key in _TABLES and isinstance(value, dict) else value if key in _LISTS and isinstance(value, list) else ()
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or not all(isinstance(t, str) for t in texts):
            raise PackError(f"{origin}:{places.key(table, key)}: {what}{key} must be {said}, not {value!r}")


def _pattern(raw: dict[str, Any], pack: str, where: str, *, user: bool) -> Pattern:
    kind = raw.get("kind", "regex")
    for key, known in (("kind", KINDS), *CHOICES.items()):
        if raw.get(key, known[0]) not in known:
            raise PackError(f"{where}: {key} {raw[key]!r} is none of {', '.join(known)}")
    source = raw.get("regex", "")
    if not source and kind != "json":
        raise PackError(f"{where}: needs a regex")
    texts: dict[str, Any] = {key: raw.get(key, "") for key in _TEXTS}
    flags: dict[str, Any] = {key: raw.get(key, False) for key in _FLAGS}
    return Pattern(
        pack=pack,
        name=raw.get("name", kind),
        kind=kind,
        source=source,
        names=raw.get("names", {}),
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


def compile_regex(source: str, where: str) -> regex.Pattern[str]:
    """Return the regex of a pattern. Raises PackError with the place in it where it is wrong; `where` begins its message."""
    for m in re.finditer(r"(?<!\\)\{([A-Za-z_]+)\}", source):
        if m[0] not in _MACROS:
            known = [macro.strip("{}") for macro in _MACROS]
            raise PackError(f"{where}: unknown {m[0]} in the regex{nearest(m[1], known)}; there are {' and '.join(_MACROS)}")
    try:
        compiled = _compiled(source)
    except (regex.error, ValueError, OverflowError) as error:
        place = getattr(error, "pos", None)
        shown = f"{source}\n  {' ' * place}^" if place is not None and source == expand(source) else source
        raise PackError(f"{where}: the regex is not valid: {getattr(error, 'msg', error)}\n  {shown}") from None
    if ("key" in compiled.groupindex) != ("value" in compiled.groupindex):
        raise PackError(f"{where}: the groups key and value belong together: (?:(?P<key>\\w+)=(?P<value>{{NUM}}) ?)+\n  {source}")
    return compiled


@lru_cache(maxsize=4096)
def _compiled(source: str) -> regex.Pattern[str]:
    return regex.compile(expand(source))


def set_end(source: str, start: int) -> int:
    """Return where the character set that begins at `start` ends."""
    i = start + 1
    while source[i : i + 1] in ("^", "]"):
        i += 1
    while i < len(source) and source[i] != "]":
        i += 2 if source[i] == "\\" else 1
    return i + 1


def _sample(raw: dict[str, Any], number: int, origin: str, places: Places) -> Sample:
    line = places.table("sample", number)
    where = f"{origin}:{line}: sample {number + 1}"
    if not isinstance(raw.get("log"), str):
        raise PackError(f'{where}: needs log = """the printed text"""')
    _check_keys(raw, frozenset(("log", "points")), origin, f"sample {number + 1}: ", places, line)
    return Sample(raw["log"], tuple(_point(point, where) for point in raw.get("points", [])), line)


def _point(point: Any, where: str) -> tuple[str, float | None, float | None, float]:
    known = {"metric", "step", "epoch", "value"}
    numbers = [point.get(key) for key in ("step", "epoch", "value")] if isinstance(point, dict) else []
    numeric = all(n is None or (isinstance(n, (int, float)) and not isinstance(n, bool)) for n in numbers)
    if not numbers or not numeric or numbers[2] is None or not isinstance(point.get("metric"), str) or point.keys() - known:
        raise PackError(f'{where}: a point is written {{metric = "loss", step = 10, epoch = 1.0, value = 0.5}}, not {point!r}')
    return point["metric"], numbers[0], numbers[1], float(numbers[2])


def _definitions(data: dict[str, Any], pack: str, origin: str, places: Places) -> tuple[MetricDefinition, ...]:
    known = frozenset(MetricDefinition.__dataclass_fields__) - {"metric", "pack"}
    raws = data.get("metrics", {})
    out = []
    for metric, raw in raws.items() if isinstance(raws, dict) else [("", raws)]:
        line = max(places.table(f"metrics.{metric}"), places.table(f'metrics."{metric.replace(" ", "")}"'))
        if not metric or not isinstance(raw, dict):
            raise PackError(f'{origin}:{line}: a metric is defined in a table of its own: [metrics."val/loss"]')
        _check_keys(raw, known, origin, f"[metrics.{metric!r}]: ", places, line)
        out.append(MetricDefinition(metric=metric, pack=pack, **raw))
    return tuple(out)
