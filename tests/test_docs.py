"""What the documents say exists, exists, and what exists is said."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scraper.cli import VERBS, cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_in_the_readme_and_explains_itself_with_examples(verb: str) -> None:
    assert f"`{verb}`" in README
    context = click.Context(cli)
    command = cli.get_command(context, verb)
    assert command is not None
    told = CliRunner().invoke(cli, [verb, "--help"], prog_name="scraper")
    assert told.exit_code == 0
    assert re.search(r"^\s*Examples?:$", told.output, re.MULTILINE), f"scraper {verb} --help shows no example"
    assert f"scraper {verb}" in told.output
    assert "exit status" in told.output.lower()


def test_the_readme_names_no_verb_that_is_not_there() -> None:
    named = set(re.findall(r"`scraper ([a-z]+)", README)) | set(re.findall(r"^scraper ([a-z]+)", README, re.MULTILINE))
    assert named <= set(VERBS)


def test_files_that_the_documents_link_to_are_there() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "patterns/README.md", "systemd/README.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text()):
            assert (ROOT / name).parent.joinpath(link).exists(), f"{name} links to {link}"
