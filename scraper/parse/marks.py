"""A line's marks as others print them: wide ones, Markdown's, slashes for bars. Every change keeps a line's length, so positions stay."""

from __future__ import annotations

import re
from typing import Final

from scraper.parse.numbers import NUMBER
from scraper.parse.prefixes import AT_RIGHT
from scraper.parse.tuples import unpacked

_SAVED: Final = re.compile(  # `, saving the best model to best.pt`
    r"(?i)(?<=[\d)%\]])[\s.,;(\[-]+(?:[a-z]+ (?:is )?(?:better|improved)[\s.,!]+)?"
    r"(?:(?:new|best|the)\s+)*(?:(?:checkpoint|model|weights?)s?\s+)?(?:(?:is|was)\s+)?sav(?:ed|ing)\b.*$"
)
_BRACED: Final = re.compile(r"\{(\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?(?:\s*/\s*\d+)?\s*)\}")  # `loss: {0.5}`
_TUPLED: Final = re.compile(rf"\((?=(['\"][^'\"(){{}}]+['\"]))\1,(?= ?(?:{NUMBER}|\{{['\"]))")  # `OrderedDict([('loss', 0.5)])`
_WARNED: Final = re.compile(r"(?<=[\d\])}%])(?:/|[A-Z]:\\)\S+\.py:\d+: [A-Z]\w*Warning: .*")  # `loss 0.5/a/b.py:3: UserWarning: …`
# Marks as wide as Chinese characters.
_WIDE: Final = {ord(mark) + 0xFEE0: mark for mark in ",:;()[]=%|/!"} | {0x3001: ",", 0x3010: "[", 0x3011: "]"}
_DRAWN: Final = str.maketrans("║┆┊╎┇┋╏╔╦╗╠╬╣╚╩╝", "│││││││┌┬┐├┼┤└┴┘")  # of double or dashed frames
_DOTTED: Final = re.compile(r"(?<=\d) \.{3} ")  # `train 0.5 ... val 0.6 ... done`, printed bit by bit
_ROW: Final = re.compile(  # `| val loss | 0.5 |`, `| Epoch | 2/5 |`: of a table of names and values without a header
    rf"\s*(?P<left>[|│┃]) {{0,2}}[A-Za-z][^|│┃:=]{{0,60}}?\s*(?P<bar>[|│┃])\s*{NUMBER}\s*(?:%|/ ?\d+)?\s*(?P<right>[|│┃])\s*$"
)
_SLASH: Final = " / "
_OF_NAMES: Final = re.compile(  # `P / R / F1: 0.5 / 0.6 / 0.55`
    rf"(?:[A-Za-z][\w@-]* / )+[A-Za-z][\w@-]*\)?\s*[:= ]\s*{NUMBER}\s?%? / [-+]?[.\d]"
)
_SLASHED: Final = 3  # of these divide a line as bars do: `STEP 3 / STATE train / EPSILON 0.1 / REWARD 1`


def framed(text: str) -> str:
    """Return a line with the strokes of tables as most draw them; positions stay."""
    return text if text.isascii() else text.translate(_DRAWN)


def plain(text: str) -> str:
    """Return a line with its marks as others print them, and without what it says of files; positions stay."""
    text = _SAVED.sub(lambda m: " " * len(m[0]), text if text.isascii() else text.translate(_WIDE))
    if ".py:" in text:
        text = AT_RIGHT.sub(lambda m: " " * len(m[0]), _WARNED.sub(lambda m: " " * len(m[0]), text))
    if "**" in text:
        text = text.replace("**", "  ")  # what Markdown prints bold: `**Train loss**: 0.5`
    if (row := _ROW.match(text)) is not None:
        left, bar, right = row.start("left"), row.start("bar"), row.start("right")
        text = f"{text[:left]} {text[left + 1 : bar]}:{text[bar + 1 : right]}{' ' * (len(text) - right)}"
    if " ... " in text:
        text = _DOTTED.sub("  |  ", text)
    if text.count(_SLASH) >= _SLASHED and not _OF_NAMES.search(text):
        text = text.replace(_SLASH, " | ")
    if "{" in text:
        text = _BRACED.sub(r" \1 ", text)
    if "[('" in text:
        text = _TUPLED.sub(r" \1:", text)
    return unpacked(text)
