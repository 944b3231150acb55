"""What a browser session was told already: answers of the mart, and what each place of the page shows.

A key is a question and the number of the mart that was asked: another mart may have other data. Entries do
not hold the mart itself, so data that is no longer served is closed although sessions remember its answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import streamlit as st

from duckmart.mart import Mart
from duckmart.spec.json_text import Json

Answer = TypeVar("Answer")

# Its name in the session's state.
CACHE = "duckmart.answers"
ANSWERS_KEPT = 64


@dataclass(slots=True)
class AnswerCache:
    """`answers` by mart and question, least recently used first; `latest` by place: mart, key, answer."""

    answers: dict[tuple[int, str], Any] = field(default_factory=dict)
    latest: dict[str, tuple[int, object, Any]] = field(default_factory=dict)


def answer(mart: Mart, question: str, ask: Callable[[], Answer]) -> Answer:
    """The answer to a question, asked once."""
    answers = _cache().answers
    key = (mart.number, question)
    # In a tuple, as an answer may be None.
    entry: tuple[Answer] = answers.pop(key, None) or (ask(),)
    answers[key] = entry
    while len(answers) > ANSWERS_KEPT:
        answers.pop(next(iter(answers)), None)
    return entry[0]


def latest(mart: Mart, key: object, place: str, make: Callable[[], Answer]) -> Answer:
    """What a place of the page shows, made once for a key; only the last key's is kept.

    Keys are compared, not digested: for segments of a hundred thousand ids that is 70 times as fast.
    """
    places = _cache().latest
    entry = places.get(place)
    if entry is None or entry[0] != mart.number or entry[1] != key:
        entry = places[place] = (mart.number, key, make())
    answer: Answer = entry[2]
    return answer


def moment(mart: Mart, spec: Json) -> datetime:
    """The moment that the page counts back from: the clock is read when the spec changes, not at each run."""
    return latest(mart, spec, "moment", mart.moment)


def _cache() -> AnswerCache:
    cache: AnswerCache = st.session_state.setdefault(CACHE, AnswerCache())
    return cache
