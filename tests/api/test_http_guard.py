"""Who may ask: by which name, from which page, in which form; and what every answer tells a browser."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from duckmart.api.app import api
from duckmart.api.http_guard import SECURITY_HEADERS, HttpGuard
from duckmart.errors import SettingsError
from duckmart.settings import Settings

LOCAL = "localhost:8501"
PROXY = "duckmart.example.com"


async def page(_: Any) -> PlainTextResponse:
    return PlainTextResponse("the page")


async def stream(websocket: WebSocket) -> None:
    """Answers with the Host and the Origin that Streamlit would compare."""
    await websocket.accept()
    await websocket.send_json({name: websocket.headers.get(name) for name in ("host", "origin")})
    await websocket.close()


async def defect(_: Any) -> PlainTextResponse:
    raise RuntimeError("secret place")


ROUTES = [
    Route("/", page, methods=["GET", "POST", "PUT", "DELETE"]),
    Route("/defect", defect),
    WebSocketRoute("/stream", stream),
]


def serving(hosts: str = "") -> TestClient:
    """A server that knows these hosts beside the local ones."""
    guard = HttpGuard(Starlette(routes=ROUTES), lambda: Settings(hosts=hosts))
    return TestClient(guard, base_url=f"http://{LOCAL}", raise_server_exceptions=False)


@pytest.fixture
def client() -> TestClient:
    return serving()


@pytest.mark.parametrize(
    "host", ["localhost", LOCAL, "LocalHost:1", "localhost.", "127.0.0.1:65535", "[::1]", "[::1]:8501"]
)
def test_local_names_are_answered_on_any_port(client: TestClient, host: str):
    assert client.get("/", headers={"Host": host}).text == "the page"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.nip.io:8501",
        "evillocalhost",
        "0.0.0.0:8501",
        "169.254.169.254",
        "[::ffff:7f00:1]",
        PROXY,
    ],
)
def test_a_foreign_host_is_told_which_setting_lets_it_in(client: TestClient, host: str):
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "foreign_host"
    assert "DUCKMART_HOSTS" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "host",
    ["", " ", "localhost:port", "localhost:8501:1", "localhost/", "user@localhost", "localhost,evil", "::1"],
)
def test_what_is_no_host_is_refused(client: TestClient, host: str):
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_two_hosts_are_refused(client: TestClient):
    assert client.get("/", headers=[("Host", LOCAL), ("Host", "evil.example")]).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        f"http://evil.example/?{LOCAL}",
        f"http://{LOCAL}@evil.example",
        "http://localhost:3000",
        "http://localhost",
        "http://127.0.0.1:8501",
        f"https://{PROXY}",
        f"chrome-extension://{LOCAL}",
        "file://",
        "null",
        "",
        "http://[",
    ],
)
def test_a_page_from_elsewhere_is_refused(client: TestClient, method: str, origin: str):
    answer = client.request(method, "/", headers={"Origin": origin, "Content-Type": "application/json"})

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_listed_name_does_not_open_the_server_to_other_pages():
    with serving(PROXY) as client:
        for origin in ("http://evil.example", f"http://evil.{PROXY}", "http://localhost:3000", "null"):
            assert client.get("/", headers={"Host": PROXY, "Origin": origin}).status_code == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (LOCAL, f"http://{LOCAL}"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("[::1]:8501", "http://[::1]:8501"),
        (PROXY, f"https://{PROXY}"),
        (f"{PROXY}:443", f"https://{PROXY}"),
        # Proxies that keep the port, or their own name, to themselves.
        (PROXY, f"https://{PROXY}:8443"),
        (LOCAL, f"https://{PROXY}"),
    ],
)
def test_the_server_s_own_pages_may_do_all(host: str, origin: str):
    with serving(PROXY) as client:
        headers = {"Host": host, "Origin": origin}
        assert client.post("/", json={}, headers=headers).text == "the page"
        with client.websocket_connect("/stream", headers=headers) as websocket:
            seen = websocket.receive_json()
    # As one text, or Streamlit looks its own address up on the internet.
    assert seen["origin"].partition("://")[2] == seen["host"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_here_and_do_nothing_else(client: TestClient, site: str):
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert client.get("/", headers=link).text == "the page"
    assert client.post("/", json={}, headers=link).status_code == 403
    for other in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}):
        assert client.get("/", headers=link | other).status_code == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_own_pages_and_typed_addresses_are_no_other_site(client: TestClient, site: str):
    assert client.post("/", json={}, headers={"Sec-Fetch-Site": site}).text == "the page"


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken(client: TestClient, kind: str):
    assert client.post("/", content="{}", headers={"Content-Type": kind}).text == "the page"


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
    ],
)
def test_what_a_form_can_send_is_refused(client: TestClient, kind: str | None):
    answer = client.post("/", content="{}", headers={} if kind is None else {"Content-Type": kind})

    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket", "Sec-Fetch-Dest": "websocket"},
    ],
)
def test_a_foreign_websocket_is_refused_in_words(client: TestClient, headers: dict[str, str]):
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect("/stream", headers=headers),
    ):
        pass

    assert refused.value.status_code in (403, 421)
    assert refused.value.json()["error"]["message"]


def test_a_foreign_websocket_is_refused_by_a_server_without_denial_responses(client: TestClient):
    sent = websocket_messages({"host": LOCAL, "origin": "http://evil.example"})

    assert [(one["type"], one["code"]) for one in sent] == [("websocket.close", 1008)]


def websocket_messages(headers: dict[str, str]) -> list[dict[str, Any]]:
    """What the guard sends to an ASGI server that has no extensions."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    guard: Callable[..., Awaitable[None]] = HttpGuard(Starlette(), Settings)
    asyncio.run(guard({"type": "websocket", "path": "/stream", "headers": pairs}, receive, send))
    return sent


def test_settings_that_make_no_sense_leave_the_local_names():
    def broken() -> Settings:
        raise SettingsError("DUCKMART_HOSTS is '*': write names alone")

    client = TestClient(HttpGuard(Starlette(routes=ROUTES), broken), base_url=f"http://{LOCAL}")

    assert client.get("/").text == "the page"
    assert client.get("/", headers={"Host": PROXY}).status_code == 421


def test_a_person_reads_words_and_a_program_json(client: TestClient):
    headers = {"Host": "evil.example", "Accept": "text/html,*/*"}

    assert client.get("/", headers=headers).text.startswith("DuckMart: ")
    assert client.get("/", headers=headers).headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/", "/nope", "/defect"])
@pytest.mark.parametrize("host", [LOCAL, "evil.example", "@"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str, host: str):
    headers = client.get(path, headers={"Host": host}).headers

    assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_answer_to_a_defect_of_the_api_has_them_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("duckmart.api.app.current", lambda settings: 1 / 0)
    client = TestClient(api, base_url=f"http://{LOCAL}", raise_server_exceptions=False)

    answer = client.get("/health")

    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_api_alone_is_guarded():
    client = TestClient(api, base_url=f"http://{LOCAL}")

    assert client.get("/examples", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/examples", headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.post("/segment", content="{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.get("/examples").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        ("duckmart.example.com", "DuckMart.Example.com"),
        ("DUCKMART.example.com.", "duckmart.example.com:443"),
        ("a.example,  b.example c.example", "c.example"),
        ("192.168.1.5", "192.168.1.5:8501"),
        ("fe80::1", "[fe80::1]:8501"),
        ("[FE80:0::1]", "[fe80::1]"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("my_host", "my_host"),
    ],
)
def test_listed_names_are_answered_however_they_are_written(hosts: str, host: str):
    with serving(hosts) as client:
        assert client.get("/", headers={"Host": host}).text == "the page"
        assert client.get("/", headers={"Host": LOCAL}).text == "the page"
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize(
    "hosts",
    [
        "*",
        "*.example.com",
        "https://duckmart.example.com",
        "duckmart.example.com:443",
        "a/b",
        "a..b",
        "ok.example,*",
    ],
)
def test_what_is_no_name_is_refused_as_a_setting(hosts: str):
    with pytest.raises(ValidationError, match="write names alone"):
        Settings(hosts=hosts)
