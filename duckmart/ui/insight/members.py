"""The first members with their attributes; and of a user who is chosen, what they did and why they are in."""

from typing import Any

import pyarrow as pa
import streamlit as st

from duckmart.compile import KEY
from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.ui.insight import timeline, why
from duckmart.ui.session.query_runner import ask, failing, remember
from duckmart.ui.streamlit_quirks import outlasting

PREVIEW_ROWS = 100
_HEIGHT = 320
_TABLE, _ASKED = "members", outlasting("why.user")


def show(segment: Segment, data: Mart, size: Size) -> None:
    """The first members, and a box for any user's id; a chosen row fills the box."""
    if size.total:
        failing("members", lambda: _preview(segment, data, size))
    else:
        st.caption("Nobody matches. Any user can be looked at all the same, to see what keeps them out.")
    wanted = st.text_input(
        "Why is a user in, or not? Enter a user id",
        key=_ASKED,
        placeholder="A user id",
        icon=":material/person_search:",
        width=360,
    ).strip()
    if wanted:
        failing("user", lambda: _user(segment, data, wanted))


def _preview(segment: Segment, data: Mart, size: Size) -> None:
    cut = segment.model_copy(update={"limit": PREVIEW_ROWS})
    names = list(data.catalog.attributes)
    table = remember(data, cut, "members", lambda: ask(lambda stop: data.table(cut, names, stop), _HEIGHT))
    st.caption(
        f"The first {len(table):,} of {size.total:,} members by user id. "
        "Select a row to see what that user did, and why."
    )
    st.dataframe(
        table,
        hide_index=True,
        height=_HEIGHT,
        key=_TABLE,
        alt="Members of the segment",
        on_select=lambda: _choose(table),
        selection_mode="single-row",
    )


def _choose(table: pa.Table) -> None:
    """Asks about the user whose row was chosen."""
    chosen: Any = st.session_state[_TABLE].selection.rows
    if chosen:
        st.session_state[_ASKED] = str(table.column(KEY)[chosen[0]].as_py())


def _user(segment: Segment, data: Mart, user_id: str) -> None:
    why.show(segment, data, user_id)
    timeline.show(segment, data, user_id)
