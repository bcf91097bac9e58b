"""Reads names and numbers out of a line nobody described: `epoch=3 loss=0.5`, `Loss: 2.3 | Acc: 51.2%`, `val_loss 0.4`.

It looks at one line alone; whether that line reports progress or merely mentions numbers is told in `reports`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from scraper.parse import marks, nests
from scraper.parse.headings import headed, leading_phase, measured, parted, stated
from scraper.parse.naming import named
from scraper.parse.numbers import MULTIPLIERS, NUMBER, OF_TIME, SINGLE, all_or_none, scale
from scraper.parse.places import Scan, Slot, take_facts
from scraper.parse.several import PHASE, take_aside, take_joined, take_mean, take_reversed, take_slashed
from scraper.parse.words import ANY_PHASE, PHASES, fact, is_clock, is_extreme, is_metric, is_side, words

_FRACTION_BEHIND: Final = re.compile(r"[ \t]+[-+]?\d*\.\d")
_CLASS: Final = re.compile(  # `Class 0: Acc 0.5`, `class car  AP: 1`, `Class_0-wall Result: iou 0.5`, `cat --> AP: 1`, `[Client 3] loss: 1`
    r"\W*(?P<part>(?i:class|category)(?: \d+|_\d+(?:-[A-Za-z][\w-]*)?(?= [Rr]esult)))(?: [Rr]esult)?\s*[:|,-]\s*(?=#?[A-Za-z])"
    r"|(?:\W*\[[A-Za-z]+\](?=\s))?\W*(?P<who>(?i:client|agent|player|member|dataset|domain)[ _]#?\d{1,4})(?:\s*[]):|,-])+\s*(?=[A-Za-z])"
    r"|\W*(?P<scored>(?i:task|client|class) \d+)(?=: (?:nan|[\d.]+)%? \([a-z]+[:=])"  # `Task 3: 75.5% (loss: 0.5)`
    r"|\W*(?P<level>(?i:noise level|severity)[:= ]\s?\d*\.?\d+)(?=\s*[|,:]\s+[A-Za-z])"  # `Noise Level: 0.1 | Accuracy: 0.5`
    r"|\[Task: (?P<task>[\w.-]+)\](?:\[[A-Za-z]+\])? (?=[A-Za-z])"  # FuxiCTR
    r"|\W*head: (?P<head>[A-Za-z][\w.-]*), (?=[A-Za-z])"  # MACE
    r"|\W*(?:[A-Za-z]+ ){1,8}for (?P<at>horizon \d+), (?=[A-Z])"
    r"|\s*(?i:class|category) (?!(?i:acc|loss|err|iou|map|weight|wise|avg|average|mean|all)\w*\s)(?P<named>[A-Za-z_][\w/-]*)"
    r"\s\s+(?=[A-Za-z]\w*\s*[:=])"
    rf"|\s*(?!(?i:{PHASE})\b)(?P<of>[A-Za-z][\w-]*) -+> (?=(?:AP|mAP|IoU|Dice|[Aa]cc(?:uracy)?)\b)"
)
_MORE_BEHIND: Final = re.compile(  # a row of a table: `test_loss  1.25  2.5  1.75`
    r"%?(?:[ \t]+[-+]?(?:\d+\.\d+(?:%|[mun]?s)?|(?i:inf|nan)\b(?!\s*[:=]))){2}"
)
_LIST_BEHIND: Final = re.compile(r"[\s,]\s*[-+]?\.?\d")
_DECIMALS_BEHIND: Final = re.compile(r",\d")
_COMMA: Final = re.compile(r",\d+(?=\s?%|[\s;|)\]/]|$|,\s)")  # and the decimals behind it, where people write 0,5 for one half
_SHAPE: Final = re.compile(r",\s*\d+\s*[,)]|,\d")
_CLOCKS: Final = re.compile(  # `12m 3s`, `12s / 40s`, `1h 2min 3s 400ms`, `@ 10:27 PM`
    r"(?<![\w.:])(?:(?:@|at) )?\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)? ?[AaPp][Mm](?!\w)|"
    r"(?<![\w.])(?:(?:(?:\d+\s?h\s{0,2})?\d+\s?m(?:in)?\s{0,2})?\d+\s?s\s{1,2}\d+\s?ms(?:/[a-z]+)?"
    r"|(?:\d+\s?h\s?)?\d+\s?m(?:in)?\s?\d+(?:\.\d+)?\s?s|\d+(?:\.\d+)?s\s?/\s?\d+(?:\.\d+)?s)(?!\w)"
)
_RATE: Final = re.compile(  # `109.1/s/gpu LR: 0.1`, `12 MB acc: 0.9`: the unit is no part of the next name, nor is a tensor's shape
    r"(?<=\d) ?(?:[A-Za-z]+/(?:s|sec|second|step|iter|it)|/s)(?:/\w+)?(?=[\s,;|)\]]|$)"
    r"|\bin \d+(?:\.\d+)?(?:s \(|:\d\d(?:\.\d)? \()\d+(?:\.\d+)?/[smh]\)"  # alive-progress' rate
    r"|(?<=\d) (?:[KMG]i?B|secs?|mins?|m?s|sec\(s\))(?=\s+[A-Za-z])|(?<=\d) [mh](?=\s\s+[A-Za-z])"
    r"|\btorch\.Size\(\[[\d, ]*\]\)"
)
_UNITS: Final = r"(?:batches|samples|images|examples|points|iterations|iters|steps|episodes|eps|games|epochs|trials)"
_COUNTED: Final = re.compile(  # `loss of 796 batches: 0.5`, `avg reward last 100 episodes: 0.5`, `MAE: 0.5  over  100  points`
    r"\s(?:(?:of|over|on|for|in|from)(?: the)?(?: (?:last|past|previous))?|last|past|previous) \d+ (?:[a-z]+ )?"
    rf"{_UNITS}(?=\s*[:=])|\s+after (?:task|session|stage|experience) #?\d+(?=\s*[:=])"
    rf"|(?<=\d)\s+(?:over|on|for|from)\s+\d+\s+(?:[a-z]+\s+)?{_UNITS}\W*$"
    rf"|(?<=[a-z])\s+\((?:last )?\d+ (?:[a-z]+ )?{_UNITS}\)(?=\s+[-+]?\d)"  # `mean reward (100 episodes) 0.5`
)
_SAID_OF: Final = re.compile(  # `correct 24/48`; `accuracy=93.2 % on the evaluation dataset`; `acc 0.5, best 0.6`; `dtw: Not calculated`
    r"\b[Cc]orrect:? \d+ ?/ ?\d+(?![\d.])|(?<=%) on (?:the )?(?:[a-z]+ )?(?:data ?set|set|data|split)\W*$"
    r"|(?<=\d), \d{1,2}(?:st|nd|rd|th) percentile:? [-+]?\d[\d.e+-]*"  # LEAF's, beside the mean over its clients
    r"|(?<=[\d%]), best:? \d*\.\d+ ?%?\s*$|\b[A-Za-z]\w*[:=] ?Not (?:calculated|computed|available)\b"
    r"|(?<=\S)\s*\[repeated \d+x across cluster\].*$"  # Ray's, of what several workers printed
    r"|\b(?:\d\d(?:\.\d+)?% ?)?(?:C\.?I\.?(?:95)?|[Cc]onfidence [Ii]nterval)(?: \d\d%)?\s*[:=]?\s*[\[(][^\])A-Za-z]{3,48}[\])]"  # of a mean
    r"|(?<=\}) ckpt= ?\S+\s*$"  # MindSpore's models
    r"|(?<=\d)\[Parallel\(n_jobs=-?\d+\)\]: .*$"  # joblib's, on another stream
    r"|(?<=[\d|]) \((?=[^()]*\boptim(?:izer)?[:=] ?[A-Za-z]+,).*\)(?=\s*:?\s*$)"  # `Epoch 3 (LSTM, optim: adam, eps=1e-4, decay=0.9):`
    r"|: +\d{1,3}%\|[^|=:]*\| *\d+/\d+ *(?:\[[^\]=]*)?$"  # a bar that the width of the terminal cut
    r"|\b[Pp]rogress:? ?\[[#=>. -]*+\] ?\[? ?\d+(?:\.\d+)? ?%\]?"  # `Progress [###   ][ 22.5%] | Loss 0.5`
)
_TRAINED: Final = re.compile(  # what came to the values behind it: `Fold 3: accuracy 0.5`, `[Seed 42] acc 0.5`, `SVC(C=1.0): acc 0.5`
    r"\W*(?i:(?:cv|k)?[- ]?fold|run|seed|split|repeat|repetition|experiment) #?\d{1,6}(?:\s?/\s?\d+| of \d+)?(?=[\s:,|)\]-])"
    r"|\W*[A-Za-z]\w*\((?![^()]*(?i:loss|acc|err|score|auc|iou|f1))(?:\w+=[\w.+'-]+(?:,\s?|(?=\)))){1,8}\)(?=\s*[:|]\s+[A-Za-z])"
)
_OF_TENSORS: Final = re.compile(
    r"<tf\.\w+:? [^<>=]*shape=\(\), dtype=\w+, numpy="
    r"|,\s*(?:device='[^']*'|grad_fn=<\w*>|dtype=[\w.]+|shape=\(\)|(?:requires_grad|weak_type)=\w+)"
    r"|\bTensor\(shape=\[[\d, ]*\], dtype=\w+, place=\w+(?:\([\w:]*\))?, stop_gradient=(?:True|False),"  # of PaddlePaddle
)
_BRACKET: Final = (
    r"\((?:(?i:iou|conf|thr(?:esh(?:old)?)?) ?[=>@] ?)?(?:[\w/%@. +-]|\(\w*\)|(?<=\d):(?=0?\.))*\)"
    r"|(?<=[A-Za-z])\[0?\.\d{1,3}\](?=[\"']?\s*[:=]\s*\S|[ \t]+[-+]?\d)"  # `QuantileLoss[0.1]: 2.5`, a metric for each quantile
    r"|\[[A-Za-z\u00b0\u00b5%]{1,8}(?:/[A-Za-z]{1,6})?\](?=\s?[:=]\s*[-+]?\d)"  # `error [cm/s]: 2.5`
    r"|\((?:[A-Za-z_]\w*,[ ]){1,4}[A-Za-z_]\w*\)(?=[ ]=[ ])"  # `loss(x, y) = 0.5`, as Julia shows what it was asked for
)
_TO: Final = all_or_none(r":0?\.\d+(?!\d)")
_CONDITION: Final = (  # in front of a value: `mAP at IoU=0.50: 0.7`, `F1 at threshold 0.5: 0.8`, no values themselves
    r"(?:(?:at|@|with)[ ](?:(?i:iou|conf(?:idence)?|score)[ ])?(?i:iou|thr(?:esh(?:old)?)?|conf(?:idence)?)(?:[ ]?[=>][ ]?|[ ])"
    rf"0?\.\d+{_TO}(?=\s*[:=]\s*[-+]?\d))"
)
_FOREIGN: Final = (  # letters of French, Polish, Turkish and their like, Greek, Russian, Japanese, Chinese and Korean
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u0391-\u03c9\u0410-\u044f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
)
_RANGE: Final = all_or_none(r"(?:(?<=@0\.5|@\.50|@\[\.5):0?\.95|(?<=@\.5):\.95|(?<=@0\.50):0?\.95)")  # `mAP@0.5:0.95`
_AT_IOU: Final = all_or_none(rf"(?:(?<=@IoU)|(?<=@[ ]IoU))=0?\.\d+(?!\d){_TO}")  # `mAP@IoU=0.50:0.95`: no values
_AT: Final = all_or_none(r"(?<=[A-Za-z])=\d*\.?\d+(?:e-?\d+)?(?=\s?:\s+[-+]?\d)")  # `TPR@FAR=1e-3: 0.9`, `accuracy for K=0.01: 0.9`
_ASIDE: Final = rf"(?:(?![:=])|(?=[:=]){_RANGE}{_AT_IOU}{_AT})"
_WORD: Final = rf"[A-Za-z_{_FOREIGN}][\w./@#+%&'-]*(?:(?<=[A-Za-z])\^2)?{_ASIDE}(?:{_BRACKET})?"
_OWNERS: Final = ("client", "agent", "task", "class", "player", "expert", "head", "branch", "critic", "decoder", "content", "style")
_NUMBERED: Final = "|".join(  # `Client 1 loss`, `Task 2 accuracy`: each has values of its own
    rf"(?<={word[0].upper()}{word[1:]}[ ])|(?<={word}[ ])" for word in _OWNERS
)
_OWN: Final = rf"(?:{_NUMBERED})\d{{1,3}}(?=[ ][A-Za-z])"
_WRAPPER: Final = r"(?:(?:torch|tf|np|numpy|jnp|jax|mx)\.)?(?:[tT]ensor|b?float\d*|u?int\d+|(?:Device)?[aA]rray|Parameter)\("
_AHEAD: Final = (  # of `3d loss`, `3d_loss`, `2nd_loss`, `5-shot acc`, `1NN: 0.5`
    r"(?:(?<![\w./-])(?:\d(?=px\b|[dD](?:\b|_[A-Za-z])|(?:st|nd|rd|th)_[A-Za-z]|(?![KMGT]B)[A-Z]{2}[A-Za-z_]{0,8}[:=])"
    r"|\d{1,3}(?=_[A-Za-z])|(?<=[\"'])\d{1,2}(?=[A-Za-z])|\d{1,2}-(?=shot\b)))?"
)
_COUNTS: Final = ("total", "correct", "count", "bs", "stride", "task", "agent", "server", "worker", "player", "expert")  # as whole numbers
_SIZE_BEHIND: Final = re.compile(rf"\s?[kKMGT]i?B\b|\s{_UNITS}\b")
_SHOTS: Final = r"\d{1,2}-shot\b"
_OF_CLOCK: Final = r"(?<=\d)(?:[mu]?s|secs?|min|[mh])[ ]{1,3}[A-Za-z(]"  # of `12.5s loss: 0.5`, which is a loss
_PAIR: Final = re.compile(
    rf"""(?<![A-Za-z_{_FOREIGN}])(?!{_WRAPPER}|{_OF_CLOCK}|(?<=\d)e[-+]\d)(?P<quote>["']?)
    (?P<key>{_AHEAD}{_WORD}
      (?:[ ]{{1,3}}(?:{_CONDITION}|{_WORD}|/|@|{_BRACKET}|{_SHOTS}|\d{{1,3}}(?=\s*[:=])|\.\d{{1,2}}(?=:[ ])|{_OWN})){{0,7}}?)(?P=quote)
    (?P<sep>\]?\s*(?:::?|=>|-{{1,16}}>|=)\s*|[ ]+is:?[ \t]+|[ ]+of[ ](?=[-+\d])|[ ]+-[ ]+(?=\d*\.\d)|\]?[ \t]+|(?=\[[-+]?\d*\.\d+\]))
    (?!\([\w+ ,]*\)\s*[:=]|\d{{1,3}}\s*[:=]\s*[-+]?\d*\.\d|\.\d{{1,2}}:[ ]+[-+]?\d*\.\d|{_OWN}|{_SHOTS})
    (?P<open>["'\[(]{{0,2}}(?:(?<=\[)[ ]{{1,2}}(?={NUMBER}(?:[ ]{{1,5}}{NUMBER}){{0,31}}[ ]*\]))?(?:{_WRAPPER}\[?)?[$]?)(?P<n>{NUMBER})""",
    re.VERBOSE,
)
_WRAPPED: Final = rf"[\"']?(?:{_WRAPPER})?"
_ITEM: Final = rf"{_WRAPPED}{NUMBER}\)?[\"']?"
_SEVERAL: Final = re.compile(rf"\[\s*{_ITEM}(?:[\s,]+{_ITEM}){{1,31}}[\s,]*\]")  # `Dice: [0.71, 0.83]`, a value for each class
_ITEM_NUMBER: Final = re.compile(rf"{_WRAPPED}({NUMBER})")
_POSITION: Final = re.compile(r"(?:/|\s+out of )\d+")  # behind `3`, which is no value then
_OF_ALL: Final = re.compile(  # `Accuracy: 9012/10000 (90.12%)`, `9012/10000 = 90.12% correct`, `9012 / 10000 = 0.9012`
    rf"(?:\s*/|\s+out of )\s*\d[\d,]*\s*(?:(?:F1 )?(?P<open>\()|=)\s*"
    rf"(?:(?P<percent>{NUMBER})\s*%|(?P<share>0?\.\d+|1\.0+)(?![\w.%]|\s*%))(?(open)\s*\)|(?: correct)?(?![\w(]))"
)
_BAR_BEHIND: Final = re.compile(  # also one too narrow to be drawn
    r"%(?:\s?[━╸█]|\|(?:[█▉▊▋▌▍▎▏#]| {4}|[ \d]\| ?\d+/\d)|\s\d+/\d+ \[\d|\s+\[\s*[\d:?-]*\s*<)"
)
_BEST: Final = " (best)"  # of a name with two values: `reward (best): 0.5 (0.75)`
_UNIT: Final = re.compile(
    r"(?:ms|us|ns|s|sec|secs|seconds|h|hr|min|m|it/s|s/it|"
    r"[kKMGT]i?[bB](?:/s)?|B|x|fps|Hz|dB|mm|cm|px|deg|bpp|bits|nats|[a-z]+/(?:s|sec|second|step|it|batch|iter))(?![\w])"
)
_SINGLE: Final = re.compile(SINGLE)
_AFTER: Final = re.compile(
    rf"(?:(?P<scale>[kKMGBT](?![A-Za-z_/])|{SINGLE})|(?P<unit>{_UNIT.pattern}))?(?P<percent>\s?%)?(?P<close>[\"'\])]*)"
    rf"(?P<average>\s*\(\s*(?!\+)(?:(?i:avg|average|ave|mean)\.?\s?[:=]?\s?)?(?P<avg>{NUMBER})(?:/\d*\.\d+)?\s*%?\s*\))?"
)
_WORDY: Final = re.compile(
    rf"(?!(?:time|ts|level|msg|logger|caller|event)=)\b\w+\s*=\s*(?!\s*(?:{_WRAPPER}\[?)?[-+]?(?:[\d.]|(?:nan|inf)\b))[\"'\[(A-Za-z{{<]"
    r"|[\"']?\w+[\"']?:\s*(?:True|False|None|null|true|false|[\"'/])(?![\"']?[-+]?[\d.])",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"\s?%?\s+[A-Za-z][^'\"]*['\"]")  # `model='20% pruned'`: words that begin with a number
_IN_ROW: Final = r"[A-Za-z_][\w./@-]*(?: [A-Za-z_][\w./@-]*){0,2}"
_ROW: Final = re.compile(  # `loss_a,loss_b 0.5 0.25`, `[test loss, test acc]: [0.5, 0.75]`: names, and as many values
    rf"\W*(?P<names>{_IN_ROW}(?:\s*,\s*{_IN_ROW})+)[\])]?(?:\s*[:=](?!:)|\s)\s*[\[(]?(?P<values>{NUMBER}(?:[\s,]+{NUMBER})+)[\])]?\s*$"
)
_NUMBER: Final = re.compile(NUMBER)
_SPACED: Final = rf"\|?[A-Za-z_][\w/@()-]*\|?[ ]{NUMBER}(?:%|s(?![a-z]))?"
_LIST: Final = re.compile(  # `Iter 3: SR 98.5%, Q 34.5, Pi -8.5`, `dev loss 2.5, rec 1.5, adv 1.0`
    rf"[^A-Za-z\d]*(?P<phase>(?i:{ANY_PHASE}) )?(?:loss[ ]\{{)?{_SPACED}(?:,[ ]+{_SPACED}){{2,}}[\s.,}}]*"
)
_FRACTION: Final = r"[A-Za-z_][\w/@()-]*[ ](?:[-+]?\d*\.\d+(?:[eE][-+]?\d+)?|(?i:nan|inf)(?!\w))%?"
_BLANK_LIST: Final = re.compile(  # `iter [10/90] LR 0.1 Sup 1.5 mIoU 62.5`
    rf"(?:\s*\[[^][]{{1,40}}\] )?[^A-Za-z\d]*{_FRACTION}(?:[ \t]{{1,2}}{_FRACTION}){{2,}}\s*"
)
_RANGE_OR_FILE: Final = re.compile(r"\.\.\d|\.[a-z]\w*(?:\s|$)")
_IN_PATH: Final = ("/", "?", "&")  # what stands in front of a name in a path or an address
_CHANGED: Final = re.compile(r"\s*%?\s*(?:[-=]+>|→)\s*[-+]?\.?\d")  # `0.91 -> 0.92`
_IN_PROGRAM: Final = re.compile(r"\s*\*\s*[A-Za-z_][\w.]*(?:\([^)]*\))?\s+[-+*/]\s|,\s*// ")  # `loss: 0.5 * bce + 0.5 * dice`, a comment
_LISTED: Final = re.compile(rf"\s*(?P<key>[A-Za-z][^=:]{{0,80}}?)\s*[=:]\s*(?P<n>{NUMBER})\s*%?\s*$")
_SCHEDULE: Final = re.compile(
    r"(?i)(?:\[?epoch +\d+[\]:] )?\W*(?:(?:changed|updated|adjusted|reduced|decayed|decreased) (?:the )?(?:learning rate|lr)[.!,:]+ )?"
    r"(?:(?:the|now|using|with|set(?:ting)?|epoch|updat(?:e|ing)|adjust(?:ed|ing)|reduc(?:ed?|ing)|chang(?:ed|ing)"
    r"|decay(?:ed|ing)|decreas(?:ed|ing)) )*(?P<key>(?:(?:current|new|updated) )?"
    r"(?:learning rate|(?:(?<=[a-z] )|(?<=>)|(?<=[│┃║─] ))lr|(?-i:LR))"
    r"(?: of group \d+)?)(?: on plateau| by a factor(?: of)? [\d.]+)?"
    rf"(?: (?:for|of|in|at) (?:this|the) epoch)?(?: (?:is|now|to|set|updated))*\s*[:=]?\s*\[?(?P<n>{NUMBER})[\s.\])|│┃║]*$"
)
_SEVERAL_RATES: Final = 2
_OF_RATES: Final = frozenset(
    ("min", "max", "base", "init", "initial", "start", "final", "end", "decay", "warmup", "factor", "mult", "multiplier")
)


def scan(text: str, *, trusted: bool = False, logged: bool = False) -> Scan:
    """Find facts and pairs in `text`. `trusted`: it is nothing but pairs, a pack says: any name counts; `logged`: a logger's line."""
    text = marks.plain(text)
    found = Scan(end=len(text), own=text)
    masked = _hide(take_facts(text, found), found)
    if not trusted:
        found.phase = found.phase or leading_phase(text)
        found.wordy = len(_WORDY.findall(masked))
    found.listed = _is_list(masked, placed=bool(found.facts))
    at = found.end if not trusted and (("," in masked and _take_row(masked, found)) or take_reversed(masked, found)) else 0
    while m := _PAIR.search(masked, at, found.end):
        at = _take_pair(masked, m, found, trusted=trusted)
    if any(map(text.__contains__, nests.OPENINGS)):
        found.rename(nests.nested(text, [(name, slot.start) for name, slot in found.pairs]))
        if not found.known and 1 < len(found.pairs) == found.fractional == found.marked:  # `test_acc: {'even': 0.5, 'odd': 0.25}`
            found.known = sum(is_metric(outer[-1]) for name, _ in found.pairs if (outer := words(name.rpartition("/")[0])))
    if trusted:
        return found
    if any(name.lower() in PHASES for name, _ in found.pairs):
        found.rename(measured(masked, [(name, slot.start, slot.end) for name, slot in found.pairs]))
    if not any(map(text.__contains__, nests.QUOTED)):
        _take_headings(masked, found)
        if part := _CLASS.match(masked):
            found.spans.append(part.span())
            found.pairs = [(name, slot) for name, slot in found.pairs if slot.start >= part.end()]
            said = part[part.lastgroup or 0].replace(":", "")
            found.rename(name if name == said else f"{said}/{name}" for name, _ in found.pairs)
        found.rename(stated(text, [(name, slot.start) for name, slot in found.pairs], placed=bool(found.facts), logged=logged))
    return found


def _hide(text: str, found: Scan) -> str:
    """Blank out what holds numbers or words and says nothing: `12m 3s`, what a tensor's text tells of it, units of rates."""
    for m in (*_CLOCKS.finditer(text), *_OF_TENSORS.finditer(text), *_COUNTED.finditer(text), *_SAID_OF.finditer(text)):
        found.spans.append(m.span())
        text = text[: m.start()] + " " * len(m[0]) + text[m.end() :]
    if not found.facts and (trained := _TRAINED.match(text)):
        found.spans.append(trained.span())
        text = " " * trained.end() + text[trained.end() :]
    for m in _RATE.finditer(text):
        found.spans.append(m.span())
        text = text[: m.start()] + "|" * len(m[0]) + text[m.end() :]
    return text


def _is_list(masked: str, *, placed: bool) -> bool:
    """Whether a line that is `placed`, or tells its phase, is a list of names and values joined by blanks, most of them fractions."""
    if "," not in masked:
        return placed and _BLANK_LIST.fullmatch(masked) is not None
    m = _LIST.fullmatch(masked)
    return m is not None and (placed or m["phase"] is not None) and 2 * masked.count(".") > masked.count(",")


def _take_row(masked: str, found: Scan) -> bool:
    """Take a row of values behind a row of as many names, where one at least is a metric's."""
    m = _ROW.match(masked)
    names = re.split(r"\s*,\s*", m["names"]) if m else []
    values = [n.span() for n in _NUMBER.finditer(masked, m.start("values"))] if m else []
    if not m or len(names) != len(values) or not (all if " " in m["names"].replace(", ", "") else any)(map(is_metric, names)):
        return False
    found.pairs += [(name, Slot(*span)) for name, span in zip(names, values, strict=True)]
    found.spans.append((m.start("names"), m.end("values")))
    found.marked, found.known = len(names), sum(map(is_metric, names))
    found.fractional = sum("." in masked[start:end] for start, end in values)
    return True


def _take_headings(masked: str, found: Scan) -> None:
    """Put in front of names the phase under whose heading they stand in the line, where its front does not tell one for all."""
    said = headed(masked, [(name, slot.start, slot.end) for name, slot in found.pairs])
    own = {PHASES.get(name.lower(), "") for name, _ in found.pairs}  # `[eval] train 0.5 val 0.6 lr 0.1`: what is of one is told by itself
    if found.phase and len({phase for phase in said if phase}) < 2 and len(own - {""}) < 2:
        return
    found.phase = ""
    said = said if any(said) else parted(masked, [(name, slot.start) for name, slot in found.pairs])
    found.rename(f"{part}/{name}" if part else name for part, (name, _) in zip(said, found.pairs, strict=True))


def listed(text: str) -> tuple[str, Slot] | None:
    """Read a line that is one `name=value` and nothing else, as stands below a header."""
    m = _LISTED.match(text)
    return (m["key"], Slot(*m.span("n"))) if m else None


def schedule(text: str, found: Scan) -> tuple[tuple[str, Slot], ...]:
    """Read a line that states nothing but the learning rate, in words and not as a setting is written, or several of them.

    `Current learning rate: 0.1`, `lr_G: 0.1, lr_D: 0.2`.
    """
    if m := _SCHEDULE.match(text):
        return ((m["key"], Slot(*m.span("n"))),)
    if len(found.pairs) < _SEVERAL_RATES or not len(found.pairs) == found.marked == found.fractional or found.wordy:
        return ()
    rest = "".join(text[a:b] for (_, a), (b, _) in pairwise([(0, 0), *sorted(found.spans), (len(text), 0)]))
    return tuple(found.pairs) if all(_is_rate(name) for name, _ in found.pairs) and not any(map(str.isalnum, rest)) else ()


def _is_rate(name: str) -> bool:
    """Whether a name is that of a learning rate, and not of what it begins or ends with: `lr_G`, `policy lr`, but no `min_lr`."""
    parts = set(words(name))
    return ("lr" in parts or {"learning", "rate"} <= parts) and _OF_RATES.isdisjoint(parts)


def _take_pair(masked: str, m: re.Match[str], found: Scan, *, trusted: bool) -> int:
    """Judge one candidate; return where to look on."""
    key, start, spaced = named(masked, m, found, trusted=trusted)
    decimals = _decimals(masked, m, key)
    rest = decimals or m.end()
    joined = 0 if spaced or decimals else take_joined(masked, m, key, found, trusted=trusted)
    if joined or not key:
        return joined or m.start("n")
    quoted = _QUOTED.match(masked, rest) if m["open"][-1:] in ("'", '"') else None
    if quoted or (not decimals and _is_no_value(masked, m, spaced=spaced)):
        return quoted.end() if quoted else rest
    after = _AFTER.match(masked, rest)
    assert after is not None  # noqa: S101 - every part of the pattern is optional
    mean = after["avg"]
    if mean and key.endswith(_BEST):
        key, mean = key.removesuffix(_BEST), None
    slot = Slot(m.start("n"), decimals or m.end("n"), scale(after["scale"] or ""))
    end = after.end()
    if share := _OF_ALL.match(masked, rest):
        slot, end = Slot(*share.span("percent" if share["percent"] else "share")), share.end()
    elif behind := (take_slashed if "/" in key else take_mean)(masked, m, key, found):
        return behind
    elif "." not in m["n"] and (position := _POSITION.match(masked, rest)):
        found.spans.append((start, position.end()))
        return position.end()
    if _is_no_metric(key, m, found, trusted=trusted):
        found.spans.append((start, end))
        return end
    several = _SEVERAL.match(masked, m.start("open") + m["open"].find("[")) if "[" in m["open"] and is_metric(key) else None
    if several:
        end = several.end()
        found.pairs += [(f"{key}[{i}]", Slot(*n.span(1))) for i, n in enumerate(_ITEM_NUMBER.finditer(masked, several.start() + 1, end))]
    else:
        found.pairs.append((key, slot))
    found.spans.append((start, end))
    found.marked += not spaced
    found.known += ("$" not in m["open"] and is_metric(key)) or key.lower() in PHASES
    found.fractional += bool(decimals or after["percent"] or share) or "." in m["n"] or "e" in m["n"].lower() or not m["n"][-1].isdigit()
    if mean and not _is_no_mean(key, m["n"], after, mean):
        found.pairs.append((key + "_avg", Slot(*after.span("avg"))))
    return end if mean or several else take_aside(masked, end, key, found)


def _is_no_mean(key: str, value: str, after: re.Match[str], behind: str) -> bool:
    """Whether the number in brackets behind a value is that again, `0.75 (75.0%)`, a time, or by how much it fell: `acc 0.75 (-0.125)`."""
    is_other = after["unit"] or ("%" in after["average"] and not after["percent"])
    is_less = behind.startswith("-") and "inf" not in behind and not value.startswith("-")
    return bool(is_other) or (is_less and words(key)[-1:] not in (["reward"], ["return"], ["score"], ["returns"]))


def _decimals(masked: str, m: re.Match[str], key: str) -> int:
    """Return where the decimals of a metric's value end that stand behind a comma, as in `loss: 0,5123`; 0 for none."""
    if masked[m.end() : m.end() + 1] != "," or m["open"] or not m["n"].lstrip("+-").isdigit():
        return 0
    named = is_metric(key) or (m["n"] == "0" and is_side(key))
    decimals = _COMMA.match(masked, m.end()) if named else None
    return decimals.end() if decimals else 0


def _is_no_value(masked: str, m: re.Match[str], *, spaced: bool) -> bool:
    """Whether a number behind a name is none by what stands around the two."""
    if masked[m.start() - 1 : m.start()] in _IN_PATH or _broken(masked, m.end()):
        return True
    if "[" in m["open"] and _is_array(masked, m):
        return True
    if m["n"].isdigit() and "[" not in m["open"] and (_SHAPE if m["open"] == "(" else _DECIMALS_BEHIND).match(masked, m.end()):
        return True  # `0,5123` with a comma for a point, or a tensor's shape: `(8, 338)`
    if spaced and (_FRACTION_BEHIND if m["n"].isdigit() else _MORE_BEHIND).match(masked, m.end()):
        return True  # `Train loss 100 0.5`: which of the two is the value?
    return m["sep"] == ":" and masked[m.end() : m.end() + 1] == ":" and ("." not in m["n"] or masked[m.end() + 1 :].strip() != "")


def _is_array(masked: str, m: re.Match[str]) -> bool:
    """Whether a number in brackets is the first of a matrix, of a list that goes on in the next line, or of one of anything."""
    if m["open"].endswith("[[") and masked[m.end() : m.end() + 1] != "]":
        return True
    is_list = _LIST_BEHIND.match(masked, m.end()) is not None
    return is_list and ("]" not in masked[m.end() :] or not (is_metric(m["key"]) or _is_rate(m["key"])))


def _broken(masked: str, end: int) -> bool:
    """Whether what seemed a number goes on as something else: a time, a date, a version, a word."""
    follows = masked[end : end + 24]
    if follows.startswith((" * (", "%=")) or _IN_PROGRAM.match(follows) or _BAR_BEHIND.match(follows) or _CHANGED.match(follows):
        return True  # a product in a program's text or a comment there, how far a bar is, or what something was before
    if not follows or follows[0] in " \t,;|)]}'\"%(":
        return False
    if follows[0] == "/":
        return False
    if follows[0] in ".:":
        return follows[1:2].isdigit() or bool(_RANGE_OR_FILE.match(follows))
    if follows[0].isalpha():
        return follows[0] not in MULTIPLIERS and not (_UNIT.match(follows) or _SINGLE.match(masked, end))
    return bool(re.match(r"(?!\+\d+\.\d+(?:\s|$))[-_+*^@#=&]\w", follows))  # `0.5+0.01`: a mean and its deviation


def _is_no_metric(key: str, m: re.Match[str], found: Scan, *, trusted: bool) -> bool:
    """Whether a name is a clock's, a fact's, a size's or an end's; but beside an episode `steps` is how long that was."""
    if is_clock(key) or fact(key) or _is_size(key, m) or (not trusted and _is_spent(found, m, key)):
        return True
    if not trusted and m["sep"] == "=" and m.string.startswith(": ", m.end()) and not (is_metric(key) or is_side(key)):
        return True  # `k=20: recall 0.5`: what that was taken with
    return not trusted and is_extreme(key) and not (key.lower() == "steps" and (found.of_episodes or "." in m["n"]))


def _is_spent(found: Scan, m: re.Match[str], key: str) -> bool:
    """Whether a cost is one of time: `Cost 209.4 sec`, `train 12.5s`; and what comes first where nothing is placed: `forward: 2.63s`."""
    may_be = words(key) == ["cost"] or key.lower() in PHASES or not (found.facts or found.known)
    return may_be and OF_TIME.match(found.own, m.end("n")) is not None


def _is_size(key: str, m: re.Match[str]) -> bool:
    """Whether a name and a number say how much there is, or which: `batch_size: 32`, `#TP=12`, `train: 900 steps`, `task: 3`."""
    if m["n"].isdigit() and (key.lower() in _COUNTS or m.string[m.start() - 1 : m.start()] == "#"):
        return True
    return "batch size" in key.lower().replace("_", " ") or (key.lower() in PHASES and _SIZE_BEHIND.match(m.string, m.end()) is not None)
