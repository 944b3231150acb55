"""The builder: rows on the left, the answer on the right, who they are below."""

import streamlit as st

from duckmart import mart
from duckmart.settings import settings
from duckmart.ui.editor import options, paste_values, rows
from duckmart.ui.insight import tabs
from duckmart.ui.library import actions, links, saved_segment
from duckmart.ui.results import delivery, results, waterfall
from duckmart.ui.session import query_runner, state

data = mart.current(settings())
links.open_shared(data)
saved = saved_segment.names(data)
answer = results.DraftAnswer.to(state.draft(), data, saved)

actions.show(data, saved, answer.segment, answer.blocker)
rows_column, answer_column = st.columns([17, 10], gap="medium")
# The results come first: the count is painted before the rows are sent.
with answer_column, st.container(key="results"):
    size = results.show(answer, data)
    copies = st.container()
with rows_column:
    paste_values.show(data)
    with st.container(border=True, key="builder"):
        rows.show(data.catalog, saved, saved_segment.circular(data), answer.notes(size, data))
        options.show()
    if answer.segment is not None and size is not None and answer.segment.children:
        waterfall.show(answer.segment, data, size)
if answer.segment is not None:
    # Counted back from the moment of the count, wherever the clock is by now.
    segment = answer.segment.at(size.as_of) if size else answer.segment
    query_runner.first_paint(segment)
    with copies:
        delivery.show_copies(answer.segment, data, size, answer.blocker)
    if size is not None:
        tabs.show(segment, data, size)
