"""Values below one another, a name and a number a line and all written alike: what stands right below a metric so is a value, too.

`  Reward: 12.5`, and below it `  Alpha: 0.25`, which elsewhere may be a setting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scraper.parse import prefixes
from scraper.parse.numbers import NUMBER
from scraper.parse.places import Slot
from scraper.parse.plans import Found, shifted
from scraper.parse.records import GENERIC
from scraper.parse.words import CONFIG, SETTINGS, fact, is_clock, is_extreme, phased, words

_ITEM: Final = re.compile(
    r"(?:\[[A-Za-z][\w.]*(?::\d+)?\])?(?P<mark>[^\w\"'{}\[\]]*)"  # also behind a tag, `[Train] epsilon: 0.25`
    r"(?P<key>[A-Za-z][\w@/-]*(?: [A-Za-z(][\w@/()%-]*){0,3})(?P<sep>\s*[:=]\s*|\s{2,}|\s*\.{3,}:?\s*)"
    rf"(?P<n>{NUMBER})\s*%?\s*[│┃║|]?\s*$"
)
_EXACT: Final = re.compile(r"\.\d|e-", re.IGNORECASE)  # a whole number may count anything
_NONE: Final = SETTINGS | {
    *("best", "max", "min", "initial", "total", "dropout", "seed", "split", "fraction", "ratio", "version", "gamma", "momentum", "decay"),
    *("time", "times", "seconds", "speed", "throughput", "memory", "hidden", "layers", "dim", "size", "cost", "price", "usd", "ci"),
    *("change", "delta", "improvement"),
}


def form(text: str, prefix: prefixes.Prefix, found: Sequence[Found]) -> str:
    """Return how a line is written in which a name and its value were found and no more; "" for any other."""
    alone = len(found) == 1 and found[0].pattern is GENERIC and not found[0].facts and len(found[0].pairs) == 1
    return _form(text[prefix.end :], prefix.indent) if alone else ""


def below(above: str, text: str, phase: str, *, srun: bool) -> Found | None:
    """Return the value of a line that gives nothing by itself, where it has the form of the line `above`, "" for none.

    `phase`: which data the values below a heading are of.
    """
    if not above:
        return None
    prefix = prefixes.take(text, srun=srun)
    own = text[prefix.end :]
    m = _ITEM.match(own) if _form(own, prefix.indent) == above else None
    if not m or not _EXACT.search(m["n"]) or CONFIG.search(own):
        return None
    name = m["key"]
    if is_clock(name) or is_extreme(name) or fact(name) or not _NONE.isdisjoint(words(name)):
        return None
    return shifted(Found(GENERIC, (), ((phased(phase, name), Slot(*m.span("n"))),)), prefix.end)


def _form(own: str, indent: int) -> str:
    m = _ITEM.match(own)
    return f"{indent}{m['mark'].replace('└', '├')}{m['sep'].strip(' .')[:1]}" if m else ""
