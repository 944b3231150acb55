"""A look at tables that others write to is used, done again in the background, or waited for, by its age."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, sleep

import pytest

from duckmart.engines.postgres import look_cache
from duckmart.engines.postgres.look_cache import LookCache

AGE = {"fresh": (60.0, 300.0), "usable": (0.0, 300.0), "old": (0.0, 0.0)}


class Tables:
    """Counts the looks at them; `readable` holds those up that come after the first."""

    def __init__(self) -> None:
        self.looks = 0
        self.readable = threading.Event()
        self.error: Exception | None = None

    def look(self, last: int | None) -> int:
        self.looks += 1
        if last is not None:
            assert self.readable.wait(30)
        if self.error:
            raise self.error
        return self.looks


@pytest.fixture
def tables() -> Iterator[Tables]:
    tables = Tables()
    yield tables
    tables.readable.set()
    until(lambda: not any(thread.name == "catalog" for thread in threading.enumerate()))


@pytest.fixture
def cache(tables: Tables, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LookCache[int]:
    """A cache whose looks are all as old as the test says."""
    fresh, usable = AGE[request.param]
    monkeypatch.setattr(look_cache, "FRESH", fresh)
    monkeypatch.setattr(look_cache, "USABLE", usable)
    cache = LookCache(tables.look)
    assert cache.recent() == 1
    return cache


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        sleep(0.01)
    raise AssertionError("nothing happened within 10 seconds")


@pytest.mark.parametrize("cache", ["fresh"], indirect=True)
def test_a_fresh_look_is_used_again(cache: LookCache[int], tables: Tables) -> None:
    assert cache.recent() == 1
    assert tables.looks == 1


@pytest.mark.parametrize("cache", ["usable"], indirect=True)
def test_a_slow_look_holds_nobody_and_is_done_once(cache: LookCache[int], tables: Tables) -> None:
    start = perf_counter()

    assert [cache.recent() for _ in range(5)] == [1] * 5

    assert perf_counter() - start < 10
    assert tables.looks == 2
    tables.readable.set()
    until(lambda: cache.last == 2)


@pytest.mark.parametrize("cache", ["usable"], indirect=True)
def test_the_last_look_is_used_for_as_long_as_a_slow_one_takes(
    cache: LookCache[int], tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.recent()
    monkeypatch.setattr(look_cache, "monotonic", lambda: 1e9)

    assert cache.recent() == 1


@pytest.mark.parametrize("cache", ["usable"], indirect=True)
def test_a_quick_look_is_waited_for(cache: LookCache[int], tables: Tables) -> None:
    tables.readable.set()

    # On a busy machine it may take longer than a request waits.
    until(lambda: cache.recent() > 1)


@pytest.mark.parametrize("cache", ["old"], indirect=True)
def test_an_old_look_is_not_used(cache: LookCache[int], tables: Tables) -> None:
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(cache.recent)
        until(lambda: tables.looks == 2)
        assert not answer.done()
        tables.readable.set()

        assert answer.result(10) == 2


@pytest.mark.parametrize("cache", ["usable"], indirect=True)
def test_after_a_look_that_fails_the_last_one_is_not_used(cache: LookCache[int], tables: Tables) -> None:
    cache.recent()
    tables.error = OSError("no answer")
    tables.readable.set()
    until(lambda: not cache._looking.locked())

    with pytest.raises(OSError, match="no answer"):
        cache.recent()
