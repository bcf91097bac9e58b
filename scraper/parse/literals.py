"""What a text must contain and how it must begin for a regex to match it, found by reading the regex: most patterns are ruled out by that.

Nothing is claimed that is not certain: where a regex holds what this module does not know, every text may match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

Need: TypeAlias = tuple[str, ...]  # texts of which a line must hold at least one

_MOST: Final = 16  # alternatives worth looking for
_WIDE: Final = 2  # blanks that few lines have in a row
_SIGNS: Final = re.compile(r"\[((?:[^\w\s\\\]^-]|\\[^\w\s])+)\]")  # a set of a few signs, none of which most lines hold
_QUANTIFIER: Final = r"(?:[*+?]|\{\d*,?\d*\})"
_ESCAPE: Final = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[NpP]\{[^}]*\}|[gkL]<\w+>|\d+|.)"
_TOKEN: Final = re.compile(
    rf"""
    (?P<open>\((?:\?(?:P?<\w+>|[:>]|<?[=!]|[a-zA-Z-]+:))?)(?!\?)
    |(?P<close>\))
    |(?P<either>\|)
    |(?P<times>{_QUANTIFIER}[+?]?)
    |(?P<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\{{[A-Z]+\}}|\.)
    |(?P<edge>[$^])
    |(?P<escape>{_ESCAPE})
    |(?P<text>[^\\()\[\]{{}}|*+?.^$]+(?!{_QUANTIFIER})|[^\\()\[{{|*+?.^$]|\{{(?=['" ]))
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN: Final = re.compile(r"\.|\\[sSdDwW]|\[\^?-?\]?(?:\\\W|\\[sSdDwW]|\w-\w|[^\[\]\\&|~-])*-?\]")
_TIMES: Final = re.compile(r"[*+?]|\{(\d*),?\d*\}")
_ASCII: Final = frozenset(map(chr, range(128)))
_MACROS: Final = {"{INT}": r"\d", "{NUM}": r"[-+.\dnNiI]"}


class Demands(NamedTuple):
    """What a text must be like for a regex to match it."""

    needs: tuple[Need, ...] = ()  # one at least of each
    starts: frozenset[str] = _ASCII  # the characters of ASCII with which it may begin

    def may_begin(self, start: str) -> bool:
        """Whether a text that begins with this character may match."""
        return start in self.starts or not start.isascii()


@dataclass(slots=True)
class _Group:
    """A group that is being read: what its alternatives so far demand, and the last one's needs and unfinished text."""

    opening: str = ""
    branches: list[list[Need]] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    run: str = ""
    starts: frozenset[str] = frozenset()
    at_start: bool = True  # the alternative has matched nothing yet that is certain
    may_be_empty: bool = False

    def begin_with(self, chars: frozenset[str], fewest: int) -> None:
        """The next part of the alternative begins with one of these."""
        if self.at_start:
            self.starts |= chars
            self.at_start = not fewest

    def end_run(self) -> None:
        """The text so far is not followed by more text that is certain."""
        word = self.run.strip(" ")
        if len(word) > 1 or (word and not word.isalnum()) or (not word and len(self.run) >= _WIDE):
            self.needs.append((self.run,))
        self.run = ""

    def end_branch(self) -> None:
        """An alternative ends here."""
        self.end_run()
        self.branches.append(self.needs)
        self.may_be_empty |= self.at_start
        self.needs, self.at_start = [], True

    def combined(self) -> list[Need]:
        """Return what the whole group needs: all that its only alternative does, or one thing of each alternative."""
        self.end_branch()
        if self.opening.endswith("!") or self.is_flagged:
            return []
        if len(self.branches) == 1:
            return self.branches[0]
        if not all(self.branches):
            return []
        rarest = [max(branch, key=lambda need: min(map(len, need))) for branch in self.branches]
        alternatives = tuple(dict.fromkeys(text for need in rarest for text in need))
        return [alternatives] if len(alternatives) <= _MOST else []

    @property
    def is_flagged(self) -> bool:
        """Whether letters in the group may match others."""
        return self.opening[-2:-1].isalpha() and self.opening.endswith(":")

    @property
    def is_aside(self) -> bool:
        """Whether the group looks ahead or back, and takes nothing."""
        return self.opening.endswith(("!", "="))


@lru_cache(maxsize=4096)
def demands_of(source: str) -> Demands:
    """Return what every text is like in which a regex is found, the regex as a pack has it, with {NUM} and {INT} in it."""
    stack, at = [_Group()], 0
    while at < len(source):
        token = _TOKEN.match(source, at)
        if token is None:
            return Demands()
        at = token.end()
        fewest = _fewest(source, at)
        if token.lastgroup == "open":
            stack[-1].end_run()
            stack.append(_Group(token[0]))
        elif token.lastgroup != "close":
            _take(stack[-1], token, fewest, is_last=source[at : at + 1] == "+" or fewest != 1)
        elif len(stack) == 1:
            return Demands()
        else:
            _close(stack.pop(), stack[-1], fewest)
    if len(stack) > 1:
        return Demands()
    needs = tuple(dict.fromkeys(stack[0].combined()))
    is_anchored = source.startswith("^") and len(stack[0].branches) == 1 and not stack[0].may_be_empty
    return Demands(needs, stack[0].starts if is_anchored else _ASCII)


def _take(group: _Group, token: re.Match[str], fewest: int, *, is_last: bool) -> None:
    """Take a part that is no group; `is_last`: it is repeated, or may be missing, so that no text goes on behind it."""
    kind, text = token.lastgroup, token[0]
    literal = text if kind == "text" else "\t" if text == r"\t" else text[1:] if kind == "escape" and not text[1].isalnum() else ""
    if literal:
        group.begin_with(frozenset(literal[0]) if literal[0].isascii() else frozenset(), fewest)
        group.run += literal * min(fewest, _MOST)
        if not is_last:
            return
    elif kind in ("set", "escape"):
        group.begin_with(_members(_MACROS.get(text, text)), 0 if text in (r"\b", r"\B", r"\A", r"\Z") else fewest)
    group.end_run()
    if fewest and (signs := _SIGNS.fullmatch(text)):
        group.needs.append(tuple(dict.fromkeys(signs[1].replace("\\", ""))))
    if kind == "either":
        group.end_branch()


def _close(group: _Group, outer: _Group, fewest: int) -> None:
    """End a group: what it demands is demanded of what it is a part of, unless it may be missing."""
    needs = group.combined()
    if fewest:
        outer.needs += needs
    if not group.is_aside:
        outer.begin_with(_ASCII if group.is_flagged else group.starts, 0 if group.may_be_empty else fewest)


@lru_cache(maxsize=1024)
def _members(source: str) -> frozenset[str]:
    """Return the characters of ASCII that a set, or an escape, may begin with."""
    if not _PLAIN.fullmatch(source):
        return _ASCII
    return frozenset(filter(re.compile(source).match, _ASCII))


def _fewest(source: str, at: int) -> int:
    """Return how often at least what ends here must match, by the quantifier behind it."""
    times = _TIMES.match(source, at)
    if times is None:
        return 1
    return int(times[1] or 0) if times[0].startswith("{") else int(times[0] == "+")
