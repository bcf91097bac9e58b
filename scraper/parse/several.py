"""Several values behind one name or the names that slashes join: `Train / Val loss: 0.5 / 0.6`, `loss:[0.51/0.52]`, `IoU: 0.1 0.2 0.3`.

Takes a name as given, and adds what it found to the line's.
"""

from __future__ import annotations

import re
from typing import Final

from scraper.parse.numbers import NUMBER
from scraper.parse.places import Scan, Slot
from scraper.parse.words import ANY_PHASE, PHASES, fact, folded, is_clock, is_extreme, is_metric, phase, words

_NUMBER: Final = re.compile(NUMBER)
_UNNAMED: Final = re.compile(r"\(\?P<\w+>")  # of a group
PHASE: Final = rf"(?:(?:best|final)\s)?(?:{ANY_PHASE})"
_ALL: Final = rf"(?P<all>(?i:{PHASE}(?:\s*/\s*{PHASE})+))"
_PHASES_AHEAD: Final = re.compile(rf"{_ALL}\s+(?P<name>[A-Za-z]\S*)")  # `Train/Val/Test loss`
_PHASES_BEHIND: Final = re.compile(rf"(?P<name>[A-Za-z].*?)\s*\({_ALL}\)")  # `loss (train/val)`
_PARTS_BEHIND: Final = re.compile(r"(?P<name>[A-Za-z][^()/]*?)\s*\((?P<all>[A-Za-z]\w*(?:\s*/\s*\d?[A-Za-z]\w*)+)\)")  # `rewards(c/r)`
_STATISTICS: Final = frozenset(("mean", "avg", "std", "min", "max", "median"))  # of anything: `margin(mean/min/max)`
_SHORT: Final = ("P", "R")  # beside an F1
_EACH: Final = re.compile(  # `/0.9`, behind the first of several values; `; 0.9`
    rf"(?:(?:\s?%?\s*/\s*{NUMBER}){{1,6}}|(?:(?:\s?%|\s?dB)?\s?[;,]\s{NUMBER}){{1,6}})\s?%?(?![\w/])"
)
_JOINED: Final = re.compile(r"[01]?\.\d+(?:-[01]?\.\d+){2,31}(?![\w.-])")  # `NDCG: 0.01-0.02-0.03`, a value for each of several lengths
_IN_JOINED: Final = re.compile(r"[01]?\.\d+")
_IN_BLANKS: Final = re.compile(r"-?\d+\.\d+|nan\b")
_BLANKS: Final = re.compile(rf"(?:{_IN_BLANKS.pattern})(?:[ \t]+(?:{_IN_BLANKS.pattern})){{2,99}}\s*$")  # `IoU: 42.5  0.0  81.2`
_VALUED: Final = r"(?:(?P<n{0}>[-+]?\d*\.\d+|\d+(?=\s?%))\s?%? (?P<name{0}>[A-Za-z][\w.@-]*(?: [A-Za-z][\w.@-]*){{0,2}}))"
_IN_REVERSED: Final = re.compile(_VALUED.format(""))
_REVERSED: Final = re.compile(  # `0.9816 CE loss, 94.5% accuracy`
    rf"[^A-Za-z\d]*{_VALUED.format('1')}(?:\s*(?:[,;|]|-(?= )|and\b)\s*{_VALUED.format('2')}){{0,7}}[\s.]*"
)
_ASIDE: Final = re.compile(rf"\s*\((?P<n>{NUMBER})\s?%? (?P<name>[A-Za-z][\w-]*)\)")  # behind a value
_PART: Final = r"(?P<name>[A-Za-z][\w/-]*) (?P<n>[-+]?\d*\.\d+(?:[eE][-+]?\d+)?)"
_IN_PARTS: Final = re.compile(_PART)
_PARTS: Final = re.compile(rf"\s*\({_UNNAMED.sub('(?:', _PART)}(?:\s?[,;|+]?\s+{_UNNAMED.sub('(?:', _PART)}){{1,9}}\)")
_MEAN_BEHIND: Final = re.compile(r"/(?P<avg>\d+\.\d+)\]")  # `loss:[0.5123/0.5234]`, as MindSpore prints it: the last one, and the mean


def take_reversed(masked: str, found: Scan) -> bool:
    """Take values that stand in front of their names, where a line that says where the training is holds nothing else."""
    m = _REVERSED.fullmatch(masked) if found.facts and not found.weak else None
    items = list(_IN_REVERSED.finditer(masked)) if m else []
    if not items or not all(is_metric(item["name"].rpartition(" ")[2]) and not is_extreme(item["name"]) for item in items):
        return False
    pairs = [(item["name"], Slot(*item.span("n"))) for item in items]
    _took(found, pairs, items[0].start(), items[-1].end(), known=len(items), fractional=len(items))
    return True


def take_slashed(masked: str, m: re.Match[str], key: str, found: Scan) -> int:
    """Take the values of several names: `Train / Val loss: 0.5 / 0.6`, `accuracy/loss: 0.5/1.2`; return where to look on, 0 for none."""
    behind = _EACH.match(masked, m.end())
    if not behind or ("/" not in behind[0] and key.partition("/")[0].lower() in PHASES):  # `train/loss: 0.5, 0.6`
        return 0
    of_data = _PHASES_AHEAD.fullmatch(key) or _PHASES_BEHIND.fullmatch(key)
    names = _slashed(key, of_data)
    values = [m.span("n"), *(n.span() for n in _NUMBER.finditer(masked, *behind.span()))]
    fractions = sum("." in masked[start:end] for start, end in values)
    if len(names) != len(values) or not (fractions or of_data):
        return 0
    pairs = [(name, Slot(*span)) for name, span in zip(names, values, strict=True) if not is_extreme(name)]
    return _took(found, pairs, m.start(), behind.end(), known=sum(map(is_metric, names)), fractional=fractions)


def take_mean(masked: str, m: re.Match[str], key: str, found: Scan) -> int:
    """Take a value and its mean in one bracket; return where to look on, 0 where there are none."""
    mean = _MEAN_BEHIND.match(masked, m.end()) if "[" in m["open"] and "." in m["n"] and is_metric(key) else None
    if mean is None:
        return 0
    return _took(found, [(key, Slot(*m.span("n"))), (key + "_avg", Slot(*mean.span("avg")))], m.start(), mean.end())


def take_aside(masked: str, end: int, key: str, found: Scan) -> int:
    """Take what stands in brackets behind a value; return where to look on.

    It is that in another measure, `train: 3.25 (2.5 bpd)`, `val loss: 0.5 (75% acc)`, or its parts, `train 1.5 (seg 0.5, depth 1.0)`.
    """
    parts = _PARTS.match(masked, end) if is_metric(key) or key.lower() in PHASES else None
    aside = parts or _ASIDE.match(masked, end)
    if not aside or (not parts and (not is_metric(aside["name"]) or words(aside["name"])[0] in words(key))):
        return end
    named = [(m["name"], Slot(*m.span("n"))) for m in (_IN_PARTS.finditer(parts[0]) if parts else (aside,))]
    if any(fact(name) or is_clock(name) or is_extreme(name) for name, _ in named):
        return end
    said, start = phase(key), parts.start() if parts else 0
    found.pairs += [(f"{said}/{name}" if said else name, Slot(start + slot.start, start + slot.end)) for name, slot in named]
    return aside.end()


def take_joined(masked: str, m: re.Match[str], key: str, found: Scan, *, trusted: bool) -> int:
    """Take the values that dashes join behind a metric's name, or blanks up to the line's end; return where to look on, 0 for none."""
    behind = masked[m.end() : m.end() + 1]
    dashed = behind == "-"
    is_list = (dashed or (behind in (" ", "\t") and not (m["open"] or trusted))) and is_metric(key)
    joined = (_JOINED if dashed else _BLANKS).match(masked, m.start("n"), found.end) if is_list else None
    if joined is None:
        return 0
    values = (_IN_JOINED if dashed else _IN_BLANKS).finditer(masked, *joined.span())
    pairs = [(f"{key}[{i}]", Slot(*n.span())) for i, n in enumerate(values)]
    return _took(found, pairs, m.start(), joined.end())


def _took(found: Scan, pairs: list[tuple[str, Slot]], start: int, end: int, *, known: int = 1, fractional: int = 1) -> int:
    """Add pairs of one place of the line to what was found, `known` of them metrics and `fractional` with decimals; return its end."""
    found.pairs += pairs
    found.spans.append((start, end))
    found.marked += 1
    found.known += known
    found.fractional += fractional
    return end


def _slashed(key: str, of_data: re.Match[str] | None) -> list[str]:
    """Return the names that slashes join: one metric `of_data`, or several metrics, perhaps of one; none of anything else."""
    if of_data:
        parts = (part.split() for part in of_data["all"].split("/"))
        return ["/".join([*part[:-1], PHASES[folded(part[-1])], of_data["name"]]) for part in parts]
    if said := _PARTS_BEHIND.fullmatch(key):
        of = [part.strip() for part in said["all"].split("/")]
        return [f"{said['name']}({part})" for part in of] if is_metric(said["name"]) or _STATISTICS.issuperset(of) else []
    names = [name.strip() for name in key.split("/")]
    first = names[0].partition(" ")[0]
    shared = f"{first} " if first.lower() in PHASES else ""  # `train loss/acc`
    names[1:] = [name if name.lower().startswith(shared.lower()) else shared + name for name in names[1:]]
    own, _, of_all = names[-1].partition(" ")
    if own and is_metric(of_all) and not any(map(is_metric, (*names[:-1], own))) and all(map(str.isalpha, names[:-1])):
        return [f"{name} {of_all}" for name in (*names[:-1], own)]  # `Gen/Dis loss`
    of_both, _, own = names[0].rpartition(" ")
    if is_metric(of_both) and not any(map(is_metric, (own, *names[1:]))) and all(map(str.isalpha, (own, *names[1:]))):
        return [f"{of_both} {name}" for name in (own, *names[1:])]  # `loss D/G`
    known = [is_metric(name) or name.rpartition(" ")[2] in _SHORT for name in names]
    return names if all(known) and is_metric(names[-1]) else []
