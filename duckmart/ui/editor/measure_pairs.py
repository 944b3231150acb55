"""The widgets of an event filter that compares one measure with another: the other stands in a line below.

LOGIN  number of times  in the last 30 days  more than
       2  times  PURCHASE  number of times  at any time
"""

from collections.abc import Mapping

import streamlit as st

from duckmart.catalog import Catalog, Column
from duckmart.spec import condition_json, edit
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.measures import MEASURES, Gives
from duckmart.spec.operators import THAN_OPERATORS, Takes
from duckmart.ui.editor import column_filters, event_names, value_inputs, window_inputs
from duckmart.ui.editor.row_widgets import select, words
from duckmart.ui.session import state
from duckmart.ui.widgets.binding import Part

_TIMES = Column.of_number("times")


def show(part: Part, condition: JsonObject, catalog: Catalog) -> None:
    """The measure on the left, and how it is compared."""
    _show_side(part, condition, catalog)
    operator = condition["operator"]
    select(
        f"{part.label} operator",
        THAN_OPERATORS,
        operator,
        part.at("operator").shows(operator, kind="than"),
        format_func=lambda name: THAN_OPERATORS[name].label.replace("fewer", "less"),
        width=106,
    )


def show_other(part: Part, condition: JsonObject, catalog: Catalog) -> None:
    """How many times which other measure, and the properties of its events."""
    other = part.at("than", label="other")
    with st.container(horizontal=True, gap="xsmall", key=f"within-{other.key}"):
        times = _Times(part.row, f"{part.label} times", ("times",))
        value_inputs.show(times, condition.get("times", 1), Takes.ONE, _TIMES)
        words("times")
        _show_side(other, condition["than"], catalog)
    column_filters.show_properties(other, condition["than"], catalog.properties)


class _Times(Part):
    """How many times the other measure; once goes without saying."""

    __slots__ = ()

    def say(self, value: Json) -> Draft:
        times = None if value == 1 else value
        return edit.change(
            state.draft(), self.row, (), lambda row: condition_json.with_key(row, "times", times)
        )


def _show_side(part: Part, side: JsonObject, catalog: Catalog) -> None:
    """Events, a measure of them that is a number, and a window."""
    measure, of = condition_json.measure_of(side)
    event_names.show(part.at("event_name", label="event"), side["event_name"], catalog.events)
    fitting = {name: _suitable(name, catalog.properties) for name in MEASURES}
    select(
        f"{part.label} measure",
        [name for name, row in MEASURES.items() if not row.kinds or fitting[name]],
        measure,
        part.at("measure").edits(measure, lambda name: _with_measure(part, name, None, fitting[name])),
        format_func=lambda name: MEASURES[name].label,
        width=185,
    )
    if MEASURES[measure].kinds:
        select(
            f"{part.label} measured property",
            fitting[measure],
            of,
            part.at("measure").edits(
                of, lambda name: _with_measure(part, measure, name, []), kind=f"of {measure}"
            ),
            placeholder="Choose a property",
            width=140,
        )
    if MEASURES[measure].gives is not Gives.AGE:
        window_inputs.show(part, side, catalog)


def _with_measure(part: Part, measure: str, of: str | None, suitable: list[str]) -> Draft:
    """The draft with another measure; the only property that suits it need not be chosen."""
    if of is None and len(suitable) == 1:
        of = suitable[0]
    return part.change(lambda side: condition_json.with_side(side, measure, of))


def _suitable(measure: str, properties: Mapping[str, Column]) -> list[str]:
    """The properties of which the measure is a number."""
    row = MEASURES[measure]
    return [
        name
        for name, column in properties.items()
        if row.suits(column.kind) and (row.gives is not Gives.VALUE or column.kind.is_number)
    ]
