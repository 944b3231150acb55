"""What a browser session remembers: the draft with its past and future, and answers already given.

    past steps -> the draft, and which saved segment it is -> future steps

The draft is the truth; widgets only show it, and every edit replaces it in a callback, before the page runs.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from itertools import takewhile
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from duckmart.mart import Mart
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json
from duckmart.spec.segment import Segment
from duckmart.ui.streamlit_quirks import whole_state

Answer = TypeVar("Answer")
Given = ParamSpec("Given")


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
class HistoryEntry:
    """What undo and redo bring back: a draft, and which saved segment it was; None for none."""

    draft: Draft
    opened: Opened | None


@dataclass(frozen=True, slots=True)
class Work:
    """All that is being built: the step shown, and those before and after it, each list from old to new."""

    here: HistoryEntry
    past: Sequence[HistoryEntry] = ()
    future: Sequence[HistoryEntry] = ()


@dataclass(slots=True)
class Desk:
    """Where a session's work lies: one object as long as the session lasts; who edits holds its lock.

    `turns` counts the widgets that were replaced, by name; `known` is what each showed or said last, by key.
    """

    work: Work = Work(HistoryEntry(Draft(), None))
    lock: threading.RLock = field(default_factory=threading.RLock)
    turns: dict[str, int] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)


# Every name in the session's state that is not a widget's key.
DESK = "duckmart.desk"
ANSWERS = "duckmart.answers"
DRAWN = "duckmart.drawn"
LATEST = "duckmart.latest"
MOMENT = "duckmart.moment"

STEPS_KEPT = 200
ANSWERS_KEPT = 64


# What the session's state held when a callback began.
_at_hand: ContextVar[Mapping[str, Any] | None] = ContextVar("_at_hand", default=None)


def whole(callback: Callable[Given, None]) -> Callable[Given, None]:
    """A callback that is done whole, whatever is clicked meanwhile.

    Streamlit ends a run that a click has overtaken where it next reads or writes the session's state, and
    begins the next one at once. In a callback that would lose the edit: the next run takes the widget's value
    for an old one. So the callback works on what the state holds as it begins, and on the desk that lies
    there; that of the next run waits for it.
    """

    @wraps(callback)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        token = _at_hand.set(whole_state())
        try:
            with _desk().lock:
                callback(*args, **kwargs)
        finally:
            _at_hand.reset(token)

    return run


def given(widget: str) -> Any:
    """The value of the widget of this key."""
    return (_at_hand.get() or st.session_state)[widget]


def _desk() -> Desk:
    desk: Desk | None = (_at_hand.get() or st.session_state).get(DESK)
    if desk is None:
        desk = st.session_state[DESK] = Desk()
    return desk


def draft() -> Draft:
    return work().here.draft


def opened() -> Opened | None:
    """The saved segment that the rows belong to; None for rows that were never saved."""
    return work().here.opened


def work() -> Work:
    return _desk().work


def set_work(work: Work) -> None:
    _desk().work = work


def commit(changed: Draft) -> None:
    """Makes `changed` the draft; what it replaces can be had back."""
    before = work()
    if changed == before.here.draft:
        return
    past = (*before.past, before.here)[-STEPS_KEPT:]
    set_work(Work(replace(before.here, draft=changed), past))


def open_rows(rows: Draft, saved: Opened | None) -> None:
    """Makes rows from elsewhere the draft: a saved segment's, or nobody's. Undo leads back."""
    commit(rows)
    before = work()
    set_work(replace(before, here=replace(before.here, opened=saved)))


def can_undo() -> bool:
    return bool(work().past)


def can_redo() -> bool:
    return bool(work().future)


@whole
def undo() -> None:
    before = work()
    if before.past:
        set_work(Work(before.past[-1], before.past[:-1], (before.here, *before.future)))


@whole
def redo() -> None:
    before = work()
    if before.future:
        set_work(Work(before.future[0], (*before.past, before.here), before.future[1:]))


def bind(name: str, shown: Any, apply: Callable[[Any], Draft], start: Mapping[str, Any]) -> dict[str, Any]:
    """What ties a widget to a part of a row: it shows `shown`, and an edit commits `apply(value)`.

    `name` is the part's own; `start` tells the widget what it shows when a browser first draws it. It goes
    with every run: of two quick runs a browser draws the second, and sends an empty start back as an edit.

    A widget that shows something else is replaced by another one. With each click a browser says what all its
    widgets show, those too that it has yet to redraw: told to show what undo brought back, a widget would
    still say what was undone, which would be an edit.
    """
    desk = _desk()
    turn = desk.turns.get(name, 0)
    if st.session_state.get(_key(name, turn), shown) != shown:
        turn = desk.turns[name] = turn + 1
    key = _key(name, turn)
    desk.known[key] = shown
    return {"key": key, "on_change": _changed, "args": (key, apply), **start}


def set_saved(saved: Opened) -> None:
    """The rows were saved; so the steps that led to them, and on from them, are that segment's too.

    Else undo would bring back the version of before the save, and the next save would find it overtaken.
    """
    before = work()
    past = _named(before.past[::-1], before.here.opened, saved)[::-1]
    future = _named(before.future, before.here.opened, saved)
    set_work(Work(HistoryEntry(before.here.draft, saved), past, future))


def press(edited: Callable[[], Draft]) -> Callable[[], None]:
    """A button's callback that commits an edit."""
    return whole(lambda: commit(edited()))


def remembered(mart: Mart, question: str, ask: Callable[[], Answer]) -> Answer:
    """The answer to a question on one generation of data, asked once."""
    answers: dict[tuple[int, str], Any] = st.session_state.setdefault(ANSWERS, {})
    key = (id(mart), question)
    # Holding the mart keeps its id its own.
    found = answers.pop(key, None) or (mart, ask())
    answers[key] = found  # at the end: what was used the longest time ago makes way
    while len(answers) > ANSWERS_KEPT:
        answers.pop(next(iter(answers)), None)
    answer: Answer = found[1]
    return answer


def latest(mart: Mart, segment: Segment, place: str, make: Callable[[], Answer]) -> Answer:
    """What a place of the page shows of a segment, made once; that of the next segment takes its room."""
    held: dict[str, tuple[Mart, Segment, Any]] = st.session_state.setdefault(LATEST, {})
    found = held.get(place)
    # To compare segments of a hundred thousand ids takes a seventieth of the time of their meaning.
    if found is None or found[0] is not mart or found[1] != segment:
        found = held[place] = (mart, segment, make())
    made: Answer = found[2]
    return made


def moment(mart: Mart, spec: Json) -> datetime:
    """The moment that the page counts back from: the clock is read when the spec changes, not at each run."""
    held: tuple[Mart, Json, datetime] | None = st.session_state.get(MOMENT)
    if held is None or held[0] is not mart or held[1] != spec:
        held = st.session_state[MOMENT] = (mart, spec, mart.moment())
    return held[2]


def drawn() -> str | None:
    """The meaning of the segment that charts were drawn for last; None if there are none yet."""
    found: str | None = st.session_state.get(DRAWN)
    return found


def set_drawn(meaning: str) -> None:
    st.session_state[DRAWN] = meaning


def _key(name: str, turn: int) -> str:
    return f"{name}#{turn}"


@whole
def _changed(key: str, apply: Callable[[Any], Draft]) -> None:
    """An edit, unless a widget that the page no longer has says once more what it said before."""
    desk, said = _desk(), given(key)
    if desk.known.get(key) != said:
        desk.known[key] = said
        commit(apply(said))


def _named(steps: Sequence[HistoryEntry], was: Opened | None, saved: Opened) -> tuple[HistoryEntry, ...]:
    """Steps, nearest first, of which the unbroken run of the same segment becomes `saved`."""
    segment = was and was.id
    run = takewhile(lambda step: (step.opened and step.opened.id) == segment, steps)
    named = tuple(HistoryEntry(step.draft, saved) for step in run)
    return (*named, *steps[len(named) :])
