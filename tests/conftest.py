"""What every test may rely on, and what none may leave behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import leaks
import pytest
from tailing import Rig

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


@pytest.fixture(scope="session", autouse=True)
def _nobody_configures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The developer's own configuration, packs and store are no part of any test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SCRAPER_")]:
            patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_process_is_left(_nobody_configures: None) -> Iterator[None]:
    """Every process that a test started, directly or not, has ended when the session does."""
    mark = str(os.getpid())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(leaks.MARK, mark)
        yield
    if sys.platform == "linux" and (found := leaks.left_running(mark)):
        pytest.fail("tests of this session left running:\n" + "\n".join(found))


@pytest.fixture(autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test ends its threads and children and closes what it opened; what fixtures of a wider scope hold is theirs."""
    if sys.platform != "linux":
        yield
        return
    before = leaks.held()
    yield
    if found := leaks.left(before, tmp_path_factory.getbasetemp(), request.node.funcargs.get("tmp_path")):
        pytest.fail("this test left behind:\n" + "\n".join(found))


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Give a store and a pipeline to be driven by hand."""
    with Rig(tmp_path) as rig:
        yield rig
