"""A wrapped command at a terminal: it sees one, gets keys, size and signals, and the user's terminal comes back as it was."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from wrapping import Screen, command_pid, recorder_argv, shell_job, state, until, wait_for_text, wait_gone

PY = [sys.executable, "-u", "-c"]


def screen(folder: Path, *argv: str, **options: object) -> Screen:
    return Screen(recorder_argv(folder, *argv, **options))


def shell(folder: Path, script: str) -> Screen:
    return screen(folder, "/bin/sh", "-c", script)


def test_standard_streams_are_a_terminal_and_its_size_is_the_users(tmp_path: Path) -> None:
    with screen(tmp_path, *PY, "import os; print([os.isatty(n) for n in range(3)], os.get_terminal_size())") as user:
        user.expect(b"[True, True, True] os.terminal_size(columns=100, lines=40)\r\n")
        assert user.finish() == 0
    assert (tmp_path / "output.log").read_bytes() == b"[True, True, True] os.terminal_size(columns=100, lines=40)\r\n"


def test_a_resized_window_reaches_the_command(tmp_path: Path) -> None:
    code = (
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})\nprint('ready')\n"
        "signal.sigwait({signal.SIGWINCH})\nprint(os.get_terminal_size())"
    )
    with screen(tmp_path, *PY, code) as user:
        user.expect(b"ready")
        user.resize(30, 120)
        user.expect(b"columns=120, lines=30")
        assert user.finish() == 0


def test_typed_lines_are_echoed_once_and_read(tmp_path: Path) -> None:
    with shell(tmp_path, "echo ask; read answer; echo got $answer") as user:
        user.expect(b"ask\r\n")
        user.type(b"42\r")
        user.expect(b"42\r\ngot 42\r\n")
        assert user.finish() == 0
        assert user.shown.count(b"42") == 2


def test_ctrl_d_ends_the_input(tmp_path: Path) -> None:
    with screen(tmp_path, "/bin/cat") as user:
        user.type(b"line\r")
        user.expect(b"line\r\nline\r\n")
        user.type(b"\x04")
        assert user.finish() == 0


def test_a_password_prompt_on_dev_tty_is_not_echoed(tmp_path: Path) -> None:
    with screen(tmp_path, *PY, "import getpass; print('len', len(getpass.getpass('secret? ')))") as user:
        user.expect(b"secret? ")
        user.type(b"hunter2\r")
        user.expect(b"len 7")
        assert user.finish() == 0
        assert b"hunter2" not in user.shown
    assert b"hunter2" not in (tmp_path / "output.log").read_bytes()


def test_ctrl_c_reaches_the_command_and_its_children(tmp_path: Path) -> None:
    code = (
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\nchild = os.fork()\nif child: print('ready')\n"
        "signal.sigwait({signal.SIGINT})\nprint('parent' if child else 'child')\nif child: os.wait(); exit(7)"
    )
    with screen(tmp_path, *PY, code) as user:
        user.expect(b"ready")
        before = user.modes()
        user.type(b"\x03")
        assert user.finish() == 7
        assert user.shown.count(b"parent") == user.shown.count(b"child") == 1
        assert before != user.modes()


def test_ctrl_c_ends_a_command_that_does_not_catch_it_with_130(tmp_path: Path) -> None:
    with shell(tmp_path, "echo ready; exec sleep 60") as user:
        user.expect(b"ready")
        user.type(b"\x03")
        assert user.finish() == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
def test_a_signal_to_the_recorder_reaches_the_command_and_the_terminal_is_restored(tmp_path: Path, number: signal.Signals) -> None:
    with Screen(["/bin/sh", "-c", 'stty -a; "$@"; echo "code $?"; stty -a', "sh", *recorder_argv(tmp_path, "sleep", "60")]) as user:
        user.expect(b"extproc\r\n")
        before = user.modes()
        child = command_pid(tmp_path)
        os.kill(int(str(state(tmp_path)["pid"])), number)
        user.expect(f"code {128 + number}".encode())
        assert user.finish() == 0
        assert before == user.modes()
        wait_gone(child)
    assert state(tmp_path)["signal"] == number


def test_the_terminal_is_restored_after_a_crash_of_the_command(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, "/bin/sh", "-c", "stty raw -echo; kill -SEGV $$")
    with Screen(["/bin/sh", "-c", '"$@"; echo "code $?"', "sh", *words]) as user:
        before = user.modes()
        user.expect(b"code 139")
        assert user.finish() == 0
        assert before == user.modes()


def test_the_terminal_is_restored_when_the_recorder_is_killed(tmp_path: Path) -> None:
    script = '"$@"; echo "code $?"; read line; echo "got $line"'
    with Screen(["/bin/sh", "-c", script, "sh", *recorder_argv(tmp_path, "/bin/sh", "-c", "echo up; exec sleep 60")]) as user:
        before = user.modes()
        user.expect(b"up")
        child = int(str(state(tmp_path)["child_pid"]))
        os.kill(int(str(state(tmp_path)["pid"])), signal.SIGKILL)
        user.expect(b"code 137")
        until(lambda: before == user.modes(), "the terminal is as it was")  # by the command's session leader, a moment later
        user.type(b"words\n")
        user.expect(b"got words")
        os.kill(child, signal.SIGKILL)


def test_ctrl_z_stops_the_job_and_fg_goes_on(tmp_path: Path) -> None:
    script = "echo ready; read a; echo one $a; read b; echo two $b"
    with shell_job(tmp_path, script) as user:
        user.expect(b"ready")
        user.type(b"1\r")
        user.expect(b"one 1\r\n")
        user.type(b"\x1a")
        user.expect(b"Stopped")
        user.type(b"echo in sh$((40+2))\r")
        user.expect(b"in sh42")
        user.type(b"fg\r")
        user.expect(b"go.sh")
        user.type(b"2\r")
        user.expect(b"two 2\r\n")


def test_a_job_put_in_the_background_goes_on_and_can_come_back(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    script = f"echo ready; read line < {tmp_path}/gate; echo gate $line; read key; echo key $key"
    with shell_job(tmp_path, script) as user:
        user.expect(b"ready")
        user.type(b"\x1a")
        user.expect(b"Stopped")
        user.type(b"bg\r")
        user.expect(b"$ ")
        user.type(b"echo open > gate\r")
        user.expect(b"gate open")
        user.type(b"fg\r")
        user.expect(b"go.sh")
        user.type(b"k\r")
        user.expect(b"key k\r\n")


def test_processes_left_behind_hold_nothing_up_and_are_not_hung_up_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    script = f"(echo late; read line < {tmp_path}/gate; echo $line > {tmp_path}/alive) & echo done; exit 5"
    with shell(tmp_path, script) as user:
        assert user.finish(seconds=5) == 5
        assert b"late" in user.shown
        assert b"done" in user.shown
    (tmp_path / "gate").write_text("still here\n")
    wait_for_text(tmp_path / "alive", "still here\n")


def test_a_command_that_closes_its_output_and_opens_the_terminal_again_is_heard(tmp_path: Path) -> None:
    with shell(tmp_path, "exec >/dev/null 2>&1 </dev/null; sleep 0.5; echo again > /dev/tty; exit 9") as user:
        user.expect(b"again")
        assert user.finish() == 9


def test_redirected_errors_stay_redirected(tmp_path: Path) -> None:
    words = recorder_argv(tmp_path, "/bin/sh", "-c", "echo out; echo err >&2; test -t 1 && test ! -t 2 && echo apart")
    with Screen(["/bin/sh", "-c", f'"$@" 2> {tmp_path}/err', "sh", *words]) as user:
        assert user.finish() == 0
        assert b"out\r\n" in user.shown
        assert b"apart" in user.shown
        assert b"err" not in user.shown
    assert (tmp_path / "err").read_bytes() == b"err\n"
    assert b"err\n" in (tmp_path / "output.log").read_bytes()


def test_redirected_input_stays_redirected(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x" * 10_000 + b"\nlast\n")
    words = recorder_argv(tmp_path, "/bin/sh", "-c", "test ! -t 0 && test -t 1 && wc -c")
    with Screen(["/bin/sh", "-c", f'"$@" < {tmp_path}/in', "sh", *words]) as user:
        user.expect(b"10006")
        assert user.finish() == 0


def test_a_closed_window_leaves_a_command_that_ignores_the_hangup_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    with shell(tmp_path, f"trap '' HUP; echo up; read line < {tmp_path}/gate; echo after; exit 0") as user:
        user.expect(b"up")
        recorder = user.pid
        user.close()
        (tmp_path / "gate").write_text("go\n")
        wait_gone(recorder)
    assert (tmp_path / "output.log").read_bytes() == b"up\r\nafter\r\n"
    assert state(tmp_path)["exit_code"] == 0


def test_a_closed_window_hangs_up_on_a_command_that_does_not(tmp_path: Path) -> None:
    with shell(tmp_path, "echo up; exec sleep 60") as user:
        user.expect(b"up")
        recorder = user.pid
        user.close()
        wait_gone(recorder)
    assert state(tmp_path)["signal"] == signal.SIGHUP


def test_a_forced_terminal_without_one_outside(tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415

    words = recorder_argv(tmp_path, "/bin/sh", "-c", "test -t 1 && stty size < /dev/tty", pty=True)
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (0, b"24 80\r\n")
