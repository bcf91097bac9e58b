"""Text from a log made fit to be shown: what could steer a terminal, or make a line read as another one, is spelt out."""

from __future__ import annotations

# Bidirectional overrides, zero-width characters and Unicode line ends.
_TRICKS = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff")


def is_plain(character: str) -> bool:
    """Whether a terminal shows the character and does nothing else."""
    return " " <= character < "\x7f" or (character >= "\xa0" and character not in _TRICKS)


def shown(text: str, limit: int = 0) -> str:
    r"""Return `text` with every control character spelt out (\x1b, \u202e), cut to `limit` characters (0: whole)."""
    begun = text[: limit + 1] if limit else text
    if not begun.isascii() or not begun.isprintable():
        begun = "".join(c if is_plain(c) else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in begun)
    return begun[: limit - 1] + "…" if limit and len(begun) > limit else begun
