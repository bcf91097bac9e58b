"""Who may ask: hosts, origins, tokens, methods and connections, against a real server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from reading_helpers import fill, point
from store_helpers import ROOT, run_python
from web_helpers import Site, serving

from scraper.errors import UsageError
from scraper.web import server, vendor
from scraper.web.security import Rules

TOKEN = "tea and biscuits"  # noqa: S105 - a test's


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "store.db"
    fill(path, [point(0, 1.0)])
    return path


@pytest.fixture(scope="module")
def site(store: Path) -> Iterator[Site]:
    with serving(store) as found:
        yield found


@pytest.fixture(scope="module")
def locked(store: Path) -> Iterator[Site]:
    with serving(store, Rules("0.0.0.0", frozenset({"node7"}), TOKEN)) as found:  # noqa: S104 - what the rules are about
        yield found


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8420", 200),
        ("127.0.0.1:1", 200),
        ("127.9.9.9", 200),
        ("[::1]:8420", 200),
        ("localhost.", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("localhost@evil.example", 421),
        ("evil.example:80@localhost", 421),
        ("192.168.0.7", 421),
        ("localhost:99999", 421),
        ("localhost/x", 421),
        ("", 421),
    ],
)
def test_only_names_of_this_machine_are_answered(site: Site, host: str, status: int) -> None:
    assert site.get("/runs", Host=host).status == status


def test_off_loopback_numeric_addresses_and_allowed_names_are_answered(locked: Site) -> None:
    known = {"Authorization": f"Bearer {TOKEN}"}
    assert [locked.get("/runs", Host=host, **known).status for host in ("10.1.2.3:80", "node7", "NODE7:1", "node8")] == [200, 200, 200, 421]


@pytest.mark.parametrize(("origin", "status"), [("null", 403), ("http://evil.example", 403), ("http://127.0.0.1:1", 403), ("own", 200)])
def test_other_origins_are_refused(site: Site, origin: str, status: int) -> None:
    assert site.get("/runs", Origin=site.url if origin == "own" else origin).status == status


def test_other_sites_may_link_and_not_embed(site: Site) -> None:
    assert site.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200
    assert site.get("/runs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_allowed(site: Site, method: str) -> None:
    got = site.get("/runs", method)
    assert (got.status, got.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/runs", "/nope", "/static/style.css", "/runs/nope"])
def test_every_answer_carries_the_security_headers(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert not [name for name in headers if name.startswith("access-control")]
    assert "server" not in headers


def test_a_token_opens_by_header(locked: Site) -> None:
    assert locked.get("/runs").status == 401
    assert locked.get("/runs", Authorization="Bearer wrong").status == 401
    assert locked.get("/runs", Authorization="Bearer t\xe4\xe4").status == 401
    assert locked.get("/runs", Authorization=f"Bearer {TOKEN}").status == 200
    assert locked.get("/static/app.js").status == 401


def test_the_first_visit_trades_the_token_for_a_cookie(locked: Site) -> None:
    got = locked.get("/?token=tea%20and%20biscuits&runs=a")
    assert (got.status, got.headers["location"]) == (303, "/?runs=a")
    cookie = got.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie
    assert locked.get("/runs", Cookie=cookie.partition(";")[0]).status == 200
    assert locked.get("/runs", Cookie=cookie.partition("=")[0] + "=x").status == 401
    assert locked.get("/?token=wrong").status == 401


def test_a_first_visit_never_leads_elsewhere(locked: Site) -> None:
    got = locked.get("//evil.example/?token=tea%20and%20biscuits")
    assert (got.status, got.headers["location"]) == (303, "/")


def test_a_request_that_is_none_is_a_problem_too(site: Site) -> None:
    with closing(socket.create_connection(("127.0.0.1", site.port))) as asking, asking.makefile("rb") as answer:
        asking.sendall(b"what is this\r\n\r\n")
        got = answer.read()
    assert got.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in got
    assert b"nosniff" in got


def _command(store: Path, *arguments: str, before: tuple[str, ...] = (), **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **variables}
    command = [*before, sys.executable, "-m", "scraper", "serve", "--store", str(store), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_serves_until_it_is_interrupted(store: Path) -> None:
    with _command(store, "--port", "0") as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/ ", said)
        assert found, said
        with closing(socket.create_connection(("127.0.0.1", int(found[1])))) as listening:
            listening.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert listening.recv(12) == b"HTTP/1.1 200"
            process.send_signal(2)
            rest, errors = process.communicate(timeout=20)
    assert (rest, errors) == ("", "")
    assert process.returncode in (0, 130)


def test_idle_connections_keep_nobody_out_and_take_no_descriptor_from_the_store(store: Path) -> None:
    few = ("sh", "-c", 'ulimit -n 256; exec "$@"', "sh")
    with _command(store, "--port", "0", before=few) as process, ExitStack() as idle:
        assert process.stdout is not None
        port = int(process.stdout.readline().partition("127.0.0.1:")[2].partition("/")[0])
        for i in range(600):
            one = idle.enter_context(socket.create_connection(("127.0.0.1", port)))
            if i % 2:
                with suppress(OSError):  # it was closed already, to make room
                    one.sendall(b"GET /runs HTT")  # half a request
        assert Site(port).get("/runs").status == 200
        process.send_signal(15)
        _, errors = process.communicate(timeout=20)
    assert errors == ""


def test_another_address_always_asks_for_a_token_and_logs_none_of_the_users(store: Path) -> None:
    with _command(store, "--port", "0", "--host", "0.0.0.0", SCRAPER_WEB_TOKEN=TOKEN) as process:  # noqa: S104 - what is tested
        assert process.stdout is not None
        said = process.stdout.readline()
        port = int(said.partition("127.0.0.1:")[2].partition("/")[0])
        with closing(socket.create_connection(("127.0.0.1", port))) as asking:
            asking.sendall(b"GET /?token=wrong HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert asking.recv(12) == b"HTTP/1.1 401"
        process.send_signal(15)
        rest, errors = process.communicate(timeout=20)
    assert "token" not in said + rest + errors


def test_a_port_that_is_taken_and_a_store_that_is_missing_are_said_in_one_line(store: Path, tmp_path: Path) -> None:
    with closing(server.listen("127.0.0.1", 0)) as taken, _command(store, "--port", str(taken.getsockname()[1])) as process:
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors.count("\n")) == (2, 1)
        assert "--port" in errors
    with _command(tmp_path / "none.db") as process:
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors.count("\n")) == (1, 1)


def test_without_the_extra_the_command_says_how_to_get_it(store: Path) -> None:
    code = "import sys; sys.modules['fastapi'] = None; from scraper.__main__ import main; main()"
    asked = run_python(code, "serve", "--store", store, stderr=subprocess.PIPE)
    _, errors = asked.communicate(timeout=20)
    assert asked.returncode == 2
    assert errors == "scraper: serve needs fastapi, which is not installed; install it with: pip install '.[web]'\n"


def test_a_chart_library_that_is_not_the_release_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(vendor.load()) == {"uplot.js", "uplot.css"}
    (tmp_path / "tampered" / "vendor").mkdir(parents=True)
    (tmp_path / "tampered" / "__init__.py").touch()
    (tmp_path / "tampered" / "vendor" / "uplot.iife.min.js").write_text("alert(1)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(vendor, "PACKAGE", "tampered")
    with pytest.raises(UsageError, match="not the chart library's release"):
        vendor.load()
    monkeypatch.setattr(vendor, "PACKAGE", "not_installed")
    with pytest.raises(UsageError, match="pip install"):
        vendor.load()
