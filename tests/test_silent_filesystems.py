"""Real filesystems and limits that keep file events from a daemon: it polls, loses nothing, and its status says why."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from daemons import READY, Service, lines
from wrapping import until, wait_gone

from scraper.ingest.hints import silent_filesystem

RULE = '[[watch]]\npaths = ["logs"]\n'
NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
MOUNTS = {
    "overlay": "mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work logs",
    "FUSE": "bindfs -f lower logs </dev/null >server.log 2>&1 & echo $! > server; "
    "until mountpoint -q logs; do kill -0 $!; sleep 0.02; done",
}
LIMITS = {"fs.inotify.max_user_watches": "max_inotify_watches", "fs.inotify.max_user_instances": "max_inotify_instances"}


@contextmanager
def within(directory: Path, command: str) -> Iterator[list[str]]:
    """Give what runs a daemon in namespaces of its own after `command`; skips the test where this machine does not allow that."""
    for name in ("logs", "lower", "upper", "work"):
        (directory / name).mkdir(exist_ok=True)
    enter = [*NAMESPACE, "sh", "-ec", f'cd "$0"; {command}; exec "$@"', str(directory)]
    try:
        tried = subprocess.run([*enter, "true"], stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        if tried.returncode:
            pytest.skip(f"this machine does not allow it: {tried.stderr.strip()}")
        end_server(directory)
        yield enter
    except OSError as error:
        pytest.skip(str(error))
    finally:
        end_server(directory)


def end_server(directory: Path) -> None:
    """End the program that serves a FUSE mount, if one was started."""
    file = directory / "server"
    if file.exists():
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text(encoding="ascii")), signal.SIGTERM)
            wait_gone(int(file.read_text(encoding="ascii")))
        file.unlink()


def expected(*steps: int) -> Counter[tuple[str, int, float]]:
    return Counter(("train", step, step / 8) for step in steps)


@pytest.mark.parametrize("kind", MOUNTS)
def test_a_filesystem_without_events_is_polled(tmp_path: Path, kind: str) -> None:
    with within(tmp_path, MOUNTS[kind]) as enter, Service(tmp_path, RULE, within=enter) as daemon:
        daemon.expect(READY)
        mounted = Path(f"/proc/{daemon.pid}/root") / str(daemon.logs).lstrip("/")
        log = (tmp_path / "lower" if kind == "FUSE" else mounted) / "train.log"  # of FUSE the daemon's kernel sees no change at all
        log.write_text(lines(1))
        daemon.until_stored(1)  # a new file is found
        with log.open("a") as more:
            more.write(lines(2))
        daemon.until_stored(2)  # a file that grows is read
        (said,) = daemon.status()["daemons"]
        reason = said["watching"]["why"][str(daemon.logs)]
        assert reason.endswith(" reports no changes")
        assert reason.lower().startswith(kind.lower()), reason
        assert daemon.stop() == 0
        assert daemon.losses() == expected(1, 2)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_inotify_that_is_reached_leaves_polling(tmp_path: Path, limit: str) -> None:
    if silent_filesystem(tmp_path):
        pytest.skip("there are no events here in the first place")
    with within(tmp_path, f"echo 0 > /proc/sys/user/{LIMITS[limit]}") as enter, Service(tmp_path, RULE, within=enter) as daemon:
        daemon.expect(READY)
        (daemon.logs / "train.log").write_text(lines(1))
        daemon.until_stored(1)
        said = daemon.until_status(lambda status: bool(status["daemons"]), "the daemon says how it goes")["daemons"][0]
        assert said["watching"]["why"] == {str(daemon.logs): f"the limit {limit} is reached"}
        assert daemon.stop() == 0
        assert daemon.losses() == expected(1)


def test_a_queue_of_events_that_overflows_loses_no_line(tmp_path: Path) -> None:
    """A stopped daemon reads no events: the kernel keeps some thousands of them and drops the rest."""
    if silent_filesystem(tmp_path):
        pytest.skip("there are no events here in the first place")
    queue = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="ascii"))
    number = queue * 5 // 4
    with Service(tmp_path, RULE) as daemon, (daemon.logs / "train.log").open("a") as log, (daemon.logs / "other.txt").open("a") as other:
        log.write(lines(0))
        log.flush()
        daemon.expect(READY)
        daemon.until_stored(1)
        daemon.send(signal.SIGSTOP)
        for step in range(1, number):  # two files in turn: the kernel joins events that are alike
            log.write(lines(step))
            log.flush()
            other.write(".")
            other.flush()
        late = daemon.logs / "late.log"
        late.write_text(lines(1))  # no event tells of it any more
        daemon.send(signal.SIGCONT)
        daemon.until_stored(number + 1)
        status = until(lambda: next((s for s in daemon.status("--all")["daemons"] if s["files"] == 3), None), "the late file is followed")
        lost = status["watching"].get("lost")
        assert daemon.stop() == 0
        stored = daemon.losses()
        assert stored.pop(("late", 1, 1 / 8)) == 1
        assert stored == expected(*range(number))
    if lost == 0:
        pytest.skip("every line was stored; this version of watchdog does not say that events were lost")
