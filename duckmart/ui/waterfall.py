"""How the root's conditions narrow, or widen, the audience."""

import streamlit as st

from duckmart import describe
from duckmart.mart import Mart, Size
from duckmart.segment import Segment
from duckmart.ui import charts
from duckmart.ui.asking import remember


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """How the root's conditions narrow (or widen) the audience, in their order."""
    title = "How each condition narrows the audience"
    if segment.logic_operator != "AND":
        title = "How each condition widens the audience"
    with st.container(border=True, key="waterfall"):
        st.markdown(f"**{title}**")
        if size.table.waterfall is None:
            most = mart.settings.max_combined
            st.caption(f"Of more than {most} conditions side by side each is counted by itself: group some.")
            return
        labels = [describe.line(child) for child in segment.children]
        figure = remember(mart, segment, "waterfall", lambda: charts.waterfall(size.table, labels))
        st.plotly_chart(figure, key="chart-waterfall", config=charts.CONFIG, alt=title)
