"""The units start what they say, are hardened with a reason for each line, and their examples are valid."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scraper import configfile

UNITS = Path(__file__).parent.parent / "systemd"
SYSTEM = ("scraper.service", "scraper@.service")
ALL = (*SYSTEM, "user/scraper.service")
MOST_EXPOSED = 1.5  # of 10, as systemd-analyze counts
# Where a line needs no reason: what is started, as whom, where, and when.
PLAIN = {"Type", "NotifyAccess", "ExecStart", "ExecReload", "Environment", "WorkingDirectory", "User", "Group", "StateDirectory"}
PLAIN |= {"StateDirectoryMode", "ConfigurationDirectory", "Restart", "RestartSec", "KillMode", "WantedBy", "Description", "Documentation"}


def analyze(*words: str, runtime: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    environment = {"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime), "LC_ALL": "C.UTF-8"}
    return subprocess.run([program, *words], capture_output=True, text=True, env=environment, timeout=60, check=False)


def installed(unit: str, directory: Path) -> Path:
    """Copy a unit as it would be installed where the command exists: what is verified is the unit, not this machine."""
    target = directory / Path(unit).name.replace("@.", "@alice.")
    text = (UNITS / unit).read_text()
    target.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text))
    return target


def settings(unit: str) -> dict[str, str]:
    found = re.findall(r"(?m)^(\w+)=(.*)$", (UNITS / unit).read_text())
    return dict(found)


@pytest.mark.parametrize("unit", ALL)
def test_systemd_finds_nothing_wrong(unit: str, tmp_path: Path) -> None:
    flags = ["--user"] if unit.startswith("user/") else []
    done = analyze("verify", *flags, str(installed(unit, tmp_path)), runtime=tmp_path)
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze cannot work here")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SYSTEM)
def test_little_is_exposed(unit: str, tmp_path: Path) -> None:
    done = analyze("security", "--offline=true", "--no-pager", str(installed(unit, tmp_path)), runtime=tmp_path)
    if "offline" in done.stderr:
        pytest.skip("this systemd-analyze judges no unit that is not loaded")
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure is not None, done.stderr
    assert float(exposure[1]) <= MOST_EXPOSED, done.stdout


@pytest.mark.parametrize("unit", ALL)
def test_every_line_has_its_reason(unit: str) -> None:
    unexplained = []
    explained = False
    for line in (UNITS / unit).read_text().splitlines():
        if not line or line.startswith("["):
            explained = False
        elif line.startswith("#"):
            explained = True
        elif line.partition("=")[0] not in PLAIN and not explained:
            unexplained.append(line)
    assert unexplained == [], "a reason stands above the line, or above those it belongs to"


@pytest.mark.parametrize("unit", ALL)
def test_units_are_told_and_limited_alike(unit: str) -> None:
    found = settings(unit)
    assert (found["Type"], found["NotifyAccess"], found["Restart"]) == ("notify", "main", "on-failure")
    assert " daemon --config " in found["ExecStart"]
    assert (found["IOSchedulingClass"], found["MemoryMax"], found["Nice"]) == ("idle", "256M", "10")
    assert int(found["WatchdogSec"]) > 2 * 30, "a commit may wait 30 s for a lock"
    assert int(found["TimeoutStopSec"]) > 60, "it reads for 60 s when told to stop"


@pytest.mark.parametrize("unit", SYSTEM)
def test_logs_at_home_stay_readable(unit: str) -> None:
    found = settings(unit)
    assert (found["ProtectHome"], found["ProtectSystem"], found["CapabilityBoundingSet"]) == ("read-only", "strict", "")


def test_the_account_and_the_directories_match_the_unit() -> None:
    (account,) = [line for line in (UNITS / "sysusers.d" / "scraper.conf").read_text().splitlines() if line.startswith("u ")]
    assert account.split()[1] == settings("scraper.service")["User"]
    (directory,) = [line for line in (UNITS / "tmpfiles.d" / "scraper.conf").read_text().splitlines() if line.startswith("d ")]
    assert directory.split()[1] == "/etc/" + settings("scraper.service")["ConfigurationDirectory"]


def test_the_example_configurations_are_valid() -> None:
    cluster = configfile.read(UNITS / "examples" / "scraper.toml")
    assert len(cluster.watch) == 2
    manifest = (UNITS / "examples" / "kubernetes.yaml").read_text()
    text = manifest.partition("scraper.toml: |\n")[2].partition("---")[0]
    sidecar = configfile.parse("\n".join(line[4:] for line in text.splitlines()), Path("/etc/scraper/scraper.toml"))
    assert sidecar.watch[0].paths == ("/logs",)


@pytest.mark.parametrize("script", ["slurm-prolog.sh", "slurm-epilog.sh"])
def test_the_slurm_scripts_are_shell(script: str) -> None:
    subprocess.run(["sh", "-n", str(UNITS / "examples" / script)], check=True, timeout=60)
