"""The widgets of a value: what suits the kind of column and what the operator takes, always in full."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_never
from unicodedata import is_normalized, normalize

import streamlit as st

from duckmart import instants
from duckmart.catalog import Column
from duckmart.spec import values
from duckmart.spec.json_text import Json
from duckmart.spec.kinds import Input
from duckmart.spec.operators import Takes
from duckmart.spec.words import quantity
from duckmart.ui import formatting
from duckmart.ui.editor.row_widgets import words
from duckmart.ui.widgets.binding import Part, at, with_chosen
from duckmart.ui.widgets.captions import FRAME, captions
from duckmart.ui.widgets.whole_numbers import ANY_NUMBER, BROWSER_WHOLE, as_float, read_whole

# A longer list is shown as how many there are: as chips it would bury the page.
LIST_SHOWN = 100
# The least pixels that a box of values has, which is on a phone.
VALUE_WIDTH = 200
# A chip of a list has less: 87 pixels for its text on a phone.
CHIP_WIDTH = 87 + FRAME
# Commas that group digits; any other comma may be a decimal one.
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
# As the loader reads them. Python takes 1_0 for 10, and digits of every script.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(?P<exponent>[eE][+-]?\d{1,3})?", re.ASCII)
_AS_A_CODE = re.compile(r"[+-]?0\d|\+")
_PERCENT = Column.of_number("percent")
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


def show(part: Part, value: Json, takes: Takes, column: Column) -> None:
    """The value of a comparison at `part`, such as `Filter 1 value`."""
    match takes:
        case Takes.NOTHING:
            return
        case Takes.PATTERN:
            _text(part, value, "A%  (% any text, _ one letter)")
        case Takes.FRAGMENT:
            _text(part, value, "a part of the text")
        case Takes.DAYS:
            days(part, value)
        case Takes.RANK:
            whole_number(part, value, "users", width=96)
        case Takes.PERCENT:
            _number(part, value, _PERCENT)
            words("%")
        case Takes.LIST:
            _many(part, tuple(value or ()), column.elements)
        case Takes.PAIR:
            low, high = value
            _one(part.at(0, label="from"), low, column)
            _one(part.at(1, label="to"), high, column)
        case Takes.ONE:
            _one(part, value, column)


# These boxes have no bounds. The browser would never send a number beyond a bound, so the page would go on
# showing the count of the number before. Without bounds it gets into the draft, and the check names it.
def days(part: Part, value: Json, width: int = 96) -> None:
    """A whole number of days."""
    whole_number(part, value, "days", width)


def whole_number(part: Part, value: Json, placeholder: str = "", width: int = 66) -> None:
    """A whole number from 0, such as a count."""
    if not _fits(value):
        _number_text(part, value, is_whole=True)
        return
    st.number_input(
        part.label,
        placeholder=placeholder,
        label_visibility="collapsed",
        width=width,
        **ANY_NUMBER,
        **part.edits(value, read_whole(part.say), value=as_float(value)),
    )


def moment(part: Part, value: Json, *, clearable: bool = False) -> None:
    """A day, or a time as text where the draft has one; a `clearable` one can be taken out of the spec."""

    def pick(day: date | None) -> Any:
        if day is None and clearable:
            return part.unsay()
        return part.say(day.isoformat() if day else None)

    if value is not None and not _is_day(value):
        _time(part, value, clearable=clearable)
        return
    day = date.fromisoformat(value) if value else None
    st.date_input(
        part.label,
        min_value=EARLIEST,
        max_value=LATEST,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=130,
        **part.edits(day, pick, kind="day", value=day),
    )


def _one(part: Part, value: Json, column: Column) -> None:
    match column.kind.input:
        case Input.NUMBER:
            _number(part, value, column)
        case Input.DATE:
            moment(part, value)
        case Input.CHOICE:
            options = with_chosen(_offered(column), value)
            st.selectbox(
                part.label,
                options,
                placeholder="Choose a value",
                format_func=captions(column.counts, VALUE_WIDTH),
                accept_new_options=not column.complete,
                label_visibility="collapsed",
                **part.shows(
                    value, lambda text: as_data(text, column), kind=column.name, **at(options, value)
                ),
            )
        case _:
            assert_never(column.kind.input)


def _many(part: Part, cells: Sequence[Any], column: Column) -> None:
    if len(cells) > LIST_SHOWN:
        st.html(f'<div class="listed">{quantity(len(cells), "value")}</div>', width="content")
        return
    st.multiselect(
        part.label,
        with_chosen(_offered(column), *cells),
        placeholder="Choose values" if _offered(column) else "Type values",
        format_func=captions(column.counts, CHIP_WIDTH),
        accept_new_options=not column.complete,
        select_all=False,
        label_visibility="collapsed",
        **part.shows(
            list(cells), lambda entries: _read_all(entries, column), kind=column.name, default=list(cells)
        ),
    )


def _text(part: Part, value: Json, placeholder: str) -> None:
    text = value or ""
    st.text_input(
        part.label,
        placeholder=placeholder,
        label_visibility="collapsed",
        **part.shows(text, lambda entry: normalize("NFC", entry) or None, kind="text", value=text),
    )


def _number(part: Part, value: Json, column: Column) -> None:
    if not (_fits(value) if column.whole else _fits_float(value)):
        _number_text(part, value, is_whole=False)
        return
    kind = f"{column.name}.number"
    st.number_input(
        part.label,
        placeholder="number" if column.low is None else f"{column.low} to {column.high}",
        label_visibility="collapsed",
        width=130,
        **ANY_NUMBER,
        **(
            part.edits(value, read_whole(part.say), kind=kind, value=as_float(value))
            if column.whole
            else part.shows(as_float(value), _decimal, kind=kind, value=as_float(value))
        ),
    )


def _decimal(number: float | None) -> int | Decimal | None:
    return None if number is None else _parse(repr(number), is_whole=False)


def _number_text(part: Part, value: Json, *, is_whole: bool) -> None:
    """A number as text, where a browser would round it: its numbers are binary fractions of 53 bits."""

    digits = f"{value:f}" if isinstance(value, Decimal) else str(value)

    def read(entry: str) -> Any:
        number = _parse(entry, is_whole=is_whole)
        if number is None:
            _refuse(entry, "number")
        return part.say(value if number is None else number)

    st.text_input(
        part.label,
        label_visibility="collapsed",
        width=160,
        **part.edits(digits, read, kind="digits", value=digits),
    )


def _time(part: Part, value: str, *, clearable: bool) -> None:
    def read(entry: str) -> Any:
        if clearable and not entry.strip():
            return part.unsay()
        try:
            instants.parse(entry.strip())
        except ValueError:
            _refuse(entry, "date or time such as 2026-11-22T09:30:00Z")
            return part.say(value)
        return part.say(entry.strip())

    st.text_input(
        part.label,
        label_visibility="collapsed",
        width=200,
        help="A date, or a time such as 2026-11-22T09:30:00Z.",
        **part.edits(value, read, kind="time", value=value),
    )


def _offered(column: Column) -> list[Any]:
    if column.kind.is_boolean:
        return [True, False]
    return [value for value, _ in column.values]


def _read_all(cells: Sequence[Any], column: Column) -> tuple[Any, ...] | None:
    """The cells as values of the column; a toast names those that it cannot hold, which are left out."""
    pairs = [(cell, read_cell(cell, column)) for cell in cells]
    for cell, value in pairs:
        if value is None:
            _refuse(cell, f"{column.kind}, so it was not added")
        elif is_like_a_code(cell, column):
            st.toast(f"“{formatting.markdown(cell)}” was read as {value}", icon=":material/warning:")
    return tuple(dict.fromkeys(value for _, value in pairs if value is not None)) or None


def read_cell(cell: Any, column: Column) -> Any:
    """What was typed as a value of the column; None for what it cannot hold."""
    if not isinstance(cell, str) or column.kind.is_text:
        return as_data(cell, column)
    if column.kind.is_number:
        number = _NUMBER.fullmatch(cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell)
        # 1.23457E+11 among whole numbers is an id that a spreadsheet has cut.
        if number is None or (column.whole and number["exponent"]):
            return None
        return _parse(number[0], is_whole=column.whole)
    if not column.kind.is_dated:
        return None
    try:
        moment = instants.parse(cell)
    except ValueError:
        return None
    return None if isinstance(moment, datetime) and not column.kind.has_time else cell


def as_data(cell: Any, column: Column) -> Any:
    """A typed text in the Unicode form that loaded data has, unless the column holds it as it is."""
    if not isinstance(cell, str) or is_normalized("NFC", cell):
        return cell
    return cell if any(cell == value for value, _ in column.values) else normalize("NFC", cell)


def is_like_a_code(cell: Any, column: Column) -> bool:
    """Whether a number was written with leading zeros or a plus, which the number does not keep."""
    return column.kind.is_number and isinstance(cell, str) and _AS_A_CODE.match(cell) is not None


def _parse(text: str, *, is_whole: bool) -> int | Decimal | None:
    if not _NUMBER.fullmatch(text.strip()):
        return None
    try:
        number = values.number(Decimal(text))
    except (ArithmeticError, ValueError):
        return None
    return number if isinstance(number, int) or not is_whole else None


def _refuse(entry: object, what: str) -> None:
    st.toast(f"“{formatting.markdown(str(entry))}” is not a {what}", icon=":material/warning:")


def _is_day(text: str) -> bool:
    try:
        moment = instants.parse(text)
    except ValueError:
        return False
    return not isinstance(moment, datetime) and EARLIEST <= moment <= LATEST


def _fits(value: Json) -> bool:
    return value is None or (isinstance(value, int) and abs(value) <= BROWSER_WHOLE)


def _fits_float(value: Json) -> bool:
    return _fits(value) or (isinstance(value, Decimal) and Decimal(repr(float(value))) == value)


def suits(value: Json, takes: Takes, column: Column) -> bool:
    """Whether the widgets here can show a value, or the parts of it that are there."""
    cells = tuple(value) if isinstance(value, list | tuple) else ()
    match takes:
        case Takes.NOTHING:
            return value is None
        case Takes.LIST:
            return (value is None or bool(cells)) and _are_of(cells, column.kind.cells)
        case Takes.PAIR:
            return len(cells) == 2 and _are_of(cells, column.kind.cells)
        case Takes.DAYS | Takes.RANK | Takes.PERCENT:
            return _are_of((value,), (int, Decimal))
        case Takes.ONE:
            return _are_of((value,), column.kind.cells)
        case Takes.PATTERN | Takes.FRAGMENT:
            return _are_of((value,), (str,))
        case _:
            assert_never(takes)


def _are_of(cells: Sequence[Json], types: tuple[type, ...]) -> bool:
    return all(cell is None or type(cell) in types for cell in cells)
