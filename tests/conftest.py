"""What every test may rely on."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

_OFTEN_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)  # below nohup, and behind a shell's `&`


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Children must not inherit that a signal is ignored: how commands take signals is what some tests show."""
    ignored = [number for number in _OFTEN_IGNORED if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
