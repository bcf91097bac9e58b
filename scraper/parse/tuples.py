"""What Python 2 printed where `print` was given several things: `('Epoch', 3, 'loss:', 0.5)` says what `Epoch 3 loss: 0.5` does."""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = r"u?'[^'\\]*'|u?\"[^\"\\]*\""
_NUMBER: Final = r"u?['\"] ?[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)? ?['\"]"  # that was formatted before it was printed
_ITEM: Final = rf"{_STRING}|\{{[^{{}}]*\}}|\[[^\[\]]*\]|[-+\w.%]+(?:\([^()]*\))?"
_TUPLE: Final = re.compile(rf"\((?:{_STRING})(?:, (?:{_ITEM})){{1,40}}\)\s*$")
_JOINED: Final = re.compile(rf"(?:(?P<number>{_NUMBER})|(?P<string>{_STRING})|(?P<other>{_ITEM}))(?:, |\))(?P<named>(?!{_NUMBER})u?['\"])?")
_PERCENT: Final = re.compile(r"(?<=\d)(, u?['\"] ?)%")
_LONG: Final = re.compile(r"(?<=\d)L$")
_UNICODE: Final = re.compile(r"(?<!\w)u(?=['\"])")


def unpacked(text: str) -> str:
    """Return a line that is such a tuple as what stands in it, any other as it is; every position stays."""
    if text.startswith(("('", '("', "(u'", '(u"')) and _TUPLE.match(text):
        out, at, text = " ", 1, _PERCENT.sub(r"%\1", text)
        while m := _JOINED.match(text, at):
            out += _apart(m)
            at += len(m[0]) - len(m["named"] or "")
        text = out + text[at:]
    return _UNICODE.sub(" ", text) if "{u'" in text else text


def _apart(m: re.Match[str]) -> str:
    """Return an item and what joins it to the next, as wide: a name and its value a colon, if none is printed, and others a comma."""
    item, width = m["number"] or m["string"] or m["other"], len(m[0]) - len(m["named"] or "")
    if m["other"]:
        return (_LONG.sub(" ", item) + ",").ljust(width)
    said = item.lstrip("u")[1:-1]
    mark = "," if m["named"] or m["number"] else ":" if said[-1:].isalnum() else ""
    return (" " * (len(item) - len(said) - 1) + said + mark).ljust(width)
