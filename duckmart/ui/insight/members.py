"""The first members with their attributes, and why one user is in or not and what they did."""

from typing import Any

import pyarrow as pa
import streamlit as st

from duckmart.compile import KEY
from duckmart.mart import Mart, Size
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui.insight import timeline, why
from duckmart.ui.session.query_runner import ask_once, failing
from duckmart.ui.streamlit_quirks import outlasting

PREVIEW_ROWS = 100
_HEIGHT = 320
_TABLE, _USER_ID = "members", outlasting("why.user")


def show(segment: Segment, data: Mart, size: Size) -> None:
    """Show the first members, and a box for any user's id, which selecting a row fills."""
    if size.total:
        failing("members", lambda: _preview(segment, data, size))
    else:
        st.caption("Nobody matches. Any user can be looked at all the same, to see what keeps them out.")
    user_id = st.text_input(
        "Why is a user in, or not? Enter a user id",
        key=_USER_ID,
        placeholder="A user id",
        icon=":material/person_search:",
        width=360,
    ).strip()
    if user_id:
        failing("user", lambda: _user(segment, data, user_id))


def _preview(segment: Segment, data: Mart, size: Size) -> None:
    preview = segment.model_copy(update={"limit": PREVIEW_ROWS})
    names = list(data.catalog.attributes)
    table = ask_once(data, preview, "members", lambda stop: data.table(preview, names, stop), _HEIGHT)
    st.caption(
        f"The first {len(table):,} of {quantity(size.total, 'member')} by user id. "
        "Select a row to see why that user is in, and what they did."
    )
    st.dataframe(
        table,
        hide_index=True,
        height=_HEIGHT,
        key=_TABLE,
        alt="Members of the segment",
        on_select=lambda: _look_up(table),
        selection_mode="single-row",
    )


def _look_up(table: pa.Table) -> None:
    """Put the id of the selected row's user into the box."""
    rows: Any = st.session_state[_TABLE].selection.rows
    if rows:
        st.session_state[_USER_ID] = str(table.column(KEY)[rows[0]].as_py())


def _user(segment: Segment, data: Mart, user_id: str) -> None:
    why.show(segment, data, user_id)
    timeline.show(segment, data, user_id)
