"""`scraper run`: what a wrapped command prints is stored once, whatever is killed, and what cannot be run is refused in one line."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wrapping import DEADLINE, Screen, command_pid, environment, scraper_argv, state, until, wait_gone

import scraper
from scraper import config
from scraper.errors import ScraperError
from scraper.ingest import follow_run
from scraper.ingest.run_directory import RunDirectory, unfinished

TRAIN = """
import sys
first, last, gate, code = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
for i in range(first, last):
    if gate and i == (first + last) // 2:
        print("half way", flush=True)
        open(gate).read()
    print(f"iter {i}: loss {4 / (1 + i / 100):.4f}, time 12.50ms, mfu 12.34%")
sys.exit(code)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    return tmp_path / "store.db"


def words(store: Path, *flags: str, steps: int = 1000, gate: str = "", code: int = 0) -> list[str]:
    train = [sys.executable, str(store.parent / "train.py"), "0", str(steps), gate, str(code)]
    return scraper_argv("run", "--store", str(store), *flags, "--", *train)


def run(argv: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    settings = {"capture_output": True, "text": True, "timeout": DEADLINE, "env": environment(), "start_new_session": True} | options
    return subprocess.run(argv, check=False, **settings)  # type: ignore[call-overload,no-any-return]


def run_directory(store: Path) -> Path:
    """Return the only run's directory once its recorder has started the command."""
    folder: Path = until(lambda: next(iter((store.parent / "runs").glob("*/recorder.json")), None), "a run begins").parent
    command_pid(folder)
    return folder


def completed(folder: Path) -> dict[str, object]:
    until((folder / "summary.json").exists, "the scraper is done")
    found: dict[str, object] = json.loads((folder / "summary.json").read_text())
    return found


def losses(store: Path) -> list[tuple[int, float]]:
    with scraper.open(store) as database:
        series = database.run("latest").series("loss")
        return list(zip(series.steps, series.values, strict=True))


def points_so_far(store: Path) -> int:
    try:
        with scraper.open(store) as database:
            return sum(row.count for run in database.runs() for row in run.series_rows())
    except ScraperError:  # there is no store yet, or it is being made
        return 0


EXPECTED = [(i, float(f"{4 / (1 + i / 100):.4f}")) for i in range(1000)]


def test_every_printed_value_is_stored_and_the_status_comes_back(store: Path) -> None:
    done = run(words(store, "--name", "first", "--tag", "a", "--tag", "b", "--note", "try", code=3))
    assert done.returncode == 3
    assert done.stdout.count("\n") == 1000
    completed(next((store.parent / "runs").iterdir()))
    assert losses(store) == EXPECTED
    with scraper.open(store) as database:
        found = database.run("latest")
        assert (found.name, found.tags, found.note, found.status, found.exit_code) == ("first", ("a", "b"), "try", "failed", 3)
        assert re.fullmatch(r"\d{8}-\d{6}-([0-9a-f]{7}|nogit)-[a-z2-7]{3}", found.id)
        counted = database.sql("SELECT metric, count(*) AS n FROM metric_points GROUP BY metric ORDER BY metric")
    assert counted == [{"metric": name, "n": 1000} for name in ("loss", "mfu", "time_ms")]


def test_the_summary_says_last_and_best_and_where_to_look(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(words(store, gate=str(gate)), **pipes, text=True, env=environment()) as process:
        run_id = run_directory(store).name
        until(lambda: store.exists() and _points(store) >= 400, "half of it is stored")  # the recorder waits 2 s for a summary, no longer
        gate.write_text("")
        said = process.communicate(timeout=DEADLINE)[1]
    assert f"run {run_id}" in said
    assert re.search(r"loss\s+last 0\.364\d*\s+best 0\.364\d* at step 999", said)
    assert "1,001 lines, 1 of them without a metric" in said
    assert f"scraper show {run_id}" in said


def test_the_summary_begins_on_a_line_of_its_own(store: Path) -> None:
    with Screen(scraper_argv("run", "--store", str(store), "--", "printf", "50%%|###  |")) as user:
        user.expect(b"50%|###  |\r\nscraper: run ")
        assert user.finish() == 0


def test_quiet_says_nothing_and_returns_when_everything_is_stored(store: Path) -> None:
    done = run(words(store, "--quiet"))
    assert done.returncode == 0
    if "the scraper is still reading" not in done.stderr:  # it needed more than its two seconds, and said so
        assert done.stderr == ""
        assert losses(store) == EXPECTED


def test_a_sigterm_comes_back_as_143_and_the_run_was_killed(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(words(store, gate=str(gate)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"half way\n":
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 143
        process.stdout.read()
    folder = run_directory(store)
    assert completed(folder)["status"] == "killed"
    assert losses(store) == EXPECTED[:500]
    with scraper.open(store) as database:
        assert (database.run("latest").exit_code, database.run("latest").signal) == (143, signal.SIGTERM)


def test_a_killed_scraper_loses_nothing_and_doubles_nothing(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(words(store, gate=str(gate)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        folder = run_directory(store)
        until(lambda: store.exists() and _points(store) >= 400, "half of it is stored")
        os.kill(int(str(state(folder)["scraper_pid"])), signal.SIGKILL)
        gate.write_text("")
        assert process.stdout.read().count(b"iter") == 1000
        assert b"scraper tail --resume" in process.stderr.read()
        assert process.wait(DEADLINE) == 0
    assert not (folder / "summary.json").exists()
    assert [directory.path for directory in unfinished(store)] == [folder]
    assert follow_run.resume(store) == [folder.name]
    assert unfinished(store) == []
    assert losses(store) == EXPECTED
    with scraper.open(store) as database:
        assert database.run("latest").status == "finished"


def test_a_run_whose_scraper_was_killed_while_it_goes_on_gets_another(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(words(store, "--quiet", gate=str(gate)), stdout=subprocess.DEVNULL, env=environment()) as process:
        folder = run_directory(store)
        until(lambda: store.exists() and _points(store) >= 400, "half of it is stored")
        os.kill(int(str(state(folder)["scraper_pid"])), signal.SIGKILL)
        until(lambda: not RunDirectory(folder).has_scraper(), "it has no scraper")
        resumed = run(scraper_argv("tail", "--resume", "--store", str(store)))
        assert resumed.returncode == 0, resumed.stderr
        gate.write_text("")
        assert process.wait(DEADLINE) == 0
    assert completed(folder)["status"] == "finished"
    assert losses(store) == EXPECTED


def _points(store: Path) -> int:
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        found: int = connection.execute("SELECT count(*) FROM metric_points WHERE metric = 'loss'").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    else:
        return found
    finally:
        connection.close()


def test_the_next_run_completes_one_whose_scraper_was_killed(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(words(store, gate=str(gate)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()) as process:
        folder = run_directory(store)
        os.kill(int(str(state(folder)["scraper_pid"])), signal.SIGKILL)
        gate.write_text("")
        assert process.wait(DEADLINE) == 0
    assert run(words(store, "--quiet", steps=10)).returncode == 0
    assert completed(folder)["points"] == 3000


def test_a_run_is_completed_in_its_own_store_and_in_no_other_beside_it(store: Path) -> None:
    os.mkfifo(store.parent / "gate")
    with subprocess.Popen(words(store, gate=str(store.parent / "gate")), stdout=subprocess.PIPE, env=environment(), text=True) as training:
        folder = run_directory(store)
        os.kill(int(str(state(folder)["scraper_pid"])), signal.SIGKILL)
        (store.parent / "gate").write_text("")
        training.communicate(timeout=DEADLINE)
    other = store.with_name("other.db")
    assert follow_run.resume(other) == []
    moved = store.parent.with_name(f"{store.parent.name}-moved")
    store.parent.rename(moved)
    assert follow_run.resume(moved / store.name) == [folder.name]
    assert losses(moved / store.name) == EXPECTED
    assert not (moved / "other.db").exists()


def test_a_killed_recorder_makes_the_run_lost_with_what_was_printed(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with subprocess.Popen(words(store, gate=str(gate)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"half way\n":
            pass
        folder = run_directory(store)
        until(lambda: b"half way" in (folder / "output.log").read_bytes(), "it is recorded")
        process.kill()
        process.wait()
    os.kill(command_pid(folder), signal.SIGKILL)
    assert completed(folder)["status"] == "lost"
    assert losses(store) == EXPECTED[:500]


def test_a_run_that_was_deleted_does_not_come_back_though_its_scraper_was_killed(store: Path) -> None:
    os.mkfifo(store.parent / "gate")
    argv = words(store, gate=str(store.parent / "gate"))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=environment(), start_new_session=True, text=True) as training:
        folder = run_directory(store)
        try:
            until(lambda: points_so_far(store), "something is stored")
        finally:
            for pid in (state(folder)["scraper_pid"], training.pid, command_pid(folder)):
                os.kill(pid, signal.SIGKILL)
    assert run(scraper_argv("rm", "--yes", "--store", str(store), folder.name)).returncode == 0
    assert follow_run.resume(store) == []
    with scraper.open(store) as database:
        assert database.runs() == []
    again = run(scraper_argv("tail", "--once", "--store", str(store), str(folder / "output.log")))
    assert "500 points" in again.stderr, "the log is there to be read"


def test_a_detached_command_outlives_its_terminal(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    with Screen(words(store, "--detach", gate=str(gate))) as user:
        user.expect(b"goes on in the background")
        assert user.finish() == 0
    folder = run_directory(store)
    recorder = int(str(state(folder)["pid"]))
    os.kill(recorder, signal.SIGHUP)
    gate.write_text("")
    wait_gone(recorder)
    assert completed(folder)["status"] == "finished"
    assert losses(store) == EXPECTED


def test_the_scraper_ends_soon_though_a_grandchild_keeps_the_terminal(store: Path) -> None:
    argv = scraper_argv("run", "--store", str(store), "--", "/bin/sh", "-c", "sleep 60 & echo step 1 loss 0.5; echo $!")
    with Screen(argv, HOME=str(store.parent)) as user:
        began = time.monotonic()
        assert user.finish() == 0
        assert time.monotonic() - began < 5
    folder = run_directory(store)
    scraper_pid = int(str(state(folder)["scraper_pid"]))
    wait_gone(scraper_pid, 5)
    assert (folder / "summary.json").exists()
    os.kill(int((folder / "output.log").read_text().split()[-1]), signal.SIGKILL)


def test_the_scraper_keeps_nothing_of_its_callers_open(store: Path) -> None:
    gate = store.parent / "gate"
    os.mkfifo(gate)
    read_end, write_end = os.pipe()
    with subprocess.Popen(words(store, "--quiet", gate=str(gate)), stdout=write_end, env=environment(), pass_fds=[write_end]) as process:
        os.close(write_end)
        folder = run_directory(store)
        scraper_pid = int(str(state(folder)["scraper_pid"]))
        until(lambda: b"follow_run" in Path(f"/proc/{scraper_pid}/cmdline").read_bytes(), "the scraper runs its own program")
        os.kill(scraper_pid, signal.SIGSTOP)
        gate.write_text("")
        with open(read_end, "rb") as output:  # noqa: PTH123 - a descriptor
            assert output.read().count(b"iter") == 1000
        assert process.wait(DEADLINE) == 0, "whose last act was to wake it"
    completed(folder)


def test_secrets_are_written_nowhere(store: Path) -> None:
    secret = "hunter2hunter2"  # noqa: S105 - made up
    command = ["/bin/sh", "-c", f"HF_TOKEN={secret} echo step 1 loss 0.5", "--token", secret, f"--api-key={secret}"]
    command += [f"https://me:{secret}@example.org/?token={secret}", f"Authorization: Bearer {secret}"]
    argv = scraper_argv("run", "--store", str(store), "--", *command)
    assert run(argv, env=environment(HF_TOKEN=secret, SLURM_JOB_ID="7")).returncode == 0
    completed(next((store.parent / "runs").iterdir()))
    for path in store.parent.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    with scraper.open(store) as database:
        assert database.run("latest").config()["environment"]["SLURM_JOB_ID"] == "7"


def test_files_of_a_run_are_its_owners_alone(store: Path) -> None:
    run(words(store, steps=1))
    folder = next((store.parent / "runs").iterdir())
    completed(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_log_elsewhere(store: Path) -> None:
    log = store.parent / "train.log"
    assert run(words(store, "--log", str(log))).returncode == 0
    assert log.read_text().count("\n") == 1000
    completed(run_directory(store))
    assert losses(store) == EXPECTED


def refuse(argv: list[str], code: int, *said: str, cwd: Path, **changes: str) -> None:
    done = run(argv, cwd=cwd, env=environment(**changes))
    assert done.returncode == code
    assert done.stderr.startswith("scraper: ")
    for part in said:
        assert part in done.stderr
    assert not (cwd / "runs").exists()


def test_a_log_elsewhere_is_left_to_its_own_scraper_by_one_who_joins_a_directory(store: Path) -> None:
    logs, gate = store.parent / "logs", store.parent / "gate"
    logs.mkdir()
    (logs / "other.log").write_text("step 7 loss 0.5\n")
    os.mkfifo(gate)
    argv = words(store, "--log", str(logs / "mine.log"), gate=str(gate))
    with subprocess.Popen(argv, env=environment(), start_new_session=True) as training:
        folder = run_directory(store)
        scraper_pid = state(folder)["scraper_pid"]
        os.kill(scraper_pid, signal.SIGSTOP)  # it is slow to start
        try:
            until(lambda: (logs / "mine.log").exists() and (logs / "mine.log").read_text(), "something is recorded")
            tail = run(scraper_argv("tail", "--once", "--run", "all", "--store", str(store), str(logs)))
        finally:
            os.kill(scraper_pid, signal.SIGCONT)
            gate.write_text("")
        assert f"recorded by run {folder.name}" in tail.stderr
        assert training.wait(DEADLINE) == 0
    completed(folder)
    with scraper.open(store) as database:
        own = database.run(folder.name).series("loss")
        assert list(zip(own.steps, own.values, strict=True)) == EXPECTED
        assert [*database.run("all").series("loss").values] == [0.5]


def test_what_cannot_be_run_is_refused_before_anything_is_written(store: Path) -> None:
    here = store.parent
    base = ["run", "--store", str(store)]
    (here / "data").write_text("no program")
    refuse(scraper_argv(*base, "--", "no-such-command"), 127, "no-such-command", cwd=here)
    refuse(scraper_argv(*base, "--", str(here / "data")), 126, "not executable", cwd=here)
    refuse(scraper_argv(*base, "--log", str(here / "data"), "--", "true"), 2, "exists already", cwd=here)
    refuse(scraper_argv("run", "--store", str(here / "data"), "--", "true"), 1, "data", cwd=here)
    refuse(scraper_argv("run", "--store", "/proc/nowhere/store.db", "--", "true"), 1, "/proc/nowhere", "--store", cwd=here)
    assert not store.exists()


def test_a_command_starts_in_a_directory_that_was_deleted(store: Path) -> None:
    gone = store.parent / "gone"
    shell = ["sh", "-c", 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"', str(gone)]
    done = run([*shell, *words(store, code=3)])
    assert done.returncode == 3
    completed(run_directory(store))
    assert losses(store) == EXPECTED
    with scraper.open(store) as database:
        assert database.run("latest").config()["cwd"] == f"{gone} (deleted)", "no file that is made there later is taken for one of the run"
    (store.parent / "a.log").write_text("step 1 loss 0.5\n")
    assert "1 points" in run([*shell, *scraper_argv("tail", "--once", "--store", str(store), str(store.parent / "a.log"))]).stderr
    refused = run([*shell, *scraper_argv("run", "--store", "here.db", "--", "true")])
    assert refused.returncode == 1
    assert "this directory was deleted" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_store_of_a_newer_version_is_refused_before_the_start(store: Path) -> None:
    assert run(words(store, "--quiet", steps=1)).returncode == 0
    wait_gone(int(str(state(run_directory(store))["scraper_pid"])))  # while it has the store open, the version below is in the WAL alone
    connection = sqlite3.connect(store)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    done = run(words(store, steps=1))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_another_programs_database_is_left_alone(store: Path) -> None:
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = store.read_bytes()
    refuse(words(store), 1, "another program", cwd=store.parent)
    assert store.read_bytes() == before


def test_runs_that_begin_while_the_store_is_being_made_are_all_stored(store: Path) -> None:
    processes = [subprocess.Popen(words(store, "--quiet", steps=10), stdout=subprocess.DEVNULL, env=environment()) for _ in range(4)]
    assert [process.wait(DEADLINE) for process in processes] == [0] * 4
    for folder in (store.parent / "runs").iterdir():
        completed(folder)
    with scraper.open(store) as database:
        assert [found.summary().points for found in database.runs()] == [30] * 4


def test_an_invalid_pack_of_the_users_stops_the_start_and_names_the_file(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(store.parent)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(store.parent / "config"))
    for folder in config.user_dirs():
        folder.mkdir(parents=True)
        (folder / "broken.toml").write_text("name = [")
        refuse(words(store), 1, "broken.toml", cwd=store.parent, XDG_CONFIG_HOME=str(store.parent / "config"))
        (folder / "broken.toml").unlink()


def test_modules_beside_the_training_are_not_taken_for_ours(store: Path) -> None:
    for name in ("regex", "sqlite_utils", "click", "json", "scraper"):
        (store.parent / f"{name}.py").write_text("raise SystemExit('this is the user\\'s own')")
    assert run(words(store), cwd=store.parent).returncode == 0
    completed(run_directory(store))
    assert losses(store) == EXPECTED


def test_a_run_of_another_boot_or_process_is_not_taken_for_a_living_one(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"host": os.uname().nodename}))
    alive = {"ended": None, "pid": os.getpid(), "host": os.uname().nodename}
    known = {"boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip(), "pid_started": _started(os.getpid())}
    for changes, expected in (({}, True), ({"boot": "other"}, False), ({"pid_started": 1}, False), ({"ended": 1.0}, False)):
        (tmp_path / "recorder.json").write_text(json.dumps(alive | known | changes))
        assert directory.recording() is expected


def test_a_run_on_another_machine_is_believed_for_a_day(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({"host": "elsewhere", "log": str(tmp_path / "output.log")}))
    (tmp_path / "recorder.json").write_text(json.dumps({"ended": None, "pid": 1, "host": "elsewhere"}))
    (tmp_path / "output.log").write_text("")
    assert directory.recording()
    for name in ("run.json", "output.log"):
        os.utime(tmp_path / name, (time.time() - 90_000,) * 2)
    assert not directory.recording()


def _started(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_a_run_that_cannot_be_completed_by_a_fault_does_not_keep_the_others(store: Path) -> None:
    folders = []
    for steps in (3, 5):
        assert run(words(store, steps=steps)).returncode == 0
        folders = sorted((store.parent / "runs").iterdir(), key=lambda folder: folder.stat().st_mtime_ns)
        completed(folders[-1])
    first, second = sorted(folders)
    for folder in folders:
        (folder / "summary.json").unlink()
    broken = json.loads((first / "run.json").read_text())
    broken["metrics"] = [5]
    (first / "run.json").write_text(json.dumps(broken))
    resumed = run(scraper_argv("tail", "--resume", "--store", str(store)))
    assert resumed.returncode == 0, resumed.stderr
    assert f"run {first.name}: Traceback" in resumed.stderr
    assert f"run {second.name}: read to its end" in resumed.stderr
    assert [left.id for left in unfinished(store)] == [first.name]


def test_a_run_whose_scraper_never_made_a_store_is_resumed(store: Path) -> None:
    assert run(words(store, steps=5)).returncode == 0
    folder = run_directory(store)
    completed(folder)
    (folder / "summary.json").unlink()
    for path in store.parent.glob("store.db*"):
        path.unlink()
    resumed = run(scraper_argv("tail", "--resume", "--store", str(store)))
    assert resumed.returncode == 0, resumed.stderr
    assert "nothing to resume" not in resumed.stderr
    with scraper.open(store) as db:
        assert db.run(folder.name).summary().points > 0


def test_a_run_whose_facts_are_damaged_is_told_of_in_a_sentence(store: Path) -> None:
    assert run(words(store, steps=5)).returncode == 0
    folder = run_directory(store)
    completed(folder)
    (folder / "summary.json").unlink()
    (folder / "run.json").write_text("")  # as a machine that lost its power may leave it
    resumed = run(scraper_argv("tail", "--resume", "--store", str(store)))
    assert f"run.json is damaged, so the run cannot be completed; read its log with: scraper tail --once {folder}" in resumed.stderr
    assert "Traceback" not in resumed.stderr


def test_a_scraper_that_can_start_no_thread_reads_all_the_same(store: Path) -> None:
    (store.parent / "few").mkdir()
    refusing = """
import sys, threading
def start(self): raise RuntimeError("can't start new thread")
if "scraper.ingest.follow_run" in sys.orig_argv:
    threading.Thread.start = start
"""
    (store.parent / "few" / "sitecustomize.py").write_text(refusing)
    wrapped = run(words(store), env=environment(PYTHONPATH=f"{store.parent / 'few'}:{environment()['PYTHONPATH']}"))
    assert wrapped.returncode == 0
    completed(run_directory(store))
    assert losses(store) == EXPECTED
    assert "Traceback" not in (run_directory(store) / "scraper.log").read_text()


def test_a_package_that_is_missing_is_told_in_a_sentence(store: Path) -> None:
    (store.parent / "lacking").mkdir()
    (store.parent / "lacking" / "regex.py").write_text("raise ModuleNotFoundError(\"No module named 'regex'\", name='regex')")
    without = environment(PYTHONPATH=f"{store.parent / 'lacking'}:{environment()['PYTHONPATH']}")
    wrapped = run(words(store, steps=5), env=without)
    assert wrapped.returncode == 0, "the command is not harmed"
    sentence = f"{sys.executable} lacks the package regex; install it with: {sys.executable} -m pip install regex"
    folder = run_directory(store)
    until((folder / "summary.txt").exists, "the scraper has given up")
    told = (folder / "summary.txt").read_text()
    assert f"its metrics are not all stored: {sentence}; `scraper tail --resume` goes on from here" in told
    if "the scraper is still reading" not in wrapped.stderr:
        assert told.strip() in wrapped.stderr
    log = folder / "output.log"
    read = run(scraper_argv("tail", "--once", str(log), "--store", str(store.parent / "other.db")), env=without)
    assert (read.returncode, read.stderr) == (1, f"scraper: {sentence}\n")
    assert sentence in run(scraper_argv("tail", "--resume", "--store", str(store)), env=without).stderr
    assert run(scraper_argv("tail", "--resume", "--store", str(store))).returncode == 0
    with scraper.open(store) as db:
        assert db.run(run_directory(store).name).summary().points > 0


@pytest.mark.parametrize(("text", "unread"), [("step 1 loss 0.5", 0), ("step 1 loss 0.5\r", 0), ("words", 1)])
def test_a_last_line_without_an_end_is_a_line(store: Path, text: str, unread: int) -> None:
    done = run(scraper_argv("run", "--store", str(store), "--", sys.executable, "-c", f"print({text!r}, end='')"))
    assert done.returncode == 0
    folder = run_directory(store)
    completed(folder)
    assert f"{1 - unread} points; 1 lines, {unread} of them without a metric" in (folder / "summary.txt").read_text()
