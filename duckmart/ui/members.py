"""The first members with their attributes, and why a user is one or not."""

import streamlit as st

from duckmart.mart import Mart, Size
from duckmart.segment import Segment
from duckmart.ui import why
from duckmart.ui.asking import ask, failing, remember

PREVIEW_ROWS = 100


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """The first members with their attributes."""
    with st.expander(
        f"Preview members ({min(size.total, PREVIEW_ROWS):,} of {size.total:,})",
        key="preview",
        on_change="rerun",
    ) as box:
        if not box.open:
            return
        if not size.total:
            st.caption("Nobody matches.")
            failing(lambda: why.show(segment, mart))
            return
        cut = segment.model_copy(update={"limit": PREVIEW_ROWS})
        names = list(mart.catalog.attributes)
        table = failing(
            lambda: remember(mart, cut, "members", lambda: ask(lambda stop: mart.table(cut, names, stop)))
        )
        if table is not None:
            st.dataframe(table, hide_index=True, key="members")
        failing(lambda: why.show(segment, mart))
