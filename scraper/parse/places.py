"""Reads out of a line nobody described where the training is: `Epoch 3/10`, `[3][10/100]`, `200/ 2983 batches`, `step: 7`.

It takes these facts off the line, so that `pairs` finds no value in them; which step they come to is told in `steps`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from scraper.parse.words import ANY_PHASE, PHASES, TOTALS, fact, is_metric, words

_COUNT: Final = r"\d{1,3}(?:,\d{3})+|\d+"
_ROUNDS: Final = ("game", "gen", "rollout", "frame", "frames", "cycle")  # steps where a line begins with them, other things elsewhere
_FACT: Final = re.compile(
    r"(?i)(?:(?<![\w./-])|(?<=\d/)|(?<=epoch\d-)|(?<=epoch\d\d-)|(?<=---)|(?<=\.\.\.)|(?<=当前)|(?<=训练)|(?<=验证)|(?<=测试))(?P<key>(?:train(?:er|ing)?/|runtime\.(?=step=))?"
    r"(?:(?:global|training|train|current|cur|num|optimizer|total|valid(?:ation)?|val|dev|eval|test)[ _-]?|progress_or_|env[ _](?=steps?))?"
    r"(?:step(?:/max_steps|_num)?|iter(?:ation|_num)?|itr|update|timesteps?|round(?:_idx)?|ep(?:_i|\.(?= \d))?"
    r"|(?:(?:out|inn)er[ _])?epoch(?:(?:_(?:out|in)(?:er)?|[ _]id)(?=\s*[:=]))?"
    r"|batch(?:[ _](?:idx|id|num|i(?=:)))?|mini-?batch"
    r"|(?:n_)?episode(?:_idx)?|trial|generation|(?-i:(?<!.)[tT](?=\s*=\s*\d+(?:(?:\s*/\s*\d+)?\s*(?:[|,;]|=>|>>)|\s+[a-z]\w*=))"
    r"|(?:(?<!.)|(?<=\[)|(?<=[]>*=#] )|(?<=(?<!\w)- ))[eE](?=:?\s+\d+(?:/\d+)?\s*[|,;\s]\s*[A-Za-z]"
    r"|(?-i:(?<=E)\d{2,4}(?:\W*$|\s+start|\s+[A-Za-z][\w ]{0,30}\s\d*\.\d))"
    r"|\d{1,4}(?:/\d+)?\s*(?:\||[-:,]\s|=>|>>|(?-i:(?=\s+(?:B\d+\b|[A-Za-z][\w ]{0,30}[:=]\s*[A-Za-z.\d]*\(?\d*\.\d))))\s*[A-Za-z{]))"
    r"|(?-i:(?:(?<!.)|(?<=\d )|(?<=\d, )|(?<=\[))i(?=\s*[:=]\s*\d+\s*[|,;\]\s]))"
    rf"|(?:(?<!.)|(?<=rank\d ))(?:{'|'.join(_ROUNDS)})(?=\s*[:=]?\s*\d[\d,]*(?:/\d+)?\s*(?:[:|,-]|=>|>>|step))"
    r"|(?<=after )cycle(?=[ =]\d+ [a-z])"
    r"|(?<!.)(?:n_iter|nb_iter|idx|index)(?=\s*[:=]\s*\d+\s*[|,;\s])"
    r"|(?:(?<!.)|(?<=with ))pass(?:_id)?(?=\s*[:=]?\s*\d+(?:,\s+\D|\s+Batch=))"  # PaddlePaddle's: `Pass 0, Batch 100, Cost 0.5`
    r"|(?-i:(?<=\d )Sample(?=\s+\d+/\d+\s+[A-Z]\w*: ))"  # `Epoch: 8 Sample 70/720 Loss: 0.5`, which counts batches
    r"|(?-i:(?<=\d )B(?=\s?\d+(?:/\d+(?=\s)|(?:/\d+)?\s*[\]|,:])))"  # `[Ep 3 B 50] loss=0.5`
    r"|(?<=current[ _])steps|(?<=cur[ _])steps|(?<=global[ _])steps|(?<=env[ _])steps|iters(?=\s*[:=])|itrs(?=\s+\d+/)"
    r"|evaluate_num(?=:)|nupdates(?=\s*[:=])|updates(?=\[)|it(?=\s*[:=]|\s+\d)"
    r"|(?:steps|epochs|batches)(?=\s*[:=]\s*\d+\s*/\s*\d+\b(?!\.))|batch_iter(?=\s*[:=])"  # `Epochs: 2/9 || Iters: 5/100`
    r"|epoche|epoka|krok|schritt|passo|iteraci[óo]n|iteração|iteracja"
    r"|轮次|步数|迭代|回合|エポック|ステップ|エピソード|[ée]poca|[ée]poque|эпоха|шаг|эпизод|итерация|epis[oó]dio|épisode|generazione|generación|geração|génération|에폭|에포크|에피소드))"
    r"(?P<sep>[\"'\]]?(?:\((?P<phase>train|val|valid|test)\))?\s*(?:#?:(?:::?(?=\s))?|[=#]|(?<!\s)-(?=\d)|[_.](?=\d)|\bno\.?|\bnum(?:ber)?|\bis(?=\s*[\[(]))?\s*[\[(#'\"]*\s*)"
    r"(?P<boxed>(?<=\[)|(?<=\[ ))?"  # `Batch:[ 100 | 2068 ]`: the bar is an `of`
    rf"(?P<n>\d\.\d+e\+\d\d(?!\d)|(?:(?<=[\s:=])-(?=[1-9]))?(?:{_COUNT})(?:\.\d+)?)"
    rf"(?:\s*(?:/|(?:out )?of|(?(boxed)\|(?=\s*\d+\s*\])|(?!)))\s*(?P<total>{_COUNT})(?![\d.]))?"
    r"(?!_\d|[\w.%]*[A-Za-z%])(?P<close>['\"\])]*)"
)
_COUNTED: Final = {"steps": "step", "epochs": "epoch", "batches": "batch", "batch_iter": "step"}  # with a total, or in a script's word
_SHORT: Final = {"e": "epoch", "E": "epoch", "Sample": "batch", "B": "batch", **dict.fromkeys(("Pass", "pass", "pass_id"), "epoch")}
_PART: Final = rf"(?P<n>{_COUNT})\s*/\s*(?P<total>{_COUNT})\s*(?P<percent>\(\s*[\d.]+\s*%\s*\)\s*|(?:images|imgs|samples|examples)\b\s*)?"
_BATCH_OF: Final = re.compile(rf"\s*[\[(]\s*{_PART}[\])]")
_WITHIN: Final = re.compile(r"\[(?P<n>\d+)/(?P<total>\d+)(?P<percent>)?\]")  # `Iter: [3][10/100]`, which is an epoch
_BARE_OF: Final = re.compile(  # `epoch: 3 10/100 loss: 0.5`, `Epoch 3 - 10/100 | loss 0.5`, `Epoch 3: 10/100, {'loss': 0.5}`
    r"(?:\s+|\s*[-|:,]\s+)(?P<n>\d+)/(?P<total>\d+)(?P<percent>)?"
    r"(?=\s+[^\W\d_][\w ]{0,30}?\s*[:=]|\s*(?:[:|,-]|=>|>>)\s+[A-Za-z{]|\s+\{|\t)"
)
_BATCH_ALONE: Final = re.compile(  # `Epoch 3 [020] | loss 0.5`, `Epoch: [3][20]\tLoss 0.5`
    r"(?:\s*|(?P<adjacent>(?<=\])))\[\s*(?P<n>\d+)(?P<percent>)?\](?(adjacent)(?=\s+[A-Za-z])|\s*(?=[|:,]\s*[A-Za-z]))"
)
_COUNTER: Final = re.compile(  # `[10/100]`, `[Train](10/100)`, `[Train 10/100]`
    rf"(?:\[(?:(?i:train(?:ing)?)[ :]+)?|(?<=\])\()\s*{_PART}[\])]"
)
_BETWEEN_BARS: Final = re.compile(rf"(?<=\|)\s*(?P<n>{_COUNT})/(?P<total>{_COUNT})\s*(?=\|)")  # `Epoch 1 | 10/100 | loss 0.5`
_ITERATED: Final = re.compile(r"(?<![\w.])(?P<n>\d+)it \[\d+\.\d+it/s\]")  # `Epoch 3: 100it [8.2it/s] loss:0.5`
_BEFORE_EPOCH: Final = re.compile(r"\s*(?P<n>\d+)\s*/\s*(?P<total>\d+) \(\|")  # `10/100 (epoch 0.5), loss = 0.5`, the epoch blanked out
_DRAWN: Final = re.compile(  # `[####----] 50/100`, `|███  | 3/9`
    r"(?P<drawn>\[[^\]\w]{3,400}+\]|\|[#\d \u2580-\u259f]{3,}\|)\s*(?:\d+(?:\.\d+)?%\s*)?"
    rf"\(?(?P<n>{_COUNT})\s*/\s*(?P<total>{_COUNT})(?![\w.])"
)
_PHASE_COUNTED: Final = re.compile(  # `Train: 3 [10/100 (10%)]`, timm and its like; `training: 3 batch 100 loss: 0.5`, QRec
    r"\s*(?i:train(?:ing)?|val(?:id(?:ation)?)?|test|eval)\s*:\s*(?P<n>\d+)(?=\s+(?:\[\s*\d+\s*/\s*\d+[\s(\]]|batch:?\s+\d+\s+[a-z_]+:?\s))"
)
_PHASE_EPOCH: Final = re.compile(  # `[ Train | 003/080 ] loss = 0.5`, of a course's notebooks
    r"\s*\[ *(?i:train(?:ing)?|val(?:id(?:ation)?)?|test|eval) *\| *(?P<n>\d+) *(?:/|of) *(?P<total>\d+) *\]"
)
_HYPHENED: Final = re.compile(r"\s*(?P<n>\d+)-epoch(?=\s*(?::|\(\d+/\d+\)))")  # `3-epoch (10/100): loss 0.5`, `3-epoch: loss: 0.5`
_BATCHES: Final = re.compile(  # `200/ 2983 batches`, `processed 640/2560 samples`
    rf"(?<![\w./])(?P<seen>(?i:processed|seen|trained on)\s+)?(?P<n>{_COUNT})\s*/\s*(?P<total>{_COUNT})\s+"
    r"(?(seen)(?:sample|image|example|sequence)s?|(?P<unit>batch|step|iter)(?:es|s|ations)?)\b"
)
_TWO_COUNTERS: Final = re.compile(  # `[3/25][100/1583]`, `Train: [3][100/1583]`, `[3,  100/ 1583]`
    r"\[\s*(?P<epoch>\d+)\s*(?:/\s*(?P<epochs>\d+)\s*)?(?:\]\s?\[|,\s)\s*(?P<batch>\d+)\s*/\s*(?P<batches>\d+)\s*\]"
)
_BOTH: Final = re.compile(  # `[3,  2000] loss: 0.5 acc: 0.9`, `[3 :   2000] loss G : 0.5`
    rf"\s*\[(?P<epoch>\d+)(?:,| ?:) +(?P<batch>\d+)\]:?\s+(?=(?i:(?:(?:{ANY_PHASE}|running|avg|average|mean)[ _]+)?"
    r"(?:loss|acc|err)[a-z]*(?: [a-z]\b)?)\s*[:=]\s*[-+]?[\d.])"
)
_LEADING: Final = re.compile(  # `10/100: loss 0.5`, `[Train] 10/100 - loss 0.5`, `- 10/100 => loss 0.5`
    r"\s*(?:[-*>=]{1,4}\s+)?(?:(?P<drawn>\[[A-Za-z]+\])\s+)?"
    rf"\(?(?P<n>{_COUNT})\s*/\s*(?P<total>{_COUNT})\)?(?=[\s:,|-])"
)
_NUMBERED: Final = re.compile(  # `3: loss 0.5`, `3 [D loss: 0.5]`, `[3] loss: 0.5`, `[3] | loss 0.5`, `#3 loss 0.5`, `(3) Loss=0.5`
    rf"(?P<mark>\[ *|# ?|\()?(?P<n>{_COUNT})"
    r"(?(mark)[\])]?:?\s+(?:\|\s+)?(?=[A-Za-z])|(?:(?::\s+|\s+(?=[\[{]))(?=\[?[A-Za-z]|\{['\"]|\[\d+s / )"
    rf"|(?:,?\s+|\s\|\s)(?![^%]{{1,40}}% ?(?:\+-|±) ?\d)(?=(?i:(?:(?:{ANY_PHASE}|tr|va|vl|te|ts|avg|average|mean)[ _]+)?"
    r"(?:loss|acc|err|reward|score|cost)[a-z]*)\s*[:=]\s*[-+]?[\d.])))"
)
_OF_DATA: Final = re.compile(  # `Test set: [ 3] Average loss: 0.5`, `[Train] [3] loss 0.5`
    rf"(?P<drawn>\W*+(?i:{ANY_PHASE})(?: (?i:set|data))?\]?:?\s{{0,3}})(?P<mark>\[) *+(?P<n>\d+) *+\]:?\s+"
    r"(?=[A-Za-z][\w ]*(?:[:=]\s*|\s)[-+]?(?:\d*\.\d|nan\b))"
)
_PLURAL: Final = re.compile(  # `Epochs: 3 | Loss: 0.5`, `Steps 10, Loss 0.5`, `Epochs 1/3. Loss: 0.5`
    rf"\W*(?:(?P<epochs>[Ee]pochs)|[Ss]teps|[Ii]terations|[Ee]pisodes)(?:\s*[:=]\s*|\s)(?P<n>{_COUNT})(?:/(?P<total>{_COUNT}))?"
    r"(?:(?=\s*[|,;)-]|\s+\w+=)|(?(total)(?=[.:]?\s)|(?!)))"
)
_COUNT_FIRST: Final = re.compile(  # `3 epoch, LR 0.1`, `After 3 epochs, loss is 0.1`, `After 100 training step(s), loss is 0.1`
    rf"\s*(?P<after>(?i:after)\s+)?(?P<n>{_COUNT})(?:st|nd|rd|th)?\s+(?(after)(?:training )?)"
    r"(?:(?P<epochs>[Ee]poch)|[Ss]tep|[Ii]ter(?:ation)?)(?(after)(?:s|\(s\))?)(?=\s*[,:|])"
)
_AFTER_COUNT: Final = re.compile(  # `Loss after 3 epochs: 0.5`, `Loss: 0.5 after 300 batches`
    rf"(?i)(?:(?<=[a-z)] after )|(?P<behind>(?<=[\d%] after ))) {{0,8}}(?P<n>{_COUNT}) "
    r"(?:(?P<epochs>epochs?)|(?:training )?(?:steps?|iter(?:ation)?s?|episodes?|batches))(?(behind)[\s.!]*$|(?=\s*[:=]\s*[-+]?\d*\.?\d))"
)
_NO_PLACE: Final = re.compile(  # in front of `epoch: 0.5`
    r"(?i)\b(?:over|per|this|each|whole|entire|in|of|the|loss|acc|accuracy|error)\s+$"
)
_ORDINAL: Final = re.compile(  # `第3轮`, `第 3/10 个epoch`, `第3回合`
    r"第\s*(?P<n>\d+)\s*(?:/\s*(?P<total>\d+)\s*)?个?\s*(?:(?P<epoch>轮|(?i:epoch))|步|次迭代|回合|局|(?i:step|iter(?:ation)?))"
)
_NAMED: Final = re.compile(r"\s*(?P<name>[A-Za-z]+(?:[ _-][A-Za-z]+){0,2})\s+$")  # `Loss step 7: 0.5`
_VALUED: Final = re.compile(  # behind a fact that a metric's name stands in front of: `Loss epoch 3 | train 0.5 | test 0.6`
    rf"\s*(?:[:=]|[:|,-]\s*(?i:{ANY_PHASE})\s*[:= ])\s*[-+]?\d*\.\d"
)
_PREPOSITION: Final = re.compile(  # `loss at step 7: 0.5`, `loss at epoch 3, step 7: 0.5`, whose epoch is blanked out
    r"(?i)(?<!\s)\s*+(?:\b(?:at|after|on|in|for|over|of|during|@)|\()\s*+(?:\|++(?:\s*+[,;-])?\s*+)?$"
)
_BESIDE: Final = re.compile(  # in front of an epoch, too: `[Fold 1 Ep 3]`
    r"(?i)\W*(?:\[[A-Za-z][\w.]*(?::\d+)?\]|(?:fold|run|seed|client|task|cv|stage|phase) *[:=#]? *\d+(?:/\d+)?|\[\d+\])"
)
_OPEN: Final = (",", "|", ";", "[", "(", "]", ":")  # in front of a word and a number that are a field: `[base] ep3 | loss: 0.5`
_CLOSED: Final = re.compile(r"\s*(?:[],|;)]|$)")
_SAID: Final = re.compile(r"[^\W_]")
_LIMIT: Final = re.compile(r"(?i)\b(?:max|maximum)[ _.-]$")  # in front of `epoch=20`: how many there will be
_OF_BEST: Final = re.compile(r"(?i)[(\[]\s*(?:new |previous |prev |current )?best\b[^()\[\]]*$")  # of `(best: 0.5 @ epoch 1)`
_MAXIMUM: Final = len("maximum ")
_REACH: Final = 200  # characters in front of a fact, blanks most of them, in which its preposition stands
_EVALUATING: Final = frozenset(word for word, phase in PHASES.items() if phase != "train")


class Slot(NamedTuple):
    """Where a number stands in the line, and what multiplies it."""

    start: int
    end: int
    scale: float = 1.0


@dataclass(slots=True)
class Scan:
    """What one line holds."""

    facts: dict[str, Slot] = field(default_factory=dict)  # by the names in packs.FACTS
    pairs: list[tuple[str, Slot]] = field(default_factory=list)
    phase: str = ""  # train, val, test when the line says so ahead of its names
    known: int = 0  # pairs whose name is a metric's
    fractional: int = 0  # pairs whose value is no whole number
    spans: list[tuple[int, int]] = field(default_factory=list)  # parts of the text that are a fact or a pair
    wordy: int = 0  # `name=word` and the like: the mark of a configuration
    marked: int = 0  # pairs with more than blanks between name and value
    aside: bool = False  # a fact speaks of an evaluation's own progress: `eval iter 100`
    weak: bool = False  # the only fact is a bare `10/100` at the front, which may count anything
    end: int = 0  # where a second record begins on the line, or its end
    listed: bool = False  # nothing but blanks joins its names to their values, so that any name counts
    of_episodes: bool = False  # a fact says which episode it is, so that `steps` is how long that was
    own: str = ""  # the line without what it says of files at its end

    def rename(self, names: Iterable[str]) -> None:
        """Give the pairs other names, in their order."""
        self.pairs = [(name, slot) for name, (_, slot) in zip(names, self.pairs, strict=True)]


def take_facts(text: str, found: Scan) -> str:
    """Collect the facts and return the text with each blanked out, so that positions stay."""
    masked = _take_ordinals(text, found) if "第" in text else _take_phase_count(text, found)
    first: tuple[str, str, str] | None = None
    evaluating = ""
    for m in _FACT.finditer(text):
        name = _SHORT.get(m["key"]) or _COUNTED.get(m["key"].lower()) or ("step" if m["key"].lower() in _ROUNDS else fact(m["key"]))
        if not name or _places_nothing(text, m, found):  # it may name a loss behind another value
            continue
        if name in found.facts:
            if _nest(m, first, found):
                masked = _blank(masked, *m.span())
                continue
            is_other = text[slice(*found.facts[name][:2])] != m["n"]  # loggers say it twice: `epoch=1 step=20: epoch=1 loss=0.5`
            if is_other and (name, m["key"], m["sep"]) == first and not text[: m.start()].rstrip()[-1:].isalpha():
                found.end = m.start()
                break
            continue
        if "." in m["n"] and "e" not in m["n"] and (name != "epoch" or _NO_PLACE.search(text, 0, m.start())):
            continue
        first = first or (name, m["key"], m["sep"])
        if (said := words(m["key"])[0]) in _EVALUATING:
            found.aside, evaluating = True, PHASES[said]
        end = _take_fact(text, m, name, found)
        found.spans.append((m.start(), end))
        masked = _blank(masked, m.start(), end)
    if found.aside and not found.phase:
        found.phase = evaluating
    return _take_counter(masked, found)


def _take_fact(text: str, m: re.Match[str], name: str, found: Scan) -> int:
    """Collect a fact, its total and the count of batches behind an epoch; return where they end."""
    found.facts[name] = Slot(*m.span("n"))
    found.of_episodes |= m["key"].lower() == "episode"
    found.phase = PHASES.get((m["phase"] or "").lower(), found.phase)
    if m["total"]:
        found.facts[TOTALS[name]] = Slot(*m.span("total"))
    behind = (_BATCH_OF, _BARE_OF, _BATCH_ALONE) if name == "epoch" else (_WITHIN,) if m["close"] == "]" and not m["total"] else ()
    b = next((b for pattern in behind if (b := pattern.match(text, m.end()))), None)
    if b is None:
        return m.end()
    if name != "epoch":
        found.facts["epoch"] = found.facts.pop(name)
    adjacent = b[0][0] in "[("  # `[3][10/100]` counts within the epoch; `[Epoch 3/9] [10/100]` may not
    one = "samples" if b["percent"] else "batch" if adjacent else "counter"
    found.facts[one] = Slot(*b.span("n"))
    if b.re is not _BATCH_ALONE:
        found.facts[TOTALS[one]] = Slot(*b.span("total"))
    return b.end()


def _nest(m: re.Match[str], first: tuple[str, str, str] | None, found: Scan) -> bool:
    """Take steps that are counted within an iteration, `iteration:3 step:100/1044`, which then is an epoch; tell whether they are."""
    if found.facts.keys() != {"step"} or first is None or first[1].lower() not in ("iteration", "round", "rollout"):
        return False
    if m["key"].lower() != "step" or not (m["total"] or first[1].lower() == "rollout"):
        return False
    found.facts = {"epoch": found.facts["step"], "batch": Slot(*m.span("n"))}
    if m["total"]:
        found.facts["batches"] = Slot(*m.span("total"))
    found.spans.append(m.span())
    return True


def _places_nothing(text: str, m: re.Match[str], found: Scan) -> bool:
    """Whether what seems a fact is none: `max epoch=20`, or a word that may be any other, amid a line and not behind another fact."""
    before = text[found.spans[-1][1] if found.spans else 0 : m.start()]
    amid = m["key"].lower() in ("ep", "it") and not (m["sep"].strip() or m["total"]) and _SAID.search(before) is not None
    if amid and not _BESIDE.fullmatch(before.rstrip(" ,;|-")):
        is_field = (before[-1:] == "\t" or before.rstrip()[-1:] in _OPEN) and _CLOSED.match(text, m.end("n"))
        if not is_field:
            return True
    return _LIMIT.search(text, max(0, m.start() - _MAXIMUM), m.start()) is not None or _OF_BEST.search(before) is not None


def _take_phase_count(text: str, found: Scan) -> str:
    """Collect the epoch of `Train: 3 [10/100]`, `[ Train | 3/9 ]` or `3-epoch (10/100)` and return the text with it blanked out."""
    m = _PHASE_COUNTED.match(text) or _PHASE_EPOCH.match(text) or _HYPHENED.match(text)
    if m is None:
        return text
    found.facts["epoch"] = Slot(*m.span("n"))
    if m.re is _PHASE_EPOCH:
        found.facts["epochs"] = Slot(*m.span("total"))
    end = m.end()
    if m.re is _HYPHENED and (of := _BATCH_OF.match(text, end)):
        found.facts |= {"batch": Slot(*of.span("n")), "batches": Slot(*of.span("total"))}
        end = of.end()
    found.spans.append((m.start(), end))
    return _blank(text, m.start(), end)


def _take_ordinals(text: str, found: Scan) -> str:
    """Collect `第3轮` and its like and return the text with them blanked out."""
    for m in _ORDINAL.finditer(text):
        name = "epoch" if m["epoch"] else "step"
        found.facts[name] = Slot(*m.span("n"))
        if m["total"]:
            found.facts[TOTALS[name]] = Slot(*m.span("total"))
        found.spans.append(m.span())
        text = _blank(text, m.start(), m.end())
    return text


def _take_counter(masked: str, found: Scan) -> str:
    """Collect `[10/100]`, `10/100 batches`, or a bare `10/100` or `10:` at the front where nothing else places the line."""
    if not found.facts and (m := _TWO_COUNTERS.search(masked) or _BOTH.match(masked)):
        found.facts.update({name: Slot(*m.span(name)) for name, number in m.groupdict().items() if number})
        found.spans.append(m.span())
        return _blank(masked, m.start(), m.end())
    bracketed = None
    if not found.facts.keys() & {"batch", "samples", "counter"}:
        bracketed = _COUNTER.search(masked) or _BATCHES.search(masked) or (_beside(masked) if found.facts else None)
    counter = bracketed or (None if found.facts else _DRAWN.search(masked) or _bare(masked))
    if counter is None:
        return masked
    kind = counter.groupdict()
    one = "batch" if kind.get("unit") == "batch" and "epoch" in found.facts else "counter"
    if kind.get("percent") or kind.get("seen"):
        one = "samples"
    elif "mark" in kind or "epochs" in kind:
        one = "epoch" if kind.get("epochs") else "step"
    if kind.get("total"):
        found.facts[TOTALS[one]] = Slot(*counter.span("total"))
    found.facts[one] = Slot(*counter.span("n"))
    found.weak = bracketed is None
    start = counter.start("n") if "drawn" in kind else counter.start()
    found.spans.append((start, counter.end()))
    return _blank(masked, start, counter.end())


def _beside(masked: str) -> re.Match[str] | None:
    """Find a count that tells what it counts by the fact beside it alone."""
    return _DRAWN.search(masked) or _BETWEEN_BARS.search(masked) or _ITERATED.search(masked) or _BEFORE_EPOCH.match(masked)


def _bare(masked: str) -> re.Match[str] | None:
    """Find a count at the line's front that is told by nothing but where it stands, or `after 3 epochs` before a value."""
    at_front = _LEADING.match(masked) or _NUMBERED.match(masked) or _COUNT_FIRST.match(masked) or _PLURAL.match(masked)
    return at_front or _OF_DATA.match(masked) or _AFTER_COUNT.search(masked)


def _blank(text: str, start: int, end: int) -> str:
    """Blank out a fact; `loss at step 7: 0.5` and `loss step 7: 0.5` become `loss          : 0.5`, elsewhere a fact separates names."""
    before = _PREPOSITION.search(text, max(0, start - _REACH), start)
    if before and re.match(r"\s*(?:[:=]|is\b)", text[end:]):
        start = before.start()
        return text[:start] + " " * (end - start) + text[end:]
    named = _NAMED.fullmatch(text, 0, start)
    mark = " " if named and is_metric(named["name"]) and _VALUED.match(text, end) else "|"
    return text[:start] + mark * (end - start) + text[end:]
