"""What a browser session remembers: the draft with its past and future, and answers of the mart.

    past steps -> the draft, and which saved segment it is -> future steps

The draft is the truth: widgets only show it, and every edit replaces it in a callback, before the page runs.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from itertools import takewhile
from typing import Any, ParamSpec

import streamlit as st

from duckmart.spec.draft import Draft
from duckmart.ui.streamlit_quirks import state_snapshot

Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Origin:
    """The saved segment that rows were opened from or last saved as, as it was then.

    `uncounted` is a text to compare where some rows are not in its spec; empty if all are.
    """

    id: str
    name: str
    version: int
    spec: str
    uncounted: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What undo and redo bring back: a draft, and the saved segment that it belonged to."""

    draft: Draft
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Work:
    """All that is being built: the current step, and those before and after it, each list from old to new."""

    here: HistoryEntry
    past: Sequence[HistoryEntry] = ()
    future: Sequence[HistoryEntry] = ()


@dataclass(slots=True)
class SessionState:
    """One object for as long as the session lasts; an edit holds its lock.

    `generations` counts by name how often a widget was replaced; `values` are what each showed or sent last,
    by key.
    """

    work: Work = Work(HistoryEntry(Draft(), None))
    # One atomic callback may call another, in the same thread.
    lock: threading.RLock = field(default_factory=threading.RLock)
    generations: dict[str, int] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


# Names in the session's state that are no widget's key.
SESSION = "duckmart.session"
CHARTS_MEANING = "duckmart.charts_meaning"

STEPS_KEPT = 200


# What Streamlit's state held when a callback began.
_snapshot: ContextVar[Mapping[str, Any] | None] = ContextVar("_snapshot", default=None)


def atomic(callback: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Makes a callback run to its end, whatever the user clicks meanwhile.

    When a click comes during a run, Streamlit begins the next run at once, and ends the old one where that
    next reads or writes Streamlit's state. In a callback this would lose the edit, as the next run takes the
    widget's value for an old one. So the callback reads a snapshot of that state, and edits the
    `SessionState` in it under its lock: the callback of the next run waits.
    """

    @wraps(callback)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        token = _snapshot.set(state_snapshot())
        try:
            with _session().lock:
                callback(*args, **kwargs)
        finally:
            _snapshot.reset(token)

    return run


def widget_value(key: str) -> Any:
    """The value of the widget with this key. An atomic callback sees the value from when it began."""
    return (_snapshot.get() or st.session_state)[key]


def _session() -> SessionState:
    session: SessionState | None = (_snapshot.get() or st.session_state).get(SESSION)
    if session is None:
        session = st.session_state[SESSION] = SessionState()
    return session


def draft() -> Draft:
    return work().here.draft


def origin() -> Origin | None:
    """The saved segment that the rows belong to; None for rows that were never saved."""
    return work().here.origin


def work() -> Work:
    return _session().work


def set_work(work: Work) -> None:
    _session().work = work


def commit(draft: Draft) -> None:
    """Makes `draft` the draft; undo brings back the one before."""
    before = work()
    if draft == before.here.draft:
        return
    past = (*before.past, before.here)[-STEPS_KEPT:]
    set_work(Work(replace(before.here, draft=draft), past))


def open_rows(rows: Draft, origin: Origin | None) -> None:
    """Makes rows from elsewhere the draft: a saved segment's, or nobody's. Undo leads back."""
    commit(rows)
    before = work()
    set_work(replace(before, here=replace(before.here, origin=origin)))


def can_undo() -> bool:
    return bool(work().past)


def can_redo() -> bool:
    return bool(work().future)


@atomic
def undo() -> None:
    before = work()
    if before.past:
        set_work(Work(before.past[-1], before.past[:-1], (before.here, *before.future)))


@atomic
def redo() -> None:
    before = work()
    if before.future:
        set_work(Work(before.future[0], (*before.past, before.here), before.future[1:]))


def bind(name: str, value: Any, apply: Callable[[Any], Draft], start: Mapping[str, Any]) -> dict[str, Any]:
    """What ties a widget to a part of a row: it shows `value`, and an edit commits `apply(its value)`.

    `name` is the part's own; `start` tells the widget what it shows when a browser first draws it. It goes
    with every run: of two quick runs a browser draws the second, and sends an empty start back as an edit.

    A widget that has to show another value is replaced by another widget. With each click a browser sends
    what all its widgets show, also those that it has yet to redraw: after an undo, a widget that stays would
    send the value that was undone, and that would be an edit.
    """
    session = _session()
    generation = session.generations.get(name, 0)
    if st.session_state.get(_key(name, generation), value) != value:
        generation = session.generations[name] = generation + 1
    key = _key(name, generation)
    session.values[key] = value
    return {"key": key, "on_change": _on_change, "args": (key, apply), **start}


def set_saved(origin: Origin) -> None:
    """Marks the rows as saved, and the steps before and after them as steps of that segment too.

    Else undo would bring back the version from before the save, and the next save would find it stale.
    """
    before = work()
    past = _with_origin(before.past[::-1], before.here.origin, origin)[::-1]
    future = _with_origin(before.future, before.here.origin, origin)
    set_work(Work(HistoryEntry(before.here.draft, origin), past, future))


def press(edit: Callable[[], Draft]) -> Callable[[], None]:
    """A button's callback that commits an edit."""
    return atomic(lambda: commit(edit()))


def charts_meaning() -> str | None:
    """The meaning of the segment that charts were drawn for last; None if there are none yet."""
    meaning: str | None = st.session_state.get(CHARTS_MEANING)
    return meaning


def set_charts_meaning(meaning: str) -> None:
    st.session_state[CHARTS_MEANING] = meaning


def _key(name: str, generation: int) -> str:
    return f"{name}#{generation}"


@atomic
def _on_change(key: str, apply: Callable[[Any], Draft]) -> None:
    """Commits an edit, unless a widget that the page no longer has sends the same value again."""
    session, value = _session(), widget_value(key)
    if session.values.get(key) != value:
        session.values[key] = value
        commit(apply(value))


def _with_origin(
    steps: Sequence[HistoryEntry], before: Origin | None, after: Origin
) -> tuple[HistoryEntry, ...]:
    """Steps, nearest first; `after` is the origin of those up to the first that is not of `before`."""
    segment_id = before and before.id
    run = takewhile(lambda step: (step.origin and step.origin.id) == segment_id, steps)
    changes = tuple(HistoryEntry(step.draft, after) for step in run)
    return (*changes, *steps[len(changes) :])
