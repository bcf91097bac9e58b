"""One wrapped command from start to exit code. Owns what comes before and after the loop: terminal or pipes, and the last words.

The exit code is the command's, or 128 + the signal that ended it. It is not re-raised as a signal: a shell shows the same number, and
every other parent (Slurm, systemd, Python's subprocess) then sees the one that is documented; nor is a core dumped twice.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any, NoReturn

from .child import Child, start_in_terminal, start_with_pipes
from .log import Log
from .loop import Loop
from .mirror import Mirror
from .programs import NOT_EXECUTABLE, NOT_FOUND, exit_code
from .signals import Listener
from .state import StateFile
from .terminal import Terminal, terminal_size

LOG_SECONDS = 1.0  # what the disk gets to take the rest of the log after the command's end
STATE_SECONDS = 0.5  # ... and the last state
SUMMARY_SECONDS = 2.0  # ... and the scraper to store the rest and leave its summary
BACKGROUND: set[int] = {signal.SIGTTIN, signal.SIGTTOU}  # blocked, so that a move to the background is an error code and not a stop


def main(options_json: str, argv: list[str]) -> NoReturn:
    """Record `argv`, never to return.

    Options: dir, log (paths), pty (None: as standard output is), unbuffered, quiet, detach, scraper (pid or 0), lc_ctype_added,
    mask (signals blocked on entry, where they are not those of this process).
    """
    options: dict[str, Any] = json.loads(options_json)
    for descriptor in range(3):
        with suppress(OSError):
            os.fstat(descriptor)
            continue
        os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, so that no pipe of ours becomes a standard stream
    os._exit(Recording(options, argv).run())  # threads may wait for a disk that does not answer


class Recording:
    """The parts of one recording, and their order."""

    def __init__(self, options: dict[str, Any], argv: list[str]) -> None:
        self.options, self.argv = options, argv
        self.state = StateFile(os.path.join(options["dir"], "recorder.json"))
        self.listener = Listener()
        self.log = Log(options["log"], self._complain, self._save_progress)
        self.user: Terminal | None = None
        self.loop: Loop | None = None

    def run(self) -> int:
        """Start the command, carry what it prints, and return the exit code to leave with."""
        ends = _open_terminal() if self.options["pty"] or (self.options["pty"] is None and os.isatty(1)) else None
        in_terminal = ends is not None
        if self.options["detach"]:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # here and in the command, as nohup does
        self.listener.block(BACKGROUND if in_terminal else set(), self.options.get("mask"))
        self.state.begin(started=time.time(), log=self.options["log"], scraper_pid=self.options["scraper"], terminal=in_terminal)
        try:
            child = self._start(ends)
        except OSError as error:
            return self._cannot_run(error)
        self.state.update(child_pid=child.pid)
        try:
            self.log.start()
            self.listener.start(lambda number, from_kernel: self._pass_on(child, number, from_kernel=from_kernel))
        except RuntimeError:  # no thread can be started: what it prints could not be recorded, nor a signal passed on
            child.signal(signal.SIGKILL)
            return self._cannot_run(OSError(errno.EAGAIN, "no further thread can be started beside it"))
        self.loop = Loop(child, self.log, self.listener, [Mirror(1), Mirror(2)], self.user)
        try:
            self.loop.run()
        finally:
            if self.user:
                self.user.give_back()
        return self._finish(self.loop, child)

    def _start(self, ends: tuple[int, int] | None) -> Child:
        environment = dict(os.environ)
        if self.options["lc_ctype_added"]:
            environment.pop("LC_CTYPE", None)  # Python sets it in the C locale (PEP 538); the command would not have had it
        mask = self.listener.entry_mask
        if ends:
            self.user = Terminal(0) if os.isatty(0) else None
            apart = os.isatty(1) and not os.isatty(2)
            return start_in_terminal(self.argv, environment, mask, ends, user=self.user, size=terminal_size(1, 0, 2), stderr_apart=apart)
        if self.options["unbuffered"]:
            environment.setdefault("PYTHONUNBUFFERED", "1")
        return start_with_pipes(self.argv, environment, mask, group=not _has_terminal())

    @staticmethod
    def _pass_on(child: Child, number: int, *, from_kernel: bool) -> None:
        """Forward a signal once: what a terminal raised (Ctrl-C) has reached a command in our own group already.

        What a person sends to the whole of such a group (`kill %1` with redirected output) cannot be told from what was sent to us
        alone, and reaches the command twice; losing it would be worse.
        """
        if child.group or not from_kernel:
            child.signal(number)

    def _complain(self, text: str) -> None:
        if self.loop:
            self.loop.say(text)

    def _save_progress(self) -> None:
        self.state.update(log_bytes=self.log.written, gaps=self.log.gaps)

    def _cannot_run(self, error: OSError) -> int:
        code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        self.state.update(ended=time.time(), exit_code=code)
        _print(f"scraper: cannot run {self.argv[0]}: {error.strerror}; check the command after `--`.")
        return code

    def _finish(self, loop: Loop, child: Child) -> int:
        self.log.close(LOG_SECONDS)
        ended_by = os.WTERMSIG(loop.status) if os.WIFSIGNALED(loop.status) else None
        code = exit_code(loop.status)
        last: dict[str, Any] = {"ended": loop.ended, "exit_code": code, "signal": ended_by}
        last |= {"log_bytes": self.log.written, "gaps": self.log.gaps, "cut": self.log.cut}
        saving = threading.Thread(target=lambda: self.state.update(**last), daemon=True)
        try:
            saving.start()
            saving.join(STATE_SECONDS)
        except RuntimeError:  # no further thread can be started
            self.state.update(**last)
        if child.master >= 0:
            os.close(child.master)
        if self.options["scraper"]:
            with suppress(ProcessLookupError):
                os.kill(self.options["scraper"], signal.SIGCONT)  # wakes it, and does nothing to one that is not ready for it
        if loop.mid_line and os.isatty(2) and not self.options["quiet"]:
            _print("")
        for text in [*loop.unsaid, *loop.lost(), *([self.state.error] if self.state.error else [])]:
            _print(f"scraper: {text}")
        if loop.exec_errno:
            _print(f"scraper: cannot run {self.argv[0]}: {os.strerror(loop.exec_errno)}; check the command after `--`.")
        elif self.options["scraper"] or not self.options["quiet"]:
            self._summarise()
        return code

    def _summarise(self) -> None:
        """Wait until everything is stored and print the scraper's summary, or say why there is none yet. Quiet: say only that."""
        folder = self.options["dir"]
        run = os.path.basename(folder)
        if not self.log.written:
            if not self.options["quiet"]:
                _print(f"scraper: run {run}: nothing was printed, so there are no metrics.")
            return
        alive = self._scraper_alive(time.monotonic() + SUMMARY_SECONDS)
        try:
            with open(os.path.join(folder, "summary.txt"), encoding="utf-8", errors="replace") as file:
                summary = file.read().rstrip("\n")
        except OSError:
            what = "the scraper is still reading" if alive else "the scraper ended early; `scraper tail --resume` reads the rest"
            _print(f"scraper: run {run}: {what}. Look closer with: scraper show {run}")
        else:
            if not (self.options["quiet"] and os.path.exists(os.path.join(folder, "summary.json"))):
                _print(summary)

    def _scraper_alive(self, deadline: float) -> bool:
        """Wait until the scraper has ended, or the deadline; tells whether it still runs."""
        import select  # noqa: PLC0415 - at the end of a run

        while self.options["scraper"]:
            try:
                if os.waitpid(self.options["scraper"], os.WNOHANG)[0]:
                    return False
            except ChildProcessError:
                return False
            left = deadline - time.monotonic()
            if left <= 0:
                return True
            self.listener.taken()
            select.select([self.listener.wake], [], [], min(left, 0.1))
        return False


def _has_terminal() -> bool:
    """Tell whether this process has a controlling terminal, whose keys raise signals in its process group."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _open_terminal() -> tuple[int, int] | None:
    """Return both ends of a new terminal; None, and said, where there is none to be had: pipes carry what is printed as well."""
    try:
        return os.openpty()
    except OSError as error:
        _print(f"scraper: no terminal can be made for the command ({error.strerror}); it gets pipes")
        return None


def _print(text: str) -> None:
    """Write one message to standard error; a reader that is gone misses it."""
    data = f"{text}\n".encode(errors="replace")
    with suppress(OSError):  # nobody reads: the command's own outcome matters, and it is in the state file
        while data:
            data = data[os.write(2, data) :]
