"""What the command prints, on its way to where it would have gone. Owns one descriptor; never blocks on a terminal or a pipe."""

from __future__ import annotations

import errno
import os
import stat

GONE = {errno.EIO, errno.ENXIO, errno.EBADF, errno.ENODEV}  # the terminal hung up


def _own_description(fd: int) -> int:
    """Return a non-blocking descriptor for the same terminal or pipe, so that no other user of it notices; else `fd` itself."""
    kind = os.fstat(fd).st_mode
    if not (stat.S_ISFIFO(kind) or stat.S_ISCHR(kind)):
        return fd  # a file has its own offset and never waits; a socket cannot be opened again
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return fd  # a terminal owned by another user (su): written to as it is, which may wait


class Mirror:
    """One of the recorder's own output streams."""

    def __init__(self, fd: int) -> None:
        self.fd = _own_description(fd)
        self.pending = memoryview(b"")  # not yet taken by a slow terminal; nothing more is read until it is empty
        self.broken = False  # the reader closed its end (EPIPE)
        self.gone = False  # the terminal hung up
        self.lost = 0  # bytes a full disk did not take
        self.error = ""  # why, for the user

    def write(self, data: bytes) -> None:
        """Send `data`, or as much as is taken at once; the rest stays in `pending`."""
        if not (self.broken or self.gone):
            self.pending = memoryview(data)
            self.flush()

    def flush(self) -> None:
        """Send what is pending as far as it is taken."""
        try:
            while self.pending:
                self.pending = self.pending[os.write(self.fd, self.pending) :]
        except BlockingIOError:
            return
        except OSError as error:
            self.broken = error.errno == errno.EPIPE
            self.gone = error.errno in GONE
            self.lost += 0 if self.broken else len(self.pending)
            self.error = f"{error.strerror}"
            self.pending = memoryview(b"")
