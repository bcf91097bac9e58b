"""The examples for Slurm and Kubernetes do what they say: they are run here, with stand-ins for the cluster's own programs alone."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from daemons import Service
from wrapping import DEADLINE, ROOT, environment, until, wait_gone

EXAMPLES = ROOT / "systemd" / "examples"
# What a node has: `scontrol` knows the job, `systemd-run` starts a unit, `systemctl stop` ends it and waits.
NODE = {
    "scontrol": '[ "$1 $2" = "show hostnames" ] && printf "node1\\nnode2\\n" || printf "JobId=7\\n   StdOut=%s\\n" "$OUTPUT"',
    "systemd-run": (
        'while [ "${1#--}" != "$1" ]; do case $1 in --unit=*) unit=${1#--unit=} ;; esac; echo "$1" >> "$NODE/told"; shift; done\n'
        '"$@" < /dev/null > /dev/null 2>&1 & echo $! > "$NODE/$unit.service"'
    ),
    "systemctl": '[ "$1" = stop ] && [ -f "$NODE/$2" ] && kill -TERM "$(cat "$NODE/$2")"',
    "scraper": f'exec {sys.executable} -P -m scraper "$@"',
    "logger": 'echo "$@" >> "$NODE/logged"',
}


def node(folder: Path) -> Path:
    """Make the programs of a node in a directory, and copies of the scripts that look for them there first."""
    place = folder / "node"
    place.mkdir()
    for name, body in NODE.items():
        (place / name).write_text(f"#!/bin/sh\n{body}\n")
        (place / name).chmod(0o755)
    for script in EXAMPLES.glob("slurm-*.sh"):
        text, changed = re.subn(r"(?m)^PATH=", f"PATH={place}:", script.read_text())
        assert changed == 1
        (place / script.name).write_text(text)
    return place


def run(place: Path, script: str, **variables: str) -> int:
    told = environment(NODE=str(place), SLURM_JOB_ID="7", SLURM_JOB_UID=str(os.getuid()), SLURM_JOB_NODELIST="node[1-2]", **variables)
    return subprocess.run(["/bin/sh", str(place / script)], env=told, timeout=DEADLINE, check=False).returncode


def losses(store: Path) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{store.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT step, value FROM metric_points WHERE metric = 'loss' ORDER BY at").fetchall()
    except sqlite3.OperationalError:  # it is being made
        return []


def test_a_slurm_job_is_followed_from_its_prolog_to_its_epilog(tmp_path: Path) -> None:
    place, output = node(tmp_path), tmp_path / "slurm-7.out"
    assert run(place, "slurm-prolog.sh", SLURMD_NODENAME="node1", OUTPUT=str(output)) == 0
    scraper = int((place / "scraper-job-7.service").read_text())
    try:
        output.write_text("step 1: loss 0.5\n")
        until(lambda: losses(tmp_path / ".scraper" / "store.db") == [(1, 0.5)], "the job's first line is stored")
        with output.open("a") as log:
            log.write("step 2: loss 0.25\n")
        assert run(place, "slurm-epilog.sh") == 0
        wait_gone(scraper)
    finally:
        if Path(f"/proc/{scraper}").exists():
            os.kill(scraper, signal.SIGKILL)
    assert losses(tmp_path / ".scraper" / "store.db") == [(1, 0.5), (2, 0.25)]
    assert f"--uid={os.getuid()}" in (place / "told").read_text().split()


def test_a_job_is_followed_on_its_first_node_alone_and_never_fails_its_node(tmp_path: Path) -> None:
    place = node(tmp_path)
    assert run(place, "slurm-prolog.sh", SLURMD_NODENAME="node2", OUTPUT=str(tmp_path / "x")) == 0
    assert run(place, "slurm-prolog.sh", SLURMD_NODENAME="node1", OUTPUT="/dev/null") == 0
    assert not (place / "told").exists()
    (place / "systemd-run").write_text("#!/bin/sh\nexit 1\n")
    assert run(place, "slurm-prolog.sh", SLURMD_NODENAME="node1", OUTPUT=str(tmp_path / "x")) == 0
    assert "its output is not followed" in (place / "logged").read_text()
    assert run(place, "slurm-epilog.sh") == 0


def pod() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data of the manifest's configuration and the pod of its job."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    configuration, job = yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text())
    assert (configuration["kind"], configuration["apiVersion"], job["kind"], job["apiVersion"]) == ("ConfigMap", "v1", "Job", "batch/v1")
    return configuration["data"], job["spec"]["template"]["spec"]


def test_the_pod_shares_its_logs_and_nothing_more() -> None:
    _, spec = pod()
    (sidecar,), (training,) = spec["initContainers"], spec["containers"]
    volumes = {volume["name"] for volume in spec["volumes"]}
    mounts = {c["name"]: {m["name"]: m for m in c["volumeMounts"]} for c in (sidecar, training)}
    assert set(mounts["scraper"]) == volumes
    assert set(mounts["training"]) == {"logs"}
    assert mounts["scraper"]["logs"]["mountPath"] == mounts["training"]["logs"]["mountPath"]
    assert mounts["scraper"]["logs"]["readOnly"] is True
    assert sidecar["restartPolicy"] == "Always", "an init container that is restarted is a sidecar"
    assert spec["shareProcessNamespace"] is True


def test_the_pods_two_commands_give_metrics_and_the_trainings_status(tmp_path: Path) -> None:
    data, spec = pod()
    shared = str(tmp_path / "logs")
    configuration = data["scraper.toml"].replace('store = "/store/store.db"\n', "").replace("/logs", shared)
    (tmp_path / "train.py").write_text("import sys\nprint('step 1: loss 0.5')\nsys.exit(3)\n")
    command = [word.replace("/logs", shared).replace("python ", f"{sys.executable} ") for word in spec["containers"][0]["command"]]
    with Service(tmp_path, configuration) as daemon:
        daemon.expect("following ")
        told = environment(HOSTNAME="train-x7k")
        done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, timeout=DEADLINE, check=False)
        assert (done.returncode, done.stdout) == (3, b"step 1: loss 0.5\n")
        daemon.until_stored(1)
        assert daemon.rows("SELECT name, experiment, step, value FROM metric_points") == [("train-x7k", "kubernetes", 1, 0.5)]
        assert daemon.stop() == 0
