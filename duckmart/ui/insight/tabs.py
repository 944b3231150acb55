"""What there is to know about a segment, in tabs; only the open one asks the data."""

from collections.abc import Callable

import streamlit as st

from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.ui.insight import activity, curves, members, overlap, people
from duckmart.ui.session.query_runner import rest

TABS: dict[str, Callable[[Segment, Mart, Size], None]] = {
    "Who they are": people.show,
    "What they do": activity.show,
    "How conditions overlap": overlap.show,
    "What if": curves.show,
    "Members": members.show,
}


def show(segment: Segment, data: Mart, size: Size) -> None:
    # Streamlit redraws the page when another tab opens; a closed one stays empty and costs nothing.
    for tab, content in zip(
        st.tabs(list(TABS), key="insight", on_change="rerun"), TABS.values(), strict=True
    ):
        with tab:
            if tab.open:
                rest(segment)
                content(segment, data, size)
