"""Which data values are of, where that is said once for several: `val: loss 0.5 acc 0.9`, `Test set: Loss`, or a line above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from scraper.parse.words import ANY_PHASE, AROUND, HEADINGS, PHASES, fact, folded, is_extreme, is_metric, is_side, phase, phased, words

_LEADING: Final = re.compile(
    r"[^A-Za-z]*([A-Za-z]+)(?:\s+(?:set|results?|error|metrics|stats|loop|phase))?(?=[\s\]):|,*-]|\.{3}|$)(?!\s*[:=]\s*[-+]?[\d.])"
)
_HEADING: Final = re.compile(
    rf"(?<![\w/.])(?P<word>(?i:{ANY_PHASE}))(?:\s+(?i:set|results?|metrics|stats|scores?)|_(?i:results|metrics|stats|scores|logs)"
    r"|\s+(?P<of>[A-Za-z]{2,16})(?=:\s+(?P=of)[-@_]\d)"  # `Validation BLEU: BLEU-1 27.5, BLEU-2 18.5`
    r"|\s+on\s+(?:the\s+)?[A-Za-z][\w.-]*+(?:\s+(?i:set|split|data(?:set)?))?(?=\s*:))?"  # `Epoch 3, val on MNLI: loss 0.5`
    r"['\"]?\s*"
    r"(?:(?P<open>\()|(?P<box>\[)|(?P<brace>[:=]\s*\{)"
    r"|[\])]\s*[\[:|-]|[:|\]\t]|-(?=\s)|(?<=\s)-|[=-]{1,3}>|>>)\s*(?=[\[({]? ?['\"]?[^\W\d_])"
)
_OF_DATA: Final = "dataset|metrics?|results?|scores?|stats|statistics|performance|accuracy|inference|predictions?"
_ABOVE: Final = re.compile(  # `Validation:`, `Running validation...`, `=== Test results ===`
    r"\W*(?:[A-Za-z][\w-]{0,24}(?: \w{1,24})?: (?=(?i:evaluat(?:ing|ion)|test(?:ing)?|validat(?:ing|ion)) on\b))?"
    r"(?:(?i:running|starting|start|begin|beginning|performing|doing|comput(?:e|ing)|calculat(?:e|ing)|now|final|overall|average|mean)\s+)*"
    rf"(?:(?i:{_OF_DATA}|(?:statistical )?analysis)\s+(?i:on|for|of|over)\s+"
    r"(?:\d+ (?i:entries|samples|points|examples|images|instances) (?i:in|of|from) )?"
    rf"(?:(?i:the)\s+)?(?:sub-)?)?(?P<word>(?i:{ANY_PHASE}))"
    rf"(?:(?:\s+(?:-\s+)?|:\s*)(?i:on|the|best|phase|loop|model|checkpoint|started|begins|report|summary|sets?|data|{_OF_DATA}|{ANY_PHASE})\b)*"
    r"(?:\s+\([A-Z]{2,4}(?:/[A-Z]\w{1,7})?\))?\s*\W*(?<!\(\{)$"  # `Validation (OOD):`, but no object that begins: `test: Dataset({`
)
_PLACE: Final = re.compile(r"(?i)\b(?:(?:of|at|after|for) +)?(?:epoch|step|iter(?:ation)?) *[:#]? *\[?\d+(?: *(?:/|of) *\d+)?\]?")
_LINES: Final = 30  # that a heading may stand above the last value of its data
LONGEST: Final = 80  # characters of a heading
_SAVED: Final = re.compile(r"(?i)\W*(?:(?:model|checkpoint|ckpt|weights)\b.* )?sav(?:ed|ing)\b")  # what follows an evaluation
_LISTED: Final = re.compile(  # `epoch 3, val, loss=0.5`, `(val) loss=0.5`
    rf"(?:(?:^|[|,\])-])\s*|(?P<open>\())(?P<word>(?i:{ANY_PHASE}))(?(open)\)\s|\s*,\s*)(?=[A-Za-z])"
)
_PART: Final = re.compile(r"(?:^|[\s,;|(\[{])[\"']?(?P<part>[A-Za-z][\w-]*(?: \d+)?)[\"']?\s*:\s*[(\[{]?[\"']?$")  # `scratch: loss=0.5`
_LONGEST_PART: Final = 40  # characters in front of a name in which its part is looked for
_SAID: Final = re.compile(  # `mode=val`, `Phase: train |`, `{'loss': 0.5, 'train': 'eval'}`
    rf"(?i)(?<![\w/.])(?:phase|type|mode|split|stage|subset|partition|event|msg|message|(?<=[\"'])train(?=[\"']))[\"']?\s*[:=]\s*[\"']?(?P<word>{ANY_PHASE})(?![\w/.-])"
)
_TRAINS: Final = re.compile(r"['\"]train(?:ing)?['\"]: (?P<so>True|False)\b")  # `{'loss': 0.5, 'train': False}`
_BEHIND: Final = re.compile(rf"\s*\(\s*(?P<word>(?i:{ANY_PHASE}))\s*\)(?!\s*[\[:(]|\s[\w ]*[:=])")  # `loss: 0.5 (val)`

STATED: Final = re.compile(  # `dataset: CVC-300, dice: 0.5`, `Class: car | AP 0.5`
    r"(?<![\w/.-])(?i:data ?set|domain|task|class|category|organ|benchmark|model|classifier|regressor|algorithm|method)\s*[:=]\s*"
    r"(?P<part>[A-Za-z][\w+-]*+(?:\.(?=\w)[\w+-]++)*(?: [A-Z][\w+-]*+){0,3})\s*(?:[,;|]|-(?= ))"
    r"\s*(?!(?i:ep(?:och)?|(?:global )?step|iter|batch|round|run|fold|seed|trial)s?\b)"
    r"(?=[A-Za-z][\w@ -]{0,30}?\s*[:= ]\s*[-+]?\.?\d)"
)
_OF_SET: Final = re.compile(  # `eval/mnli: loss=0.5`, `[val/mnli] acc 0.5`, `val_mnli: acc=0.5`, `Epoch 3 | test[mnli]: acc=0.5`
    rf"(?:^|(?<=[|,:;\]-] )|(?<=\d ))\s*\[?(?P<phase>(?i:{ANY_PHASE}))(?:[/_]|(?P<box>\[))(?P<part>[A-Za-z][\w+.-]*+)(?(box)\])"
    r"(?:\]:?|\s*[:|])\s+(?=\{?['\"]?[A-Za-z][\w@/ -]{0,30}?['\"]?\s*[=: ]\s*[-+]?\.?\d)"
)
_TRIED: Final = re.compile(
    r"\s*(?P<part>[A-Za-z](?:[\w+-]|\.(?=\d))*(?: \(?[A-Za-z](?:[\w+-]|\.(?=\d))*\)?){0,3})(?:\s*[:|]|\s+-)\s+(?:\{['\"])?"
    r"(?=[A-Za-z][\w@ -]{0,30}?['\"]?\s*[=:]\s*[-+]?\.?\d)"
)
_LOGGER: Final = re.compile(r"[a-z\d_.-]+")
_NO_MODEL: Final = HEADINGS | frozenset(
    (
        *("trainer", "logger", "root", "main", "log", "logs", "progress", "status", "info", "debug", "rank", "worker", "process", "gpu"),
        *("best", "new", "last", "saved", "saving", "early", "score", "scores", "output", "history", "update", "updated", "loaded"),
        "improved",
    )
)
_MEASURED: Final = re.compile(  # `Loss - train: 0.5, val: 0.6`, `Accuracy | Train: 85.5%`, in front of a phase that is a whole name
    r"(?:^|[\s|,;:)\]>])(?P<name>[A-Za-z][\w@/.-]*(?: [A-Za-z][\w@/.-]*){0,2}?)\s*(?:[:|]|-{1,2}>?|[=→]>?)?\s*$"
)
_OF_PHASE: Final = re.compile(rf"(?P<name>[A-Za-z].*?)[ _](?i:{ANY_PHASE})")  # `Loss train: 0.5 val: 0.6`


class Above:
    """The heading under which lines stand that do not tell by themselves which data their values are of; plain data in `save`."""

    def __init__(self, state: list[Any] | None = None) -> None:
        self.phase: str = state[0] if state else ""  # "val" or "test"; "" where nothing is headed so
        self._left: int = state[1] if state else 0  # lines for which it stands
        self._used: bool = bool(state and state[2:] == [True])  # values came below it

    def save(self) -> list[Any]:
        """Return the constructor's argument."""
        return [self.phase, self._left, self._used]

    def take(self, text: str) -> bool:
        """Take a line that holds no values, though it may say where the training is; whether it is a heading, of any data."""
        m = _ABOVE.match(_PLACE.sub("", text)) if len(text) <= LONGEST else None
        if m:
            said = (word for word in words(folded(m[0])) if word in PHASES and not word.startswith("eval"))
            phase = PHASES[next(said, folded(m["word"]))]  # `Evaluating on the test set`
            self._stand("" if phase == "train" else phase, used=False)
            return True
        if self.phase:
            self._left = 0 if self._used and _SAVED.match(text) else self._left - 1
            self.phase = self.phase if self._left > 0 else ""
        return False

    def read(self, *, placed: bool) -> None:
        """A line with values was read; `placed`: it told where the training is, so that it is of no evaluation."""
        self._stand("" if placed else self.phase, used=True)

    def over(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the names of a result over several lines with the phase that those do not tell; what stands below is of something else."""
        said = tuple(phased(self.phase, name) for name in names)
        self.read(placed=True)
        return said

    def _stand(self, phase: str, *, used: bool) -> None:
        self.phase, self._left, self._used = (phase, _LINES, used) if phase else ("", 0, False)


def leading_phase(text: str) -> str:
    """Return the phase a line names before its first pair: `[Eval][Epoch 3]`, `TRAIN Batch 3/9, Loss`, `Test set: Average loss:`."""
    if said := _SAID.search(text):
        return PHASES[folded(said["word"])]
    if trains := _TRAINS.search(text):
        return "train" if trains["so"] == "True" else "val"
    m = _LEADING.match(text)
    if not m or folded(m[1]) not in PHASES:
        return ""
    follows = re.match(r" {0,3}([A-Za-z][\w-]*)", text[m.end() :])  # over a wider gap no name reaches
    if follows and (is_metric(follows[1]) or re.search(rf"[,;|] *{m[1]} [a-z]", text)):
        return ""  # `train loss: 0.5`, `eval reward: 0.5, eval length: 9`: the phase is part of the name
    return PHASES[folded(m[1])]


def headed(text: str, places: Sequence[tuple[str, int, int]]) -> list[str]:
    """Return for each value, given its name, start and end, the phase that the line says of it and its name does not; "" for none."""
    parts = _parts(text, places)
    if not parts:
        return [""] * len(places)
    return [_over(parts, start) if (is_metric(name) or not is_side(name)) and not phase(name) else "" for name, start, _ in places]


def measured(text: str, places: Sequence[tuple[str, int, int]]) -> list[str]:
    """Return the names of a line's values, given each with its start and end, where a metric's stands once in front of phases."""
    out, metric, end = [], "", 0
    for name, start, behind in places:
        begins = text.rfind(name, end, start)
        between = text[end : max(begins, end)]
        if name.lower() in PHASES and begins >= 0:
            m = _MEASURED.search(between)
            if m or any(map(str.isalnum, between)):
                metric = m["name"] if m and is_metric(m["name"]) and not is_extreme(m["name"]) else ""
            out.append(f"{PHASES[name.lower()]}/{metric}" if metric else name)
        else:
            m = _OF_PHASE.fullmatch(name)
            metric = m["name"] if m and is_metric(m["name"]) else ""
            out.append(name)
        end = behind
    return out


def parted(text: str, places: Sequence[tuple[str, int]]) -> list[str]:
    """Return for each value, given its name and start, what it is of, where a line says one name of several: `a: loss 0.5; b: loss 0.6`."""
    parts = [""] * len(places)
    if not _is_repeated([name for name, _ in places]):
        return parts
    for i, (name, start) in enumerate(places):
        begins = text.rfind(name, max(0, start - len(name) - _LONGEST_PART), start)
        m = _PART.search(text, max(0, begins - _LONGEST_PART), begins) if begins > 0 else None
        parts[i] = m["part"] if m else parts[i - 1] if i else ""
    for said in (parts, _bracketed(text, places)):
        told = {(part, name) for part, (name, _) in zip(said, places, strict=True)}
        if any(said) and (said[0] or said is not parts) and len(told) == len(places):
            return said
    return [""] * len(places)


def _bracketed(text: str, places: Sequence[tuple[str, int]]) -> list[str]:
    """Return for each value whose name comes several times the one behind which it stands in brackets: `a=0.5 (w=1.0) b=0.6 (w=2.0)`."""
    names = [name for name, _ in places]
    parts, owner = [], ""
    for i, (name, start) in enumerate(places):
        begins = text.rfind(name, places[i - 1][1] if i else 0, start)
        opens = text.rfind("(", 0, max(begins, 0))
        inside = opens > text.rfind(")", 0, max(begins, 0))
        opens = text.rfind("[", 0, opens) if text[: max(opens, 0)].rstrip()[-1:] == "]" else opens  # behind the parts of that value
        owner = next((names[k] for k in range(i - 1, -1, -1) if places[k][1] < opens), "") if inside else ""
        parts.append(owner if names.count(name) > 1 else "")
    return parts


def stated(text: str, places: Sequence[tuple[str, int]], *, placed: bool, logged: bool) -> list[str]:
    """Return the names of a line's values, given each with its start, with what the line states in words that they are of.

    `placed`: the line tells where the training is, so that what it begins with is no model that was tried; `logged`: a plain word there
    is a logger's name.
    """
    parts = list(STATED.finditer(text))
    if not parts and (of_set := _set(text)):
        data, end = of_set
        return [name if start < end or phase(name) else f"{data}/{name}" for name, start in places]
    if not parts:
        of = "" if placed else _tried(text, [name for name, _ in places])
        of = "" if logged and _LOGGER.fullmatch(of) else of
        return [f"{of}/{name}" if of and not is_side(name) else name for name, _ in places]
    said = [next((m["part"] for m in reversed(parts) if m.end() <= start), "") for _, start in places]
    return [f"{PHASES.get(folded(part), part)}/{name}" if part else name for part, (name, _) in zip(said, places, strict=True)]


def _set(text: str) -> tuple[str, int] | None:
    """Return the one of several evaluations that a line is of and where it says so, None where it tells none: `val/mnli`."""
    m = _OF_SET.search(text)
    if m is None or is_metric(m["part"]) or fact(m["part"]) or not _NO_MODEL.isdisjoint(words(m["part"])) or phase(m["part"]):
        return None
    return f"{PHASES[folded(m['phase'])]}/{m['part']}", m.end()


def _tried(text: str, names: Sequence[str]) -> str:
    """Return the model that a line of scores begins with, "" for none: `SVM: F1=0.5, AUC=0.6`, `ALNS  | cost= 1.5 | makespan= 2.5`."""
    m = _TRIED.match(text) if len(names) > 1 else None
    if m is None or not any(map(is_metric, names)) or any(map(is_metric, (m["part"], *m["part"].split(" ")))):
        return ""
    said = [word for word in words(m["part"]) if not word.isdigit()]
    return "" if not said or any(word in PHASES or word in _NO_MODEL for word in said) or set(said) <= AROUND else m["part"]


def _over(parts: Sequence[tuple[int, int, str]], at: int) -> str:
    return next((said for start, end, said in reversed(parts) if start <= at < end), "")


def _parts(text: str, places: Sequence[tuple[str, int, int]]) -> list[tuple[int, int, str]]:
    """Return the parts of a line, from where to where, and which phase each is of."""
    parts = []
    for m in _HEADING.finditer(text):
        closing = ")" if m["open"] else "]" if m["box"] else "}" if m["brace"] else ""
        close = text.find(closing, m.end()) if closing else -1
        parts.append((m.end(), close if close > 0 else len(text), PHASES[folded(m["word"])]))
    parts += [(m.end(), len(text), PHASES[folded(m["word"])]) for m in _LISTED.finditer(text)]
    for _, start, end in places:
        if behind := _BEHIND.match(text, end):
            parts.append((start, len(text), PHASES[folded(behind["word"])]))
    own = [phase(name) for name, _, _ in places]
    is_earlier = bool(own) and words(places[0][0])[:1] in (["last"], ["best"], ["previous"])  # `Last test reward: 9.00. Loss: 0.5`
    names = [name for name, _, _ in places]
    if parts or _is_of_others(names, own) or _is_of_agents(names):
        return sorted(parts)
    if own and not is_earlier and own[0] in ("val", "test") and len({said for said in own if said}) == 1 and not _is_of_paths(names, own):
        parts.append((places[0][1], len(text), own[0]))  # `val loss: 0.5 acc: 0.9`; behind a training loss anything may follow
    if not parts and _is_repeated([name for name, said in zip(names, own, strict=True) if not said]):
        # `train loss 0.5 acc 0.8 | val loss 0.6 acc 0.7`
        parts += [(start, len(text), said) for (_, start, _), said in zip(places, own, strict=True) if said]
    return sorted(parts)


def _is_of_others(names: Sequence[str], own: Sequence[str]) -> bool:
    """Whether names without a phase are of other data than those before: `eval reward 0.5, eval length 9, average reward 0.4`."""
    last = [(words(name) or [name])[-1] for name in names]
    told = [word for word, said in zip(last, own, strict=True) if said]
    return len(told) > 1 and any(word in told for word, said in zip(last, own, strict=True) if not said)


def _is_of_agents(names: Sequence[str]) -> bool:
    """Whether losses stand behind what an agent earned in an evaluation, which has none: `Eval return: 12.5 | Q loss: 0.5`."""
    first = words(names[0])[-1:] if names else []
    return first in (["return"], ["returns"], ["reward"], ["rewards"]) and any("loss" in words(name) for name in names)


def _is_of_paths(names: Sequence[str], own: Sequence[str]) -> bool:
    """Whether names say in paths of their own what they are of: `val/acc: 0.5 - critic/score: 0.25`."""
    return "/" in names[0] and any("/" in name and not said for name, said in zip(names, own, strict=True))


def _is_repeated(names: Sequence[str]) -> bool:
    """Whether two of these are one name, but for capitals."""
    return len({name.lower() for name in names}) < len(names)
