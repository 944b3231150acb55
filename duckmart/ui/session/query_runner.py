"""Questions to the mart from a page: asked in a worker thread, so that a new edit ends the running query."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from time import monotonic, sleep
from typing import TypeVar

import plotly.graph_objects as go
import streamlit as st

from duckmart.engines import Stop
from duckmart.errors import EngineError
from duckmart.mart import Mart
from duckmart.spec.segment import Segment
from duckmart.ui import formatting
from duckmart.ui.session import answer_cache, state
from duckmart.ui.streamlit_quirks import end_if_overtaken, without_thread_warnings

Answer = TypeVar("Answer")

_workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="question")
# Seconds before the skeleton: for a quick answer it would only flicker.
_PATIENCE = 0.25
_TICK = 0.02
# Debounce: seconds to wait for another edit before charts are drawn.
REST = 0.6
# Seconds that a browser takes to paint a count: its first one, and any other.
FIRST_PAINT, PAINT = 1.0, 0.05

without_thread_warnings()


def ask(question: Callable[[Stop], Answer], height: int = 80) -> Answer:
    """The answer to `question`; a skeleton of `height` pixels stands in when it takes long.

    Raises what the question raises. If the page's run ends first, so does the query.
    """
    stop = Stop()
    start = monotonic()
    waiting = None
    future = _workers.submit(question, stop)
    try:
        while True:
            try:
                return future.result(timeout=_TICK)
            except StillRunning:
                if monotonic() - start > _PATIENCE:
                    # Ends this run, and by `finally` the query, when the user has made another edit.
                    end_if_overtaken()
                    if waiting is None:
                        waiting = st.empty()
                        waiting.skeleton(height)
    finally:
        stop.pull()
        if waiting is not None:
            waiting.empty()


def paint(segment: Segment) -> None:
    """Waits until a new count is painted: the browser would draw first what is sent together with it."""
    if state.charts_meaning() != segment.meaning:
        sleep(PAINT)
        end_if_overtaken()


def first_paint(segment: Segment) -> None:
    """Waits until a session's first count is painted: code and charts need 6 MB of script."""
    if state.charts_meaning() is None:
        rest(segment)


def rest(segment: Segment) -> None:
    """Waits until edits pause, before charts; not if the browser has this segment's charts already.

    Charts take a browser long to draw, and the count of the next edit would wait for them.
    """
    meaning, previous = segment.meaning, state.charts_meaning()
    if meaning == previous:
        return
    until = monotonic() + (REST if previous else FIRST_PAINT)
    while monotonic() < until:
        sleep(_TICK)
        end_if_overtaken()
    state.set_charts_meaning(meaning)


def remember(mart: Mart, segment: Segment, what: str, find: Callable[[], Answer]) -> Answer:
    """The answer to `what` about a segment, asked once in a session."""
    return answer_cache.answer(mart, f"{what} {segment.meaning}", find)


def ask_once(
    mart: Mart, segment: Segment, what: str, question: Callable[[Stop], Answer], height: int = 80
) -> Answer:
    """The answer to a question about a segment, asked once in a session; `height` is as for `ask`."""
    return remember(mart, segment, what, lambda: ask(question, height))


def figure(mart: Mart, segment: Segment, place: str, draw: Callable[[], go.Figure]) -> go.Figure:
    """The figure at a place of the page, drawn once for a segment.

    Only the last one is kept: it takes twenty times the memory of the numbers in it, and is quickly redrawn.
    """
    return answer_cache.latest(mart, segment, place, draw)


def failing(what: str, find: Callable[[], Answer]) -> Answer | None:
    """An answer, or the engine's failure in words where it would have been, and a button that asks again."""
    try:
        return find()
    except EngineError as error:
        words = str(error)
        st.error(formatting.markdown(f"{words[:1].upper()}{words[1:]}"), icon=":material/error:")
        st.button("Try again", key=f"again-{what}", icon=":material/refresh:")
        return None
