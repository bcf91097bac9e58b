"""What the documents say exists, exists, and what exists is said."""

from __future__ import annotations

import fnmatch
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from wrapping import environment, scraper_argv

from scraper.cli import VERBS, cli

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "patterns/README.md", "systemd/README.md")
README = (ROOT / "README.md").read_text()
PRINTS = "for step in range(100): print(f'step {step} | loss {2 / (1 + step):.4f}')\n"


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_in_the_readme_and_explains_itself_with_examples(verb: str) -> None:
    assert f"`{verb}`" in README
    context = click.Context(cli)
    command = cli.get_command(context, verb)
    assert command is not None
    told = CliRunner().invoke(cli, [verb, "--help"], prog_name="scraper")
    assert told.exit_code == 0
    assert re.search(r"^\s*Examples:$", told.output, re.MULTILINE), f"scraper {verb} --help shows no example"
    assert f"scraper {verb}" in told.output
    assert "exit status" in told.output.lower()
    for below in command.commands if isinstance(command, click.Group) else ():
        told = CliRunner().invoke(cli, [verb, below, "--help"], prog_name="scraper")
        assert re.search(rf"Examples:\n +scraper {verb} {below}", told.output), f"scraper {verb} {below} --help shows no example"


def test_the_readme_names_no_verb_that_is_not_there() -> None:
    named = set(re.findall(r"`scraper ([a-z]+)", README)) | set(re.findall(r"^scraper ([a-z]+)", README, re.MULTILINE))
    assert named <= set(VERBS)


def test_files_that_the_documents_link_to_are_there() -> None:
    for name in DOCUMENTS:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text()):
            assert (ROOT / name).parent.joinpath(link).exists(), f"{name} links to {link}"


def test_the_table_of_faults_names_tests_that_there_are() -> None:
    """One row a fault; each names files of tests, and of some of them the beginning or middle of a test's name."""
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## The 28 faults")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\d, ]+) \|[^|]*\|(.*)\|$", table, re.MULTILINE)
    assert [int(number) for numbers, _ in rows for number in numbers.split(",")] == list(range(1, 29))
    for numbers, proof in rows:
        named = re.findall(r"`([\w*]+\.py)`", proof)
        assert any(name.startswith("test_") for name in named), f"fault {numbers} has a test"
        files = {name: [*(ROOT / "tests").glob(name), *(ROOT / "tests" / "benchmarks").glob(name)] for name in named}
        assert all(files.values()), f"fault {numbers}: {[name for name, found in files.items() if not found]}"
        text = "".join(path.read_text(encoding="utf-8") for found in files.values() for path in found)
        for fragment in re.findall(r"`(\w+)…?`", proof):
            if "_" in fragment:
                assert re.search(rf"^def test_\w*{fragment}", text, re.MULTILINE), f"fault {numbers}: no test {fragment}"


def test_modules_that_the_documents_name_are_there() -> None:
    there = {path.name for folder in ("scraper", "tests") for path in (ROOT / folder).rglob("*.py")}
    for name in DOCUMENTS:
        for module in re.findall(r"`(?:[\w/]+/)?([\w*]+\.py)", (ROOT / name).read_text()):
            assert fnmatch.filter(there, module) or module == "record.py", f"{name} names {module}"


def test_the_way_of_a_line_leads_by_every_module_of_the_parse_core() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## One line's way")[2].partition("\n## ")[0]
    modules = {path.stem for path in (ROOT / "scraper" / "parse").glob("*.py")} - {"__init__"}
    assert modules <= set(re.findall(r"`(\w+)`", told))


def test_the_benchmarks_are_found_by_the_command_that_is_given() -> None:
    command = re.search(r"^pytest (-m benchmark .*?) *#", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert command
    words = [sys.executable, "-m", "pytest", *shlex.split(command[1]), "--collect-only", "-q", "-p", "no:cacheprovider"]
    found = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True, timeout=60).stdout
    assert all(path.name in found for path in (ROOT / "tests" / "benchmarks").glob("bench_*.py"))


def test_what_the_readme_says_to_type_works(tmp_path: Path) -> None:
    """Everything in its blocks but installing, a log that is followed, and the example of make."""
    (tmp_path / "train.py").write_text(PRINTS)
    (tmp_path / "slurm-1.out").write_text("epoch 1 loss 0.5\n")
    variables = environment(SCRAPER_STORE=str(tmp_path / "store.db"), PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    typed = re.findall(r"^scraper (.+?)(?: +#.*)?$", "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL)), re.MULTILINE)
    left_out = [line for line in typed if line == "tail train.log" or line.endswith("-- make") or line.startswith("packs suggest")]
    assert len(typed) > len(left_out) == 3
    for line in typed:
        if line not in left_out:
            command = scraper_argv(*shlex.split(line))
            done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False, timeout=60)
            assert (done.returncode, done.stdout != "" or line.startswith("tail")) == (0, True), f"scraper {line}: {done.stderr}"


def test_the_readmes_python_works(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found
    variables = environment(SCRAPER_STORE=str(tmp_path / "store.db"), TMPDIR=str(tmp_path))
    subprocess.run(scraper_argv("demo", "--fast"), cwd=tmp_path, env=variables, capture_output=True, check=True, timeout=60)
    command = [sys.executable, "-c", found[1]]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True, timeout=60)
    assert re.fullmatch(r"400 0\.\d+ \d+\n", done.stdout)
