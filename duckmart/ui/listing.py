"""A long list for a condition, pasted or uploaded, with a report of what the data knows of it."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

import streamlit as st

from duckmart import edit
from duckmart.catalog import Column
from duckmart.edit import ConditionRow, Draft
from duckmart.mart import Mart
from duckmart.ui import plain, state
from duckmart.ui.asking import ask, failing
from duckmart.ui.cells import read_cell
from duckmart.ui.parts import distinct

_ROW = "listing.row"
_TEXT, _FILE, _COLUMN, _NEGATED = "listing.text", "listing.file", "listing.column", "listing.negated"
SAMPLES = 10
# What a browser may send at once; a hundred thousand ids are well below.
MOST_MEGABYTES = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """The distinct values as the column has them, what it cannot hold, and how many came again."""

    values: tuple[Any, ...]
    unread: tuple[str, ...]
    repeated: int


def open_for(draft: Draft, row: str) -> Draft:
    """Has the page open the dialog for a row; the draft stays as it is."""
    st.session_state[_ROW] = row
    return draft


def show(mart: Mart) -> None:
    """The dialog, if a row has asked for it."""
    row = edit.find(state.draft(), st.session_state.pop(_ROW, ""))
    if isinstance(row, ConditionRow) and row.said["field"] in mart.catalog.attributes:
        _dialog(mart, row, mart.catalog.attributes[row.said["field"]])


def read(cells: Sequence[str], column: Column) -> Listed:
    """The cells of a list; empty ones are no values."""
    told = [cell.strip() for cell in cells]
    made = [(cell, read_cell(cell, column)) for cell in told if cell]
    values = [value for _, value in made if value is not None]
    distinct = tuple(dict.fromkeys(values))
    unread = tuple(dict.fromkeys(cell for cell, value in made if value is None))
    return Listed(distinct, unread, len(values) - len(distinct))


def pasted(text: str) -> list[str]:
    """The values of a pasted text: one a line, or between commas, semicolons or tabs; quotes keep these."""

    def cells(line: str) -> list[str]:
        mark = next((mark for mark in "\t;" if mark in line), ",")
        try:
            return next(csv.reader([line], delimiter=mark, skipinitialspace=True))
        except csv.Error:  # a field longer than any value, which is told with what cannot be read
            return line.split(mark)

    return [cell for line in text.splitlines() if line.strip() for cell in cells(line)]


def columns_of(content: bytes) -> dict[str, list[str]]:
    """A CSV file's columns by the names in its first line. Raises `ValueError` for what is no text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text; save it as CSV UTF-8") from None
    if "\0" in text:
        raise ValueError("the file is no CSV; save it as CSV UTF-8")
    first = text.partition("\n")[0]
    mark = max("\t;,", key=first.count)
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=mark) if row]
    except csv.Error as error:
        raise ValueError(f"the file cannot be read: {error}") from None
    if not rows:
        raise ValueError("the file is empty")
    names = distinct(name.strip() or f"column {place}" for place, name in enumerate(rows[0], 1))
    return {
        name: [row[place] if place < len(row) else "" for row in rows[1:]] for place, name in enumerate(names)
    }


@st.dialog("A list of values", width="large")
def _dialog(mart: Mart, row: ConditionRow, column: Column) -> None:
    name = plain.markdown(column.name)
    st.caption(
        f"Users whose **{name}** is in the list. Paste values, or upload a CSV file with such a column."
    )
    cells = [*pasted(st.text_area("Pasted values", key=_TEXT, height=160)), *_uploaded(column)]
    if not cells:
        return
    listed = read(cells, column)
    known = failing("list", lambda: ask(lambda stop: mart.known(column.name, listed.values, stop)))
    if known is None:
        return
    for line in _report(listed, known, column):
        st.markdown(line)
    was_negated = row.said["operator"] == "not_in"
    negated = st.toggle("Exclude them: is none of these", value=was_negated, key=_NEGATED)
    number = len(listed.values)
    if st.button(
        "Use this 1 value" if number == 1 else f"Use these {number:,} values",
        type="primary",
        key="listing.use",
        disabled=not listed.values,
    ):
        said = {
            "field": column.name,
            "operator": "not_in" if negated else "in",
            "value": listed.values,
        }
        state.press(lambda: edit.change(state.draft(), row.id, (), lambda _: said))()
        st.rerun()


def _uploaded(column: Column) -> list[str]:
    file = st.file_uploader("CSV file", type=["csv", "txt", "tsv"], key=_FILE, max_upload_size=MOST_MEGABYTES)
    if file is None:
        return []
    # The browser's box refuses more; a server should not rely on it.
    if file.size > MOST_MEGABYTES << 20:
        st.error(f"The file is larger than {MOST_MEGABYTES} MB.", icon=":material/error:")
        return []
    try:
        columns = columns_of(file.getvalue())
    except ValueError as error:
        st.error(plain.markdown(str(error)), icon=":material/error:")
        return []
    names = list(columns)
    at = next((place for place, name in enumerate(names) if name.lower() == column.name.lower()), 0)
    chosen = names[0] if len(names) == 1 else st.selectbox("Column of the file", names, index=at, key=_COLUMN)
    # A file of one column may have no header.
    first = [chosen] if len(names) == 1 and chosen.lower() != column.name.lower() else []
    return [*first, *columns[chosen]]


def _report(listed: Listed, known: frozenset[Any], column: Column) -> Iterator[str]:
    # A column of binary fractions has no decimal ones.
    unknown = [value for value in listed.values if (float(value) if column.floating else value) not in known]
    told = len(listed.values)
    yield f":green[:material/check:] **{told - len(unknown):,} matched** of {told:,} different values"
    if unknown:
        yield f":orange[:material/help:] **{len(unknown):,} unknown** to the data: {_samples(unknown)}"
    if listed.unread:
        kind = f"a whole {column.kind}" if column.whole else f"a {column.kind}"
        yield (
            f":orange[:material/block:] **{len(listed.unread):,} left out**, not {kind}: "
            f"{_samples(listed.unread)}"
        )
    if listed.repeated:
        yield f":material/content_copy: **{listed.repeated:,} repeated**, counted once"


def _samples(cells: Sequence[Any]) -> str:
    more = f" and {len(cells) - SAMPLES:,} more" if len(cells) > SAMPLES else ""
    return plain.markdown(", ".join(map(str, cells[:SAMPLES]))) + more
