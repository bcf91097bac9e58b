"""One printed format, worked out from its lines: which numbers are metrics under which names, which place them, and the regex for them.

It guesses; what it guesses is written into a pack for a person to correct, and never used unseen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, NamedTuple

from scraper.parse import pairs
from scraper.parse.numbers import DECIMAL, NONFINITE, OF_TIME, TIMESTAMP
from scraper.parse.packs import FACTS
from scraper.parse.words import fact, is_clock, is_extreme, is_metric, is_side, phased, words

_FACT_WORD: Final = r"(?i:(?<![A-Za-z])(?:epoch|ep|step|iter|it|batch|round|trial|episode)[_-]?)"
_TOKEN: Final = re.compile(
    rf"(?P<stamp>{TIMESTAMP})|(?P<since>(?<![\w.-])1[4-9]\d{{8}}(?:\.\d+)?(?![\w.]))"
    r"|(?P<clock>(?<![\w.])\d+(?:-\d+)?:(?:\d\d|\d{1,2}:\d{1,2})(?:[.,]\d+)?(?![\w:]))"
    r"|(?P<bar>\[[=>.#\- ]{4,}\]|[█▉▊▋▌▍▎▏━╸╺─#][█▉▊▋▌▍▎▏━╸╺─# ]{2,})"
    rf"|(?P<word>{_FACT_WORD})(?P<glued>\d+)|(?P<number>(?<![\w.@])(?:[-+]?{DECIMAL}|{NONFINITE}))|(?P<blank>\s+)|(?P<text>.)"
)
_MARKS: Final = {"stamp": "\x01", "since": "\x04", "clock": "\x02", "bar": "\x03", "number": "\x00", "blank": " "}
_REGEX: Final = {
    "stamp": TIMESTAMP.replace("(?:Z|[-+]\\d\\d:?\\d\\d(?!\\d))?", ""), "since": r"[\d.]+", "clock": r"[\d:.,-]+", "bar": r".*?",
}  # fmt: skip
_BEHIND: Final = re.compile(r"\s?%?\s?(?P<name>[A-Za-z][A-Za-z_]*(?:/[A-Za-z]+)?)")
_MARKED: Final = re.compile(r"(?<![\w./-])(?P<name>[A-Za-z][A-Za-z_]*(?:/[A-Za-z_]+)?)(?:[<({\[~@]|->)$")  # `loss<0.5>`
_LEFT: Final = re.compile(r"\s?[a-z]{0,3}\s*=\s+(?P<name>[A-Z][A-Za-z ]*[A-Za-z])")  # `0.81  = Validation score`
ASIDE: Final = re.compile(r"(?i)\bparam(?:eter)?s\b\W*\{[^{}]*\}")  # the settings of a trial, beside its value
_NUMBERS: Final = re.compile(r"\s+[-+]?\d")
_MOVED: Final = re.compile(r"(?i)\b(?:from|(?:improv|reduc|decreas|increas|chang|sett?|adjust)\w* .*\b(?:to|by|at|of)|\w+ \w+ \w+ of)$")
_KEY: Final = re.compile(r"(?P<mark>[\"'])(?P<name>[A-Za-z_][\w-]*)(?P=mark)\s*:\s*$")  # in a dict, however deep
_COUNTER: Final = re.compile(r"[A-Za-z]{1,2}\s*[:=]\s*")
_MODULE: Final = re.compile(r"[A-Za-z_]\w*(?:\.\w+){2,}")  # `torch.nn.modules.linear.Linear`
_SOURCE: Final = re.compile(r":[A-Za-z_][\w./-]*\.\w{1,4}\b")  # behind a process, as in `(2485939:trainer.py:390)`
_OF_OTHER: Final = re.compile(r"<[\d:?]+,\s*$|[A-Za-z]/$")  # in front of a bar's rate, and of a part of a path
_COUNTED: Final = re.compile(r"\d\s+[A-Za-z][A-Za-z ]*\($")  # `36000 raw words (`: not the name of what is in brackets
_RANKS: Final = tuple([of, "rank"] for of in ("world", "local", "global", "node"))
_FILES: Final = frozenset(("checkpoint", "checkpoints", "ckpt", "file", "files", "line", "lines"))
_UNIT: Final = re.compile(  # says how much of what stands before, and names nothing
    r"(?:s|ms|us|ns|sec|secs|h|min|m|its?|[KMG]?i?B)(?:/[A-Za-z]+)?"
)
_RARELY: Final = 10  # times that a value comes which is set, and not measured
_OF_BYTES: Final = re.compile(r"\s?[KMGT]i?B\b(?!/)")
_MANY: Final = 8  # different whole numbers that are no sizes
_SPECIAL: Final = re.compile(r"[\\.^$*+?{}\[\]|()]")


class Token(NamedTuple):
    """A part of a line."""

    kind: str  # stamp, since (seconds since 1970), clock, bar, glued (a number at the end of a word), number, blank or text
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where what stands behind it begins."""
        return self.start + len(self.text)


@dataclass(slots=True)
class Format:
    """Lines that differ in nothing but their numbers and the blanks between them."""

    first: int  # number of the first line, from 1
    last: int = 0  # of the last
    prefixes: int = 0  # how many have something before their own text
    config: bool = False  # it reads like a configuration
    aside: bool = False  # it tells what happened, or repeats the best so far
    settings: int = 0  # how many stand in listings of settings
    redraws: int = 0  # how many were overwritten on the terminal
    names: frozenset[str] = frozenset()  # of the values that the reader without a pack finds in the first
    facts: frozenset[str] = frozenset()  # that it finds there
    count: int = 0
    lines: list[str] = field(default_factory=list)  # the first of them, without what stands before their own text
    whole: list[str] = field(default_factory=list)  # the same as printed


@dataclass(frozen=True, slots=True)
class Guess:
    """How to read the lines of one format."""

    regex: str  # up to the last number that counts
    whole: str  # the same up to the line's end
    names: dict[str, str]  # regex group -> metric, where they differ
    metrics: tuple[str, ...]
    facts: tuple[str, ...]
    notes: tuple[str, ...]  # what a person should look at
    moving: bool  # a value changes as measured ones do
    varies: bool  # a value changes
    fractional: bool  # an epoch has a fraction: it is how far the training is, and no round of it


def tokens(text: str) -> list[Token]:
    """Cut a line into its parts."""
    out = []
    for m in _TOKEN.finditer(text):
        if m["glued"]:
            out += [Token("text", c, m.start() + i) for i, c in enumerate(m["word"])]
            out.append(Token("glued", m["glued"], m.start("glued")))
        else:
            out.append(Token(str(m.lastgroup), m[0], m.start()))
    return out


def skeleton(text: str) -> str:
    """Return what the lines of one format have in common."""
    return "".join(_MARKS["number"] if t.kind == "glued" else _MARKS.get(t.kind, t.text) for t in tokens(text.strip()))


def guess(lines: Sequence[str], *, known: Collection[str] = (), constants: bool = False) -> Guess | None:
    """Return how to read lines of one format; None when no number has a name.

    What never changes counts only if it is `known` to be a value, or with `constants`.
    """
    text = lines[0].strip()
    numbers = _numbers(text)
    rows = [row for line in lines if len(row := _numbers(line)) == len(numbers)]  # a number may be large enough for a time
    named = _named(text, numbers)
    columns = [[row[i].text for row in rows] for i in range(len(rows[0]))]
    roles = _roles([(kind, name, constants or name in known) for kind, name in named], columns)
    roles = _without_repeats(roles, columns)
    metrics = [role for role in roles if role and role not in FACTS]
    facts = tuple(role for role in roles if role and role in FACTS)
    if not metrics and not facts:
        return None
    groups, names = _groups(roles)
    notes = () if facts else ("no step or epoch was found in these lines: the one printed last above them counts",)
    parts, last = _regex(text, groups)
    whole = "".join(parts) + r"\s*$"
    behind = _LEFT.match(text, numbers[0].end) is not None
    values = [column for role, column in zip(roles, columns, strict=True) if role and role not in FACTS]
    moving, varies = any(map(_moves, values)), any(len(set(column)) > 1 for column in values)
    fractional = any("." in text for role, column in zip(roles, columns, strict=True) if role == "epoch" for text in column)
    return Guess(whole if behind else "".join(parts[:last]), whole, names, tuple(metrics), facts, notes, moving, varies, fractional)


def _numbers(line: str) -> list[Token]:
    return [t for t in tokens(line.strip()) if t.kind in ("number", "glued")]


def _named(text: str, numbers: Sequence[Token]) -> list[tuple[str, str]]:
    """Return for each number whether it is a "fact", a "metric" or a "part" of something else, and its name; "" where it is not told."""
    scan = pairs.scan(text, trusted=True)
    phase = pairs.scan(text).phase
    facts = {slot.start: name for name, slot in scan.facts.items()}
    values = {slot.start: name for name, slot in scan.pairs}
    aside = [m.span() for m in ASIDE.finditer(text)]
    out = []
    for token in numbers:
        is_part = _SOURCE.match(text, token.end) or _OF_OTHER.search(text, 0, token.start)
        if is_part or any(start < token.start < end for start, end in aside):
            out.append(("part", ""))
        elif token.start in facts:
            out.append(("fact", facts[token.start]))
        elif token.start in values and _names_value(values[token.start], text, token):
            out.append(("metric", phased(phase, values[token.start])))
        else:
            out.append(_unnamed(text, token))
    return out


def _names_value(name: str, text: str, token: Token) -> bool:
    """Whether what stands in front of a number is a value's name: no clock's, no part of a sentence or of a listing of modules."""
    if is_clock(name) or (_MODULE.fullmatch(name) and not is_metric(name)) or _MOVED.search(name) or "' " in name:
        return False
    if is_metric(name):
        return not OF_TIME.match(text, token.end)
    if _COUNTED.search(text, 0, token.start) or re.search(r"/\d", name) or words(name)[-2:] in _RANKS:
        return False
    spaced = text[: token.start].endswith((" ", "\t")) and not re.search(r"[:=|,;>-]\s*$", text[: token.start])
    row = spaced and ("." not in token.text or _NUMBERS.match(text, token.end))  # `worker 3`; `all 0.5 1.0`: which of them is it?
    of_file = _OF_BYTES.match(text, token.end) or _FILES.intersection(words(name))  # `total bytes: 12.1 GiB`
    return not (_UNIT.fullmatch(name) or (not is_side(name) and (row or OF_TIME.match(text, token.end) or of_file)))


def _unnamed(text: str, token: Token) -> tuple[str, str]:
    """Return the name behind a number that has none in front, or in front of a fraction and a mark of any kind.

    A number behind a colon is part of something with a name, but for a letter or two that begin the line: `s:128 trl:6.03`.
    """
    m = _BEHIND.match(text, token.end)
    if m and (is_metric(m["name"]) or is_side(m["name"])) and not _UNIT.fullmatch(m["name"]):
        return "metric", m["name"]
    if m := _MARKED.search(text, 0, token.start) if "." in token.text else None:
        return "metric", m["name"]
    if (m := _LEFT.match(text, token.end)) and not text[: token.start].strip() and is_metric(m["name"]):
        return "metric", " ".join(m["name"].split())
    before = text[: token.start]
    if (m := _KEY.search(before)) and (said := fact(m["name"])) and not OF_TIME.match(text, token.end):
        return "fact", said
    return ("part", "") if re.search(r"[:=]\s*$", before) and not _COUNTER.fullmatch(before) else ("", "")


def _roles(named: Sequence[tuple[str, str, bool]], columns: Sequence[Sequence[str]]) -> list[str]:
    """Return each number's fact or metric, empty for one that is neither; of each is given what it is, its name, and whether it is kept."""
    roles = [
        "" if kind == "metric" and not (kept or _is_value(name, column)) else name
        for (kind, name, kept), column in zip(named, columns, strict=True)
    ]
    if not any(role in FACTS for role in roles):
        for i, (kind, name, _) in enumerate(named):
            if kind == "metric" and is_metric(name):
                break  # what rises behind a metric is of that: `acc: 91% (912/1000)`
            if kind != "part" and _counts_up(columns[i]):
                roles[i] = "step"
                break
    return roles


def _without_repeats(roles: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str]:
    """Return the roles without the best value so far beside the current one, and without what stands in brackets and only counts."""
    if not any(role and role not in FACTS and not is_extreme(role) for role in roles):
        return list(roles)
    counts = [role.endswith("_avg") and all(text.isdigit() for text in column) for role, column in zip(roles, columns, strict=True)]
    return ["" if role not in FACTS and (is_extreme(role) or of) else role for role, of in zip(roles, counts, strict=True)]


def _is_value(name: str, column: Sequence[str]) -> bool:
    """Whether a named number is worth keeping: a metric's, or one that changes and is no clock."""
    if is_clock(name):
        return False
    return is_metric(name) or len(set(column)) > 1 or (is_side(name) and any(not text.isdigit() for text in column))


def _counts_up(column: Sequence[str]) -> bool:
    """Whether a number is whole and rises from line to line, but for a line that looks back at the best; one that starts over does not."""
    if len(column) < 3 or not all(text.isdigit() for text in column):
        return False
    values = [int(text) for text in column]
    return sum(value <= high for high, value in zip(accumulate(values, max), values[1:], strict=False)) * 5 <= len(values)


def _moves(column: Sequence[str]) -> bool:
    """Whether a number changes as measured ones do: it has fractions, or hardly ever comes again."""
    different = len(set(column))
    often = different == len(column) > 2 or (different >= _MANY and different * 2 > len(column))
    return different > 1 and (often or (different * _RARELY > len(column) and any("." in text for text in column)))


def _groups(roles: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return the regex group of each number, empty for none, and what groups stand for that cannot be called like their metric."""
    groups: list[str] = []
    names: dict[str, str] = {}
    for role in roles:
        group = re.sub(r"\W+", "_", role, flags=re.ASCII).strip("_") if role else ""
        if role and role not in FACTS:
            group = group if group[:1].isalpha() else f"m_{group}".rstrip("_")
            while group in groups or group in _TAKEN:
                group += "_"
            if group != role:
                names[group] = role
        groups.append("" if role in FACTS and group in groups else group)
    return groups, names


_TAKEN: Final = FACTS | {"phase", "part", "desc", "pairs", "key", "value"}


def _regex(text: str, groups: Sequence[str]) -> tuple[list[str], int]:
    """Return the parts of a regex for the lines of a format, and how many of them reach up to its last number that counts."""
    out, number, done = ["^"], 0, 0
    for token in tokens(text):
        if token.kind in ("number", "glued"):
            group = groups[number]
            number += 1
            macro = "{INT}" if token.kind == "glued" or (group in FACTS and group != "epoch") else "{NUM}"
            out.append(f"(?P<{group}>{macro})" if group else macro)
            done = len(out) if group else done
        elif token.kind == "blank":
            out.append(r"\s*" if _is_number_next(text, token) else r"\s+")
        else:
            out.append(_REGEX.get(token.kind) or _literal(token.text))
    return out, done


def _is_number_next(text: str, blank: Token) -> bool:
    """Whether a number stands behind a blank and a mark before it, so that a wide number may leave no blank: `loss:12.5`."""
    return blank.start > 0 and text[blank.start - 1] in ":=[(|,/" and bool(re.match(r"[-+.\d]|nan|inf", text[blank.end :]))


def _literal(character: str) -> str:
    if _SPECIAL.match(character):
        return "\\" + character
    return character if character.isprintable() else f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"
