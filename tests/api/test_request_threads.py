"""Questions end with their clients and at their deadline, and the status is told whatever waits."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import perf_counter, sleep
from typing import Any

import pytest

from duckmart.api.app import api
from duckmart.engines import Stop
from duckmart.errors import Cancelled, Timeout
from duckmart.mart import Audience, Mart
from duckmart.settings import Settings

Messages = list[dict[str, Any]]

# Questions that are worked on at once.
AT_ONCE = 6


@pytest.fixture
def configure(
    demo_mart: Mart, demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Sets how long questions may take; the data is open already."""

    def use(timeout: float = 60) -> None:
        settings = demo_settings.model_copy(update={"timeout": timeout, "max_queries": 4})
        assert demo_mart.catalog.users
        monkeypatch.setattr("duckmart.api.app.settings", lambda: settings)
        monkeypatch.setattr("duckmart.api.app.current", lambda _settings: demo_mart)

    return use


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Stop]]:
    """The stops of questions whose queries end only when they are told to."""
    asked: list[Stop] = []

    def audience(_mart: Mart, _segment: object, stop: Stop) -> Audience:
        asked.append(stop)
        while not stop.pulled:
            if not stop.remaining:
                raise Timeout("the query took too long")
            sleep(0.01)
        raise Cancelled("the query was cancelled")

    monkeypatch.setattr("duckmart.mart.Mart.audience", audience)
    yield asked
    for stop in asked:
        stop.pull()


async def call(method: str, path: str, leaves: asyncio.Event | None = None) -> Messages:
    """What the API sends to a client, which leaves when it is told to."""
    sent: Messages = []
    waiting = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await (leaves or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await api(scope, receive, send)
    return sent


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing happened within 10 seconds")


def test_a_question_ends_when_its_client_leaves(configure: Callable[..., None], stops: list[Stop]):
    configure(timeout=60)

    async def scenario() -> None:
        leaves = asyncio.Event()
        asking = asyncio.create_task(call("POST", "/segment", leaves))
        await until(lambda: bool(stops))
        assert not stops[0].pulled
        leaves.set()
        await until(lambda: stops[0].pulled)
        await asyncio.wait_for(asking, 10)

    asyncio.run(scenario())


def test_a_question_ends_at_its_deadline(configure: Callable[..., None], stops: list[Stop]):
    configure(timeout=0.3)

    start, *_ = asyncio.run(call("POST", "/segment"))

    assert start["status"] == 504
    assert len(stops) == 1


def test_health_is_told_while_more_questions_wait_than_there_are_threads(
    configure: Callable[..., None], stops: list[Stop]
):
    configure(timeout=60)

    async def scenario() -> float:
        leaves = asyncio.Event()
        asking = [asyncio.create_task(call("POST", "/segment", leaves)) for _ in range(100)]
        await until(lambda: len(stops) == AT_ONCE)
        start = perf_counter()
        answer, *_ = await call("GET", "/health")
        assert answer["status"] == 200
        seconds = perf_counter() - start
        leaves.set()
        await asyncio.wait_for(asyncio.gather(*asking), 20)
        return seconds

    assert asyncio.run(scenario()) < 5


def test_a_question_that_waits_past_its_deadline_is_turned_away(
    configure: Callable[..., None], stops: list[Stop]
):
    configure(timeout=60)

    async def scenario() -> Messages:
        leaves = asyncio.Event()
        asking = [asyncio.create_task(call("POST", "/segment", leaves)) for _ in range(AT_ONCE)]
        await until(lambda: len(stops) == AT_ONCE)
        configure(timeout=0.3)
        answer = await asyncio.wait_for(call("POST", "/segment"), 20)
        leaves.set()
        await asyncio.wait_for(asyncio.gather(*asking), 20)
        return answer

    answer = asyncio.run(scenario())[0]

    assert (answer["status"], len(stops)) == (503, AT_ONCE)
    assert (b"retry-after", b"1") in answer["headers"]


def test_who_leaves_while_waiting_is_not_worked_for(configure: Callable[..., None], stops: list[Stop]):
    configure(timeout=60)

    async def scenario() -> None:
        first, others = asyncio.Event(), asyncio.Event()
        asking = [asyncio.create_task(call("POST", "/segment", first)) for _ in range(AT_ONCE)]
        await until(lambda: len(stops) == AT_ONCE)
        waiting = [asyncio.create_task(call("POST", "/segment", others)) for _ in range(20)]
        await asyncio.sleep(0.1)
        others.set()
        await asyncio.sleep(0.1)
        first.set()
        await asyncio.wait_for(asyncio.gather(*asking, *waiting), 20)

    asyncio.run(scenario())

    assert len(stops) == AT_ONCE


def test_health_does_not_wait_for_data_that_is_being_opened(
    configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    configure()
    monkeypatch.setattr("duckmart.api.request_threads._PATIENCE", 0.2)
    opened = threading.Event()
    monkeypatch.setattr("duckmart.mart.Mart.moment", lambda _mart: opened.wait(30) and datetime(2026, 1, 1))

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(asyncio.run, _health_then(opened.set))
        answer, *_ = first.result(20)

    assert answer["status"] == 503
    assert int(dict(answer["headers"])[b"retry-after"]) > 0
    monkeypatch.setattr("duckmart.api.request_threads._PATIENCE", 60)
    assert asyncio.run(call("GET", "/health"))[0]["status"] == 200


async def _health_then(work: Callable[[], None]) -> Messages:
    answer = await call("GET", "/health")
    work()
    return answer
