"""The REST API: the card's shapes, one shape for every error, documentation that needs no other server."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from duckmart.api.app import PATHS, api, body
from duckmart.data.generate import Demo, generate
from duckmart.errors import Failed, Overloaded, Timeout
from duckmart.first_load import prepare
from duckmart.instants import stamp
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.examples import examples
from duckmart.spec.segment import Segment

CALIFORNIA_AND_LOGIN = {
    "user_filters": [{"field": "location", "operator": "eq", "value": "California"}],
    "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}],
    "logic_operator": "AND",
}

Configure = Callable[..., None]


@pytest.fixture
def configure(demo: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Sets the API's settings for this test; the demo data unless told otherwise."""

    def use(**chosen: Any) -> None:
        settings = Settings(**{"data": demo, "as_of": "data"} | chosen)
        monkeypatch.setattr("duckmart.api.app.settings", lambda: settings)

    return use


# Alone, and below a server of more than the API, as the app mounts it.
MOUNTED = Starlette(routes=[Route(path, endpoint=api) for path in PATHS])


def asking(app: Any, **options: Any) -> TestClient:
    """A client of this machine whose bodies are JSON, as `curl --json` sends them."""
    options = {"base_url": "http://localhost", "raise_server_exceptions": False} | options
    return TestClient(app, headers={"Content-Type": "application/json"}, **options)


@pytest.fixture(params=[api, MOUNTED], ids=["alone", "mounted"])
def client(request: pytest.FixtureRequest, configure: Configure) -> Iterator[TestClient]:
    configure()
    with asking(request.param) as client:
        yield client


def error(answer: Any) -> dict[str, Any]:
    """The error of an answer, which has nothing else in it."""
    content = answer.json()
    assert list(content) == ["error"]
    assert list(content["error"]) == ["code", "message", "problems"]
    for problem in content["error"]["problems"]:
        assert list(problem) == ["path", "code", "message", "hint"]
    return content["error"]


def test_a_segment_is_answered_in_the_card_s_shape(client: TestClient, demo_mart: Mart):
    segment, _ = demo_mart.accept(CALIFORNIA_AND_LOGIN)
    everyone = demo_mart.audience(segment).ids.to_pylist()

    answer = client.post("/segment", json=CALIFORNIA_AND_LOGIN)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "user_ids": everyone,
        "total_count": len(everyone),
        "filters_applied": CALIFORNIA_AND_LOGIN,
        "as_of": "2026-11-22T23:59:59Z",
        "warnings": [],
    }


def test_filters_applied_is_canonical_with_the_three_keys_always(client: TestClient):
    spec = {"groups": [CALIFORNIA_AND_LOGIN], "negate": False, "limit": 2.0, "timezone": None}

    applied = client.post("/segment", json=spec).json()["filters_applied"]

    inner = {key: CALIFORNIA_AND_LOGIN[key] for key in ("user_filters", "event_filters")}
    assert applied == {
        "user_filters": [],
        "event_filters": [],
        "logic_operator": "AND",
        "groups": [inner],
        "limit": 2,
    }
    assert '"limit":2}' in client.post("/segment", json=spec).text


def test_numbers_keep_all_their_digits(client: TestClient):
    spec = '{"user_filters": [{"field": "age", "operator": "lt", "value": 30.123456789012345678}]}'

    assert "30.123456789012345678" in client.post("/segment", content=spec).text


def test_a_limit_cuts_the_ids_and_not_the_total(client: TestClient):
    answer = client.post("/segment", json={"limit": 3}).json()

    assert (answer["user_ids"], answer["total_count"]) == ([1, 2, 3], 10_000)


def test_without_a_limit_there_are_a_thousand_ids(client: TestClient):
    answer = client.post("/segment", json={}).json()

    assert (len(answer["user_ids"]), answer["total_count"]) == (1000, 10_000)
    assert "limit" not in answer["filters_applied"]


def test_the_limits_are_settings(client: TestClient, configure: Configure):
    configure(default_limit=5, max_limit=20)

    assert len(client.post("/segment", json={}).json()["user_ids"]) == 5
    assert len(client.post("/segment", json={"limit": 20}).json()["user_ids"]) == 20
    assert client.post("/segment", json={"limit": 21}).status_code == 422


def test_a_limit_above_the_cap_is_a_problem_at_its_path(client: TestClient):
    answer = client.post("/segment", json={"limit": 1001})

    assert answer.status_code == 422
    assert [problem["path"] for problem in error(answer)["problems"]] == ["limit"]


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What a clock told that moves on by a day at each reading, beginning on the demo data's last day."""
    told: list[datetime] = []

    def now() -> datetime:
        told.append(datetime(2026, 11, 22, 12) + timedelta(days=len(told)))
        return told[-1]

    monkeypatch.setattr("duckmart.instants.now", now)
    return told


@pytest.mark.parametrize("limit", [1, 1000], ids=["counted apart", "all listed"])
def test_an_answer_reads_the_clock_once_and_all_in_it_counts_from_then(
    client: TestClient, configure: Configure, moments: list[datetime], limit: int
):
    configure(as_of="now")
    lately = {"event_name": "LOGIN", "operator": "gte", "count": 2, "time_range_days": 2}
    future = {"event_name": "LOGIN", "operator": "eq", "count": 0, "time_range": {"from": "2027-01-01"}}
    spec = {"event_filters": [lately, future], "limit": limit}

    answer = client.post("/segment", json=spec).json()

    assert len(moments) == 1
    assert answer["as_of"] == stamp(moments[0])
    assert answer["total_count"] > 1
    [warning] = answer["warnings"]
    assert answer["as_of"] in warning["message"]
    again = client.post("/segment", json=spec | {"as_of": answer["as_of"]}).json()
    assert answer == again | {"filters_applied": answer["filters_applied"]}
    assert len(moments) == 1


def test_a_warning_comes_with_the_answer(client: TestClient):
    spec = {"event_filters": [{"event_name": "LOGN", "operator": "eq", "count": 0}]}

    answer = client.post("/segment", json=spec).json()

    assert answer["total_count"] == 10_000
    assert [(one["path"], one["code"]) for one in answer["warnings"]] == [
        ("event_filters.0.event_name", "unknown_event")
    ]


def test_every_problem_is_named_with_its_path(client: TestClient):
    spec = {
        "user_filtrs": [],
        "user_filters": [{"field": "agee", "operator": "eq", "value": 25}],
        "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": "1"}],
    }

    answer = client.post("/segment", json=spec)

    assert answer.status_code == 422
    found = error(answer)
    assert found["code"] == "spec"
    assert {problem["path"] for problem in found["problems"]} == {
        "user_filtrs",
        "user_filters.0.field",
        "event_filters.0.count",
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"limit": NaN}', b'{"limit":1,"limit":2}', b"[" * 100_000],
)
def test_what_is_no_spec_is_refused_in_words(client: TestClient, content: bytes):
    answer = client.post("/segment", content=content)

    assert answer.status_code == 422
    assert error(answer)["problems"]


def test_a_body_that_is_too_large_is_not_read_to_its_end(configure: Configure):
    configure(max_body=1000)
    received = 0

    async def receive() -> dict[str, Any]:
        nonlocal received
        received += 500
        return {"type": "http.request", "body": b" " * 500, "more_body": True}

    read = asyncio.run(body(Request({"type": "http"}, receive)))

    assert len(read) == received == 1500


def test_a_spec_of_exactly_the_largest_size_is_read(client: TestClient, configure: Configure):
    configure(max_body=1000)

    assert client.post("/segment", content=b'{"limit": 1}'.ljust(1000)).status_code == 200
    refused = client.post("/segment", content=b'{"limit": 1}'.ljust(1001))
    assert [problem["code"] for problem in error(refused)["problems"]] == ["too_large"]


def test_the_examples_can_be_sent_as_they_are(client: TestClient):
    answer = client.get("/examples")

    assert [one["id"] for one in answer.json()["examples"]] == [one.id for one in examples()]
    for one in answer.json()["examples"]:
        found = client.post("/segment", json=one["spec"]).json()
        assert found["total_count"] > 0
        assert found["warnings"] == []


def test_health_says_what_is_loaded(client: TestClient):
    assert client.get("/health").json() == {
        "status": "ok",
        "users": 10_000,
        "events": 50_000,
        "as_of": "2026-11-22T23:59:59Z",
        "generation": "000001",
    }


def test_before_data_is_loaded_there_is_503_and_none_is_made(
    client: TestClient, configure: Configure, tmp_path: Path
):
    configure(data=tmp_path / "nothing")

    for answer in (client.get("/health"), client.post("/segment", json={})):
        assert answer.status_code == 503
        assert error(answer)["code"] == "unavailable"
    assert client.get("/examples").status_code == 200
    assert not (tmp_path / "nothing").exists()


@pytest.fixture
def nowhere(tmp_path: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist; demo data made there is small."""

    def few(folder: Path, progress: Callable[[str, float], None]) -> Demo:
        return generate(folder, users=200, events=1000, progress=progress)

    monkeypatch.setattr("duckmart.first_load.generate", few)
    configure(data=tmp_path / "nowhere")
    return tmp_path / "nowhere"


def test_a_server_makes_the_demo_data_as_it_starts_and_who_asks_meanwhile_is_told_when_to_ask_again(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
):
    may_go_on = threading.Event()
    monkeypatch.setattr("duckmart.api.app.prepare", lambda *given: may_go_on.wait(60) and prepare(*given))
    with asking(api) as client:
        for answer in (client.get("/health"), client.post("/segment", json={})):
            assert (answer.status_code, error(answer)["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert "demo data is being made" in error(answer)["message"]
        may_go_on.set()
        while (answer := client.get("/health")).status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            time.sleep(0.1)
        assert answer.json()["users"] == 200


def test_a_server_makes_no_demo_data_over_what_is_a_users_own(nowhere: Path):
    nowhere.mkdir()
    (nowhere / "user_attributes.csv").write_text("mine")
    with asking(api) as client:
        time.sleep(0.5)
        answer = client.get("/health")
    assert answer.status_code == 503
    assert "retry-after" not in answer.headers
    assert "user_attributes.csv" in error(answer)["message"]
    assert [path.name for path in nowhere.iterdir()] == ["user_attributes.csv"]


@pytest.mark.parametrize(
    "content", ["", "{", "[" * 100_000, '{"current": "1", "generations": ["1"], "bytes": 1}']
)
def test_a_manifest_that_cannot_be_read_is_503_with_the_way_out(nowhere: Path, content: str):
    nowhere.mkdir()
    (nowhere / "manifest.json").write_text(content)
    with asking(api) as client:
        answer = client.get("/health")
    assert answer.status_code == 503
    assert "load the data again" in error(answer)["message"]


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Timeout("too slow"), 504, "timeout"),
        (Overloaded("too many"), 503, "overloaded"),
        (Failed("broken"), 502, "failed"),
    ],
    ids=["timeout", "overloaded", "failed"],
)
def test_an_engine_that_does_not_answer_has_a_status(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int, code: str
):
    monkeypatch.setattr("duckmart.mart.Mart.audience", raising(raised))

    answer = client.post("/segment", json={})

    assert (answer.status_code, error(answer)["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("1" if code == "overloaded" else None)


def test_a_defect_is_for_the_log_and_not_for_the_caller(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("duckmart.mart.Mart.audience", raising(RuntimeError("secret place")))

    answer = client.post("/segment", json={})

    assert (answer.status_code, error(answer)["code"]) == (500, "internal")
    assert "secret" not in answer.text
    with pytest.raises(RuntimeError, match="secret place"):
        asking(api, raise_server_exceptions=True).post("/segment", json={})


def test_a_wrong_route_or_method_has_the_shape_of_every_error(configure: Configure):
    configure()
    client = asking(api)

    assert (client.get("/nope").status_code, error(client.get("/nope"))["code"]) == (404, "not_found")
    wrong = client.get("/segment")
    assert (wrong.status_code, error(wrong)["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"


def test_a_wrong_method_is_told_below_another_server_too(client: TestClient):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/segment").status_code == 405


def test_the_documentation_loads_nothing_from_elsewhere(client: TestClient):
    page = client.get("/docs").text

    assert "http" not in page
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(address).status_code == 200
    assert client.get("/docs/assets/nope.js").status_code == 404


def test_the_description_names_every_route_model_and_example(client: TestClient):
    described = client.get("/openapi.json").json()

    assert set(described["paths"]) == {"/segment", "/examples", "/health"}
    request = described["paths"]["/segment"]["post"]["requestBody"]["content"]["application/json"]
    assert set(request["examples"]) == {one.id for one in examples()}
    schemas = described["components"]["schemas"]
    assert set(schemas["Segment"]["properties"]) == set(Segment.model_fields)
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(described)):
        assert name in schemas
    assert "#/$defs/" not in json.dumps(described)


def test_the_answer_shown_in_the_documentation_has_the_shape_of_a_real_one(client: TestClient):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    asked = CALIFORNIA_AND_LOGIN | {"limit": 3}

    assert schemas["Answer"]["examples"] == [client.post("/segment", json=asked).json()]
    refused = client.post("/segment", json={"limit": 0})
    assert schemas["Trouble"]["examples"] == [error(refused)]


def test_the_paths_to_mount_are_all_there_are():
    assert set(PATHS) >= {
        "/segment",
        "/examples",
        "/health",
        "/docs",
        "/openapi.json",
        "/docs/assets/{rest:path}",
    }


def test_each_route_is_named_in_the_docs():
    words = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")

    for path, methods in api.openapi()["paths"].items():
        for method in methods:
            assert f"## {method.upper()} {path}" in words


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail
