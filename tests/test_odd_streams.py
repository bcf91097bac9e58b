"""Standard output that is closed, full or takes few characters, and words of a command that are no UTF-8: told, or shown escaped."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from reading_helpers import STARTED, fill, point
from wrapping import environment, scraper_argv

VERBS = ("show latest", "plot latest", "export latest --format csv", "doctor", "plot --help")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    values = [point(10 * i, i / 8, metric, step=i) for i in range(9) for metric in ("loss", "损失")]
    fill(folder / "s.db", values, name="名", started=STARTED)
    return folder / "s.db"


def shell(store: Path, line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    words = " ".join(scraper_argv())
    env = environment(SCRAPER_STORE=str(store), **variables)
    return subprocess.run(["sh", "-c", f"{words} {line}"], capture_output=True, env=env, check=False, timeout=60, cwd=store.parent)


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_standard_output_is_told_of_in_one_line(store: Path, verb: str) -> None:
    done = shell(store, f"{verb} > /dev/full")
    assert (done.returncode, done.stderr) == (1, b"scraper: cannot write to standard output: No space left on device\n")


@pytest.mark.parametrize("verb", VERBS)
def test_a_closed_standard_output_is_none_to_write_to(store: Path, verb: str) -> None:
    done = shell(store, f"{verb} >&-")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("line", ["tail --resume --store {}", "upgrade --store {}", "packs check {}", "run --log {} -- true"])
def test_a_path_that_cannot_be_looked_at_is_told_of_in_one_line(store: Path, line: str) -> None:
    done = shell(store, line.format("x" * 300))
    assert done.returncode == 1
    assert done.stderr.startswith(b"scraper: ")
    assert done.stderr.endswith(b"xxx: File name too long\n")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("verb", VERBS)
def test_what_an_encoding_lacks_is_spelt_out(store: Path, verb: str) -> None:
    done = shell(store, verb, PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    if verb.startswith("export"):
        assert done.stdout == shell(store, verb).stdout, "data is UTF-8 wherever it goes"


def test_json_is_the_same_in_an_encoding_that_lacks_characters(store: Path) -> None:
    (odd, plain) = (shell(store, "ls --json", PYTHONIOENCODING=name).stdout for name in ("latin-1", "utf-8"))
    assert [run["name"] for run in json.loads(odd)] == [run["name"] for run in json.loads(plain)] == ["名"]


def test_a_command_with_bytes_that_are_no_utf_8_is_shown_everywhere(tmp_path: Path) -> None:
    env = environment(SCRAPER_STORE=str(tmp_path / "s.db"), PYTHONIOENCODING="utf-8:strict")

    def scraper(*words: str | bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*scraper_argv(), *words], capture_output=True, env=env, check=False, timeout=60, cwd=tmp_path)

    assert scraper("run", "--", "sh", "-c", "echo step 1 loss 0.5", b"\xe9").returncode == 0
    for words in ("show latest", "show latest --json", "export latest --format experiment --out kept", "report latest --out r.html"):
        done = scraper(*words.split())
        assert (done.returncode, done.stderr) == (0, b""), words
    command = json.loads(scraper("show", "latest", "--json").stdout)["command"]
    assert [os.fsencode(word) for word in command] == [b"sh", b"-c", b"echo step 1 loss 0.5", b"\xe9"]
    assert b"loss = 0.5" in scraper("packs", "explain", b"step 3 \xe9, loss 0.5").stdout
    for words in (("show", b"\xe9"), ("best", b"\xe9"), ("ls", b"\xe9"), ("sql", b"SELECT '\xe9'")):
        done = scraper(*words)
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
