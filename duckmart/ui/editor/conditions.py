"""The widgets of one condition: a sentence that can be clicked, from what it is about to when it happened."""

import re
from collections.abc import Collection, Mapping
from typing import Any, assert_never

import streamlit as st

from duckmart.catalog import Catalog, Column
from duckmart.spec import edit, windows
from duckmart.spec.edit import ConditionRow, Draft, Said
from duckmart.spec.kinds import Kind
from duckmart.spec.operators import (
    MEASURES,
    USER_OPERATORS,
    Gives,
    Operator,
    Takes,
)
from duckmart.spec.operators import Row as OperatorRow
from duckmart.spec.segment import ANY_EVENT, Json
from duckmart.spec.values import MAX_DAYS, days
from duckmart.spec.windows import TIME_RANGES, Asks, Control
from duckmart.spec.words import last_days, spoken
from duckmart.ui import formatting
from duckmart.ui.editor import value_inputs
from duckmart.ui.session import state
from duckmart.ui.streamlit_quirks import distinct
from duckmart.ui.widgets.binding import Part, at, with_chosen
from duckmart.ui.widgets.captions import FRAME, captions

EVENT_WIDTH = 178
# A chip among several events has 64 pixels for its text on a phone.
EVENT_CHIP_WIDTH = 60 + FRAME
# Days a window may have; 0 stands for all history, as a menu cannot offer None.
WINDOWS = (0, 1, 7, 14, 30, 60, 90, 180, 365)
MEMBERSHIP = {"in": "is in", "not_in": "is not in"}
DID = {"did": "did", "did_not": "did not do"}
ABSENT = {False: "then", True: "but then no"}


class ConditionEditor:
    """Draws conditions with what the data and the library of saved segments offer."""

    def __init__(self, catalog: Catalog, saved: Mapping[str, str], circular: Collection[str]) -> None:
        """`circular` are the saved segments that the one being edited cannot refer to."""
        self.catalog, self.saved = catalog, saved
        self.offered = [name for name in saved if name not in circular]
        self.dates = [name for name, column in catalog.attributes.items() if column.kind.is_dated]

    def show(self, row: ConditionRow, label: str) -> None:
        """The widgets of a row; `label` begins their names: `Filter 1.2`."""
        part = Part(row.id, label)
        match row.key:
            case "user_filters":
                self._compared_column(part, row.said, self.catalog.attributes, "attribute")
            case "event_filters":
                self._event(part, row.said)
            case "sequence_filters":
                self._sequence(part, row.said)
            case _:
                self._saved_segment(part, row.said)

    def properties(self, row: ConditionRow, label: str) -> None:
        """What is asked of the properties of its events, one line each."""
        if row.key == "event_filters":
            self._where(Part(row.id, label), row.said)

    def _compared_column(self, part: Part, said: Said, columns: Mapping[str, Column], what: str) -> None:
        """Column, operator, value: `Filter 1 attribute`, `Filter 1 operator`, `Filter 1 value`."""
        name = said["field"]
        options = with_chosen(columns, name)
        st.selectbox(
            f"{part.label} {what}",
            options,
            placeholder=f"Choose {'an' if what == 'attribute' else 'a'} {what}",
            label_visibility="collapsed",
            required=True,
            width=160,
            **part.at("field").edits(
                name,
                lambda given: part.change(lambda one: edit.with_field(one, given, _kind(columns.get(given)))),
                **at(options, name),
            ),
        )
        if name is None:
            return
        column = columns.get(name)
        if column is None:
            st.markdown(f"{formatting.markdown(str(said['operator']))} {_told(said.get('value'))}")
            return
        self._comparison(part, said, column, "value", USER_OPERATORS)

    def _comparison(
        self, part: Part, said: Said, column: Column, key: str, operators: Mapping[Operator, OperatorRow]
    ) -> None:
        """Operator and value of a comparison with a column, or with a measure as the column it would be."""
        suited = [name for name, row in operators.items() if column.kind in row.kinds]
        operator = Operator(said["operator"])
        with_operator = edit.with_operator if operators is USER_OPERATORS else edit.with_count_operator
        st.selectbox(
            f"{part.label} operator",
            with_chosen(suited, operator),
            format_func=lambda name: _label(operators.get(name), name, column),
            label_visibility="collapsed",
            required=True,
            width=132 if operators is USER_OPERATORS else 106,
            **part.at("operator").edits(
                operator,
                lambda given: part.change(lambda one: with_operator(one, str(given))),
                kind=column.name,
                **at(with_chosen(suited, operator), operator),
            ),
        )
        row = operators.get(operator)
        value = said.get(key)
        if row is None or operator not in suited or not value_inputs.suits(value, row.takes, column):
            st.markdown(_told(value))
            return
        if key == "count" and row.takes is Takes.ONE:
            value_inputs.whole(part.at(key, label="count"), value, "times")
        else:
            value_inputs.show(part.at(key, label="value"), value, row.takes, column)

    # Events

    def _event(self, part: Part, said: Said) -> None:
        measure, of = edit.measure_of(said)
        self._names(part.at("event_name", label="event"), said["event_name"])
        facts = MEASURES[measure]
        if not facts.is_plain_count:
            self._measure(part, measure, of)
        column = self._measured(measure, of)
        if column is not None:
            self._comparison(part, said, column, facts.key, facts.operators)
        if facts.gives is not Gives.AGE:
            self._window(part, said)

    def _names(self, part: Part, names: Json) -> None:
        """One event, any event, or several."""
        known = self.catalog.events
        one = names is None or isinstance(names, str)
        counted = captions(known, EVENT_WIDTH if one else EVENT_CHIP_WIDTH, absent=0)

        def caption(name: str) -> str:
            return "any event" if name == ANY_EVENT else counted(name)

        if names is None or isinstance(names, str):
            options = with_chosen([*known, ANY_EVENT], names)
            st.selectbox(
                part.label,
                options,
                placeholder="Choose an event",
                format_func=caption,
                label_visibility="collapsed",
                required=True,
                width=EVENT_WIDTH,
                **part.shows(names, **at(options, names)),
            )
            return
        st.multiselect(
            f"{part.label}s",
            with_chosen(known, *names),
            placeholder="Choose events",
            format_func=caption,
            select_all=False,
            label_visibility="collapsed",
            **part.shows(list(names), tuple, kind="several", default=list(names)),
        )

    def _measure(self, part: Part, measure: str, of: str | None) -> None:
        properties = self.catalog.properties
        offered = [
            name
            for name, row in MEASURES.items()
            if not row.kinds or any(row.suits(column.kind) for column in properties.values())
        ]
        st.selectbox(
            f"{part.label} measure",
            with_chosen(offered, measure),
            format_func=lambda name: MEASURES[name].label,
            label_visibility="collapsed",
            required=True,
            width=185,
            **part.at("measure").edits(
                measure,
                lambda given: self._to_measure(part, given, None),
                **at(with_chosen(offered, measure), measure),
            ),
        )
        if not MEASURES[measure].kinds:
            return
        suited = [name for name, column in properties.items() if MEASURES[measure].suits(column.kind)]
        st.selectbox(
            f"{part.label} measured property",
            with_chosen(suited, of),
            placeholder="Choose a property",
            label_visibility="collapsed",
            required=True,
            width=140,
            **part.at("measure").edits(
                of,
                lambda given: self._to_measure(part, measure, given),
                kind=f"of {measure}",
                **at(with_chosen(suited, of), of),
            ),
        )

    def _to_measure(self, part: Part, measure: str, of: str | None) -> Draft:
        suited = [
            name for name, column in self.catalog.properties.items() if MEASURES[measure].suits(column.kind)
        ]
        if of is None and len(suited) == 1:
            of = suited[0]
        kind = _kind(self._measured(measure, of))
        return part.change(lambda said: edit.with_measure(said, measure, of, kind))

    def _measured(self, measure: str, of: str | None) -> Column | None:
        """The measure as the column it would be; None while its property is to be chosen, or is unknown."""
        row = MEASURES[measure]
        if not row.kinds:
            return Column.of_measure(row, measure)
        found = self.catalog.properties.get(of or "")
        if found is None or row.gives is Gives.VALUE:
            return found
        return Column.of_measure(row, f"{measure} {of}")

    def _where(self, part: Part, said: Said) -> None:
        for place, row in enumerate(said.get("where", ())):
            here = part.at("where", place, label=f"property {place + 1}")
            with st.container(horizontal=True, gap="xsmall", key=f"within-{here.key}"):
                st.html(f'<div class="joiner">{"with" if place == 0 else "and"}</div>', width=42)
                self._compared_column(here, row, self.catalog.properties, "property")
                remove(here)

    # Windows

    def _window(self, part: Part, said: Said) -> None:
        """At any time, the last days, or one of the further forms with its own widgets."""
        chosen = _window_of(said)
        forms = [form.label for form in TIME_RANGES if self.dates or not form.own_date_keys()]
        options = with_chosen([*WINDOWS, *forms], chosen)
        st.selectbox(
            f"{part.label} window",
            options,
            format_func=_window_label,
            accept_new_options=True,
            help="Type any other number of days, or of weeks: 45, 2 weeks.",
            label_visibility="collapsed",
            required=True,
            width=146,
            **part.edits(
                chosen, lambda given: self._to_window(part, said, given), kind="window", **at(options, chosen)
            ),
        )
        form = windows.form_of(said)
        for control in form.controls if form else ():
            self._window_control(part, said[windows.TIME_RANGE], control)

    def _window_control(self, part: Part, window: Said, control: Control) -> None:
        """One of the widgets of a form of window."""
        if control.joiner:
            st.html(f'<div class="joiner">{control.joiner}</div>', width="content")
        shown = window.get(control.key)
        here = part.at(windows.TIME_RANGE, control.key, label=control.label)
        match control.asks:
            case Asks.DAYS:
                value_inputs.days(here, shown, width=control.width)
            case Asks.MOMENT:
                value_inputs.moment(_End(here.row, here.label, here.path), shown)
            case Asks.OWN_DATE:
                self._own_date(here, shown, control.width)
            case _:
                assert_never(control.asks)

    def _own_date(self, part: Part, shown: str | None, width: int) -> None:
        options = with_chosen(self.dates, shown)
        labels = distinct(f"from their {spoken(name)}" if name else "" for name in options)
        st.selectbox(
            part.label,
            options,
            format_func=dict(zip(options, labels, strict=True)).__getitem__,
            label_visibility="collapsed",
            required=True,
            width=width,
            **part.shows(shown, **at(options, shown)),
        )

    def _to_window(self, part: Part, said: Said, given: int | str) -> Draft:
        """A window that was picked or typed: 45, "45", "45 days", "2 weeks"."""
        form = next((form for form in TIME_RANGES if form.label == given), None)
        if form is not None and form is windows.form_of(said):
            return state.draft()
        if form is not None:
            own_date = self.dates[0] if form.own_date_keys() else None
            return part.change(lambda one: edit.with_window(one, windows.picked(form, own_date)))
        try:
            wanted = days(_typed_days(given)) if given else 0
        except ValueError:
            text = formatting.markdown(str(given))
            st.toast(
                f"“{text}” is not a number of days or weeks, at most {MAX_DAYS:,} days",
                icon=":material/warning:",
            )
            return state.draft()
        return part.change(lambda one: edit.with_window(one, windows.of_days(wanted).said))

    # Sequences

    def _sequence(self, part: Part, said: Said) -> None:
        """Whether it was done, within how long, from when; the steps stand below, a line each."""
        did = said.get("operator", "did")
        st.selectbox(
            f"{part.label} did",
            list(DID),
            format_func=DID.__getitem__,
            label_visibility="collapsed",
            required=True,
            width=116,
            **part.at("operator").edits(did, lambda given: _to_did(part, given), **at(list(DID), did)),
        )
        st.html('<div class="joiner">these, within</div>', width="content")
        value_inputs.days(part.at("within_days", label="within days"), said["within_days"], width=84)
        st.html('<div class="joiner">days; the first</div>', width="content")
        self._window(part, said)

    def steps(self, row: ConditionRow, label: str) -> None:
        """The events of a sequence in their order, a line each."""
        part, steps = Part(row.id, label), row.said["steps"]
        for place, step in enumerate(steps):
            here = part.at("steps", place, label=f"step {place + 1}")
            last = place == len(steps) - 1
            with st.container(horizontal=True, gap="xsmall", key=f"row-{here.key}"):
                self._then(here, step, place, last=last)
                names = here.at("event_name", label="event")
                self._names(names, step["event_name"])
                with st.container(horizontal=True, gap="xsmall", width="content", key=f"end-{here.key}"):
                    if self.catalog.properties:
                        _icon(
                            f"Add property to {here.called}",
                            "filter_alt",
                            lambda here=here: here.at("where").append(edit.BLANK_PROPERTY),
                        )
                    if len(steps) > 2:
                        remove(here)
            self._where(here, step)
        if len(steps) < MOST_STEPS:
            st.button(
                f"Add step to {part.called}",
                key=f"{part.key}.add-step",
                icon=":material/add:",
                type="tertiary",
                on_click=state.press(lambda: _with_step(part)),
            )

    def _then(self, here: Part, step: Said, place: int, *, last: bool) -> None:
        if place == 0 or not last:
            st.html(f'<div class="joiner">{"first" if place == 0 else "then"}</div>', width=42)
            return
        absent = bool(step.get("absent"))
        st.selectbox(
            f"{here.label} absent",
            list(ABSENT),
            format_func=ABSENT.__getitem__,
            label_visibility="collapsed",
            required=True,
            width=124,
            **here.at("absent").edits(
                absent, lambda given: _to_absent(here, given), **at(list(ABSENT), absent)
            ),
        )

    # Saved segments

    def _saved_segment(self, part: Part, said: Said) -> None:
        operators = list(MEMBERSHIP)
        operator = str(said["operator"])
        st.selectbox(
            f"{part.label} operator",
            operators,
            format_func=MEMBERSHIP.__getitem__,
            label_visibility="collapsed",
            required=True,
            width=140,
            **part.at("operator").shows(operator, **at(operators, operator)),
        )
        ids = with_chosen(self.offered, said["segment"])
        st.selectbox(
            f"{part.label} saved segment",
            ids,
            placeholder="Choose a saved segment",
            format_func=lambda name: self.saved.get(name, name),
            label_visibility="collapsed",
            required=True,
            **part.at("segment").shows(said["segment"], **at(ids, said["segment"])),
        )


class _End(Part):
    """One end of a window between dates: cleared, it is open."""

    __slots__ = ()

    def say(self, value: Json) -> Draft:
        *window, end = self.path
        return edit.change(
            state.draft(), self.row, tuple(window), lambda said: edit.with_key(said, str(end), value)
        )


MOST_STEPS = 10
_TYPED = re.compile(
    r"\s*(in the )?(last )?(?P<number>\d{1,3}(,\d{3})+|\d+)\s*((?P<weeks>w|weeks?)|d|days?)?\s*",
    re.IGNORECASE,
)


def remove(part: Part) -> None:
    """The way out of a part of a row."""
    _icon(f"Remove {part.called}", "close", part.unsay)


def _icon(label: str, icon: str, edited: Any) -> None:
    st.button(
        label,
        key=f"icon-{label}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=state.press(edited),
    )


def _with_step(part: Part) -> Draft:
    """A step more; an absent one stays the last."""

    def added(said: Said) -> Said:
        *others, last = said["steps"] or (edit.BLANK_STEP,)
        ends = (edit.BLANK_STEP, last) if last.get("absent") else (last, edit.BLANK_STEP)
        return {**said, "steps": (*others, *ends)}

    return part.change(added)


def _to_absent(part: Part, absent: bool) -> Draft:
    return part.change(lambda step: edit.with_key(step, "absent", absent or None))


def _to_did(part: Part, did: str) -> Draft:
    return part.change(lambda said: edit.with_key(said, "operator", None if did == "did" else did))


def _typed_days(given: int | str) -> int:
    """The days of a window as people write it. Raises `ValueError` for what is no number of days or weeks."""
    if isinstance(given, int):
        return given
    written = _TYPED.fullmatch(given)
    if written is None:
        raise ValueError(given)
    return int(written["number"].replace(",", "")) * (7 if written["weeks"] else 1)


def _window_of(said: Said) -> int | str:
    form = windows.form_of(said)
    return form.label if form else int(said.get(windows.LAST_DAYS) or 0)


def _window_label(window: int | str) -> str:
    if isinstance(window, str):
        return window
    if not window:
        return "at any time"
    return f"in the last {last_days(window)}"


def _label(row: OperatorRow | None, name: Operator, column: Column) -> str:
    if row is None:
        return str(name)
    return row.dated.removeprefix("is ") if row.dated and column.kind.is_dated else row.label


def _kind(column: Column | None) -> Kind | None:
    return column.kind if column else None


def _told(value: Json) -> str:
    """A value that no widget here can show."""
    cells = [] if value is None else value if isinstance(value, list | tuple) else [value]
    return formatting.markdown(", ".join(map(str, cells)))
