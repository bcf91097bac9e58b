"""The name of a value: which of the words in front of a number, as they stand in a line, make it up. Takes the number as given."""

from __future__ import annotations

import re
from typing import Final

from scraper.parse.places import Scan
from scraper.parse.words import (
    AROUND,
    HEADINGS,
    METRIC_WORDS,
    PHASES,
    SIDE_WORDS,
    TYPICAL,
    VERBS,
    is_clock,
    is_extreme,
    is_metric,
    is_side,
    words,
)

_OF_COUNT: Final = re.compile(r"(?i)(?<=time)\(\d+ [a-z]+\)$")  # `Time(1000 iters): 2.5s`
_LATELY: Final = re.compile(r"(?i) (?:(?:for|of|in|at|after|during) (?:this|the) (?:epoch|step|iteration|batch)|so far|now)$")
_TOLD_IS: Final = re.compile(r"(?:(?:^|[,;|.(\]-])\W*|\d%?\s+(?=and\b))(?:(?:the|and|its?) )*$")
_TOLD: Final = {  # in front of a name that a word joins to its value
    "is": _TOLD_IS,
    "is:": _TOLD_IS,
    "of": re.compile(r"(?:(?:^|[:,;|])\s*|\d%?\s+)$"),  # `Fold 1: loss of 0.25; accuracy of 91.5%`
}
_TOLD_END: Final = re.compile(r"\s*+%?\)?\s*+(?:[,;|]|\.?\s*+$|\.\s|and\b)")
_NO_NAME: Final = re.compile(  # `Evaluating... Score: 0.5`, `done. Speed: 0.5`, `test error of best model 0.5`
    r"(?i)^\w+\.{3} |^(?:completed|finished|ended|done) with |^(?:[a-z]+ ){0,3}(?:done|finished|completed?)\. "
    r"|(?<=\w) (?:of|on|with|for|from|using) (?:the )?best (?:model|checkpoint)$"
)
_ON_DATA: Final = re.compile(r"(?P<name>.+) on (?:the )?(?:[a-z]+ )?(?:set|data|dataset|split|source|target|train|val|valid|test)$")
_OF_METRIC: Final = re.compile(  # in front of what it is of: `Accuracy - Test: 0.9`
    r"(?:^|(?<=[,|;] ))(?P<name>[A-Za-z][\w@.]*(?: [A-Za-z][\w@.]*){0,3}) [-\u2013\u2014] $"
)
_METRIC_OF: Final = re.compile(r"(?P<name>[A-Za-z][\w.@]*(?: [A-Za-z][\w.@]*){0,2}) of (?!the\b)[A-Za-z_][\w-]*")
_REACH: Final = 48  # characters in front of a name in which the metric's stands
_LAST_NAME: Final = re.compile(r"\S+(?: \([^()]*\))?$")
_FILE: Final = re.compile(
    r"\.(?:py|cc|cpp|h|hpp|c|o|so|cu|sh|txt|md|log|pt|pth|ckpt|bin|safetensors|onnx|h5|pkl|np[yz]|json|ya?ml|toml|cfg|ini|csv|parquet|t?gz|zip|tar|xz|whl|jpe?g|png)$"
)
_BARRED: Final = re.compile(r"[^\W\d_][\w/@.-]*(?:\([^\W\d_]\w*(?:\([^\W\d_]\w*\))?\))?")  # `loss`, `phase_l`, `D(real)`, `D(G(z))`
_GAPS: Final = ("  ", "\t")  # between the fields of a line
_BEHIND_FACT: Final = re.compile(r"\|:\s+$")  # `Epoch 3: ` with the fact blanked out
_PERCENT: Final = re.compile(r"^\s?%")
_MOST_TITLED: Final = 4  # words of a name that is no sentence
_OF_CLASS: Final = re.compile(r"^[Cc]lass \d{1,3} ")
_LONGEST_PHRASE: Final = 3  # words
_MEASURES: Final = frozenset(("loss", "losses", "acc", "accuracy", "error", "err", "reward", "f1", "auc", "iou", "dice"))
_LINKS: Final = frozenset(
    (
        *("and", "with", "at", "to", "in", "is", "the", "an", "by", "from", "for", "after", "before", "as", "has", "had", "its"),
        *("this", "that", "where", "when", "if", "while", "which", "but", "so", "our"),
    )
)
_NO_PART: Final = VERBS | (AROUND - TYPICAL - {"content", "global", "initial", "client"}) | _LINKS | frozenset(
    (
        *("now", "new", "last", "previous", "prev", "best", "highest", "lowest"),
        *("start", "starting", "started", "reach", "reached", "achieved", "improved", "saved", "saving", "model", "current"),
        *("evaluating", "calculating", "computing", "compute", "packet", "parse", "connection", "weight", "type"),
    )
)
VOCABULARY: Final = METRIC_WORDS | PHASES.keys() | SIDE_WORDS | TYPICAL


def named(masked: str, m: re.Match[str], found: Scan, *, trusted: bool) -> tuple[str, int, bool]:
    """Return a candidate's name, "" for none, where it begins, and whether nothing but blanks joins it to its number."""
    sep = m["sep"].strip()
    if masked[m.start() - 1 : m.start()] == "." and _FILE.search(f".{m['key']}"):
        return "", m.start(), False  # `3667621017.py:45`
    if sep == "]" and masked[m.start() - 1 : m.start()] != "[":
        return "", m.start(), False  # the end of what stands in brackets: `probability of [ a word] 0.5`
    key = _key(m["key"], m["sep"].strip("]"), trusted=trusted)
    spaced = sep in ("", "-", "is", "is:", "of")
    if not key or not spaced or trusted:
        whole = _phrase(masked, m, m["key"], shortest=1) if sep == "=" and key in _MEASURES and not trusted else ""
        ahead = "" if not key or spaced or trusted else _measured(masked, m, key)
        return ahead + (whole or key), m.start() - len(ahead), spaced
    told = sep in _TOLD and not (sep == "of" and found.facts) and _is_told(masked, m, key, found)
    if told or (m["sep"].startswith(_GAPS) and _is_of_class(masked, m)):
        return key, m.start(), False
    if sep == "of" and not (found.facts and masked.lstrip().startswith("|")):
        return "", m.start(), spaced  # of anything, and not of the episode it begins with: `Episode 3 with a return of 20.5`
    placed = bool(found.facts or found.pairs or found.phase) or not masked[: m.start()].strip()
    key = (_phrase(masked, m, key) if placed else "") or _vocabulary_tail(key, alone="|" if found.listed else _is_alone(masked, m))
    key = key or _sibling(masked, m, found) or _behind_value(masked, m, found)
    if key and re.search(rf"\bbest\s+{re.escape(key)}$", m["key"]):
        key = f"best {key}"  # `auc 0.5, best auc 0.6`
    return key, _tail_start(masked, m, key), True


def _measured(masked: str, m: re.Match[str], key: str) -> str:
    """Return the metric that a dash joins to the name of what it is of, and the dash: `Accuracy - ` of `Accuracy - Test: 0.9`."""
    of = None if is_metric(key) or is_side(key) else _OF_METRIC.search(masked, max(0, m.start() - _REACH), m.start())
    return of[0] if of and is_metric(of["name"]) else ""


def _key(key: str, sep: str, *, trusted: bool) -> str:
    """Return the name in front of a value without what does not belong to it."""
    name = re.sub(r"\s+", " ", key.strip(" '\"")).strip("-/ ")
    if ". " in name or " best " in name or " with " in name:
        name = _NO_NAME.sub("", name)
    foreign = re.search("[A-Za-z]", name) is None and is_metric(name)
    if not trusted and (sep == "=" or ("=" in sep and name.count(" ") > 2)) and not (foreign or is_extreme(name)):  # `train loss = 0.5`
        last = _LAST_NAME.findall(name)[-1]
        said = _ON_DATA.fullmatch(name)  # `test acc on test set = 0.5`
        known = _vocabulary_tail(said["name"]) if said else ""
        name = name if said and known == said["name"] else max(_vocabulary_tail(name) if name[-1:] != ")" else "", last, key=len)
    name = _OF_COUNT.sub("", name) if name[-1:] == ")" else name
    name = _LATELY.sub("", name.removeprefix("of ").removeprefix("and ").removeprefix("the "))
    loud = name in ("OR", "IS") or (name in ("IN", "AT", "TO") and sep.strip() == "=")  # a recall, an Inception Score; losses at borders
    word = name if loud else name.lower()
    if _FILE.search(name) or word in ("and", "or", "the", "of", "is", "to", "in", "at", "with", "v", "version", "inf", "nan"):
        return name if word == "v" and sep.strip() == "=" else ""  # `loss=1.85 (p=1.5 v=0.35)`: a value's
    return name


def _is_alone(text: str, m: re.Match[str]) -> str:
    """Return the mark before a name and its number where they stand alone between marks: `| val 0.5 |`, `(val 0.5)`.

    Wide gaps on both sides are as good as bars: `Epoch 3: recons 0.4  latent 0.5  kl 0.1`.
    """
    if "." not in m["n"] and not m["n"][-1].isalpha():
        return ""
    front, behind = text[: m.start()], _PERCENT.sub("", text[m.end() :], count=1)
    before, ends = front.rstrip()[-1:], not behind.strip()
    if (front.endswith(_GAPS) and ends) or ((front.endswith(_GAPS) or _BEHIND_FACT.search(front)) and behind.startswith(_GAPS)):
        return "|"
    if (not before or _BEHIND_FACT.search(front)) and behind[:1] in (",", "|", ";"):
        return ","  # `train 0.5, valid 0.6`
    if before == "|" and behind.lstrip()[:1] not in ("|", ""):
        before = ","  # as good a mark for a phase, but not for any name
    return before if before and before in "|,;:>(→»•·" else ""


def _is_told(masked: str, m: re.Match[str], key: str, found: Scan) -> bool:
    """Whether a name and its value stand between marks with but a word between them: `classify loss is 0.1, angle loss is 0.2`."""
    return (
        key.count(" ") < _MOST_TITLED
        and (is_metric(key.rsplit(" ", 1)[-1]) or _goes_on(key, m, found))
        and _TOLD[m["sep"].strip()].search(masked, max(0, m.start() - _MOST_TITLED * 8), m.start()) is not None
        and _TOLD_END.match(masked, m.end()) is not None
    )


def _is_of_class(masked: str, m: re.Match[str]) -> bool:
    """Whether a line is nothing but a metric of something and, behind a wide gap, its value: `eval mIoU of Lamp      0.5`."""
    of = _METRIC_OF.fullmatch(m["key"])
    return of is not None and is_metric(of["name"]) and "." in m["n"] and not (masked[: m.start()] + masked[m.end() :]).strip(" \t|%")


def _goes_on(key: str, m: re.Match[str], found: Scan) -> bool:
    """Whether a name in plain words may be any behind a metric told so, `reward is 2.5, episode length is 50.5`."""
    return "." in m["n"] and _LINKS.isdisjoint(key.lower().split(" ")) and any(is_metric(name) for name, _ in found.pairs)


def _vocabulary_tail(key: str, *, alone: str = "") -> str:
    """Return the longest end of a blank-separated name that is made of the field's words alone and names a metric.

    A phase is one by itself where it stands `alone`, behind some mark, and any word is one between bars or wide gaps.
    """
    if (alone and key.lower() in PHASES) or (alone == "|" and (_BARRED.fullmatch(key) or _is_of_two(key))):
        return key
    parts = key.split(" ")
    if parts[-1].partition("/")[0].lower() in PHASES and "/" in parts[-1] and not is_clock(key):
        return parts[-1]  # `val/abs_diff 0.5`
    tail: list[str] = []
    for part in reversed(parts):
        if not _in_field(part):
            break
        tail.insert(0, part)
    while tail and tail[0].isdigit():
        del tail[0]  # `client 2 test_acc 0.5`
    name = " ".join(tail)
    if len(tail) < len(parts) <= _MOST_TITLED and key.istitle() and is_metric(name):
        return key  # `Meta Train Error`
    ahead = tail[1:] if len(tail) > 1 and tail[0].lower() in PHASES else tail  # `train lr 0.1`
    return name if is_metric(name) or (is_side(name) and all(is_side(part) or part.lower() in TYPICAL for part in ahead)) else ""


def _is_of_two(key: str) -> bool:
    """Whether a name is two words, of which one is a metric's or the last such as stand in their names: `KL fp`, `FP STD`."""
    two = key.split(" ")
    if len(two) != 2 or not all(word.isalpha() and word.lower() not in _NO_PART | HEADINGS - METRIC_WORDS for word in two):
        return False
    return is_metric(key) or two[1].lower() in TYPICAL


def _phrase(masked: str, m: re.Match[str], key: str, *, shortest: int = 2) -> str:
    """Return a name of two or three plain words that ends in a metric's, `content loss 0.5`, behind nothing but marks; else ""."""
    *ahead, last = _OF_CLASS.sub("", key).split(" ")
    if not 0 < len(ahead) < _LONGEST_PHRASE or last.lower() not in _MEASURES or masked[: m.start()].rstrip()[-1:].isalpha():
        return ""
    return key if all(part.isalpha() and len(part) >= shortest and part.lower() not in _NO_PART for part in ahead) else ""


def _sibling(masked: str, m: re.Match[str], found: Scan) -> str:
    """Return a name that begins as the one before it does and lacks its mark, `rcnn_cls: 1.5, rcnn_box 3.5`; "" for any other."""
    before = found.pairs[-1][0].partition("_") if found.pairs else ("", "", "")
    alike = bool(before[1]) and m["key"].startswith(f"{before[0]}_") and " " not in m["key"]
    return m["key"] if alike and "." in m["n"] and masked[: m.start()].rstrip().endswith(",") else ""


def _behind_value(masked: str, m: re.Match[str], found: Scan) -> str:
    """Return a phase right behind the value before it: `loss 0.5 val 0.6`; "" for any other name."""
    last = found.pairs[-1][1].end if found.pairs else -1
    return m["key"] if m["key"].lower() in PHASES and "." in m["n"] and last >= 0 and masked[last : m.start()].strip(" %") == "" else ""


def _in_field(part: str) -> bool:
    """Whether a word, or what a hyphen or slash joins, is made of words that names of metrics are made of."""
    found = words(part)
    if is_metric(part):
        return True
    return bool(found) and all(w in VOCABULARY or w.isdigit() or w.rstrip("0123456789") in METRIC_WORDS for w in found)


def _tail_start(text: str, m: re.Match[str], key: str) -> int:
    """Return where the last words of a match's name begin that make up `key`."""
    parts = list(re.finditer(r"\S+", text[m.start("key") : m.end("key")]))
    return m.start("key") + parts[-min(len(key.split(" ")), len(parts))].start() if key else m.start()
