"""The block of lines that a line opens, whatever its kind: a table, a box, a tree, or a bar that goes on below."""

from __future__ import annotations

from typing import Any

from scraper.parse import blocks, prefixes, trees, wraps
from scraper.parse.packs import SPANNING, Pattern

Block = blocks.Block | trees.Tree | wraps.Wrapped


def begin(pattern: Pattern, text: str, phase: str, before: Block | None, *, srun: bool) -> Block | None:
    """Return the block that a line opens; what is open `before` it, where it opens none. `phase` is the data that a heading above told."""
    if pattern.kind not in SPANNING and not pattern.wraps:
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
    if isinstance(block, blocks.Box) and text[block.left : block.left + 1] in blocks.EDGES:
        return text[block.left :]  # a front may seem to end behind the bar
    own = text if isinstance(block, blocks.Table) and block.timed else prefixes.body(text, prefix)
    if not own.strip():
        return text  # a row such as `info:` is no level
    return trees.indented(text, len(text) - len(own)) if isinstance(block, trees.Tree) else own


def load(state: dict[str, Any] | None, patterns: dict[str, Pattern]) -> Block | None:
    """Return the block whose `save` gave the state."""
    return trees.load(state, patterns) or wraps.load(state, patterns) or blocks.load(state, patterns)
