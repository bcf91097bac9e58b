"""A wrapped command without a terminal (cron, CI, Slurm): its streams stay apart, signals arrive once, its exit status comes back."""

from __future__ import annotations

import ast
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wrapping import (
    DEADLINE,
    RECORDER,
    Screen,
    environment,
    record,
    recorder_argv,
    shell_job,
    state,
    wait_for,
    wait_gone,
    wait_stopped,
)

SH = ("/bin/sh", "-c")


def start(folder: Path, *argv: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        recorder_argv(folder, *argv, **options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), start_new_session=True
    )


def test_the_recorder_imports_the_standard_library_alone() -> None:
    for path in RECORDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert not isinstance(node, ast.ImportFrom) or node.level < 2, path
            assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names, path


def test_streams_stay_apart_on_their_way_and_meet_in_the_log(tmp_path: Path) -> None:
    done = record(tmp_path, *SH, "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert sorted((tmp_path / "output.log").read_bytes().splitlines()) == [b"err", b"out"]
    assert (tmp_path / "output.log").stat().st_mode & 0o777 == 0o600
    assert state(tmp_path)["exit_code"] == 3


def test_a_line_in_pieces_is_not_cut_by_the_other_stream(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "for i in range(300):\n"
        "    for piece in (b'loss: 0.', b'1', b'23', b'\\n'): os.write(1, piece)\n"
        "    for piece in (b'war', b'ning', b'\\n'): os.write(2, piece)\n"
    )
    done = record(tmp_path, sys.executable, "-c", code)
    assert done.returncode == 0
    lines = (tmp_path / "output.log").read_bytes().splitlines()
    assert (lines.count(b"loss: 0.123"), lines.count(b"warning"), len(lines)) == (300, 300, 600)


def test_python_prints_at_once_unless_told_otherwise(tmp_path: Path) -> None:
    show = (*SH, 'echo "[$PYTHONUNBUFFERED]"')
    assert record(tmp_path, *show).stdout == b"[1]\n"
    assert record(tmp_path, *show, unbuffered=False).stdout == b"[]\n"


def test_the_environment_is_the_one_given(tmp_path: Path) -> None:
    given = {"PATH": os.environ["PATH"], "X": "1"}
    words = recorder_argv(tmp_path, "env", unbuffered=False, lc_ctype_added=True)
    done = subprocess.run(words, capture_output=True, env=given, timeout=DEADLINE, check=True)
    assert sorted(done.stdout.decode().split()) == sorted(f"{name}={value}" for name, value in given.items())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_ends_the_command_and_comes_back_as_128_and_more(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, *SH, "echo up; exec sleep 60") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(number)
        assert process.wait(DEADLINE) == 128 + number
    assert state(tmp_path)["signal"] == number


def test_a_crash_comes_back_as_139(tmp_path: Path) -> None:
    assert record(tmp_path, *SH, "kill -SEGV $$").returncode == 139


def test_a_signal_reaches_every_process_of_the_group_exactly_once(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "wanted = {signal.SIGUSR1, signal.SIGTERM}\nsignal.pthread_sigmask(signal.SIG_BLOCK, wanted)\n"
        "workers = [os.fork() for _ in range(2)] if len(sys.argv) < 2 else []\n"
        "name = 'worker' if 0 in workers else 'main'\nos.write(1, f'up {name}\\n'.encode())\n"
        "while (number := signal.sigwait(wanted)) != signal.SIGTERM: os.write(1, f'{name} {number}\\n'.encode())\n"
        "if name == 'main': [os.wait() for _ in workers]\n"
    )
    with start(tmp_path, sys.executable, "-c", code) as process:
        assert process.stdout is not None
        ups = sorted(process.stdout.readline() for _ in range(4))
        assert ups[0] == b"up main\n"
        process.send_signal(signal.SIGUSR1)
        heard = sorted(process.stdout.readline() for _ in range(4))
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(DEADLINE) == 0
    assert heard.count(b"main 10\n") == 1
    assert rest == b""


def test_ctrl_c_with_redirected_output_is_delivered_once_and_keys_still_arrive(tmp_path: Path) -> None:
    code = (
        "import os, signal\nseen = []\nsignal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "tty = open('/dev/tty', 'wb', buffering=0)\ntty.write(b'ready\\n')\nline = input()\n"
        "tty.write(f'typed {line} {len(seen)}\\n'.encode())\n"
    )
    words = recorder_argv(tmp_path, sys.executable, "-c", code)
    with Screen(["/bin/sh", "-c", f'trap : INT; "$@" > {tmp_path}/out; echo code $?', "sh", *words]) as user:
        user.expect(b"ready")
        user.type(b"\x03")
        user.expect(b"^C")
        user.type(b"word\r")
        user.expect(b"typed word 1\r\n")
        user.expect(b"code 0")
        assert user.finish() == 0


def test_ctrl_z_with_redirected_output_stops_the_job_and_fg_goes_on(tmp_path: Path) -> None:
    script = "echo up > /dev/tty; read a; echo one $a > /dev/tty; echo done"
    with shell_job(tmp_path, script, behind="> out") as user:
        user.expect(b"up")
        user.type(b"\x1a")
        user.expect(b"Stopped")
        user.type(b"fg\r")
        user.expect(b"go.sh")
        user.type(b"1\n")  # ends a line also while the shell is still handing the terminal over, when a carriage return does not
        user.expect(b"one 1")
    assert (tmp_path / "out").read_bytes() == b"done\n"


def test_a_signal_ignored_on_entry_stays_ignored(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, sys.executable, "-c", "import signal; print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)")
    done = subprocess.run(["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *words], capture_output=True, timeout=DEADLINE, check=True)
    assert done.stdout == b"True\n"


def test_the_command_finds_signals_as_the_recorder_found_them(tmp_path: Path) -> None:
    show = ("grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status")
    plain = subprocess.run(show, capture_output=True, check=True).stdout
    assert record(tmp_path, *show).stdout == plain


def test_a_reader_that_goes_away_ends_the_command_as_it_would_without_us(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, "yes")
    script = '"$@" | head -2; exit ${PIPESTATUS[0]}'
    done = subprocess.run(["/bin/bash", "-c", script, "sh", *words], capture_output=True, timeout=DEADLINE, check=False)
    assert (done.returncode, done.stdout) == (141, b"y\ny\n")


def test_a_command_that_closes_its_streams_is_waited_for(tmp_path: Path) -> None:
    assert record(tmp_path, *SH, "exec >&- 2>&-; sleep 0.3; exit 6").returncode == 6


def test_a_grandchild_that_keeps_the_pipe_does_not_keep_the_recorder(tmp_path: Path) -> None:
    with start(tmp_path, *SH, "sleep 60 & echo $!; echo done") as process:
        began = time.monotonic()
        assert process.wait(DEADLINE) == 0
        assert time.monotonic() - began < 5
        assert process.stdout is not None
        grandchild, word = process.stdout.read().split()
        os.kill(int(grandchild), signal.SIGKILL)
        wait_gone(int(grandchild))
    assert word == b"done"


def test_a_grandchild_that_prints_for_ever_does_not_keep_the_recorder(tmp_path: Path) -> None:
    with start(tmp_path, *SH, "(while :; do echo x; sleep 0.05; done) & echo $!") as process:
        assert process.stdout is not None
        grandchild = int(next(line for line in iter(process.stdout.readline, b"") if line.strip().isdigit()))
        began = time.monotonic()
        process.stdout.read()
        assert process.wait(DEADLINE) == 0
        assert time.monotonic() - began < 5
        wait_gone(grandchild)


@pytest.mark.parametrize("forced", [False, True])
def test_megabytes_without_a_newline_pass_in_flat_memory(tmp_path: Path, forced: bool) -> None:
    size = 24 << 20
    code = f"import os\nfor _ in range({size} >> 16): os.write(1, b'x' * 65536)"
    with start(tmp_path, sys.executable, "-c", code, pty=forced) as process:
        assert process.stdout is not None
        seen = peak = 0
        while seen < size and (block := process.stdout.read1(1 << 20)):
            if seen < size - (4 << 20):  # while it is sure to live; its own peak, unlike rusage, leaves out the process that forked it
                peak = int(re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())[0])
            seen += len(block)
        assert process.wait(DEADLINE) == 0
    assert seen == size
    assert (tmp_path / "output.log").stat().st_size == size
    assert 5_000 < peak < 60_000  # KiB


def test_the_reader_of_the_output_may_be_slower_than_the_deadline(tmp_path: Path) -> None:
    size = 1_200_000  # more than the reader's pipe holds, less than both
    with start(tmp_path, sys.executable, "-c", f"import os; os.write(1, b'x' * {size})") as process:
        assert process.stdout is not None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3.5)
        assert len(process.stdout.read()) == size
        assert process.wait(DEADLINE) == 0


def test_a_missing_command_is_127_and_one_that_cannot_run_126(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a program")
    for forced in (False, True):
        missing = record(tmp_path, "no-such-command", pty=forced)
        assert (missing.returncode, missing.stderr.count(b"\n")) == (127, 1)
        assert b"no-such-command" in missing.stderr
        assert record(tmp_path, str(tmp_path / "data"), pty=forced).returncode == 126
        assert state(tmp_path)["exit_code"] == 126


def test_a_script_without_a_first_line_runs_as_it_does_in_a_shell(tmp_path: Path) -> None:
    (tmp_path / "train").write_text("echo trained $1\n")
    (tmp_path / "train").chmod(0o755)
    assert record(tmp_path, str(tmp_path / "train"), "well").stdout == b"trained well\n"


def test_descriptors_beyond_the_standard_ones_reach_the_command(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, *SH, "echo three >&3")
    done = subprocess.run(["/bin/sh", "-c", '"$@" 3>&1 >/dev/null', "sh", *words], capture_output=True, timeout=DEADLINE, check=True)
    assert done.stdout == b"three\n"


def test_a_closed_standard_output_is_no_trouble(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, *SH, "echo into the log; exit 4")
    done = subprocess.run(["/bin/sh", "-c", '"$@" >&- 2>&-', "sh", *words], timeout=DEADLINE, check=False)
    assert done.returncode == 4
    assert (tmp_path / "output.log").read_bytes() == b"into the log\n"


def test_limits_of_the_user_are_the_commands(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, *SH, "ulimit -n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(soft, 200)
    script = f'ulimit -Sn {wanted}; exec "$@"'
    done = subprocess.run(["/bin/sh", "-c", script, "sh", *words], capture_output=True, timeout=DEADLINE, check=True)
    assert done.stdout.split() == [str(wanted).encode()]
    assert hard >= wanted


def test_a_stopped_command_goes_on_when_the_recorder_is_continued(tmp_path: Path) -> None:
    code = "import os, signal\nos.write(1, b'up\\n')\nos.kill(os.getpid(), signal.SIGSTOP)\nos.write(1, b'on\\n')"
    with start(tmp_path, sys.executable, "-c", code) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        child = int(str(state(tmp_path)["child_pid"]))
        wait_stopped(child)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.readline() == b"on\n"
        assert process.wait(DEADLINE) == 0


def test_a_killed_recorder_leaves_the_log_whole_lines_and_the_command_is_told_by_its_pipe(tmp_path: Path) -> None:
    process = start(tmp_path, *SH, "echo one; echo $$; while echo more; do sleep 0.02; done")
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"one\n"
        child = int(process.stdout.readline())
        for _ in range(5):
            process.stdout.readline()
        process.kill()
        assert wait_for(process.pid) == signal.SIGKILL
        process.returncode = -9
        wait_gone(child)
    assert (tmp_path / "output.log").read_bytes().startswith(b"one\n")
    assert state(tmp_path)["ended"] is None


def record_without(call: str, error: str, folder: Path, *argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Record a command where `call` raises `error`."""
    code = f"""
import os, sys, threading
def refuse(*_): raise {error}
{call} = refuse
sys.path.append({str(RECORDER.parent)!r})
from recorder.main import main
main(sys.argv[1], sys.argv[2:])
"""
    words = recorder_argv(folder, *argv, **options)
    given = [sys.executable, "-I", "-S", "-c", code, *words[words.index(str(RECORDER)) + 1 :]]
    return subprocess.run(given, capture_output=True, text=True, timeout=DEADLINE, check=False)


def test_where_no_thread_can_be_started_nothing_runs_unrecorded_and_a_sentence_says_why(tmp_path: Path) -> None:
    begun = record_without("threading.Thread.start", """RuntimeError("can't start new thread")""", tmp_path, "sleep", "600")
    assert begun.returncode == 126
    said = "scraper: cannot run sleep: no further thread can be started beside it; check the command after `--`.\n"
    assert (begun.stdout, begun.stderr) == ("", said)
    child = state(tmp_path)["child_pid"]
    assert isinstance(child, int)
    wait_gone(child)


def test_where_no_terminal_can_be_made_the_command_gets_pipes(tmp_path: Path) -> None:
    begun = record_without("os.openpty", 'OSError(28, "No space left on device")', tmp_path, *SH, "echo out; test -t 1", pty=True)
    assert begun.returncode == 1
    said = "scraper: no terminal can be made for the command (No space left on device); it gets pipes\n"
    assert (begun.stdout, begun.stderr) == ("out\n", said)
    assert (tmp_path / "output.log").read_text() == "out\n"
    assert state(tmp_path)["terminal"] is False
