"""What a daemon's watch rules name is read once: now, as it appears, and across stops, kills and rotations."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from daemons import READY, Service, lines, scraper
from wrapping import DEADLINE, environment, scraper_argv

if TYPE_CHECKING:
    from pathlib import Path

RULE = '[[watch]]\npaths = ["logs"]\n'


def expected(name: str, steps: range) -> Counter[tuple[str, int, float]]:
    return Counter((name, step, step / 8) for step in steps)


def test_files_there_and_files_that_appear_are_read(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        daemon.expect(READY)
        (daemon.logs / "new" / "deeper").mkdir(parents=True)
        (daemon.logs / "new" / "deeper" / "late.log").write_text(lines(3))
        with (daemon.logs / "early.log").open("a") as log:
            log.write(lines(1))
            log.flush()
            daemon.until_stored(2)
            log.write(lines(2))
        daemon.until_stored(3)
        assert daemon.stop() == 0
        assert daemon.losses() == expected("early", range(1, 3)) + expected("late", range(3, 4))


def test_sigterm_reads_what_is_there_and_a_start_goes_on_behind_it(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        daemon.expect(READY)
        with (daemon.logs / "train.log").open("a") as log:
            log.write(lines(*range(5000)))
            log.flush()
            assert daemon.stop() == 0, "a stop that was asked for is no failure"
            assert daemon.losses() == expected("train", range(5000))
            log.write(lines(5000))
            log.flush()
            with Service(tmp_path, RULE) as again:
                again.expect(READY)
                assert again.stop(signal.SIGINT) == 0
        assert daemon.losses() == expected("train", range(5001))


def test_sigkill_costs_nothing(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        daemon.expect(READY)
        with (daemon.logs / "train.log").open("a") as log:
            for begin in range(0, 2000, 500):
                log.write(lines(*range(begin, begin + 500)))
                log.flush()
            daemon.until_rows("SELECT 1 FROM metric_points LIMIT 1")
            daemon.kill()
            with Service(tmp_path, RULE) as again:
                again.expect(READY)
                assert again.stop() == 0
        assert daemon.losses() == expected("train", range(2000))
        assert not list((tmp_path / "store.db-daemons").glob("*")), "what the killed one said is taken away"


def test_a_rotated_log_stays_one_run(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        log = daemon.logs / "train.log"
        log.write_text(lines(1, 2))
        daemon.until_status(lambda status: status["lines"] == 2, "two lines are read")
        os.rename(log, daemon.logs / "train.log.1")  # noqa: PTH104 - as logrotate does it
        log.write_text(lines(3))
        daemon.until_stored(3)
        assert daemon.stop() == 0
        assert daemon.losses() == expected("train", range(1, 4))


def test_a_glob_finds_files_in_directories_made_long_before_them(tmp_path: Path) -> None:
    with Service(tmp_path, '[[watch]]\npaths = ["logs/*/train.log"]\n') as daemon:
        (daemon.logs / "first").mkdir()
        (daemon.logs / "first" / "train.log").write_text(lines(1))
        daemon.until_stored(1)
        (daemon.logs / "new").mkdir()
        daemon.until_status(lambda status: status["daemons"] != [], "the daemon has seen the directory, and looks again by the clock")
        (daemon.logs / "new" / "train.log").write_text(lines(2))
        daemon.until_stored(2)
        assert daemon.stop() == 0


def test_templates_name_runs_experiments_labels_and_tags(tmp_path: Path) -> None:
    rule = (
        '[[watch]]\npaths = ["logs/*/*.out"]\nmatch = "job(?P<job>[0-9]+)"\nrun = "{parent}-{stem}"\n'
        'experiment = "{grandparent}"\ntags = ["j{job}", "gpu"]\nlabels = { job = "{job}" }\nexclude = ["old*"]\n'
    )
    for name in ("job7/train.out", "job7/old.out", "other/train.out", "old2/job8.out"):
        (tmp_path / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / name).write_text(lines(1))
    with Service(tmp_path, rule) as daemon:
        daemon.expect("following 1 files")
        daemon.until_stored(1)
        assert daemon.stop() == 0
        found = daemon.rows("SELECT runs.name, experiments.name, kind, tags FROM runs JOIN experiments ON experiment_id = experiments.id")
        assert found == [("job7-train", "logs", "daemon", '["j7", "gpu"]')]
        assert daemon.rows("SELECT DISTINCT labels FROM series") == [('{"job": "7"}',)]


def test_ranks_join_one_run(tmp_path: Path) -> None:
    for rank in range(3):
        (tmp_path / "logs" / "exp").mkdir(parents=True, exist_ok=True)
        (tmp_path / "logs" / "exp" / f"rank{rank}.log").write_text(lines(rank))
    with Service(tmp_path, '[[watch]]\npaths = ["logs/*/rank*.log"]\nrun = "{parent}"\njoin = true\n') as daemon:
        daemon.until_status(lambda status: status["lines"] == 3, "all ranks are read")
        assert daemon.stop() == 0
        assert daemon.rows("SELECT name FROM runs") == [("exp",)]
        found = daemon.rows("SELECT labels, step FROM metric_points ORDER BY step")
        assert found == [('{"rank": "0"}', 0), ('{"rank": "1"}', 1), ('{"rank": "2"}', 2)]


def test_runs_end_when_their_logs_do_and_go_on_when_those_do(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        log = daemon.logs / "train.log"
        log.write_text("2026-01-02 03:04:05 " + lines(1) + "2026-01-02 03:05:05 " + lines(2))
        daemon.until_rows("SELECT 1 FROM runs WHERE status = 'ended' AND ended - started = 60")
        with log.open("a") as more:
            more.write(lines(3))
            more.flush()
            daemon.until_rows("SELECT 1 FROM runs WHERE status = 'running' AND ended IS NULL")
        assert daemon.stop() == 0
        assert sum(daemon.losses().values()) == 3


def test_from_end_leaves_out_what_was_there_but_nothing_later(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    old = tmp_path / "logs" / "old.log"
    old.write_text(lines(1))
    with Service(tmp_path, RULE + 'from = "end"\n') as daemon:
        daemon.expect(READY)
        (daemon.logs / "new.log").write_text(lines(2))
        daemon.until_stored(1)
        with old.open("a") as log:
            log.write(lines(3))
        daemon.until_stored(2)
        daemon.send(signal.SIGHUP)
        daemon.expect(READY)
        assert daemon.stop() == 0
        assert daemon.losses() == Counter({("new", 2, 0.25): 1, ("old", 3, 0.375): 1})


def test_a_second_daemon_is_told_who_has_the_files(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with (tmp_path / "logs" / "train.log").open("a") as log, Service(tmp_path, RULE) as first:
        log.write(lines(1))
        log.flush()
        first.until_stored(1)
        second = scraper(tmp_path, "daemon")
        assert second.returncode == 1
        assert f"is being read into this store by process {first.pid} on " in second.stderr.splitlines()[-1]
        assert first.stop() == 0
        assert first.losses() == expected("train", range(1, 2))


def test_metrics_and_packs_of_the_configuration_count(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "mine.toml").write_text(
        '[pack]\nname = "mine"\n[[pattern]]\nname = "q"\nregex = "Q<(?P<quality>{NUM})>"\n'
        '[[sample]]\nlog = "Q<0.5>"\npoints = [{ metric = "quality", value = 0.5 }]\n'
    )
    rule = RULE + '[patterns]\npacks = ["packs"]\n[metrics.quality]\nlabel = "Quality"\nhigher_is_better = true\n'
    with Service(tmp_path, rule) as daemon:
        (daemon.logs / "a.log").write_text("Q<0.75>\n")
        daemon.expect(READY)
        daemon.until_stored(1)
        assert daemon.stop() == 0
        assert daemon.rows("SELECT metric, value FROM metric_points") == [("quality", 0.75)]
        assert daemon.rows("SELECT label, higher_is_better FROM metric_definitions WHERE metric = 'quality'") == [("Quality", 1)]


def run_beside(daemon: Service, directory: Path, *options: str) -> None:
    """Wrap a training of 20 steps into the daemon's store, then write a log of one line where the daemon looks; wait for all of it."""
    (directory / "train.py").write_text("for step in range(20): print(f'step {step} loss {step / 8}', flush=True)")
    daemon.expect(READY)
    words = scraper_argv("run", "--store", str(daemon.store), *options, "--", sys.executable, "train.py")
    subprocess.run(words, cwd=directory, env=environment(), capture_output=True, timeout=DEADLINE, check=True)
    (daemon.logs / "other.log").write_text(lines(1))
    daemon.until_stored(21)
    assert daemon.stop() == 0


def test_what_a_wrapped_run_is_recorded_into_is_left_to_its_own_scraper(tmp_path: Path) -> None:
    with Service(tmp_path, RULE) as daemon:
        run_beside(daemon, tmp_path, "--log", "logs/mine.log")
        assert daemon.losses() == expected("train", range(20)) + expected("other", range(1, 2))
        assert sorted(daemon.rows("SELECT name, kind FROM runs")) == [("other", "daemon"), ("train", "run")]


def test_a_rule_that_means_the_stores_directory_leaves_the_store_and_its_wrapped_runs_alone(tmp_path: Path) -> None:
    with Service(tmp_path, '[[watch]]\npaths = ["**"]\nexclude = ["scraper.toml", "train.py"]\n') as daemon:
        run_beside(daemon, tmp_path, "--name", "wrapped")
        assert daemon.losses() == expected("wrapped", range(20)) + expected("other", range(1, 2))
        assert sorted(name for (name,) in daemon.rows("SELECT name FROM runs")) == ["other", "wrapped"]
        assert "binary" not in daemon.said
