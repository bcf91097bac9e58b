"""The signals the recorder takes, each seen once and with its sender. Owns the blocked mask and the thread that waits; decides nothing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

SI_KERNEL = 0x80  # asm-generic/siginfo.h: raised by the kernel, as a terminal does for Ctrl-C; kill(2) gives SI_USER = 0
FORWARDED = {
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGTSTP,
    *range(signal.SIGRTMIN, signal.SIGRTMAX + 1),
}  # fmt: skip
NOTICED = {signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT}


class Listener:
    """Takes every signal that can be forwarded, in a thread, so that a blocked write delays none."""

    def __init__(self) -> None:
        self.entry_mask: set[int] = set()
        self.wake, self._wake_end = -1, -1
        self.seen: list[int] = []  # signals of NOTICED, for the loop
        self._forward: Callable[[int, bool], None] | None = None

    def block(self, also: set[int], entry_mask: list[int] | None) -> None:
        """Block what will be listened to, and `also`. A signal ignored on entry (nohup) stays ignored here and in the command.

        `entry_mask` is what was blocked when the command was asked for, where that is no longer in force.
        """
        heard = {number for number in FORWARDED | NOTICED if signal.getsignal(number) is not signal.SIG_IGN}
        self._heard = heard
        found = signal.pthread_sigmask(signal.SIG_BLOCK, heard | also)
        self.entry_mask = set(found if entry_mask is None else entry_mask)

    def start(self, forward: Callable[[int, bool], None]) -> None:
        """Hand each forwarded signal to `forward(number, sent by the kernel)` from now on; `wake` becomes readable for the others."""
        self._forward = forward
        self.wake, self._wake_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(self._wake_end, False)
        threading.Thread(target=self._listen, name="signals", daemon=True).start()

    def poke(self) -> None:
        """Wake the loop."""
        try:
            os.write(self._wake_end, b"!")
        except BlockingIOError:
            return  # 64 KiB of wake-ups wait already

    def taken(self) -> list[int]:
        """Return the noticed signals since the last call."""
        try:
            os.read(self.wake, 4096)
        except BlockingIOError:
            return []
        seen, self.seen = self.seen, []
        return seen

    def _listen(self) -> None:
        own = os.getpid()
        while True:
            info = signal.sigwaitinfo(self._heard)
            if info.si_signo in NOTICED:
                self.seen.append(info.si_signo)
                self.poke()
            elif self._forward and not (info.si_pid == own and info.si_code != SI_KERNEL):
                self._forward(info.si_signo, info.si_code == SI_KERNEL)
