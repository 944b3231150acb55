"""A dialog for a long list of values, pasted or uploaded, with a report of how many the data has."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from duckmart.catalog import Column
from duckmart.data.load.text import UTF_8
from duckmart.mart import Mart
from duckmart.spec import edit
from duckmart.spec.draft import ConditionRow, Draft
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.editor.list_file import ListFile
from duckmart.ui.editor.value_inputs import is_like_a_code, read_cell
from duckmart.ui.session import state
from duckmart.ui.session.query_runner import ask, failing

_ROW = "listing.row"
_TEXT, _FILE, _COLUMN, _NEGATED = "listing.text", "listing.file", "listing.column", "listing.negated"
_HEADER = "listing.header"
SAMPLES = 10
# The first rows of a file are enough to tell which column is meant.
ROWS_COMPARED = 1000
# What the decoder puts where a file has bytes that are no text.
UNREADABLE = "\ufffd"
# What a browser may send at once; a hundred thousand ids are well below.
MOST_MEGABYTES = 20


@dataclass(frozen=True, slots=True)
class ListEntries:
    """The distinct values of a list as the column has them, and what became of its other entries.

    The column cannot hold those in `unread`. `codes` are numbers with leading zeros or a plus, which the
    values do not have.
    """

    values: tuple[Any, ...]
    unread: tuple[str, ...]
    duplicates: int
    codes: tuple[str, ...] = ()


def open_for(draft: Draft, row: str) -> Draft:
    """Has the page open the dialog for a row; the draft stays as it is."""
    # A menu entry runs in a callback, before the page is drawn: `show` opens the dialog in the run after it.
    st.session_state[_ROW] = row
    return draft


def show(mart: Mart) -> None:
    """The dialog, if a row's menu has asked for it in the last click."""
    row = state.draft().find(st.session_state.pop(_ROW, ""))
    if isinstance(row, ConditionRow) and row.condition["field"] in mart.catalog.attributes:
        _dialog(mart, row, mart.catalog.attributes[row.condition["field"]])


def read(cells: Sequence[str], column: Column) -> ListEntries:
    """The cells of a list; empty ones are no values."""
    texts = [cell.strip() for cell in cells]
    readings = [(cell, None if UNREADABLE in cell else read_cell(cell, column)) for cell in texts if cell]
    values = [value for _, value in readings if value is not None]
    distinct = tuple(dict.fromkeys(values))
    unread = tuple(dict.fromkeys(cell for cell, value in readings if value is None))
    codes = tuple(
        dict.fromkeys(cell for cell, value in readings if value is not None and is_like_a_code(cell, column))
    )
    return ListEntries(distinct, unread, len(values) - len(distinct), codes)


def pasted(text: str) -> list[str]:
    """The values of a pasted text: one a line, or between commas, semicolons or tabs; quotes keep these."""

    def cells(line: str) -> list[str]:
        mark = next((mark for mark in "\t;" if mark in line), ",")
        try:
            return next(csv.reader([line], delimiter=mark, skipinitialspace=True))
        except csv.Error:  # a field longer than any value may be: the report names it as unread
            return line.split(mark)

    return [cell for line in text.splitlines() if line.strip() for cell in cells(line)]


@st.dialog("A list of values", width="large")
def _dialog(mart: Mart, row: ConditionRow, column: Column) -> None:
    name = formatting.markdown(column.name)
    st.caption(
        f"Users whose **{name}** is in the list. Paste values, or upload a CSV file with such a column."
    )
    cells = [
        *pasted(st.text_area("Pasted values", key=_TEXT, height=160)),
        *_uploaded(column, mart.catalog.attributes),
    ]
    if not cells:
        return
    entries = read(cells, column)
    in_data = failing("list", lambda: ask(lambda stop: mart.known_values(column.name, entries.values, stop)))
    if in_data is None:
        return
    for line in _report(entries, in_data, column):
        st.markdown(line)
    was_negated = row.condition["operator"] == "not_in"
    negated = st.toggle("Exclude them: is none of these", value=was_negated, key=_NEGATED)
    if st.button(
        f"Use {quantity(len(entries.values), 'value')}",
        type="primary",
        key="listing.use",
        disabled=not entries.values,
    ):
        condition = {
            "field": column.name,
            "operator": "not_in" if negated else "in",
            "value": entries.values,
        }
        state.press(lambda: edit.change(state.draft(), row.id, (), lambda _: condition))()
        st.rerun()


def _uploaded(column: Column, names: Iterable[str]) -> list[str]:
    upload = st.file_uploader(
        "CSV file", type=["csv", "txt", "tsv"], key=_FILE, max_upload_size=MOST_MEGABYTES
    )
    if upload is None:
        return []
    # The browser's box refuses more; a server should not rely on it.
    if upload.size > MOST_MEGABYTES << 20:
        st.error(f"The file is larger than {MOST_MEGABYTES} MB.", icon=":material/error:")
        return []
    try:
        file = ListFile.of(upload.getvalue())
    except ValueError as error:
        st.error(formatting.markdown(str(error)), icon=":material/error:")
        return []
    if file.encoding != UTF_8:
        st.caption(f"Read as {file.encoding}.")
    header = st.toggle(
        "The first row names the columns",
        value=file.begins_with_names(names, {str(value) for value, _ in column.values}),
        # By file: for another file the guess counts, not what the user said of this one.
        key=f"{_HEADER}.{upload.file_id}",
        help="Off: the first row is a value like those below it.",
    )
    columns = file.columns(header=header)
    place = likeliest(columns, column)
    labels = {name: name if header else f"{name}: {', '.join(cells[:3])}" for name, cells in columns.items()}
    if len(columns) == 1:
        return next(iter(columns.values()))
    return columns[
        st.selectbox(
            "Column of the file",
            list(columns),
            index=place,
            key=f"{_COLUMN}.{upload.file_id}.{header}",
            format_func=labels.__getitem__,
        )
    ]


def likeliest(columns: Mapping[str, Sequence[str]], column: Column) -> int:
    """Which column of a file holds the values: the one of that name, else the one with the most that fit."""
    counts = column.counts

    def fit(name: str) -> tuple[bool, int, int]:
        values = [read_cell(cell, column) for cell in columns[name][:ROWS_COMPARED] if cell]
        read = [value for value in values if value is not None]
        return name.casefold() == column.name.casefold(), sum(value in counts for value in read), len(read)

    fits = [fit(name) for name in columns]
    return fits.index(max(fits))


def _report(entries: ListEntries, in_data: frozenset[Any], column: Column) -> Iterator[str]:
    # A column of binary fractions holds 0.1 as the nearest one, which no decimal equals.
    unknown = [
        value for value in entries.values if (float(value) if column.floating else value) not in in_data
    ]
    total = len(entries.values)
    yield f":green[:material/check:] **{total - len(unknown):,} matched** of {total:,} different values"
    if unknown:
        yield f":orange[:material/help:] **{len(unknown):,} unknown** to the data: {_samples(unknown)}"
    if entries.unread:
        kind = f"a whole {column.kind}" if column.whole else f"a {column.kind}"
        yield (
            f":orange[:material/block:] **{len(entries.unread):,} left out**, not {kind}: "
            f"{_samples(entries.unread)}"
        )
    if entries.codes:
        yield (
            f":orange[:material/warning:] **{len(entries.codes):,} read as plain numbers**, without leading "
            f"zeros or plus: {_samples(entries.codes)}"
        )
    if entries.duplicates:
        yield f":material/content_copy: **{entries.duplicates:,} repeated**, counted once"


def _samples(cells: Sequence[Any]) -> str:
    more = f" and {len(cells) - SAMPLES:,} more" if len(cells) > SAMPLES else ""
    return formatting.markdown(", ".join(map(str, cells[:SAMPLES]))) + more
