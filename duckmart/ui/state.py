"""What a browser session remembers: the draft with its past and future, and answers already given.

    past steps -> the draft, and which saved segment it is -> future steps

The draft is the truth; widgets only show it. A widget's state is written from the draft where the two differ,
and every edit replaces the draft in a callback, so before the page runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, TypeVar

import streamlit as st

from duckmart.edit import Draft
from duckmart.mart import Mart

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Opened:
    """The saved segment that rows came from or went to, as it was then.

    `uncounted` are the rows that its spec does not say, as a text to compare; empty if there are none.
    """

    id: str
    name: str
    version: int
    spec: str
    uncounted: str


@dataclass(frozen=True, slots=True)
class Step:
    """What undo and redo bring back: a draft, and which saved segment it was; None for none."""

    draft: Draft
    opened: Opened | None


@dataclass(frozen=True, slots=True)
class Work:
    """All that is being built: the step shown, and those before and after it, each list from old to new."""

    here: Step
    past: Sequence[Step] = ()
    future: Sequence[Step] = ()


# Every name in the session's state that is not a widget's key.
DRAFT = "duckmart.draft"
OPENED = "duckmart.opened"
PAST = "duckmart.past"
FUTURE = "duckmart.future"
ANSWERS = "duckmart.answers"
DRAWN = "duckmart.drawn"

STEPS_KEPT = 200
ANSWERS_KEPT = 64


def draft() -> Draft:
    found: Draft = st.session_state.setdefault(DRAFT, Draft())
    return found


def opened() -> Opened | None:
    """The saved segment that the rows belong to; None for rows that were never saved."""
    found: Opened | None = st.session_state.get(OPENED)
    return found


def work() -> Work:
    kept = st.session_state
    return Work(Step(draft(), opened()), kept.get(PAST, ()), kept.get(FUTURE, ()))


def set_work(work: Work) -> None:
    st.session_state[DRAFT], st.session_state[OPENED] = work.here.draft, work.here.opened
    st.session_state[PAST], st.session_state[FUTURE] = work.past, work.future


def commit(changed: Draft) -> None:
    """Makes `changed` the draft; what it replaces can be had back."""
    before = work()
    if changed == before.here.draft:
        return
    past = (*before.past, before.here)[-STEPS_KEPT:]
    set_work(Work(replace(before.here, draft=changed), past))


def can_undo() -> bool:
    return bool(work().past)


def can_redo() -> bool:
    return bool(work().future)


def undo() -> None:
    before = work()
    if before.past:
        set_work(Work(before.past[-1], before.past[:-1], (before.here, *before.future)))


def redo() -> None:
    before = work()
    if before.future:
        set_work(Work(before.future[0], (*before.past, before.here), before.future[1:]))


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


def set_opened(saved: Opened | None) -> None:
    """The rows are another segment's, or nobody's, from now on; the steps before stay what they were."""
    st.session_state[OPENED] = saved


def set_saved(saved: Opened) -> None:
    """The rows were saved; so the steps that led to them, and on from them, are that segment's too.

    Else undo would bring back the version of before the save, and the next save would find it overtaken.
    """
    before = work()
    past = _named(before.past[::-1], before.here.opened, saved)[::-1]
    future = _named(before.future, before.here.opened, saved)
    set_work(Work(Step(before.here.draft, saved), past, future))


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


def is_new_drawing(meaning: str) -> bool:
    """Whether charts were drawn already, and of another segment."""
    drawn: str = st.session_state.setdefault(DRAWN, meaning)
    return drawn != meaning


def set_drawn(meaning: str) -> None:
    st.session_state[DRAWN] = meaning


def _changed(key: str, apply: Callable[[Any], Draft]) -> None:
    commit(apply(st.session_state[key]))


def _named(steps: Sequence[Step], was: Opened | None, saved: Opened) -> tuple[Step, ...]:
    """Steps, nearest first, of which the unbroken run of the same segment becomes `saved`."""
    segment = was and was.id
    run = takewhile(lambda step: (step.opened and step.opened.id) == segment, steps)
    named = tuple(Step(step.draft, saved) for step in run)
    return (*named, *steps[len(named) :])
