"""Tells whether a line that `pairs` has read reports a training's progress, or merely mentions numbers as settings and sentences do."""

from __future__ import annotations

import re
from typing import Final

from scraper.parse.headings import LONGEST, STATED
from scraper.parse.naming import VOCABULARY
from scraper.parse.numbers import shape
from scraper.parse.places import Scan, Slot
from scraper.parse.words import (
    ANY_PHASE,
    AROUND,
    CODE,
    COMMAND,
    CONFIG,
    HEADINGS,
    PHASES,
    REPEATS,
    SETTINGS,
    SIDE_WORDS,
    VERBS,
    is_metric,
    is_side,
    words,
)

_BEGINS: Final = re.compile(r"(?i)\W*(?:(?:start(?:ing|ed)?|runn?ing|begin(?:ning|s)?|of|training|train|now|the)\b\W*)*")
_TOOK: Final = re.compile(  # behind `Epoch 3`: `took 12.5s`, `costs 00: 06: 24`
    r"(?i)\W*(?:(?:finished|done|completed?)\W+)?(?:in|took|time|costs?)\W+[\d.]+(?:: ?\d\d){0,2}"
    r" ?(?:s|sec|secs|seconds?|min|mins|minutes?|ms|h)?\W*$"
)
_TIMED: Final = re.compile(r"(?i)\W*(?:epoch|elapsed|total|training)[ _]time\W*")  # `Epoch: 01 | Epoch Time: 1m 12s`, the clock blanked out
_STARTED: Final = re.compile(  # with settings
    r"(?i)\W*(?:start(?:ing|ed)?|begin(?:ning)?|launch(?:ing|ed)?|running) (?:new )?(?:trial|run|experiment)\b"
)
_PAIRS_TO_A_FLAG: Final = 3  # in a line that counts without a word for it: `9/100 loss: 0.5 … looping: False`
_SCORES_TO_A_FLAG: Final = 4  # in one that does not count
_OTHERS_TO_A_WORD: Final = 3  # names in all to each that may be a word of English
_COMMON: Final = frozenset(("map", "stress", "kid", "return", "reward", "score", "success", "hits", "recall"))
_INDENTED: Final = 4  # blanks, of a line of a program
_HYPER: Final = frozenset(("dropout", "hidden", "layers", "heads", "nhead", "dim", "depth", "estimators", "units", "kernel", "embedding"))
_SIZED: Final = re.compile(r"(?i)\b(?:batch[ _-]?size|bs|epochs|optimizer|optim)[\"']?\s*[:=]")  # what no line of progress tells
_ENDED: Final = re.compile(r"%?\s*(?:(?:±|\+/?-)\s*[\d.]+%?\s*)?")  # what may stand behind the value of a result
_PRECISE: Final = re.compile(r"[-+]?\d*\.\d{4,}(?<!000)")
_MOST_WORDS: Final = 4  # of a result's name
_NO_RESULTS: Final = (SIDE_WORDS | SETTINGS | _HYPER | {"best", "max", "min", "epsilon", "gamma", "fraction", "split"}) - {"rate"}
_REWARDS: Final = (["reward"], ["rewards"], ["return"], ["returns"])
_SCORES: Final = ("accuracy", "acc", "perplexity", "ppl", "loss")
_OF_PATH: Final = re.compile(r"(?P<path>.+)[/.]")
_IN_SCORE: Final = 2  # words of a score's name: its data, and the score
_INTRODUCED: Final = re.compile(  # `Testing performance in best val model: mean_dice`
    rf"(?i)\W*+(?=[^:]*\b(?:{ANY_PHASE})\b)(?:[a-z][\w-]* ){{1,7}}[a-z]+\s*:(?=\s*[a-z])"
)
_SEVERAL: Final = 2  # metrics that are no accident
_TITLE: Final = 6  # words
_NO_TITLE: Final = frozenset(("default", "goal", "require", "required", "requires", "expected", "expect", "best", "previous", "limit"))
_OF_TRIAL: Final = r"(?i:configs?|params?|parameters|hyper-?parameters|hparams|settings|combination|args)\s*[:=]?\s*\{[^{}]*\}"
_TRIED: Final = re.compile(  # `Params: {'C': 1.0}, ` in front of what came of them, but not in front of the best that did; or behind it
    rf"\s*(?:(?!(?i:best))[\w#/.:-]+ ){{0,4}}(?P<settings>{_OF_TRIAL}[\s,;|:.>=-]*)(?=[A-Za-z])"
    rf"|(?!.*(?i:best)).*?\d\W*?[,;|(](?P<behind>\s*{_OF_TRIAL}[\s.,;)]*)$"
)
_LOOKS_BACK: Final = re.compile(r"(?i)new best\b.*\d")  # in front of where it was just reached: `New best accuracy: 0.6 at epoch 1`
_REMARK: Final = re.compile(r"\((?:[A-Za-z]+ )+[A-Za-z]+\)")  # `Epoch 3 [Test (on sampled points)] | Loss 0.5`
_UNVALUED: Final = (  # a word that no value follows, as in `Update 100 Cost 174.6 UD 3.61`, `loss 2.5 | num_tokens 120`
    r"[A-Za-z]{2,}+(?! \d+\.\d|\w*+ \d+(?: *\||\s*$))"
)
_STAGE: Final = re.compile(  # of what a program does, and no step of a training: `Step 6: Evaluating Model`, `STEP 3 - MODEL TRAINING`
    r"\W*(?i:step) (?:[1-9]|1[0-5])(?:/\d\d?| of \d\d?)?\]?\s*[:.-]*\s+"
    r"(?:[A-Z]\w*ing\b(?: \w++)+|[A-Z]\w+ (?:the |final )?model\b[ \w]*|(?:[A-Z][\w-]*+(?: (?:&|and|of|the|on|with|for))* ?){2,})\W*$"
)
_DOUBTED: Final = re.compile(  # a question; `Epoch 3/9` written over a bar, whose values were there before; what Keras's fit() returned
    r"^\s*\d+ {2,}\S.* {2}\.\.\. {2}"  # a row of pandas, whose columns are too many to be shown
    r"|\?\s*$|[.=>]{3}\] - ETA: "
    r"|^\s*[│┃]\s*[│┃]\s+\w+ += "  # a traceback's variables, drawn by rich
    r"|^(?=.*'loss': \[)\s*(?:\w+: *)?\{(?:'[\w ./-]+': \[[^\[\],]++,[^\[\]]++\](?:, |(?=\})))+\}\s*$"
)
_FRAMED: Final = re.compile(  # a row of a picture drawn in text, such as a traceback with its variables, but no `│ Epoch 3/10 │`
    r"(?i)\s*[│┃](?!\W*(?:epoch|step|iter(?:ation)?|round|episode) #?\d+(?: ?(?:/|of) ?\d+)?\W*$)"
)


def without_settings(text: str) -> str:
    """Return a line with what it says that was tried blanked out where what came of it stands before or behind; positions stay."""
    m = _TRIED.match(text)
    if m is None:
        return text
    start, end = m.span("settings" if m["settings"] else "behind")
    return text[:start] + " " * (end - start) + text[end:]


def reports_progress(text: str, found: Scan) -> bool:
    """Whether a line that `scan` read states values of a training in progress, and not a configuration or a sentence."""
    if not found.pairs or found.wordy > len(found.pairs) or (found.wordy and not found.known):
        return False
    if CONFIG.search(text) or COMMAND.search(text) or CODE.match(text) or REPEATS.match(text) or _DOUBTED.search(text):
        return False
    if (found.facts and not found.weak and found.known and found.marked) or _is_titled(found):
        return not _is_of_sizes(found)
    coverage = _coverage(found)
    if coverage < 0.5 or _is_prose(found):
        return False  # a sentence that mentions numbers
    if found.facts and not found.weak:
        return found.known > 0 or (found.fractional > 0 and found.facts.keys() != {"batch"} and not _is_of_settings(found))
    stated = found.marked > 0 or coverage >= 0.75  # and not `Start training from score 0.5`
    flagged = found.wordy * _PAIRS_TO_A_FLAG <= len(found.pairs) if found.facts else not found.wordy or _is_scored(found)
    valued = stated and flagged and (found.fractional > 0 or _is_whole(found)) and not _is_of_words(found)
    known = found.known > 0 and (any(is_metric(key) for key, _ in found.pairs) or _is_of_phases(found))
    return valued and (known or _is_of_data(found))


def is_statement(text: str, indent: int) -> bool:
    """Whether a line is one of a program's text, as it is indented: without blanks `return 12.5` may be what an agent earned."""
    return indent >= _INDENTED and text.startswith("return ")


def headed_result(text: str, found: Scan) -> tuple[str, Slot] | None:
    """Return the one value of a line below the heading of an evaluation, whatever it is called: `Acceptance Rate: 25.3%`."""
    if found.facts or found.wordy or len(found.pairs) != 1 or not found.fractional or not found.marked or CONFIG.search(text):
        return None
    name, slot = found.pairs[0]
    whole = text.lstrip(" -*•").startswith(name) and _ENDED.fullmatch(text, slot.end) and 0 < name.count(" ") < _MOST_WORDS
    return (name, slot) if whole and _NO_RESULTS.isdisjoint(words(name)) else None


def _is_titled(found: Scan) -> bool:
    """Whether a line is a few words and then nothing but several metrics: `Fine-tuned model - Loss: 1.423, Perplexity: 4.149`."""
    many = len(found.pairs)
    if many < _SEVERAL or found.facts or found.wordy or not many == found.known == found.marked == found.fractional:
        return False
    title = words(found.own[: min(start for start, _ in found.spans)])
    behind = found.own[max(end for _, end in found.spans) :]
    if not all(is_metric(name) for name, _ in found.pairs):
        return False
    return len(title) <= _TITLE and (SETTINGS | _HYPER | _NO_TITLE).isdisjoint(title) and not any(map(str.isalnum, behind))


def _is_scored(found: Scan) -> bool:
    """Whether a line is a list of scores that tells what they are of: `{'accuracy': 0.9, 'recall': 0.8, … 'model': 'svm'}`."""
    return found.known >= _SCORES_TO_A_FLAG * found.wordy and 2 * found.known >= len(found.pairs)


def _is_of_words(found: Scan) -> bool:
    """Whether a line gives numbers to words, few of which may be names of metrics: `{'house': 0.12, 'map': 0.07, 'idea': 0.05}`."""
    known = [key for key, _ in found.pairs if is_metric(key)]
    if any("_" in key for key, _ in found.pairs):
        return False
    return 0 < _OTHERS_TO_A_WORD * len(known) < len(found.pairs) and _COMMON.issuperset(known)


def _is_of_phases(found: Scan) -> bool:
    """Whether a line tells one value of each data, which no share of a data set has so many decimals as: `train 0.5123, valid 0.6234`."""
    values = [found.own[slot.start : slot.end] for _, slot in found.pairs]
    return len(values) > 1 and all(key.lower() in PHASES for key, _ in found.pairs) and all(map(_PRECISE.fullmatch, values))


def _is_of_data(found: Scan) -> bool:
    """Whether a line tells values of some data by a path, which no setting has so many decimals as: `eval/ctc : 4.0990`."""
    paths = (words(m["path"])[-1:] for m in (_OF_PATH.match(key) for key, _ in found.pairs) if m)
    of_data = sum(1 for path in paths if path and path[0] in PHASES)
    values = [found.own[slot.start : slot.end] for _, slot in found.pairs]
    return of_data == len(values) and not any(is_side(key) for key, _ in found.pairs) and all(map(_PRECISE.fullmatch, values))


def _is_of_sizes(found: Scan) -> bool:
    """Whether a line tells how much is taken at once: `mini_batch = 4, batch = 64, time_steps = 1, train = 1`."""
    return found.facts.keys() == {"batch"} and not found.fractional and not any(is_metric(key) for key, _ in found.pairs)


def _is_of_settings(found: Scan) -> bool:
    """Whether a line tells what a trial is made with: `Trial 5: {'num_layers': 4, 'dropout': 0.1}`; `[1/6] lr=0.1, batch_size=16`."""
    if _STARTED.match(found.own):
        return True
    counted = found.facts.keys() <= {"counter", "counters"}
    if counted and (_SIZED.search(found.own) or any(words(key)[0] in ("n", "num") for key, _ in found.pairs)):
        return True
    return any(not _HYPER.isdisjoint(words(key)) for key, _ in found.pairs)


def _is_whole(found: Scan) -> bool:
    """Whether a line is nothing but what may be whole: rewards, `episodic return: 29`, or scores of some data, `Validation accuracy: 0`."""
    return found.marked == len(found.pairs) and all(words(key)[-1:] in _REWARDS or _is_score_of_data(key) for key, _ in found.pairs)


def _is_score_of_data(key: str) -> bool:
    """Whether a name in words, unlike a setting's, is of one of the data and a score: `Validation accuracy`."""
    parts = words(key)
    return len(parts) == _IN_SCORE and " " in key and parts[0] in PHASES and parts[1] in _SCORES


def is_bare_header(text: str) -> bool:
    """Whether a header states its facts in the form that heads a list of values: `[step=12/2500,epoch=0]`."""
    return text.lstrip().startswith("[") and text.rstrip().endswith("]")


def is_header(text: str, found: Scan) -> bool:
    """Whether a line does nothing but say where the training is: `Epoch 2/10`, `[step=12/2500,epoch=0]`."""
    if not found.facts or found.aside or found.weak or any(words(name) != ["time"] for name, _ in found.pairs):
        return False
    if CONFIG.search(text) or _FRAMED.match(text) or _STAGE.match(text):
        return False
    spans = sorted(found.spans)
    if len(spans) > 1 and _LOOKS_BACK.match(text[slice(*spans[0])]):
        return False
    outside = _outside(found)
    begins = _BEGINS.match(outside, 0, found.spans[0][0])
    assert begins is not None  # noqa: S101 - every part of the pattern is optional
    said = outside[begins.end() :]
    if len(re.findall(r"[A-Za-z]+", said)) <= 1 or _TOOK.fullmatch(said) or _TIMED.fullmatch(said):
        return True  # `Start of epoch 3`, but no sentence
    return len(outside.strip()) <= LONGEST and {word.lower() for word in re.findall(r"[^\W\d_]+", outside)} <= HEADINGS


def _outside(found: Scan) -> str:
    """Return a line without its facts, its pairs and what it says that they are of, up to where a second record begins."""
    text = found.own
    for start, end in (*found.spans, *(m.span() for m in STATED.finditer(text))):
        text = text[:start] + " " * (end - start) + text[end:]
    return text[: found.end]


def _strange(found: Scan, word: str = r"[A-Za-z]{2,}") -> list[str]:
    """Return the words of a line that are neither in a fact or pair nor such as stand around them in reports."""
    said = _INTRODUCED.match(found.own)
    text = _outside(found)[said.end() if said else 0 :]
    outside = re.findall(word, _REMARK.sub("", text) if found.facts else text)
    return [word for word in outside if word.lower() not in AROUND and word.lower() not in VOCABULARY]


def _coverage(found: Scan) -> float:
    """Return how much of what a line says is facts and pairs, 0 to 1, however many digits its numbers have."""
    inside = sum(len(shape(found.own[a:b])) for a, b in found.spans)
    outside = sum(map(len, _strange(found))) + len(re.findall(r"\d", shape(_outside(found))))
    return inside / max(inside + outside, 1)


def _is_prose(found: Scan) -> bool:
    """Whether a line is a sentence: `At step 3 the loss was 0.5`, and with no mark before its number even `step 3: fix loss 0.5`."""
    strange = _strange(found, _UNVALUED) if found.facts else _strange(found)
    if found.marked:
        return not (found.known and found.facts) and len(strange) > len(found.pairs)
    return len(strange) > len(found.pairs) or not VERBS.isdisjoint(word.lower() for word in strange)
