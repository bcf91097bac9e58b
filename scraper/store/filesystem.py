"""What kind of filesystem a path is on, whether machines share it; directories and small files that are their owner's alone.

Opens no store.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Final

# SQLite's WAL needs shared memory, and file events need one kernel: neither holds on these (https://sqlite.org/wal.html, §1).
NETWORK_TYPES: Final = frozenset(
    {
        *("9p", "acfs", "afs", "beegfs", "beegfs_nodev", "ceph", "cifs", "coda", "cvmfs", "davfs", "glusterfs", "gpfs", "lustre", "mmfs"),
        *("ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"),
        *("vmhgfs", "wekafs"),
    }
)
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")  # mountinfo writes blanks and backslashes of a path as \040 and \134


def mount_type(mountinfo: str, path: str) -> str:
    """Return the type of the filesystem that holds the absolute `path`, given the text of a mountinfo file; "" when none does."""
    best, found = -1, ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4]).rstrip("/")
        if (path == point or path.startswith(point + "/")) and len(point) >= best:  # of two mounts on one point the later one counts
            best, found = len(point), after.split(" ", 1)[0]
    return found


def filesystem_type(path: str | Path) -> str:
    """Return the type of the filesystem `path` is on, or will be once it is made, e.g. "ext4" or "nfs4"; "" when it cannot be told."""
    try:
        mountinfo = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    return mount_type(mountinfo, str(Path(path).resolve()))


def is_network(kind: str) -> bool:
    """Tell whether `kind`, as `filesystem_type` names it, is shared between machines or served by a program (FUSE)."""
    return kind in NETWORK_TYPES or kind.startswith("fuse.")


def journal_note(store: Path) -> str:
    """Return what to tell of a store that is on a network filesystem; "" on a local one."""
    kind = filesystem_type(store)
    journal = "where SQLite's write-ahead log cannot work: it keeps a rollback journal, which is slower"
    return f"{store} is on {kind}, {journal}; choose a local disk with --store or SCRAPER_STORE" if is_network(kind) else ""


def make_private(directory: Path) -> None:
    """Make a directory and those above it that are missing, all of them their owner's alone (0700), whatever the umask. OSError."""
    for place in reversed((directory, *directory.parents)):
        if not place.exists():
            place.mkdir(mode=0o700, exist_ok=True)


def put_private(path: Path, text: str) -> None:
    """Put a file in place, whole or not at all, readable by its owner alone. OSError when it cannot be written."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, {} where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
