"""The app and the API as real servers serve them: what is refused, without a look-up, and what is there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, free_port

# Streamlit's upgrade request, but for who asks.
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "streamlit",
}
# Stands in for a resolver that is silent: whoever asks it waits, and is written down.
SILENT_RESOLVER = """
import os, socket, time
resolve = socket.getaddrinfo
def getaddrinfo(host, *args, **kwargs):
    if host in (None, "localhost", "127.0.0.1", "0.0.0.0"):
        return resolve(host, *args, **kwargs)
    with open(os.environ["LOOKED_UP"], "a") as file:
        file.write(f"{host}\\n")
    time.sleep(20)
    raise socket.gaierror("silent")
socket.getaddrinfo = getaddrinfo
"""
PYTHON = (sys.executable, "-m")
COMMANDS = {
    "streamlit": (*PYTHON, "streamlit", "run", "app.py", "--server.headless", "true", "--server.port"),
    "streamlit on all addresses": (*PYTHON, "duckmart", "serve", "--host", "0.0.0.0", "--port"),
    "uvicorn app": (*PYTHON, "uvicorn", "app:app", "--port"),
    "uvicorn api": (*PYTHON, "uvicorn", "duckmart.api:api", "--port"),
}


@pytest.fixture(scope="module", params=COMMANDS)
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def looked_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The names that the server asked the resolver for, one a line."""
    return tmp_path_factory.mktemp("resolver") / "looked-up.txt"


@pytest.fixture(scope="module")
def port(command: str, demo: Path, looked_up: Path) -> Iterator[int]:
    looked_up.write_text("")
    (looked_up.parent / "sitecustomize.py").write_text(SILENT_RESOLVER)
    port = free_port()
    environment = {
        "DUCKMART_DATA": str(demo),
        "LOOKED_UP": str(looked_up),
        "PYTHONPATH": f"{looked_up.parent}:{ROOT}",
    }
    with (looked_up.parent / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [*COMMANDS[command], str(port)], cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log
        )
        try:
            _await_answer(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _await_answer(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            assert status(port, "GET", "/examples") == 200
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def status(port: int, method: str, path: str, headers: dict[str, str] | None = None, body: str = "") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body or None, headers or {})
        return connection.getresponse().status
    finally:
        connection.close()


def test_foreign_websockets_are_refused_at_once_and_nobody_is_asked(port: int, looked_up: Path) -> None:
    began = time.monotonic()
    for origin in ("http://evil.example", "null", f"http://localhost:{port + 1}", f"http://LOCALHOST:{port}"):
        headers = UPGRADE | {"Host": f"127.0.0.1:{port}", "Origin": origin}
        assert status(port, "GET", "/_stcore/stream", headers) == 403
    assert time.monotonic() - began < 5
    assert looked_up.read_text() == ""


def test_own_websockets_connect_and_nobody_is_asked(command: str, port: int, looked_up: Path) -> None:
    # The API alone has no websocket.
    expected = 403 if command == "uvicorn api" else 101
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost.:{port}", f"[::1]:{port}"):
        headers = UPGRADE | {"Host": host, "Origin": f"http://{host.lower()}"}
        assert status(port, "GET", "/_stcore/stream", headers) == expected
    assert looked_up.read_text() == ""


def test_foreign_names_pages_and_forms_are_refused(port: int) -> None:
    spec = json.dumps({"limit": 1})
    sent = {"Content-Type": "application/json"}

    assert status(port, "POST", "/segment", sent, spec) == 200
    assert status(port, "POST", "/segment", sent | {"Origin": f"http://127.0.0.1:{port}"}, spec) == 200
    assert status(port, "POST", "/segment", sent | {"Origin": "http://evil.example"}, spec) == 403
    assert status(port, "POST", "/segment", sent | {"Host": "evil.example"}, spec) == 421
    assert status(port, "POST", "/segment", {"Content-Type": "text/plain"}, spec) == 415


def test_routes_that_the_pages_do_not_need_are_not_there(port: int) -> None:
    closed = [
        "/_stcore/metrics",
        "/_stcore/script-health-check",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/agent/openapi.json",
        "/_stcore/bidi-components/x/y.js",
        "/_stcore/nope",
        "/component/x/index.html",
        "/app/static/x",
        "/auth/login",
        "/auth/logout",
        "/oauth2callback",
        "/manifest.json",
        "/nope",
        "/data/_stcore/metrics",
        "/data/nope",
    ]

    assert {path: status(port, "GET", path) for path in closed} == dict.fromkeys(closed, 404)


def test_routes_that_the_pages_need_are_there(command: str, port: int) -> None:
    needed = ["/", "/?link=x", "/data", "/builder", "/favicon.png", "/_stcore/health", "/_stcore/host-config"]

    assert {path: status(port, "GET", path) for path in needed} == dict.fromkeys(
        needed, 404 if command == "uvicorn api" else 200
    )


def test_the_api_is_there(port: int) -> None:
    paths = ["/health", "/examples", "/docs", "/openapi.json", "/docs/assets/swagger-ui.css"]

    assert {path: status(port, "GET", path) for path in paths} == dict.fromkeys(paths, 200)
