"""What leaves the page: the ids to download, the SQL and the JSON to copy."""

from io import BytesIO
from typing import Literal

import streamlit as st

from duckmart.export import csv_writer
from duckmart.mart import Mart, Size
from duckmart.query import DIALECTS
from duckmart.segment import Segment


def show_downloads(segment: Segment, mart: Mart, size: Size | None) -> None:
    everyone = segment.unlimited

    def ids() -> bytes:
        made = BytesIO()
        csv_writer(mart.table(everyone, []))(made)
        return made.getvalue()

    st.download_button(
        "Download user ids",
        data=ids,
        file_name="segment_user_ids.csv",
        mime="text/csv",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
        disabled=size is None or not size.total,
        help="A CSV of all matching user ids.",
        key="download",
    )


def show_copies(segment: Segment, mart: Mart) -> None:
    sql, json = st.tabs(["SQL", "JSON"])
    with sql:
        dialect = st.selectbox(
            "SQL dialect",
            list(DIALECTS),
            key="dialect",
            label_visibility="collapsed",
            width=160,
            format_func=DIALECTS.__getitem__,
        )
        st.code(
            mart.members(segment.unlimited).sql(dialect),
            language="sql",
            height=_height(mart, segment),
            wrap_lines=False,
        )
    with json:
        st.caption("Paste it back here, keep it in a file, or POST it to `/segment`.")
        st.code(segment.as_json(), language="json")


def _height(mart: Mart, segment: Segment) -> int | Literal["content"]:
    """Long SQL scrolls in its box rather than pushing everything else down."""
    return 420 if mart.members(segment.unlimited).sql().count("\n") > 18 else "content"
