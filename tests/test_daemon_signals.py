"""A daemon reads its configuration again when asked, keeps the one that works, and tells a service manager all of it."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from daemons import READY, Manager, Service, lines, scraper

from scraper.daemon import state
from scraper.store import beside

if TYPE_CHECKING:
    from pathlib import Path

RULE = '[[watch]]\npaths = ["logs"]\n'
OTHER = '[[watch]]\npaths = ["other"]\nrun = "other-{stem}"\n'


def test_a_reload_follows_what_the_new_configuration_names(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.log").write_text(lines(2))
    with Service(tmp_path, RULE) as daemon, (daemon.logs / "a.log").open("a") as log:
        log.write(lines(1))
        log.flush()
        daemon.expect(READY)
        daemon.until_stored(1)
        daemon.write(RULE + OTHER)
        daemon.send(signal.SIGHUP)
        daemon.expect("following 2 files by 2 watch rules")
        daemon.until_stored(2)
        log.write(lines(3))
        log.flush()
        daemon.until_stored(3)
        assert daemon.stop() == 0
        assert daemon.losses() == Counter({("a", 1, 0.125): 1, ("a", 3, 0.375): 1, ("other-b", 2, 0.25): 1})


def test_an_invalid_configuration_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon, (daemon.logs / "a.log").open("a") as log:
        daemon.expect(READY)
        for wrong, why in (
            (RULE + 'exlude = ["x"]\n', "unknown setting 'exlude'; did you mean 'exclude'?"),
            ("[[watch]\n", "not valid TOML"),
            ("", "it names nothing to watch"),
            (RULE + '[patterns]\npacks = ["nowhere.toml"]\n', "nowhere.toml: cannot be read"),
        ):
            daemon.write(wrong)
            daemon.send(signal.SIGHUP)
            assert why in daemon.expect("the one before stays in force")
        log.write(lines(1))
        log.flush()
        daemon.until_stored(1)
        said = daemon.until_status(lambda status: bool(status["daemons"] and status["daemons"][0]["reload_error"]), "status says so")
        assert "nowhere.toml" in said["daemons"][0]["reload_error"]
        daemon.write(RULE)
        daemon.send(signal.SIGHUP)
        daemon.expect(READY)
        assert daemon.stop() == 0
        assert daemon.losses() == Counter({("a", 1, 0.125): 1})


def test_reloads_in_the_middle_of_a_long_log_lose_and_repeat_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "long.log").write_text(lines(*range(80_000)))
    with Service(tmp_path, RULE) as daemon:
        daemon.expect(READY)
        for _ in range(3):
            daemon.send(signal.SIGHUP)
            daemon.expect(READY)
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        assert daemon.losses() == Counter(("long", step, step / 8) for step in range(80_000))


def test_a_second_signal_ends_at_once_and_the_rest_is_read_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "long.log").write_text(lines(*range(120_000)))
    with Service(tmp_path, RULE, NOTIFY_SOCKET=str(tmp_path / "notify")) as daemon, Manager(str(tmp_path / "notify")) as manager:
        manager.until("READY")
        daemon.send(signal.SIGTERM)
        manager.until("STOPPING")
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        early = sum(daemon.losses().values())
    with Service(tmp_path, RULE) as daemon:
        daemon.expect(READY)
        assert daemon.stop() == 0
        assert daemon.losses() == Counter(("long", step, step / 8) for step in range(120_000)), f"it was stopped after {early}"


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_is_told_everything(tmp_path: Path, abstract: bool) -> None:
    pytest.importorskip("cysystemd", reason="the systemd extra is not installed")
    address = f"@scraper-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with Manager(address) as manager, Service(tmp_path, RULE, NOTIFY_SOCKET=address, WATCHDOG_USEC="600000") as daemon:
        assert manager.until("READY") == {"READY": "1", "STATUS": "following"}
        (daemon.logs / "a.log").write_text(lines(*range(100)))
        assert manager.until("STATUS")["STATUS"].endswith(" points/s")
        for _ in range(2):
            manager.until("WATCHDOG", "1")
        daemon.write("[[watch]]\n")
        daemon.send(signal.SIGHUP)
        reloading = manager.until("RELOADING")
        assert reloading["RELOADING"] == "1"
        assert int(reloading["MONOTONIC_USEC"]) > 0
        assert "paths is missing" in manager.until("READY", "1")["STATUS"]
        daemon.write(RULE)
        daemon.send(signal.SIGHUP)
        assert int(manager.until("RELOADING")["MONOTONIC_USEC"]) > int(reloading["MONOTONIC_USEC"])
        assert manager.until("READY")["STATUS"] == "following"
        daemon.send(signal.SIGTERM)
        assert manager.until("STOPPING")["STOPPING"] == "1"
        assert daemon.wait() == 0


def test_a_daemon_that_is_refused_never_says_it_is_ready(tmp_path: Path) -> None:
    pytest.importorskip("cysystemd", reason="the systemd extra is not installed")
    (tmp_path / "logs").mkdir()
    with (tmp_path / "logs" / "a.log").open("a") as log, Service(tmp_path, RULE) as first, Manager(str(tmp_path / "notify")) as manager:
        log.write(lines(1))
        log.flush()
        first.until_stored(1)
        assert scraper(tmp_path, "daemon", NOTIFY_SOCKET=manager.address).returncode == 1
        manager._socket.settimeout(0)
        with pytest.raises(BlockingIOError):
            manager.next()
        assert first.stop() == 0


def test_a_manager_that_has_gone_does_not_end_the_daemon(tmp_path: Path) -> None:
    pytest.importorskip("cysystemd", reason="the systemd extra is not installed")
    with Service(tmp_path, RULE, NOTIFY_SOCKET=str(tmp_path / "nobody")) as daemon:
        daemon.expect(READY)
        (daemon.logs / "a.log").write_text(lines(1))
        daemon.until_stored(1)
        assert daemon.stop() == 0


def test_status_shows_files_offsets_rates_and_troubles(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon, (daemon.logs / "a.log").open("a") as log:
        log.write(lines(*range(50)))
        log.flush()
        (daemon.logs / "b.log").write_bytes(b"\x7fELF\2\1\1" + bytes(9) + bytes(range(256)) * 64)
        daemon.expect(READY)

        def is_told(status: dict[str, object]) -> bool:
            sources, daemons = status["sources"], status["daemons"]
            return bool(sources and daemons and sources[0]["points_per_second"])  # type: ignore[index]

        status = daemon.until_status(is_told, "the daemon tells of its file")
        (source,) = status["sources"]
        assert (source["path"], source["state"], source["offset"], source["lag"]) == (f"{daemon.logs}/a.log", "reading", log.tell(), 0)
        assert source["mode"] in ("events", "polling")
        (said,) = status["daemons"]
        assert (said["pid"], said["files"], said["points"]) == (daemon.pid, 2, 50)
        assert "b.log: a binary file, not a log" in said["troubles"][0]
        text = scraper(tmp_path, "status", "--store", str(daemon.store)).stdout
        assert text.startswith(f"daemon {daemon.pid} on ")
        assert "b.log: a binary file" in text
        assert daemon.stop() == 0
        assert daemon.status()["daemons"] == []


def test_status_names_a_pattern_that_blew_up(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(
        '[pack]\nname = "bad"\n[[pattern]]\nname = "slow"\nregex = "^(?:a|aa)+ q=(?P<q>{NUM})$"\n'
        '[[sample]]\nlog = "aa q=0.5"\npoints = [{ metric = "q", value = 0.5 }]\n'
    )
    with Service(tmp_path, f'pattern_strikes = 2\n[patterns]\npacks = ["bad.toml"]\n{RULE}') as daemon:
        (daemon.logs / "a.log").write_text("".join(f"{'a' * (60 + i)} q=x{i} step {i}: loss {i / 8}\n" for i in range(3)) + lines(7))
        found = daemon.until_status(lambda status: status["quarantined"] != [], "a pattern is in quarantine")
        assert found["quarantined"] == ["bad:slow"]
        assert found["sources"][0]["discarded"]["pattern_timeout"] == 2
        assert "quarantined: the pattern bad:slow" in scraper(tmp_path, "status", "--store", str(daemon.store)).stdout
        assert daemon.stop() == 0
        assert ("a", 7, 0.875) in daemon.losses(), "the other patterns are unharmed"


def test_what_is_wrong_at_the_start_is_one_line_and_its_status(tmp_path: Path) -> None:
    said = scraper(tmp_path, "daemon", "--config", "nowhere.toml")
    assert said.returncode == 2
    assert said.stderr == "scraper: nowhere.toml: No such file or directory; write one with: scraper config init nowhere.toml\n"
    said = scraper(tmp_path, "daemon")
    assert said.returncode == 2
    assert said.stderr.startswith("scraper: there is no configuration: name one with --config FILE")
    (tmp_path / "text").write_text("no store")
    (tmp_path / "scraper.toml").write_text(f'store = "text"\n{RULE}')
    said = scraper(tmp_path, "daemon")
    assert said.returncode == 1
    assert "text" in said.stderr
    assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize("said", ["", "[]", "{", '{"pid": "x", "process_started": 1}', '{"pid": 1, "process_started": null}'])
def test_what_is_no_word_of_a_living_daemon_is_passed_over(tmp_path: Path, said: str) -> None:
    store = tmp_path / "store.db"
    beside.daemons(store).mkdir()
    text = said.replace("{", f'{{"host": "{platform.node()}", ', 1) if len(said) > 1 else said
    (beside.daemons(store) / "host-1.json").write_text(text)
    assert state.read_all(store) == []


def test_what_a_killed_daemon_was_writing_is_taken_away(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    file, folder = state.StateFile(tmp_path / "store.db"), beside.daemons(tmp_path / "store.db")
    file.write({})
    others = ["other-1.json.1.new", f"{platform.node()}-x.json.x.new", f"{platform.node()}-{os.getpid()}.json.{os.getpid()}.new"]
    for name in (*others, f"{platform.node()}-{ended.pid}.json.{ended.pid}.new"):
        (folder / name).write_text("{")
    file.clear_stale()
    assert sorted(path.name for path in folder.iterdir()) == sorted([file.path.name, *others])
