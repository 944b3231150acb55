"""Who the members are: each attribute beside everyone."""

import streamlit as st
from plotly.graph_objects import Figure

from duckmart.mart import Mart, Size
from duckmart.metrics import Breakdown
from duckmart.segment import Segment
from duckmart.ui import charts, plain
from duckmart.ui.asking import ask, failing, remember


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """Who the members are, by every attribute that can be charted, beside everyone."""
    st.subheader("Who they are", anchor=False)
    if not size.total:
        st.caption("Nobody matches, so there is nobody to chart. Loosen a condition to see who comes in.")
        return
    st.caption(
        "Bars are this segment, gold marks everyone. Hover for counts and the index (100 = like everyone)."
    )
    found = failing(
        lambda: remember(
            mart, segment, "people", lambda: _drawn(ask(lambda stop: mart.breakdowns(segment, stop), 300))
        )
    )
    if not found:
        return
    for start in range(0, len(found), 3):
        columns = st.columns(3)
        for column, (chart, figure) in zip(columns, found[start : start + 3], strict=False):
            with (
                column,
                st.container(border=True, height="stretch", gap="xsmall", key=f"card-{chart.attribute.name}"),
            ):
                _person_chart(chart, figure)


def _drawn(found: list[Breakdown]) -> list[tuple[Breakdown, Figure]]:
    """Figures with what they show; remembered with it, for making them takes longer than the query."""
    return [(chart, charts.breakdown(chart)) for chart in found]


def _person_chart(chart: Breakdown, figure: Figure) -> None:
    words = chart.attribute.name.replace("_", " ")
    name = words[:1].upper() + words[1:]
    hidden = len(chart.bars) - len(charts.shown(chart))
    st.markdown(f"**{plain.markdown(name)}**")
    st.caption(plain.markdown(charts.headline(chart)))
    st.plotly_chart(
        figure,
        key=f"chart-{chart.attribute.name}",
        config=charts.CONFIG,
        alt=f"{name}: members beside everyone",
    )
    if chart.width is not None and hidden:
        st.caption(_unknown(chart))
    elif hidden:
        st.caption(f"{len(charts.shown(chart))} of {len(chart.bars)} values shown.")


def _unknown(chart: Breakdown) -> str:
    members, everyone = chart.shares(next(bar for bar in chart.bars if bar.value is None))
    return f"Without a value: {members:.1%} of the segment, {everyone:.1%} of everyone."
