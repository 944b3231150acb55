"""What a browser session remembers: the draft with its past and future, and answers already given.

The draft is the truth; widgets only show it. A widget's state is written from the draft where the two differ,
and every edit replaces the draft in a callback, so before the page runs.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import streamlit as st

from duckmart.edit import Draft
from duckmart.mart import Mart

Answer = TypeVar("Answer")

# Every name in the session's state that is not a widget's key.
DRAFT = "duckmart.draft"
PAST = "duckmart.past"
FUTURE = "duckmart.future"
ANSWERS = "duckmart.answers"
OPENED = "duckmart.opened"

STEPS_KEPT = 200
ANSWERS_KEPT = 64


def draft() -> Draft:
    found: Draft = st.session_state.setdefault(DRAFT, Draft())
    return found


def commit(changed: Draft) -> None:
    """Makes `changed` the draft; what it replaces can be had back."""
    before = draft()
    if changed == before:
        return
    st.session_state[PAST] = [*_steps(PAST), before][-STEPS_KEPT:]
    st.session_state[FUTURE] = []
    st.session_state[DRAFT] = changed


def can_undo() -> bool:
    return bool(_steps(PAST))


def can_redo() -> bool:
    return bool(_steps(FUTURE))


def undo() -> None:
    _step(PAST, FUTURE)


def redo() -> None:
    _step(FUTURE, PAST)


def bind(name: str, shown: Any, apply: Callable[[Any], Draft], start: Mapping[str, Any]) -> dict[str, Any]:
    """What ties a widget to a part of a row: it shows `shown`, and an edit commits `apply(value)`.

    `name` is the part's own; `start` tells the widget what it shows when a browser first draws it. It goes
    with every run: of two quick runs a browser draws the second, and sends an empty start back as an edit.
    """
    bound = {"key": name, "on_change": _changed, "args": (name, apply)}
    if name not in st.session_state or st.session_state[name] == shown:
        return bound | dict(start)
    st.session_state[name] = shown
    return bound


def opened() -> Any:
    """The saved segment that the rows belong to, as `saving.Opened`; None for rows that were never saved."""
    return st.session_state.get(OPENED)


def set_opened(saved: Any) -> None:
    st.session_state[OPENED] = saved


def press(edited: Callable[[], Draft]) -> Callable[[], None]:
    """A button's callback that commits an edit."""
    return lambda: commit(edited())


def remembered(mart: Mart, question: str, ask: Callable[[], Answer]) -> Answer:
    """The answer to a question on one generation of data, asked once."""
    answers: dict[tuple[int, str], Any] = st.session_state.setdefault(ANSWERS, {})
    key = (id(mart), question)
    if key not in answers:
        answer = ask()
        while len(answers) >= ANSWERS_KEPT:
            del answers[next(iter(answers))]
        answers[key] = (mart, answer)  # holding the mart keeps its id its own
    found: Answer = answers[key][1]
    return found


def _changed(key: str, apply: Callable[[Any], Draft]) -> None:
    commit(apply(st.session_state[key]))


def _steps(name: str) -> list[Draft]:
    steps: list[Draft] = st.session_state.setdefault(name, [])
    return steps


def _step(source: str, target: str) -> None:
    steps = _steps(source)
    if not steps:
        return
    st.session_state[target] = [*_steps(target), draft()]
    st.session_state[DRAFT] = steps[-1]
    st.session_state[source] = steps[:-1]
