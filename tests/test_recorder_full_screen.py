"""Programs that own their terminal work when wrapped as they do without: an interactive shell with jobs, editors, pagers, passwords."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from wrapping import Screen, recorder_argv, state

ALTERNATE, BACK = b"\x1b[?1049h", b"\x1b[?1049l"  # xterm's second screen and the way back


def screen(folder: Path, *argv: str, **variables: str) -> Screen:
    return Screen(recorder_argv(folder, *argv), cwd=folder, **variables)


def test_a_wrapped_shell_has_jobs_of_its_own(tmp_path: Path) -> None:
    with screen(tmp_path, "/bin/bash", "--norc", "--noprofile", "-i", PS1="$ ") as user:
        user.expect(b"$ ")
        user.type(b"sh -c 'echo in; exec cat > typed'\r")
        user.expect(b"in\r\n")  # keys typed before the job runs are the shell's, and a suspending one discards the others
        user.type(b"\x1a")
        user.expect(b"Stopped")
        user.type(b"jobs; echo still $((40+2))\r")
        user.expect(b"still 42\r\n")
        user.type(b"fg\r")
        user.expect(b"exec cat > typed'\r\n")
        user.type(b"words\r\x04")
        user.expect(b"$ ")
        user.type(b"sleep 60 &\r")
        user.expect(b"$ ")
        user.type(b"kill %1; wait; echo over $((1+1))\r")
        user.expect(b"over 2\r\n")
        user.type(b"sh -c 'echo in; exec sleep 60'\r")
        user.expect(b"in\r\n")
        user.type(b"\x03")
        user.expect(b"$ ")
        user.type(b"exit 4\r")
        assert user.finish() == 4
    assert (tmp_path / "typed").read_text() == "words\n"
    assert state(tmp_path)["exit_code"] == 4


@pytest.mark.skipif(not shutil.which("vim"), reason="vim is not installed")
def test_an_editor_edits(tmp_path: Path) -> None:
    with screen(tmp_path, "vim", "-u", "NONE", "-N", "-n", "notes.txt") as user:
        before = user.modes()
        user.expect(ALTERNATE)
        user.expect(b"notes.txt")
        user.type(b"ifirst\rsecond\x1b")
        user.expect(b"second")
        user.resize(20, 60)
        user.expect(b"second")  # drawn anew: a window that changes within `:wq` has the editor wait for a key, wrapped or not
        user.type(b":wq\r")
        user.expect(BACK)
        assert user.finish() == 0
        assert before == user.modes()
    assert (tmp_path / "notes.txt").read_text() == "first\nsecond\n"


@pytest.mark.skipif(not shutil.which("less"), reason="less is not installed")
def test_a_pager_pages(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 1001)))
    with screen(tmp_path, "less", "long.txt", LESS="") as user:
        user.expect(ALTERNATE)
        user.expect(b"line 39\r\n")
        user.type(b"G")
        user.expect(b"line 1000\r\n")
        user.type(b"q")
        user.expect(BACK)
        assert user.finish() == 0


def test_a_script_reads_a_password_from_the_terminal_while_its_streams_are_elsewhere(tmp_path: Path) -> None:
    script = 'exec 3<>/dev/tty; stty -echo <&3; printf "key: " >&3; read key <&3; stty echo <&3; printf "\\n%s chars\\n" "${#key}" >&3'
    with screen(tmp_path, "/bin/sh", "-c", f"({script}) < /dev/null > out 2>&1; echo done") as user:
        user.expect(b"key: ")
        user.type(b"hunter2hunter2\r")
        user.expect(b"14 chars\r\n")
        user.expect(b"done")
        assert user.finish() == 0
        assert b"hunter2" not in user.shown
    assert b"hunter2" not in (tmp_path / "output.log").read_bytes()


def test_an_interactive_interpreter_answers(tmp_path: Path) -> None:
    with screen(tmp_path, sys.executable, "-I", "-S", "-i", "-q", TERM="dumb") as user:
        user.expect(b">>> ")
        user.type(b"6*7\r")
        user.expect(b"\r\n42\r\n")
        user.type(b"\x04")
        assert user.finish() == 0
