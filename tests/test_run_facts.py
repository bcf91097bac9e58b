"""What is recorded of a run besides its output: code, machine and environment, and no secrets."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scraper.ingest import facts


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["train.py", "--token=abc"], ["train.py", "--token=***"]),
        (["train.py", "--api-key", "abc", "--lr", "1e-3"], ["train.py", "--api-key", "***", "--lr", "1e-3"]),
        (["--max-tokens", "512", "--tokenizer=bpe", "--num_tokens=3"], ["--max-tokens", "512", "--tokenizer=bpe", "--num_tokens=3"]),
        (["train.py", "wandb.api_key=abc", "model.key=x"], ["train.py", "wandb.api_key=***", "model.key=x"]),
        (["export WANDB_API_KEY='a b'; t.py --password pw --seed 1"], ["export WANDB_API_KEY=***; t.py --password *** --seed 1"]),
        (["git", "clone", "https://me:pw@example.org/x"], ["git", "clone", "https://***@example.org/x"]),
        (["x", "sk-0123456789abcdef"], ["x", "***"]),
        (["x", "hf_0123456789abcdef"], ["x", "***"]),
        (["x", "ghp_0123456789abcdef"], ["x", "***"]),
        (["x", "AKIA0123456789ABCDEF"], ["x", "***"]),
        (["curl", "-H", "Authorization: Bearer abc.def"], ["curl", "-H", "Authorization: Bearer ***"]),
        (["x", '{"secret": "abc", "lr": 1}'], ["x", '{"secret": ***, "lr": 1}']),
        (["curl", "-H", "authorization: Token abc"], ["curl", "-H", "authorization: Token ***"]),
        (["curl", "-H", "Cookie: a=b; c=d"], ["curl", "-H", "Cookie: ***"]),
        (["curl", "-u", "me:pw", "docker", "-u", "1000:1000"], ["curl", "-u", "***", "docker", "-u", "1000:1000"]),
        (["sh", "-c", "HF_TOKEN=abc python -u a.py"], ["sh", "-c", "HF_TOKEN=*** python -u a.py"]),
        (["x", "https://h/?token=abc&lr=1", "s3://b/k?sig=abc"], ["x", "https://h/?token=***&lr=1", "s3://b/k?sig=***"]),
        (["x", "postgres://me:p@w@h/db", "https://h/a@b"], ["x", "postgres://***@h/db", "https://h/a@b"]),
        (["x", "--header=X-Api-Key: abc", "PGPASSWORD=abc"], ["x", "--header=X-Api-Key: ***", "PGPASSWORD=***"]),
        (["x", "--hub_token", "abc", "--pad-token", "<pad>"], ["x", "--hub_token", "***", "--pad-token", "<pad>"]),
        (["x", "--token-dropout=0.1", "--author=me"], ["x", "--token-dropout=0.1", "--author=me"]),
        (["x", "--token", "--verbose"], ["x", "--token", "--verbose"]),
        (["x", "--token", "-v"], ["x", "--token", "-v"]),
        (["x", "--secret", "-abc", "--lr", "3"], ["x", "--secret", "***", "--lr", "3"]),
        (["sh", "-c", "t.py --secret -abc --lr 3"], ["sh", "-c", "t.py --secret *** --lr 3"]),
        (["python", "-c", 'import os; os.environ["TOKEN"]="abc"; os.environ[\'HF_TOKEN\'] = "d e"; x["lr"]=3'],
         ["python", "-c", 'import os; os.environ["TOKEN"]=***; os.environ[\'HF_TOKEN\'] = ***; x["lr"]=3']),
        (["mysql", "-pw0rd", "-h", "db", "-p"], ["mysql", "-p***", "-h", "db", "-p"]),
        (["/usr/bin/sshpass", "-p", "w0rd", "ssh", "host"], ["/usr/bin/sshpass", "-p", "***", "ssh", "host"]),
        (["redis-cli", "-a", "w0rd", "--port", "1"], ["redis-cli", "-a", "***", "--port", "1"]),
        (["sh", "-c", "mysql -u me -pw0rd db; mkdir -p out && sshpass -p w0rd ssh h"],
         ["sh", "-c", "mysql -u me -p*** db; mkdir -p out && sshpass -p *** ssh h"]),
        (["python", "train.py", "-p16", "-a", "resnet18"], ["python", "train.py", "-p16", "-a", "resnet18"]),
        (["wandb", "login", "0123456789" * 4, "&&", "DB_PASS=x"], ["wandb", "login", "***", "&&", "DB_PASS=***"]),
        (["sh", "-c", f"wandb login {'0a' * 20}; t.py --wandb-key abc"], ["sh", "-c", "wandb login ***; t.py --wandb-key ***"]),
        (["t.py", "--rev", "0a" * 20, "--num_pass", "2", "--cls_pw=1"], ["t.py", "--rev", "0a" * 20, "--num_pass", "2", "--cls_pw=1"]),
        (["x", "https://hooks.slack.com/services/T0/B0/xyz"], ["x", "https://hooks.slack.com/services/***"]),
        (["torchrun", "--nproc_per_node", "8", "train.py"], ["torchrun", "--nproc_per_node", "8", "train.py"]),
    ],
)  # fmt: skip
def test_secrets_in_a_command_are_hidden_and_nothing_else(given: list[str], kept: list[str]) -> None:
    assert facts.redact_command(given) == kept


UNITS = ["a=", "-u ", ":", "a", "a-", "://", "x: ", "eyJ-", "--a ", "cookie", "a.", "=", "-", "'", "7z ", "7z;", "7z -p "]


@pytest.mark.parametrize("unit", UNITS)
def test_looking_for_secrets_takes_time_in_proportion(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    began = time.process_time()
    facts.redact(text)
    assert time.process_time() - began < 3  # quadratic: more than 20


def test_only_listed_variables_are_kept() -> None:
    given = {"SLURM_JOB_ID": "1", "RANK": "0", "HF_TOKEN": "x", "HOME": "/h", "MASTER_ADDR": "http://u:p@h", "SLURM_JWT_TOKEN": "x"}
    assert facts.environment(given) == {"MASTER_ADDR": "http://***@h", "RANK": "0", "SLURM_JOB_ID": "1", "SLURM_JWT_TOKEN": "***"}


def git(folder: Path, *words: str) -> str:
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *words], cwd=folder, env=clean | identity, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_commit_is_read_without_git_from_loose_and_packed_branches_and_worktrees(tmp_path: Path) -> None:
    repository = tmp_path / "code"
    (repository / "deep" / "er").mkdir(parents=True)
    git(repository, "init", "-q", "-b", "main")
    assert facts.git_head(repository) == ("", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    commit = git(repository, "rev-parse", "HEAD")
    assert facts.git_head(repository / "deep" / "er") == (commit, "main")
    git(repository, "pack-refs", "--all")
    assert facts.git_head(repository) == (commit, "main")
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    assert facts.git_head(tmp_path / "side") == (commit, "side")
    git(repository, "checkout", "-q", "--detach")
    assert facts.git_head(repository) == (commit, "")
    assert facts.git_head(tmp_path) == ("", "")


def test_dirty_means_that_tracked_files_differ(tmp_path: Path) -> None:
    assert facts.git_dirty(str(tmp_path)) is None
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-q", "-m", "first")
    (tmp_path / "untracked").write_text("x")
    assert facts.git_dirty(str(tmp_path)) is False
    (tmp_path / "a").write_text("2")
    assert facts.git_dirty(str(tmp_path)) is True


def test_the_wrapped_interpreter_is_asked_and_other_programs_are_not(tmp_path: Path) -> None:
    assert facts.python_version(sys.executable).startswith(".".join(map(str, sys.version_info[:3])))
    assert facts.python_version("/bin/sh") == ""
    pretender = tmp_path / "python3"
    pretender.write_text("#!/bin/sh\nexec sleep 60\n")
    assert facts.python_version(str(pretender)) == ""


def test_the_machine_is_described() -> None:
    found = facts.hardware()
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 1 << 20


def test_gpus_are_read_from_the_tool_else_from_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    driver = tmp_path / "gpus" / "0000:01:00.0"
    driver.mkdir(parents=True)
    (driver / "information").write_text("Model: \t\t NVIDIA A100\nIRQ: 1\n")
    assert facts.gpus(tmp_path / "gpus") == ["NVIDIA A100"]
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H100, 81559 MiB'\n")
    tool.chmod(0o755)
    assert facts.gpus(tmp_path / "gpus") == ["NVIDIA H100, 81559 MiB"]
