"""What is stored is its owner's alone: every file 0600 and every directory 0700, while it is written and after, whatever the umask."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wrapping import DEADLINE, environment, scraper_argv, until


@contextmanager
def started(folder: Path, umask: int, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    argv = scraper_argv(*words)
    told = environment(XDG_CONFIG_HOME=str(folder))
    with subprocess.Popen(argv, cwd=folder, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, umask=umask) as process:
        try:
            yield process
        finally:
            process.kill()


def modes(place: Path) -> dict[str, int]:
    """Return the mode of everything there is in and below `place` that is not as it should be."""
    found = {str(path): path.lstat().st_mode & 0o777 for path in (place, *place.rglob("*")) if path.exists()}
    return {name: mode for name, mode in found.items() if mode != (0o700 if Path(name).is_dir() else 0o600)}


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_a_wrapped_run(tmp_path: Path, umask: int) -> None:
    os.mkfifo(tmp_path / "gate")
    script = f"echo step 1 loss 0.5; read line < {tmp_path}/gate"
    with started(tmp_path, umask, "run", "--store", "new/deep/store.db", "--quiet", "--", "/bin/sh", "-c", script) as process:
        store = tmp_path / "new" / "deep" / "store.db"
        until(lambda: all(store.with_name(f"store.db{end}").exists() for end in ("", "-wal", "-shm")), "the store is written to")
        assert modes(tmp_path / "new") == {}
        (tmp_path / "gate").write_text("go\n")
        assert process.wait(DEADLINE) == 0
    until(lambda: next(iter(store.parent.glob("runs/*/summary.json")), None), "the scraper is done")
    assert modes(tmp_path / "new") == {}


@pytest.mark.parametrize("umask", [0o022, 0o000])
def test_a_daemon(tmp_path: Path, umask: int) -> None:
    (tmp_path / "a.log").write_text("step 1: loss 0.5\n")
    (tmp_path / "scraper.toml").write_text('store = "new/deep/store.db"\n[[watch]]\npaths = ["a.log"]\n')
    with started(tmp_path, umask, "daemon") as process:
        until(lambda: next(iter((tmp_path / "new" / "deep").glob("store.db-daemons/*.json")), None), "the daemon tells of itself")
        until((tmp_path / "new" / "deep" / "store.db-wal").exists, "the store is written to")
        assert modes(tmp_path / "new") == {}
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    assert modes(tmp_path / "new") == {}
