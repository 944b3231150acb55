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
from duckmart.spec.words import counted
from duckmart.ui import formatting
from duckmart.ui.widgets.binding import Part, at, with_chosen
from duckmart.ui.widgets.captions import FRAME, captions
from duckmart.ui.widgets.whole_numbers import ANY_NUMBER, BROWSER_WHOLE, as_float, read_whole

# A longer list is shown as how many there are: as chips it would bury the page.
LIST_SHOWN = 100
# Pixels that a box of values has at least, on a phone too.
VALUE_WIDTH = 200
# A chip of a list has less: 87 pixels for its text on a phone.
CHIP_WIDTH = 87 + FRAME
# Commas that group digits; others may well be decimal ones.
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
# As the loader reads them. Python takes 1_0 for 10, and digits of every script.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(?P<exponent>[eE][+-]?\d{1,3})?", re.ASCII)
_AS_A_CODE = re.compile(r"[+-]?0\d|\+")
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
        case Takes.LIST:
            _many(part, tuple(value or ()), column)
        case Takes.PAIR:
            low, high = value
            _one(part.at(0, label="from"), low, column)
            _one(part.at(1, label="to"), high, column)
        case Takes.ONE:
            _one(part, value, column)


# A box with bounds would keep a number beyond them to itself, beside the count of the one before: it goes
# into the draft instead, whose check says what is wrong.
def days(part: Part, shown: Json, width: int = 96) -> None:
    """A whole number of days."""
    whole(part, shown, "days", width)


def whole(part: Part, shown: Json, placeholder: str = "", width: int = 66) -> None:
    """A whole number from 0, such as a count."""
    if not _fits(shown):
        _number_text(part, shown, whole=True)
        return
    st.number_input(
        part.label,
        placeholder=placeholder,
        label_visibility="collapsed",
        width=width,
        **ANY_NUMBER,
        **part.edits(shown, read_whole(part.say), value=as_float(shown)),
    )


def moment(part: Part, shown: Json, *, clearable: bool = False) -> None:
    """A day, or a time as text where the draft has one; a cleared one is unsaid if it may be."""

    def picked(given: date | None) -> Any:
        if given is None and clearable:
            return part.unsay()
        return part.say(given.isoformat() if given else None)

    if shown is not None and not _is_day(shown):
        _time(part, shown, clearable=clearable)
        return
    day = date.fromisoformat(shown) if shown else None
    st.date_input(
        part.label,
        min_value=EARLIEST,
        max_value=LATEST,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=130,
        **part.edits(day, picked, kind="day", value=day),
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
                    value, lambda typed: as_data(typed, column), kind=column.name, **at(options, value)
                ),
            )
        case _:
            assert_never(column.kind.input)


def _many(part: Part, chosen: Sequence[Any], column: Column) -> None:
    if len(chosen) > LIST_SHOWN:
        st.html(f'<div class="listed">{counted(len(chosen), "value")}</div>', width="content")
        return
    st.multiselect(
        part.label,
        with_chosen(_offered(column), *chosen),
        placeholder="Choose values" if _offered(column) else "Type values",
        format_func=captions(column.counts, CHIP_WIDTH),
        accept_new_options=not column.complete,
        select_all=False,
        label_visibility="collapsed",
        **part.shows(
            list(chosen), lambda cells: _read_all(cells, column), kind=column.name, default=list(chosen)
        ),
    )


def _text(part: Part, value: Json, placeholder: str) -> None:
    shown = value or ""
    st.text_input(
        part.label,
        placeholder=placeholder,
        label_visibility="collapsed",
        **part.shows(shown, lambda typed: normalize("NFC", typed) or None, kind="text", value=shown),
    )


def _number(part: Part, value: Json, column: Column) -> None:
    if not (_fits(value) if column.whole else _fits_float(value)):
        _number_text(part, value, whole=False)
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


def _decimal(typed: float | None) -> int | Decimal | None:
    return None if typed is None else _parsed(repr(typed), whole=False)


def _number_text(part: Part, shown: Json, *, whole: bool) -> None:
    """A number that a browser would round, as its digits."""

    digits = f"{shown:f}" if isinstance(shown, Decimal) else str(shown)

    def read(typed: str) -> Any:
        number = _parsed(typed, whole=whole)
        if number is None:
            _refused(typed, "number")
        return part.say(shown if number is None else number)

    st.text_input(
        part.label,
        label_visibility="collapsed",
        width=160,
        **part.edits(digits, read, kind="digits", value=digits),
    )


def _time(part: Part, shown: str, *, clearable: bool) -> None:
    def read(typed: str) -> Any:
        if clearable and not typed.strip():
            return part.unsay()
        try:
            instants.parse(typed.strip())
        except ValueError:
            _refused(typed, "date or time such as 2026-11-22T09:30:00Z")
            return part.say(shown)
        return part.say(typed.strip())

    st.text_input(
        part.label,
        label_visibility="collapsed",
        width=200,
        help="A date, or a time such as 2026-11-22T09:30:00Z.",
        **part.edits(shown, read, kind="time", value=shown),
    )


def _offered(column: Column) -> list[Any]:
    if column.kind.is_boolean:
        return [True, False]
    return [value for value, _ in column.values]


def _read_all(chosen: Sequence[Any], column: Column) -> tuple[Any, ...] | None:
    """The chosen cells as the column's kind has them; one that cannot be read is named, not added."""
    read = [(cell, read_cell(cell, column)) for cell in chosen]
    for cell, made in read:
        if made is None:
            _refused(cell, f"{column.kind}, so it was not added")
        elif is_like_a_code(cell, column):
            st.toast(f"“{formatting.markdown(cell)}” was read as {made}", icon=":material/warning:")
    return tuple(dict.fromkeys(made for _, made in read if made is not None)) or None


def read_cell(cell: Any, column: Column) -> Any:
    """What was typed as the column's kind has it; None for what it cannot hold."""
    if not isinstance(cell, str) or column.kind.is_text:
        return as_data(cell, column)
    if column.kind.is_number:
        number = _NUMBER.fullmatch(cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell)
        # 1.23457E+11 among whole numbers is an id that a spreadsheet has cut.
        if number is None or (column.whole and number["exponent"]):
            return None
        return _parsed(number[0], whole=column.whole)
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


def _parsed(typed: str, *, whole: bool) -> int | Decimal | None:
    if not _NUMBER.fullmatch(typed.strip()):
        return None
    try:
        number = values.number(Decimal(typed))
    except (ArithmeticError, ValueError):
        return None
    return number if isinstance(number, int) or not whole else None


def _refused(typed: object, what: str) -> None:
    st.toast(f"“{formatting.markdown(str(typed))}” is not a {what}", icon=":material/warning:")


def _is_day(shown: str) -> bool:
    try:
        parsed = instants.parse(shown)
    except ValueError:
        return False
    return not isinstance(parsed, datetime) and EARLIEST <= parsed <= LATEST


def _fits(value: Json) -> bool:
    return value is None or (isinstance(value, int) and abs(value) <= BROWSER_WHOLE)


def _fits_float(value: Json) -> bool:
    return _fits(value) or (isinstance(value, Decimal) and Decimal(repr(float(value))) == value)


def suits(value: Json, takes: Takes, column: Column) -> bool:
    """Whether a value, as far as it is said, is one that the widgets here can show."""
    cells = tuple(value) if isinstance(value, list | tuple) else ()
    match takes:
        case Takes.NOTHING:
            return value is None
        case Takes.LIST:
            return (value is None or bool(cells)) and _are_of(cells, column.kind.cells)
        case Takes.PAIR:
            return len(cells) == 2 and _are_of(cells, column.kind.cells)
        case Takes.DAYS:
            return _are_of((value,), (int, Decimal))
        case Takes.ONE:
            return _are_of((value,), column.kind.cells)
        case Takes.PATTERN | Takes.FRAGMENT:
            return _are_of((value,), (str,))
        case _:
            assert_never(takes)


def _are_of(cells: Sequence[Json], types: tuple[type, ...]) -> bool:
    return all(cell is None or type(cell) in types for cell in cells)
