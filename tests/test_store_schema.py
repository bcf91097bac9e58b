"""A store is made, migrated, refused when it is too new or no store, and read by other tools and without writing."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from store_helpers import batch, new_source, point, run_python

from scraper.cli import cli
from scraper.errors import SchemaError, StoreError, StoreFullError
from scraper.store import filesystem, schema
from scraper.store.filesystem import filesystem_type, is_network, mount_type
from scraper.store.schema import SCHEMA_VERSION, connect, connect_readonly
from scraper.store.writer import Writer

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /home rw,nosuid shared:2 - nfs4 server:/home rw,vers=4.2
31 30 0:26 / /home/me/scratch\\040space rw - lustre scratch@tcp:/s rw
32 22 0:27 / /mnt rw - ext4 /dev/vdb rw
33 32 0:28 / /mnt rw master:3 propagate_from:1 - fuse.sshfs host:/ rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/etc/x", "ext4", False),
        ("/home/me/.scraper/store.db", "nfs4", True),
        ("/home/me/scratch space/run", "lustre", True),
        ("/homestead", "ext4", False),
        ("/mnt/x", "fuse.sshfs", True),
    ],
)
def test_the_filesystem_of_a_path(path: str, kind: str, *, network: bool) -> None:
    assert mount_type(MOUNTS, path) == kind
    assert is_network(kind) is network


def test_the_filesystem_of_a_path_that_is_not_there_yet(tmp_path: Path) -> None:
    assert filesystem_type(tmp_path / "a" / "b" / "store.db") == filesystem_type(tmp_path)


def test_a_store_on_a_network_filesystem_has_a_rollback_journal_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (filesystem, schema):
        monkeypatch.setattr(module, "filesystem_type", lambda _: "nfs4")
    monkeypatch.chdir(tmp_path)
    Path("train.log").write_text("step 1: loss 0.5\n")
    done = CliRunner().invoke(cli, ["tail", "--once", "--store", "s.db", "train.log"])
    assert done.exit_code == 0, done.stderr
    assert "s.db is on nfs4, where SQLite's write-ahead log cannot work: it keeps a rollback journal" in done.stderr
    with closing(sqlite3.connect("s.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_new_store_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_empty_file_becomes_a_store_and_a_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    connect(path).close()
    before = path.read_bytes()
    connect(path).close()
    assert path.read_bytes() == before


def test_opening_a_store_that_is_up_to_date_imports_no_migration_tool(tmp_path: Path) -> None:
    connect(tmp_path / "store.db").close()
    code = "from scraper.store.schema import connect; connect(sys.argv[1]).close(); print('sqlite_utils' in sys.modules)"
    with run_python(code, tmp_path / "store.db") as child:
        assert child.communicate(timeout=30)[0] == "False\n"


def test_a_network_filesystem_gets_a_rollback_journal_synced_in_full(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connect(path).close()
    with closing(connect(path, network=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_last_to_close_leaves_one_file(tmp_path: Path) -> None:
    with Writer(tmp_path / "store.db") as one, Writer(tmp_path / "store.db") as other:
        new_source(one)
        new_source(other)
        one.checkpoint()
        assert (tmp_path / "store.db-wal").stat().st_size == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "store.db"]


@pytest.mark.parametrize("opener", [connect, connect_readonly])
def test_a_newer_schema_is_refused(tmp_path: Path, opener: type) -> None:
    path = tmp_path / "store.db"
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(SchemaError, match=r"newer metric-scraper \(schema 99, .* install that version"):
        opener(path)


@pytest.mark.parametrize("opener", [connect, connect_readonly])
def test_what_is_no_store_is_refused_and_untouched(tmp_path: Path, opener: type) -> None:
    text, other = tmp_path / "train.log", tmp_path / "other.db"
    text.write_text("step 1 loss 2.5\n" * 100)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = other.read_bytes()
    with pytest.raises(StoreError, match="not a usable SQLite database"):
        opener(text)
    with pytest.raises(StoreError, match="another program's SQLite database"):
        opener(other)
    with pytest.raises(StoreError, match="is a directory"):
        opener(tmp_path)
    assert other.read_bytes() == before
    assert text.read_text() == "step 1 loss 2.5\n" * 100


def test_a_store_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no store at .* yet"):
        connect_readonly(tmp_path / "store.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="holds no runs yet"):
        connect_readonly(tmp_path / "empty.db")
    assert list(tmp_path.iterdir()) == [tmp_path / "empty.db"]


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFullError, match=r"cannot write the store .* --store"):
        connect(tmp_path / "file" / "store.db")


def test_a_reading_connection_refuses_to_write(tmp_path: Path) -> None:
    with Writer(tmp_path / "a b?#%.db") as writer:
        new_source(writer)
        with closing(connect_readonly(writer.path)) as reader:
            assert reader.execute("SELECT count(*) FROM runs").fetchone() == (1,)
            for statement in ("DELETE FROM runs", "CREATE TABLE x (y)", "PRAGMA user_version = 5"):
                with pytest.raises(sqlite3.OperationalError, match="readonly"):
                    reader.execute(statement)


def read_as_nobody(path: Path) -> int:
    """Return the exit status of a child that counts the store's points: as a user who may not write, where this one is root."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            status = connect_readonly(path).execute("SELECT count(*) FROM metric_points").fetchone() != (2,)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_store_in_a_directory_that_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "store.db"
        with Writer(path) as writer:
            writer.commit([batch(new_source(writer), [point(0, 1.0), point(60, 2.0)])])
        path.chmod(0o444)
        path.parent.chmod(0o555)
        status = read_as_nobody(path)
        path.parent.chmod(0o700)
    assert status == 0


def test_other_tools_read_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Writer(path) as writer:
        writer.commit([batch(new_source(writer, "resnet"), [point(60, 0.5, "val/loss", epoch=1.0, time=1e9)])])
    tool = [sys.executable, "-m", "sqlite_utils"]
    listed = json.loads(subprocess.run([*tool, "tables", path, "--counts"], capture_output=True, check=True).stdout)
    counts = {row["table"]: row["count"] for row in listed}
    assert counts.pop("_sqlite_migrations") == SCHEMA_VERSION
    assert counts == {
        "experiments": 1, "runs": 1, "sources": 1, "series": 1, "point_rows": 1, "rollups": 1, "events": 0, "metric_definitions": 0,
    }  # fmt: skip
    (row,) = json.loads(subprocess.run([*tool, "rows", path, "metric_points"], capture_output=True, check=True).stdout)
    assert row.pop("run").startswith("20261121-0")
    assert row == {
        "name": "resnet", "experiment": "default", "metric": "val/loss", "labels": "{}", "attempt": 0, "step": 1, "epoch": 1.0, "time": 1e9,
        "value": 0.5, "at": 60,
    }  # fmt: skip


def test_making_a_store_takes_up_no_numbers_library_that_the_training_has(tmp_path: Path) -> None:
    for name in ("numpy", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise AssertionError('imported')\n")
    code = (
        "import sys; from scraper.store.schema import connect; connect(sys.argv[1]).close(); "
        "assert not {'numpy', 'pandas'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(Path(__file__).parent.parent)))}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "store.db")], check=True, env=environment, timeout=60)
