"""The recorder's loop: what the command prints goes to the terminal first and to the log next, keys go the other way.

Owns the waiting; it blocks on nothing else, so a stopped terminal holds up the command as it would without us, and nothing more.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import termios
import threading
import time
from typing import TYPE_CHECKING

from .child import EXEC_FAILED, EXIT, STOP
from .joiner import Joiner
from .terminal import terminal_size

if TYPE_CHECKING:
    from .child import Child
    from .log import Log
    from .mirror import Mirror
    from .signals import Listener
    from .terminal import Terminal

READ_BYTES = 1 << 18
TERMINAL_BYTES = 8192  # a terminal gives at most 4095 at once (Linux N_TTY), so several reads make one write
PACE_SECONDS = 0.001  # a stream that brings little and often is read after such a rest: waking for each line would cost CPU
LITTLE_BYTES = 1 << 14  # a terminal holds about four times this before the command waits
IDLE_SECONDS = 0.3  # after the command's end, silence this long on what others still hold open means that all was read
LINGER_SECONDS = 2.0  # ... and others that go on printing are read at most this long
REST_BYTES = 2 << 20  # ... unless a slow reader has yet to take what was printed before: that is waited for
LOOK_SECONDS = 0.25  # how often a terminal that cannot be waited on is looked at


class Stream:
    """One stream on its way: read from `source`, mirrored, logged."""

    def __init__(self, source: int, mirror: Mirror) -> None:
        self.source, self.mirror = source, mirror
        self.open = True
        self.retry_at = 0.0  # not read before: nobody has it open, or it brings little and often
        self.read_at = 0.0


class Loop:
    """Runs until the command has ended and what it printed is through."""

    def __init__(self, child: Child, log: Log, listener: Listener, mirrors: list[Mirror], user: Terminal | None) -> None:
        self.child, self.log, self.listener, self.user = child, log, listener, user
        self.errors = mirrors[1]
        self.streams = [Stream(source, mirrors[target - 1]) for source, target in child.streams]
        self.joiner = Joiner(log.append)
        self.keys = b""  # typed, and not yet taken by the command
        self.keyboard = user is not None
        self.status = 0  # the command's wait status
        self.ended = 0.0  # when it ended, seconds since the epoch
        self.exec_errno = 0  # why it could not be executed
        self.unsaid: list[str] = []  # messages for the user
        self.mid_line = False  # what was shown last is no whole line, like a progress bar
        self._quiet_since = self._end_by = 0.0
        self._rest = 0  # bytes read since the command's end

    def say(self, text: str) -> None:
        """Tell the user something on standard error, soon."""
        self.unsaid.append(text)
        self.listener.poke()

    def lost(self) -> list[str]:
        """Return what to tell of output that neither a reader that went away nor a hung-up terminal explains."""
        mirrors = [stream.mirror for stream in self.streams]
        return [f"{m.lost:,} bytes of the command's output could not be passed on: {m.error}" for m in mirrors if m.lost and not m.gone]

    def run(self) -> None:
        """Carry bytes both ways until the end."""
        self._take_terminal()
        if self.child.early:
            self._hear()
        while not self._over():
            for descriptor, _ in self._wait():
                self._serve(descriptor)
            due = self.joiner.due()
            if due is not None and time.monotonic() >= due:
                self.joiner.release()
        self.joiner.release()

    def _wait(self) -> list[tuple[int, int]]:
        """Return the descriptors that are ready."""
        poll = select.poll()
        now = time.monotonic()
        timeout = [due - now] if (due := self.joiner.due()) is not None else []
        poll.register(self.listener.wake, select.POLLIN)
        if self.child.reports >= 0 and not self.child.ended:
            poll.register(self.child.reports, select.POLLIN)
        for stream in self.streams:
            if stream.mirror.pending:
                poll.register(stream.mirror.fd, select.POLLOUT)
            elif stream.open and stream.retry_at > now:
                timeout.append(stream.retry_at - now)
            elif stream.open:
                poll.register(stream.source, select.POLLIN | (select.POLLOUT if self.keys and stream.source == self.child.master else 0))
        if self.user and self.keyboard and not self.keys and not self.child.ended:  # what is typed later is for the shell
            if self.user.raw and self.user.foreground():
                poll.register(self.user.fd, select.POLLIN)
            else:
                self._take_terminal()  # the shell gives no signal when it brings a running job to the foreground
                timeout.append(LOOK_SECONDS)
        if self.child.ended:
            timeout.append(IDLE_SECONDS / 4)
        return poll.poll(max(0.0, min(timeout)) * 1000 if timeout else None)

    def _serve(self, descriptor: int) -> None:
        if descriptor == self.listener.wake:
            self._notice(self.listener.taken())
        elif descriptor == self.child.reports:
            self._hear()
        elif self.user and descriptor == self.user.fd and self.keyboard:
            self._type()
        for stream in self.streams:
            if descriptor == stream.mirror.fd and stream.mirror.pending:
                stream.mirror.flush()
                self._after_write(stream)
            elif descriptor == stream.source and stream.open:
                self._carry(stream)

    def _carry(self, stream: Stream) -> None:
        """Move one read's worth of bytes to the terminal, then to the log."""
        if self.keys and stream.source == self.child.master:
            self._send_keys()
        data = self._read_terminal() if stream.source == self.child.master else os.read(stream.source, READ_BYTES)
        if data is None:
            return
        if not data:
            stream.retry_at = time.monotonic() + LOOK_SECONDS
            stream.open = stream.source == self.child.master and not self.child.ended  # it may open /dev/tty again
            return
        stream.mirror.write(data)
        now = time.monotonic()
        self.joiner.add(stream.source, data, now)
        if len(data) < LITTLE_BYTES and now - stream.read_at < 2 * PACE_SECONDS:
            stream.retry_at = now + PACE_SECONDS
        stream.read_at = self._quiet_since = now
        self.mid_line = not data.endswith(b"\n")
        self._rest += len(data) if self.child.ended else 0
        self._after_write(stream)

    def _read_terminal(self) -> bytes | None:
        """Return what the command's terminal has, up to READ_BYTES / 4; None: nothing yet, b"": nobody has it open."""
        parts: list[bytes] = []
        try:
            while len(parts) < READ_BYTES // TERMINAL_BYTES // 2 and (part := os.read(self.child.master, TERMINAL_BYTES)):
                parts.append(part)
        except BlockingIOError:
            return b"".join(parts) or None
        except OSError:  # EIO: nobody has it open; it is met again when what was read is through
            return b"".join(parts)
        return b"".join(parts)

    def _after_write(self, stream: Stream) -> None:
        """Let the command notice that nobody reads a stream any more, as it would without us."""
        if stream.mirror.broken and stream.open:
            if stream.source == self.child.master:
                self.child.signal(signal.SIGPIPE)
                stream.mirror.broken, stream.mirror.gone = False, True
            else:
                stream.open = False
                os.close(stream.source)

    def _notice(self, numbers: list[int]) -> None:
        """React to the signals that are not passed on as they are, and say what waits to be said."""
        if signal.SIGCHLD in numbers and self.child.reports < 0:
            self._hear()
        if signal.SIGWINCH in numbers and self.child.master >= 0:
            fcntl.ioctl(self.child.master, termios.TIOCSWINSZ, terminal_size(1, 0, 2))  # the kernel tells the command
        if signal.SIGCONT in numbers:
            self._take_terminal()
            self.child.signal(signal.SIGCONT)
        while self.unsaid and not self.errors.pending:
            text = self.unsaid.pop(0)
            self.errors.write(f"\r\nscraper: {text}\r\n".encode() if self.user and self.user.raw else f"scraper: {text}\n".encode())

    def _hear(self) -> None:
        """Learn what became of the command."""
        for kind, value in self.child.news():
            if kind == EXIT:
                self.status, self.ended = value, time.time()
                self._quiet_since = time.monotonic()
                self._end_by = self._quiet_since + LINGER_SECONDS
                for stream in self.streams:
                    stream.retry_at = 0.0
            elif kind == EXEC_FAILED:
                self.exec_errno = value
            elif kind == STOP and value == signal.SIGTSTP:
                self._stop_too()

    def _over(self) -> bool:
        """Tell whether the command has ended and what it printed has been read and shown."""
        if not self.child.ended:
            return False
        now = time.monotonic()
        if any(stream.mirror.pending for stream in self.streams) and self._rest <= REST_BYTES:
            self._quiet_since, self._end_by = now, max(self._end_by, now + LINGER_SECONDS / 2)
            return False
        return not any(stream.open for stream in self.streams) or now > self._end_by or now - self._quiet_since >= IDLE_SECONDS

    def _stop_too(self) -> None:
        """Stop as the command has stopped (Ctrl-Z), so that the shell has its terminal back; go on when it says so.

        The first signal is for this thread alone and waits until it is let in; the second is for the rest of the job. Where the
        kernel ignores both (no shell would ever continue us) the command is continued at once.
        """
        if self.user:
            self.user.give_back()
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        os.kill(0, signal.SIGTSTP)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
        self._take_terminal()
        self.child.signal(signal.SIGCONT)

    def _take_terminal(self) -> None:
        if self.user and self.user.take():
            self.keyboard = True

    def _type(self) -> None:
        """Pass on what was typed; the end of the terminal becomes the end of the command's input."""
        if not self.user:
            return
        try:
            typed = os.read(self.user.fd, 4096)
        except OSError:
            return  # moved to the background between the look and the read
        if not typed:
            self.keyboard = False
            typed = self.user.saved[6][termios.VEOF]
        self.keys += typed
        self._send_keys()

    def _send_keys(self) -> None:
        try:
            self.keys = self.keys[os.write(self.child.master, self.keys) :]
        except BlockingIOError:
            return  # the command does not read; sent when its terminal takes more
        except OSError:
            self.keys = b""  # EIO: nobody has the command's terminal open
