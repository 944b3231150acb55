"""What is loaded: users, events, attributes and properties, and how to bring one's own."""

import streamlit as st

from duckmart import mart
from duckmart.catalog import Column
from duckmart.settings import settings
from duckmart.ui import formatting

catalog = mart.current(settings()).catalog


def facts(column: Column, rows: int) -> dict[str, object]:
    """One line of the table of columns."""
    if column.values:
        shown = ", ".join(str(value) for value, _ in column.values[:6])
        holds = shown + (", …" if len(column.values) > 6 else "")
    else:
        holds = f"{column.low} to {column.high}" if column.low is not None else ""
    return {
        "column": column.name,
        "kind": str(column.kind),
        "filled": 1 - column.missing / rows if rows else None,
        "holds": holds,
    }


st.title("Data", anchor=False)
loaded = "read from PostgreSQL" if settings().engine else "loaded"
st.caption(f"Generation {catalog.generation}, {loaded} {formatting.moment(catalog.loaded_at)}.")
with st.container(horizontal=True):
    st.metric("Users", f"{catalog.users:,}", border=True)
    st.metric("Events", f"{catalog.event_total:,}", border=True)
    span = (
        f"{catalog.oldest_event:%d %b %Y} – {catalog.newest_event:%d %b %Y}"
        if catalog.newest_event
        else "none"
    )
    st.metric("Time span", span, border=True)

filled = {"filled": st.column_config.ProgressColumn("filled", format="percent", min_value=0, max_value=1)}
st.header("User attributes", anchor=False)
st.dataframe(
    [facts(column, catalog.users) for column in catalog.attributes.values()],
    column_config=filled,
    hide_index=True,
    key="data.attributes",
)
names, properties = st.columns(2, gap="medium")
with names:
    st.header("Events", anchor=False)
    st.dataframe(
        [{"event": name, "count": count} for name, count in catalog.events.items()],
        column_config={"count": st.column_config.NumberColumn("count", format="localized")},
        hide_index=True,
        key="data.events",
    )
with properties:
    st.header("Event properties", anchor=False)
    rows = [facts(column, catalog.event_total) for column in catalog.properties.values()]
    if rows:
        st.dataframe(rows, column_config=filled, hide_index=True, key="data.properties")
    else:
        st.caption("The events have no further columns.")
if catalog.left_out:
    st.caption(
        f"Left out, for their types cannot be compared: {formatting.markdown(', '.join(catalog.left_out))}."
    )

st.header("Bring your own", anchor=False)
st.write(
    "Load CSV or Parquet files; the app switches to them at the next click, and a bad load changes nothing."
)
st.code("python -m duckmart load --users users.csv --events events.csv", language="bash")
st.caption(
    "Users need `user_id`; events need `user_id`, `event_name` and `timestamp`. Every other column becomes "
    "an attribute or an event property, typed by what it holds."
)
