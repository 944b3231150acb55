"""What a session remembers is of the data that was asked, and does not keep that data open."""

import gc
import weakref
from typing import Any

import pytest

from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.ui.session import answer_cache


@pytest.fixture(autouse=True)
def _one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = answer_cache.AnswerCache()
    monkeypatch.setattr(answer_cache, "_cache", lambda: cache)


def mart() -> Mart:
    no_engine: Any = None
    return Mart(no_engine, Settings())


def test_an_answer_is_of_the_mart_that_was_asked() -> None:
    first, second = mart(), mart()
    assert answer_cache.answer(first, "size", lambda: 1) == 1
    assert answer_cache.answer(second, "size", lambda: 2) == 2

    assert answer_cache.answer(first, "size", lambda: 3) == 1


def test_an_answer_of_none_is_asked_once() -> None:
    one = mart()
    assert answer_cache.answer(one, "timeline", lambda: None) is None

    assert answer_cache.answer(one, "timeline", lambda: "again") is None


def test_a_place_shows_the_last_key_of_the_last_mart() -> None:
    first, second = mart(), mart()
    figures = [
        answer_cache.latest(one, key, "chart", lambda drawing=drawing: drawing)
        for drawing, (one, key) in enumerate(
            [(first, "a"), (first, "a"), (first, "b"), (second, "b"), (first, "a")]
        )
    ]

    assert figures == [0, 0, 2, 3, 4]


def test_no_answer_keeps_data_open_that_is_no_longer_served() -> None:
    old = mart()
    answer_cache.answer(old, "size", lambda: 1)
    answer_cache.latest(old, "a", "chart", lambda: 1)
    reference = weakref.ref(old)

    del old
    gc.collect()

    assert reference() is None
