"""`POST /segment` on tables that lie in PostgreSQL answers each example as on DuckDB."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import simplejson
from starlette.testclient import TestClient

from duckmart.api.app import api
from duckmart.engines.postgres import Look, look_cache
from duckmart.mart import current
from duckmart.settings import settings
from duckmart.spec.examples import Example, examples


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.id)
def test_an_example_is_answered_as_on_duckdb(
    one: Example, small_demo: Path, postgres_demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(**environment: str) -> dict[str, Any]:
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        settings.cache_clear()
        with TestClient(api, base_url="http://localhost") as client:
            body = simplejson.dumps(one.spec, use_decimal=True)
            response = client.post("/segment", content=body, headers={"Content-Type": "application/json"})
        settings.cache_clear()
        assert response.status_code == 200, response.text
        answered: dict[str, Any] = response.json()
        return answered

    expected = answer(DUCKMART_DATA=str(small_demo))

    assert answer(DUCKMART_DATA=str(tmp_path), DUCKMART_ENGINE=postgres_demo) == expected


def test_a_database_that_does_not_answer_is_said_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUCKMART_DATA", str(tmp_path))
    monkeypatch.setenv("DUCKMART_ENGINE", f"postgresql://duck:s3cret@/shop?host={tmp_path}")
    settings.cache_clear()

    with TestClient(api, base_url="http://localhost") as client:
        response = client.post("/segment", content="{}", headers={"Content-Type": "application/json"})
    settings.cache_clear()

    assert response.status_code == 503
    assert "log says why" in response.text
    assert not any(word in response.text for word in ("duck:", "s3cret", str(tmp_path), "5432"))


def test_a_catalog_that_takes_long_to_read_again_holds_no_request(
    postgres_demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUCKMART_DATA", str(tmp_path))
    monkeypatch.setenv("DUCKMART_ENGINE", postgres_demo)
    # Each request finds the catalog a minute old.
    monkeypatch.setattr(look_cache, "FRESH", 0.0)
    settings.cache_clear()
    engine: Any = current(settings()).engine
    readable = threading.Event()
    looks: list[Look] = []

    def slow(last: Look) -> Look:
        looks.append(last)
        assert readable.wait(60)
        return last

    monkeypatch.setattr(engine._looks, "_look", slow)
    json = {"Content-Type": "application/json"}
    with TestClient(api, base_url="http://localhost") as client, ThreadPoolExecutor(3) as threads:
        try:
            health = client.get("/health")
            start = perf_counter()
            answers = threads.map(lambda _: client.post("/segment", content="{}", headers=json), range(3))
            statuses = [health.status_code, *(answer.status_code for answer in answers)]
            seconds = perf_counter() - start
        finally:
            readable.set()
            settings.cache_clear()

    assert statuses == [200] * 4
    assert len(looks) == 1
    assert seconds < 20
