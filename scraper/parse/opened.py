"""The block of lines that a line opens, whatever its kind: a table, a box, a tree, or a bar that goes on below."""

from __future__ import annotations

import re
from typing import Any, Final

from scraper.parse import blocks, prefixes, trees, wraps
from scraper.parse.packs import SPANNING, Pattern
from scraper.parse.rows import EDGES

Block = blocks.Block | trees.Tree | wraps.Wrapped
_COUNTED: Final = re.compile(r"[|━╸╺─] *(\d+)/(\d+) (?:\[| *[\d.]+(?:it/s|s/it|s)\b)")  # a bar's count behind a row

_LEVEL: Final = re.compile(r" *\w+: *$")  # that seems to stand in front of nothing: a row such as `info:`


def opens(pattern: Pattern) -> bool:
    """Whether a line that the pattern has read opens a block."""
    return pattern.wraps or pattern.kind in SPANNING


def begin(pattern: Pattern, text: str, phase: str, before: Block | None, *, srun: bool) -> Block | None:
    """Return the block that a line opens; what is open `before` it, where it opens none. `phase` is the data that a heading above told."""
    if not opens(pattern):
        return before
    prefix = prefixes.take(text, srun=srun)
    if pattern.kind == "tree":
        return trees.Tree(pattern, trees.indented(text, prefix.end))
    if pattern.wraps:
        return wraps.Wrapped(pattern, text[prefix.end :])
    if pattern.kind == "box":
        return blocks.Box(pattern, left=prefix.end)
    return blocks.begin(pattern, prefixes.body(text, prefix), phase, before)


def body(block: Block, text: str, prefix: prefixes.Prefix) -> str:
    """Return what of a line the block is to be fed."""
    if isinstance(block, blocks.Box) and text[block.left : block.left + 1] in EDGES:
        return text[block.left :]  # a front may seem to end behind the bar
    own = text if isinstance(block, blocks.Table) and block.timed else prefixes.body(text, prefix)
    if not own.strip():
        row = _LEVEL.search(text) if prefix.level else None
        return row[0] if row else own
    return trees.indented(text, len(text) - len(own)) if isinstance(block, trees.Tree) else own


def is_drawn_again(block: Block, text: str) -> bool:
    """Whether a row's bar is not at its end: where what a terminal shows is kept, every drawing may stand on a line of its own."""
    m = _COUNTED.search(text) if block.pattern.redraw else None
    return m is not None and m[1] != m[2]


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Block | None:
    """Return the block whose `save` gave the state."""
    return trees.load(state, patterns) or wraps.load(state, patterns) or blocks.load(state, patterns)
