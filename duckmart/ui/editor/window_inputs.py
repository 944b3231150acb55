"""The widgets of a window: at any time, the last days, or a form with widgets of its own."""

import re
from typing import assert_never

import streamlit as st

from duckmart.catalog import Catalog
from duckmart.spec import condition_json, edit, window_json
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.lengths import DAYS, HOURS, Length
from duckmart.spec.values import MAX_DAYS
from duckmart.spec.windows import TIME_RANGE, TIME_RANGES, Asks, Control, up_to_now
from duckmart.spec.words import readable_name
from duckmart.ui import formatting
from duckmart.ui.editor import value_inputs
from duckmart.ui.editor.row_widgets import select, words
from duckmart.ui.session import state
from duckmart.ui.streamlit_quirks import distinct
from duckmart.ui.widgets.binding import Part, with_chosen

# A length of a window in the menu: a number of days, or another length.
Entry = int | Length
# How long a window may be; 0 stands for all history, as a menu cannot offer None.
LENGTHS: tuple[Entry, ...] = (0, Length(6, HOURS), Length(12, HOURS), 1, 7, 14, 30, 60, 90, 180, 365)
# 45, 45 days, 2 weeks, 2w, in the last 1,000 days, 6 hours, 6h
_DURATION = re.compile(
    r"\s*(in the )?(last )?(?P<number>\d{1,3}(,\d{3})+|\d+)\s*"
    r"((?P<weeks>w|weeks?)|(?P<hours>h|hours?)|d|days?)?\s*",
    re.IGNORECASE,
)


def show(part: Part, condition: JsonObject, catalog: Catalog) -> None:
    dates = [name for name, column in catalog.attributes.items() if column.kind.is_dated]
    window = _menu_entry(condition)
    select(
        f"{part.label} window",
        [*LENGTHS, *(form.label for form in TIME_RANGES if dates or not form.own_date_keys())],
        window,
        part.edits(window, lambda entry: _with_window(part, condition, entry, dates), kind="window"),
        format_func=_label,
        accept_new_options=True,
        help="Type any other number of days, weeks or hours: 45, 2 weeks, 6 hours.",
        width=154,
    )
    form = window_json.form_of(condition)
    for control in form.controls if form else ():
        _show_control(part, condition[TIME_RANGE], control, dates)


def _show_control(part: Part, window: JsonObject, control: Control, dates: list[str]) -> None:
    if control.joiner:
        words(control.joiner)
    value = window.get(control.key)
    here = part.at(TIME_RANGE, control.key, label=control.label)
    match control.asks:
        case Asks.DAYS:
            value_inputs.days(here, value, width=control.width)
        case Asks.MOMENT:
            value_inputs.moment(_WindowEnd(here.row, here.label, here.path), value)
        case Asks.OWN_DATE:
            _show_own_date(here, value, control.width, dates)
        case _:
            assert_never(control.asks)


def _show_own_date(part: Part, date: str | None, width: int, dates: list[str]) -> None:
    choices = with_chosen(dates, date)
    labels = distinct(f"from their {readable_name(name)}" if name else "" for name in choices)
    select(
        part.label,
        choices,
        date,
        part.shows(date),
        format_func=dict(zip(choices, labels, strict=True)).__getitem__,
        width=width,
    )


class _WindowEnd(Part):
    """One end of a window between dates; clearing it opens that end."""

    __slots__ = ()

    def say(self, value: Json) -> Draft:
        *window, end = self.path
        return edit.change(
            state.draft(),
            self.row,
            tuple(window),
            lambda keys: condition_json.with_key(keys, str(end), value),
        )


def _with_window(part: Part, condition: JsonObject, entry: Entry | str, dates: list[str]) -> Draft:
    """The draft with the window of a menu entry, or of a text such as `45 days`."""
    form = next((form for form in TIME_RANGES if form.label == entry), None)
    # Choosing the form that it has already would reset the form's values.
    if form is not None and form is window_json.form_of(condition):
        return state.draft()
    if form is not None:
        own_date = dates[0] if form.own_date_keys() else None
        return part.change(lambda row: condition_json.with_window(row, window_json.blank(form, own_date)))
    try:
        window = up_to_now(_length(entry) if entry else None)
    except ValueError:
        text = formatting.markdown(str(entry))
        st.toast(
            f"“{text}” is not a number of days, weeks or hours, at most {MAX_DAYS:,} days",
            icon=":material/warning:",
        )
        return state.draft()
    return part.change(lambda row: condition_json.with_window(row, window.json))


def _length(entry: Entry | str) -> Length:
    """How long a window is, as people write it. Raises `ValueError` for what is no such length."""
    if not isinstance(entry, str):
        return Length(entry, DAYS) if isinstance(entry, int) else entry
    duration = _DURATION.fullmatch(entry)
    if duration is None:
        raise ValueError(entry)
    unit = HOURS if duration["hours"] else DAYS
    number = int(duration["number"].replace(",", "")) * (7 if duration["weeks"] else 1)
    if not 1 <= number <= unit.most:
        raise ValueError(entry)
    return Length(number, unit)


def _menu_entry(condition: JsonObject) -> Entry | str:
    """The label of a form, else a length."""
    form = window_json.form_of(condition)
    length = window_json.read(condition).last
    if form or length is None:
        return form.label if form else 0
    return length.number or 0 if length.unit is DAYS else length


def _label(entry: Entry | str) -> str:
    if isinstance(entry, str):
        return entry
    return f"in the last {_length(entry).words_after_last}" if entry else "at any time"
