"""The builder: rows on the left, the answer on the right, who they are below."""

import streamlit as st

from duckmart import mart
from duckmart.settings import settings
from duckmart.ui import actions, results, rows, saving, state

data = mart.current(settings())
answer = results.Answer.to(state.draft(), data)

saved = saving.names(data)
actions.show(data, saved, answer.segment)
left, right = st.columns([8, 5], gap="medium")
# The results come first: the count is painted before the rows are sent.
with right, st.container(key="results"):
    size = results.show(answer, data)
with left:
    with st.container(border=True, key="builder"):
        rows.show(data.catalog, saved, answer.notes(size))
    if answer.segment is not None and size is not None and answer.segment.children:
        results.show_waterfall(answer.segment, data, size)
if answer.segment is not None and size is not None:
    results.show_members(answer.segment, data, size)
    results.show_people(answer.segment, data, size)
