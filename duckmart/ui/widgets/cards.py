"""A card of insight: a title that says what it shows, a chart, and the same numbers as a table."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TypeAlias

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from duckmart.export_tables import csv_writer
from duckmart.ui import formatting
from duckmart.ui.session import state
from duckmart.ui.widgets import charts

Rows: TypeAlias = pa.Table | pd.DataFrame | Sequence[Mapping[str, object]]
# A function, because most tables are never opened or downloaded.
Table = Callable[[], Rows]
Select = Callable[[int], None]

# A table leaves this much of the chart's height for the buttons below it.
_BUTTONS = 56
# Which cards show their table. Not a widget's key: Streamlit forgets those when a tab closes.
_TABLES = "cards.tables"


def show(
    title: str,
    words: str,
    figure: go.Figure,
    table: Table,
    *,
    key: str,
    on_select: Select | None = None,
    action: str = "Add as condition",
) -> None:
    """Show a card with a chart, or the `table` of its numbers in the same height.

    `title` is plain text, `words` Markdown. `on_select` is a callback with the number of the table's row
    whose point was clicked, so points stand in the order of the rows; the table view has a button for it,
    which says `action`.
    """
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"cardhead-{key}"):
            st.header(formatting.markdown(title), anchor=False)
            as_table = key in _tables()
            st.button(
                f"{'Chart' if as_table else 'Table'} of {formatting.markdown(title)}",
                icon=":material/bar_chart:" if as_table else ":material/table_rows:",
                type="tertiary",
                key=f"icon-view-{key}",
                on_click=_turn,
                args=(key,),
            )
        if words:
            st.caption(words)
        if as_table:
            _table(title, figure.layout.height, table, key, on_select, action)
        else:
            _chart(title, figure, key, on_select)


def _chart(title: str, figure: go.Figure, key: str, on_select: Select | None) -> None:
    name = f"chart-{key}"
    st.plotly_chart(
        figure,
        key=name,
        config=charts.CONFIG,
        alt=title,
        on_select=(lambda: _clicked(name, on_select)) if on_select else "ignore",
        selection_mode="points",
    )


@state.atomic
def _clicked(name: str, on_select: Select) -> None:
    # A second click on a point clears the selection, and there is nothing to add.
    for place in state.widget_value(name).selection.point_indices[:1]:
        on_select(place)


def _table(title: str, height: int, table: Table, key: str, on_select: Select | None, action: str) -> None:
    name, rows = f"table-{key}", table()
    st.dataframe(
        rows,
        hide_index=True,
        height=height - _BUTTONS,
        key=name,
        alt=title,
        on_select="rerun" if on_select else "ignore",
        selection_mode="single-row",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if on_select:
            # After an edit a selected row may be gone.
            selection = [row for row in st.session_state[name]["selection"]["rows"] if row < len(rows)]
            st.button(
                action,
                icon=":material/add:",
                key=f"choose-{key}",
                disabled=not selection,
                help=None if selection else "Select a row first: click it, or press Shift and Space on it.",
                on_click=lambda: _use(name, selection[0], on_select),
            )
        st.download_button(
            "CSV",
            data=lambda: _csv(table()),
            file_name=f"{key}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"csv-{key}",
        )


@state.atomic
def _use(name: str, row: int, on_select: Select) -> None:
    on_select(row)
    # The rows change with the segment, so the selection would be another row.
    st.session_state[name] = {"selection": {"rows": [], "columns": [], "cells": []}}


def _csv(table: Rows) -> bytes:
    file = BytesIO()
    csv_writer(_arrow(table))(file)
    return file.getvalue()


def _arrow(table: Rows) -> pa.Table:
    if isinstance(table, pd.DataFrame):
        return pa.Table.from_pandas(table, preserve_index=False)
    return table if isinstance(table, pa.Table) else pa.Table.from_pylist([dict(row) for row in table])


def _tables() -> set[str]:
    keys: set[str] = st.session_state.setdefault(_TABLES, set())
    return keys


def _turn(key: str) -> None:
    _tables().symmetric_difference_update({key})
