"""The wrapped command: how it is started, signalled and waited for. Owns its pseudo-terminal or pipes, and refuses to read them.

Under a terminal of its own the command is the child of a session leader that does nothing but wait, as under a shell: without a
parent in its session a process group is orphaned and the kernel ignores Ctrl-Z; and a leader that stays until the last output is
read keeps processes the command leaves behind from being hung up on.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from .programs import NOT_EXECUTABLE, NOT_FOUND, find_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from .terminal import Terminal

PIPE_BYTES = 1 << 20  # the most an unprivileged process may ask for (/proc/sys/fs/pipe-max-size)
STARTED, EXIT, STOP, EXEC_FAILED = "started", "exit", "stop", "failed"


class Child:
    """The running command. `streams` are (descriptor to read, descriptor it was meant for)."""

    def __init__(self, pid: int, streams: list[tuple[int, int]], *, group: bool) -> None:
        self.pid, self.streams = pid, streams
        self.group = group  # in a process group of its own
        self.master = -1  # the controlling side of its terminal
        self.reports = -1  # what its session leader tells, a line each
        self.early: list[str] = []  # of these, what came before they were listened to
        self.ended = False

    def signal(self, number: int) -> None:
        """Send a signal to the command's process group; in a shared group, to the command and those it started."""
        if self.ended:
            return
        with suppress(ProcessLookupError):
            if self.group:
                os.killpg(self.pid, number)
                return
            for pid in (self.pid, *descendants(self.pid)):
                os.kill(pid, number)

    def news(self) -> list[tuple[str, int]]:
        """Return what happened to it since the last call: (EXIT, wait status), (STOP, signal) or (EXEC_FAILED, errno)."""
        if self.reports >= 0:
            return self._told()
        found: list[tuple[str, int]] = []
        with suppress(ChildProcessError):
            while (status := os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED))[0]:
                found.append((STOP, os.WSTOPSIG(status[1])) if os.WIFSTOPPED(status[1]) else (EXIT, status[1]))
                if found[-1][0] == EXIT:
                    self.ended = True
                    break
        return found

    def _told(self) -> list[tuple[str, int]]:
        early, self.early = self.early, []
        lines = early or os.read(self.reports, 4096).decode().splitlines()
        found = [(kind, int(value)) for kind, value in (line.split() for line in lines)]
        if not lines and not self.ended:
            found = [(EXIT, signal.SIGKILL)]  # the leader was killed; the command's own end is not known
        self.ended = self.ended or any(kind == EXIT for kind, _ in found)
        return found


def descendants(pid: int) -> list[int]:
    """Return the processes of this process group that `pid` started, directly or through others."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                fields = stat.read().rpartition(b")")[2].split()
                if int(fields[2]) == os.getpgrp():
                    parents[int(name)] = int(fields[1])
    found: list[int] = []
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        found += level
    return found


def start_with_pipes(argv: list[str], environment: dict[str, str], mask: set[int], *, group: bool) -> Child:
    """Start the command with its standard output and error in pipes, kept apart; OSError when it cannot be executed."""
    pipes = [(*os.pipe(), target) for target in (1, 2)]
    failed, failing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if group:
                os.setpgid(0, 0)
            for _, write_end, target in pipes:
                os.dup2(write_end, target)
            _execute(argv, environment, mask, failing)
        finally:
            os._exit(NOT_EXECUTABLE)  # whatever happens, this copy does not go on as a second recorder
    os.close(failing)
    for read_end, write_end, _ in pipes:
        os.close(write_end)
        with suppress(OSError):  # a user at the limit of pipe memory gets pipes of the usual size
            fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    if group:
        with suppress(OSError):  # the child did it first, and may have begun its program
            os.setpgid(pid, pid)
    with open(failed, encoding="ascii") as report:
        text = report.read()
    if text:
        os.waitpid(pid, 0)
        number = int(text.split()[1])
        raise OSError(number, os.strerror(number), argv[0])
    return Child(pid, [(read_end, target) for read_end, _, target in pipes], group=group)


def start_in_terminal(
    argv: list[str],
    environment: dict[str, str],
    mask: set[int],
    ends: tuple[int, int],
    *,
    user: Terminal | None,
    size: bytes,
    stderr_apart: bool,
) -> Child:
    """Start the command in a session and terminal of its own; where standard input is no terminal, it keeps that.

    `ends` are those of its terminal, as `os.openpty` gives them; `user` is the one whose modes it inherits and whose keys it will get.
    """
    master, slave = ends
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
    if user:
        termios.tcsetattr(slave, termios.TCSANOW, user.saved)
    errors = os.pipe() if stderr_apart else ()
    reports, reporting = os.pipe()
    if os.fork() == 0:
        try:
            for descriptor in (master, reports, *errors[:1]):
                os.close(descriptor)
            _lead(argv, environment, mask, (slave if user else 0, slave, errors[1] if errors else slave), slave, reporting, user)
        finally:
            os._exit(NOT_EXECUTABLE)  # whatever happens, this copy does not go on as a second recorder
    for descriptor in (slave, reporting, *errors[1:]):
        os.close(descriptor)
    os.set_blocking(master, False)
    lines: list[str] = []
    while not any(line.startswith(STARTED) for line in lines):
        lines += os.read(reports, 4096).decode().splitlines() or [f"{STARTED} 0"]
    pid = next(int(line.split()[1]) for line in lines if line.startswith(STARTED))
    child = Child(pid, [(master, 1), *((end, 2) for end in errors[:1])], group=True)
    child.master, child.reports = master, reports
    child.early = [line for line in lines if not line.startswith(STARTED)]
    return child


def _execute(argv: list[str], environment: dict[str, str], mask: set[int], failing: int) -> NoReturn:
    """Become the command, with the signals as they were when the recorder was started."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores these two, the command must not inherit that
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's handler must not run in this copy of the recorder
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    path, _ = find_program(argv[0], environment.get("PATH"))
    try:
        try:
            os.execve(path, argv, environment)  # noqa: S606 - a shell would change the command
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            os.execve("/bin/sh", ["sh", path, *argv[1:]], environment)  # noqa: S606 - a script without a first line, as shells run it
    except OSError as error:
        os.write(failing, f"{EXEC_FAILED} {error.errno}\n".encode())
        os._exit(NOT_FOUND if error.errno == errno.ENOENT else NOT_EXECUTABLE)


def _lead(
    argv: list[str],
    environment: dict[str, str],
    mask: set[int],
    inputs: tuple[int, int, int],
    slave: int,
    reporting: int,
    user: Terminal | None,
) -> NoReturn:
    """Lead the command's session: start it, tell the recorder of its stops and its end, stay until the recorder has read all."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        for target, descriptor in enumerate([os.dup(descriptor) for descriptor in inputs]):
            os.dup2(descriptor, target)
        _execute(argv, environment, mask, reporting)
    with suppress(OSError):  # the child did it first, and may have begun its program
        os.setpgid(pid, pid)
    os.write(reporting, f"{STARTED} {pid}\n".encode())
    keyboard = os.dup(user.fd) if user else -1
    nowhere = os.open(os.devnull, os.O_RDWR)
    for target in {0, 1, 2, *inputs, slave}:
        os.dup2(nowhere, target, inheritable=False)
    _wait(pid, reporting, lambda: user.rescue(keyboard) if user else None)
    os._exit(0)


def _wait(pid: int, reporting: int, rescue: Callable[[], None]) -> None:
    """Wait for the command's end and then for the recorder to hang up; `rescue` the user's terminal when the recorder was killed."""
    ended = False
    while not (ended and _is_unheard(reporting, 0.0)):
        number = signal.sigwait({signal.SIGCHLD, signal.SIGHUP})  # the hang-up comes when the recorder closes its side, or dies
        if number == signal.SIGCHLD and not ended:
            ended = _report(pid, reporting)
        elif number == signal.SIGHUP and ended:
            return
        elif number == signal.SIGHUP and _is_unheard(reporting, 1.0):
            rescue()


def _is_unheard(reporting: int, seconds: float) -> bool:
    """Tell whether nobody reads the reports, waiting for at most `seconds` for that: a dying process closes one descriptor at a time."""
    poll = select.poll()
    poll.register(reporting, 0)  # only that the reader is gone is of interest
    return bool(poll.poll(seconds * 1000))


def _report(pid: int, reporting: int) -> bool:
    """Tell the recorder what became of the command; True at its end."""
    while True:
        waited, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if not waited:
            return False
        if os.WIFSTOPPED(status):
            _tell(reporting, f"{STOP} {os.WSTOPSIG(status)}\n")
            continue
        with suppress(OSError):  # the terminal has hung up: nobody is left to hang up on
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            os.tcsetpgrp(terminal, os.getpid())  # so that the leader's end hangs up on nobody but itself
            os.close(terminal)
        _tell(reporting, f"{EXIT} {status}\n")
        return True


def _tell(reporting: int, line: str) -> None:
    with suppress(BrokenPipeError):  # the recorder was killed
        os.write(reporting, line.encode())
