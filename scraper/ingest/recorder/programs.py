"""Where a command is, said before anything is started. Owns the two exit codes a shell gives when it cannot run a command."""

from __future__ import annotations

import os

NOT_EXECUTABLE = 126
NOT_FOUND = 127


def find_program(name: str, search: str | None) -> tuple[str, int]:
    """Return the path that would be executed for `name` and 0, or what was looked at and 126 or 127. `search` is the value of PATH."""
    folders = [None] if os.sep in name else (search or os.defpath).split(os.pathsep)
    candidates = [name if folder is None else os.path.join(folder or ".", name) for folder in folders]
    seen = ""
    for path in candidates:
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path, 0
        if os.path.isfile(path) or (folders == [None] and os.path.exists(path)):
            seen = seen or path
    return (seen, NOT_EXECUTABLE) if seen else (name, NOT_FOUND)


def exit_code(status: int) -> int:
    """Return a wait status as a shell shows it: the exit code, or 128 + the signal."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
