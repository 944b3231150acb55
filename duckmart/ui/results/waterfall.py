"""How the root's conditions narrow, or widen, the audience."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

import streamlit as st

from duckmart.insight.truth_table import TruthTable
from duckmart.mart import Mart, Size
from duckmart.spec import describe
from duckmart.spec.segment import Segment
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.session.query_runner import figure
from duckmart.ui.widgets import charts

# How many conditions are named in words, and how much of each.
_MOST_NAMES, _LABEL = 3, 90


def show(segment: Segment, mart: Mart, size: Size) -> None:
    """Show how the root's conditions narrow (or widen) the audience, in their order."""
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
        for words in _marks(size.table, labels):
            st.caption(words)
        chart = figure(mart, segment, "waterfall", lambda: charts.waterfall(size.table, labels))
        st.plotly_chart(chart, key="chart-waterfall", config=charts.CONFIG, alt=title)


def _marks(table: TruthTable, labels: Sequence[str]) -> Iterator[str]:
    """The legend in words: which condition decides, and which change nothing."""
    decisive, without = table.decisive, table.without
    if decisive is not None and without is not None:
        change = without[decisive] - table.total
        name, effect = "Bottleneck", f"{quantity(change, 'more user')} would match"
        if change < 0:
            name, effect = "Carries the most", f"{quantity(-change, 'fewer user')} would match"
        words = f"**{_label_words(labels[decisive])}**: without it {effect}."
        yield f":orange[:material/square:] {name}: {words}"
    # Where nobody matches, each one by itself changes nothing.
    if table.idle and table.total:
        several = "each left out by itself" if len(table.idle) > 1 else "left out"
        names = "; ".join(f"**{_label_words(labels[child])}**" for child in table.idle[:_MOST_NAMES])
        more = f"; {len(table.idle) - _MOST_NAMES} more" if len(table.idle) > _MOST_NAMES else ""
        yield f":green[:material/square:] Changes nothing, {several}: {names}{more}."


def _label_words(label: str) -> str:
    return formatting.markdown(shorten(label, _LABEL, placeholder="…"))
