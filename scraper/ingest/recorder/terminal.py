"""The user's terminal: raw while the command has its own, as it was whenever it has not. Refuses to touch it from the background."""

from __future__ import annotations

import errno
import fcntl
import os
import termios
from typing import Any

DEFAULT_SIZE = b"\x18\x00\x50\x00\x00\x00\x00\x00"  # struct winsize of 24 rows x 80 columns, for a forced terminal with none outside


def terminal_size(*descriptors: int) -> bytes:
    """Return struct winsize (rows, columns, two unused; 16 bit each) of the first descriptor that is a terminal, else 24 x 80."""
    for descriptor in descriptors:
        try:
            return fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
        except OSError:
            continue
    return DEFAULT_SIZE


def raw_mode(mode: list[Any]) -> list[Any]:
    """Return `mode` (as tcgetattr gives it) changed so that every key passes and nothing printed is altered."""
    inputs, outputs, control, local, input_speed, output_speed, characters = mode
    inputs &= ~(termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP)
    inputs &= ~(termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON)
    local &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    control = (control & ~(termios.CSIZE | termios.PARENB)) | termios.CS8
    characters = list(characters)
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    return [inputs, outputs & ~termios.OPOST, control, local, input_speed, output_speed, characters]


class Terminal:
    """The terminal behind `fd`, whose keys go to the command while it is raw."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.saved = termios.tcgetattr(fd)
        self.raw = False

    def foreground(self) -> bool:
        """Tell whether this process may read keys and set modes: it is in the foreground, or the terminal controls someone else."""
        try:
            return os.tcgetpgrp(self.fd) == os.getpgrp()
        except OSError as error:
            return error.errno == errno.ENOTTY

    def take(self) -> bool:
        """Pass every key through unchanged from now on, if in the foreground; returns whether keys may be read."""
        if self.raw or not self.foreground():
            return self.raw
        self.saved = termios.tcgetattr(self.fd)
        self._set(raw_mode(self.saved))
        self.raw = True
        return True

    def give_back(self) -> None:
        """Put the terminal back as it was found."""
        if self.raw:
            self.raw = False
            self._set(self.saved)

    def rescue(self, fd: int) -> None:
        """Give the terminal behind `fd` back in place of a recorder that was killed, unless a shell has done so already."""
        try:
            if termios.tcgetattr(fd)[:4] == raw_mode(self.saved)[:4]:
                termios.tcsetattr(fd, termios.TCSANOW, self.saved)
        except termios.error:
            return  # it has hung up too

    def _set(self, mode: list[Any]) -> None:
        try:
            termios.tcsetattr(self.fd, termios.TCSANOW, mode)  # not FLUSH: what was typed ahead belongs to the command
        except termios.error as error:
            if error.args[0] != errno.EIO:  # EIO: the terminal has hung up, nobody looks at it any more
                raise
