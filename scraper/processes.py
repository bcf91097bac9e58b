"""Whether a process of this machine lives: asked by who starts quickly and by who reads the store, so that both get one answer."""

from __future__ import annotations


def process_started(pid: int) -> int | None:
    """Return when a process of this machine started, in clock ticks since boot (proc(5), stat field 22); None when it is not alive.

    One that has ended and whose parent has not asked after it yet is not alive.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - `scraper run` starts without pathlib
            fields = stat.read().rpartition(b") ")[2].split()  # the name before may hold blanks and brackets
        return None if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
