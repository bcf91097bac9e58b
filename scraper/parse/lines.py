"""Bytes into printed lines: line ends, redraws, backspaces, colour codes, wrapping and damage. Knows nothing of what a line says."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from scraper.parse.printed import Lines, Listed, Uncut, is_blank
from scraper.parse.wrapped import FRONTS, may_wrap, unwrapped

# Cursor movements and line erasures start a new picture of the line, exactly like a carriage return.
_REDRAW: Final = re.compile(rb"\x1b\[[0-9;]*[ABEFGHJ]|\x1b\[[12]K|\x1b[78MD]")
# Everything else a terminal interprets and does not show: colours, titles, modes.
_INVISIBLE: Final = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[@-Z\\-_=>()#][0-9A-Za-z]?"
    rb"|[\x07\x0e\x0f\x7f]|\xef\xbb\xbf"
)
_NUL_RUNS: Final = re.compile(rb"\x00+|[^\x00]+")
_MARK: Final = b"\xef\xbb\xbf"  # a byte order mark, at the head or where files were joined
_CONTROL: Final = b"\r\x1b\x08\x07\x0e\x0f\x7f"
_CONTROLS: Final = tuple(bytes((code,)) for code in _CONTROL)
_BLOCK: Final = 4096  # bytes from which on looking for one control after the other is faster
_MAX_HOLES: Final = 1024  # holes in one line that are told apart; noise may be full of NULs
# Given out as redraws: where blanks were drawn over a line, as tqdm does before it writes another, and where the cursor went up again
# from one that was below, as of a nested bar.
WIPE: Final = b"\r"
UP: Final = b"\x1b"
MARKS: Final = (WIPE, UP)
_UP: Final = b"\x1b[A"
# Fewer backspaces are a correction of a line's end. So many, for all of the line, begin it anew (Keras); for less of it they go back
# into it, as pytorch-cifar's bar does to write its count in its middle.
_REWINDS: Final = re.compile(rb"(\x08{8,})")


class Splitter:
    """Cuts a stream of bytes into lines.

    `feed` may be given any cut of the stream and gives the same lines for every cut. `consumed` is the offset up to
    which the stream is accounted for; the bytes after it (a partial last line) are held and must be fed again by
    whoever resumes from there.
    """

    def __init__(self, *, consumed: int = 0, skipping: bool = False, max_line_bytes: int = 1_048_576) -> None:
        self.consumed = consumed
        self.skipping = skipping  # inside a line that was already cut or flushed: drop up to its end
        self.lines = 0  # those with a newline, and those given out without: cut, or flushed at the end
        self.counters: Counter[str] = Counter()
        self._held = b""
        self._holes: list[tuple[int, int]] = []  # NUL bytes left out of _held: in front of which of its bytes, and how many
        self._max = max_line_bytes

    def feed(self, data: bytes) -> Lines:
        """Take the next bytes of the stream; return the lines and redraws that they complete, in order."""
        if b"\x00" not in data:
            return self._feed(data)
        out = Listed()  # NUL bytes: the hole that truncation leaves under a writer that does not append
        for run in _NUL_RUNS.findall(data):
            if run[0]:
                out.extend(self._feed(run))
            else:
                self._skip_hole(len(run))
        return out

    def _feed(self, data: bytes) -> Lines:
        block = self._held + data if self._held else data
        end = self._complete_until(block)
        self._held = block[end:]
        lines: Lines = self._cut(block[:end]) if end else Listed()
        if len(self._held) > self._max and len(self._held.rstrip(b"\r")) > self._max:
            lines = lines + self._cut_overlong()
        return lines

    def _skip_hole(self, size: int) -> None:
        if self._holes and self._holes[-1][0] == len(self._held):
            size += self._holes.pop()[1]
        self._holes.append((len(self._held), size))
        if not self._held:
            self._account(0)
        elif len(self._holes) > _MAX_HOLES:
            (_, first), (position, second) = self._holes[:2]
            self._holes[:2] = [(position, first + second)]

    def flush(self) -> Lines:
        """The stream has ended: return the partial last line, if any. Should the stream go on after all, the rest of it is dropped."""
        held, self._held = self._held, b""
        if not held:
            return Listed()
        at, holes = self._account(len(held))
        if self.skipping:
            return Listed()
        lines = Listed()
        self._frames(at, held, lines, final=True)
        self.lines += bool(held.strip())
        self.skipping = True
        return _shifted(lines, at, holes)

    def gap(self, size: int) -> None:
        """Account for `size` bytes that cannot be read; a line that was cut by them is dropped."""
        self._account(len(self._held) + size)
        self._held = b""

    @staticmethod
    def _complete_until(block: bytes) -> int:
        """Return where the last complete line or redraw of `block` ends; a trailing carriage return may yet become a line end."""
        newline = block.rfind(b"\n") + 1
        tail = block[newline:].rstrip(b"\r")
        carriage = tail.rfind(b"\r") + 1
        return newline + carriage

    def _account(self, size: int) -> tuple[int, list[tuple[int, int]]]:
        """Move `consumed` over `size` bytes and the holes inside them; return where they began, and the holes."""
        at, holes, self._holes = self.consumed, self._holes, []
        self.consumed += size
        if holes:  # all before the end of what was held, which is no line yet, and so within what is accounted for
            lost = sum(hole for _, hole in holes)
            self.consumed += lost
            self.counters["nul_bytes"] += lost
        return at, holes

    def _cut(self, block: bytes) -> Lines:
        start, holes = self._account(len(block))
        at = start
        if self.skipping:
            newline = block.find(b"\n") + 1
            if not newline:
                return Listed()
            self.skipping = False  # it was counted when its beginning was given out
            at += newline
            block = block[newline:]
        lines = self._uncut(at, block) or self._listed(at, block)
        return _shifted(lines, start, holes)

    def _uncut(self, at: int, block: bytes) -> Uncut | None:
        """Take lines as they are, without looking at each; None where one is too long or something is for the terminal."""
        text, width = block, 1
        if b"\r" in block and block.count(b"\r\n") == block.count(b"\n"):
            text, width = block.replace(b"\r\n", b"\n"), 2  # a terminal's line ends
        if not _is_plain(text) or may_wrap(text):
            return None
        lines = Uncut(text, at, width)
        if len(text) > self._max and lines.longest > self._max:
            return None
        self.lines += len(lines)
        self.skipping = False
        return lines

    def _listed(self, at: int, block: bytes) -> Listed:
        lines = Listed()
        *pieces, rest = block.split(b"\n")  # the last: redraws of a line that goes on, ends in a carriage return, or is empty
        self.lines += len(pieces)
        for piece in pieces:
            if len(piece) <= self._max and _is_plain(piece) and not piece.startswith(FRONTS):
                lines.add(at, piece, False)  # noqa: FBT003 - no redraw
            else:
                self._frames(at, piece, lines, final=True)
            at += len(piece) + 1
        if pieces:
            self.skipping = False
        if rest:
            self._frames(at, rest, lines, final=False)
            self.lines += self.skipping
        return lines

    def _cut_overlong(self) -> Lines:
        """Give out the head of a line that is longer than the cap; drop its rest."""
        held, self._held = self._held, b""
        at, holes = self._account(len(held))
        lines = Listed()
        if not self.skipping:
            self._frames(at, held, lines, final=True)
            self.lines += self.skipping
        return _shifted(lines, at, holes)

    def _frames(self, at: int, piece: bytes, out: Listed, *, final: bool) -> None:
        """Cut one line, without its newline, at carriage returns and cursor movements; `final` when its end has been seen."""
        piece = piece.rstrip(b"\r")
        if piece.startswith(FRONTS):
            *above, piece = unwrapped(piece).split(b"\n")
            for line in above:
                self._frames(at, line, out, final=True)
                at += len(line) + 1
        units = piece.split(b"\r")
        for number, unit in enumerate(units, 1):
            whole = len(unit) <= self._max
            if not whole:
                unit = self._shorten(unit)  # noqa: PLW2901 - the cut unit takes the place of the whole one
            last = not whole or (final and number == len(units))
            if not last and is_blank(unit):
                out.add(at, WIPE, True)  # noqa: FBT003 - what stood here is overwritten
            if not _is_plain(unit):
                self._pictures(at, unit, out, final=last)
            elif last or unit.strip():
                out.add(at, unit, not last)
            if not whole:
                self.skipping = True
                break
            at += len(unit) + 1

    def _pictures(self, at: int, unit: bytes, out: Listed, *, final: bool) -> None:
        """Cut what stands between two carriage returns at cursor movements and rewinds."""
        if unit.startswith(_UP):
            out.add(at, UP, True)  # noqa: FBT003
        if b"\x1b" in unit:
            unit = _REDRAW.sub(lambda m: b"\r" * len(m[0]), unit)
        pictures = unit.split(b"\r")
        for number, picture in enumerate(pictures, 1):
            *before, (start, shown) = _drawings(picture) if b"\x08" in picture else [(0, _visible(picture))]
            for begun, old in before:
                if old.strip():
                    out.add(at + begun, old, True)  # noqa: FBT003
            stays = final and number == len(pictures)
            if stays or shown.strip():
                out.add(at + start, shown, not stays)
            at += len(picture) + 1

    def _shorten(self, unit: bytes) -> bytes:
        """Return the head of an overlong line without its last, perhaps unfinished word."""
        self.counters["line_too_long"] += 1
        return unit[: unit.rfind(b" ", 0, self._max) + 1]


def _drawings(picture: bytes) -> list[tuple[int, bytes]]:
    """Return what a picture shows before each rewind to its beginning, and at its end, with the places where each begins."""
    head, *rest = _REWINDS.split(picture)
    at, end, shown = 0, len(head), _characters(head)
    cursor = len(shown)
    out = []
    for backspaces, tail in zip(rest[::2], rest[1::2], strict=True):
        end += len(backspaces)
        over = _characters(tail)
        is_whole = len(backspaces) == len("".join(shown[:cursor]).rstrip()) < 2 * len(over)
        if len(backspaces) < cursor and not is_whole:
            cursor += len(over) - len(backspaces)
            shown[cursor - len(over) : cursor] = over
        else:  # Keras does not count the blanks that it draws over the end of a longer drawing
            out.append((at, "".join(shown).encode(errors="surrogateescape")))
            at, shown, cursor = end, over, len(over)
        end += len(tail)
    return [*out, (at, "".join(shown).encode(errors="surrogateescape"))]


def _characters(part: bytes) -> list[str]:
    return list(_visible(part).decode(errors="surrogateescape"))


def _visible(picture: bytes) -> bytes:
    shown = _INVISIBLE.sub(b"", picture)
    if b"\x08" not in shown:
        return shown
    head, *tails = shown.split(b"\x08")
    kept = bytearray(head)
    for tail in tails:  # a short correction deletes what stands before it
        del kept[-1:]
        kept += tail
    return bytes(kept)


def _is_plain(text: bytes) -> bool:
    """Tell whether nothing in a text is for the terminal."""
    if len(text) > _BLOCK:
        return not any(control in text for control in _CONTROLS) and not _has_mark(text)
    return len(text.translate(None, _CONTROL)) == len(text) and not _has_mark(text)


def _has_mark(text: bytes) -> bool:
    """Tell whether there is a byte order mark; one byte is found ten times as fast as three, and most texts have none of it."""
    return _MARK[:1] in text and _MARK in text


def _shifted(lines: Lines, start: int, holes: list[tuple[int, int]]) -> Lines:
    """Move lines that were placed as though there were no holes behind those that come before them."""
    if not holes:
        return lines
    return lines.moved(lambda at: at + sum(hole for position, hole in holes if position <= at - start))
