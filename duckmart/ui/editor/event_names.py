"""The widget of the events that a condition is about: one, several or any."""

from collections.abc import Mapping

import streamlit as st

from duckmart.spec.json_text import Json
from duckmart.spec.segment import ANY_EVENT
from duckmart.ui.editor.row_widgets import select
from duckmart.ui.widgets.binding import Part, with_chosen
from duckmart.ui.widgets.captions import FRAME, captions

EVENT_WIDTH = 178
# A chip among several events has 64 pixels for its text on a phone.
EVENT_CHIP_WIDTH = 60 + FRAME


def show(part: Part, names: Json, events: Mapping[str, int]) -> None:
    """One event, any event, or several; `events` are the names in the data with their counts."""
    is_one = names is None or isinstance(names, str)
    name_and_count = captions(events, EVENT_WIDTH if is_one else EVENT_CHIP_WIDTH, absent=0)

    def caption(name: str) -> str:
        return "any event" if name == ANY_EVENT else name_and_count(name)

    if is_one:
        select(
            part.label,
            [*events, ANY_EVENT],
            names,
            part.shows(names),
            placeholder="Choose an event",
            format_func=caption,
            width=EVENT_WIDTH,
        )
        return
    st.multiselect(
        f"{part.label}s",
        with_chosen(events, *names),
        placeholder="Choose events",
        format_func=caption,
        select_all=False,
        label_visibility="collapsed",
        **part.shows(list(names), tuple, kind="several", default=list(names)),
    )
