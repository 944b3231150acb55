"""The widgets of an event filter: which events, what is measured of them, and when they happened."""

from collections.abc import Mapping

from duckmart.catalog import Catalog, Column
from duckmart.spec import condition_json
from duckmart.spec.draft import Draft
from duckmart.spec.json_text import JsonObject
from duckmart.spec.measures import MEASURES, Gives
from duckmart.ui.editor import column_filters, event_names, measure_pairs, window_inputs
from duckmart.ui.editor.row_widgets import select
from duckmart.ui.widgets.binding import Part


def show(part: Part, condition: JsonObject, catalog: Catalog) -> None:
    if "than" in condition:
        measure_pairs.show(part, condition, catalog)
        return
    measure, of = condition_json.measure_of(condition)
    event_names.show(part.at("event_name", label="event"), condition["event_name"], catalog.events)
    row = MEASURES[measure]
    # A plain count is what most conditions ask for; the row's menu leads to the other measures.
    if not row.is_plain_count:
        _show_measure(part, measure, of, catalog.properties)
    column = _as_column(measure, of, catalog.properties)
    if column is not None:
        key = condition_json.key_of(measure, condition["operator"])
        column_filters.show_value(part, condition, column, key, row.operators)
    # An age is days up to the moment of the count; the spec gives it no window.
    if row.gives is not Gives.AGE:
        window_inputs.show(part, condition, catalog)


def _show_measure(part: Part, measure: str, of: str | None, properties: Mapping[str, Column]) -> None:
    """The measure, and the property `of` that it measures where it needs one."""
    measures = [
        name
        for name, row in MEASURES.items()
        if not row.kinds or any(row.suits(column.kind) for column in properties.values())
    ]
    select(
        f"{part.label} measure",
        measures,
        measure,
        part.at("measure").edits(measure, lambda name: _with_measure(part, name, None, properties)),
        format_func=lambda name: MEASURES[name].label,
        width=185,
    )
    if not MEASURES[measure].kinds:
        return
    select(
        f"{part.label} measured property",
        _suitable(measure, properties),
        of,
        part.at("measure").edits(
            of, lambda name: _with_measure(part, measure, name, properties), kind=f"of {measure}"
        ),
        placeholder="Choose a property",
        width=140,
    )


def _with_measure(part: Part, measure: str, of: str | None, properties: Mapping[str, Column]) -> Draft:
    """The draft with another measure; the only property that suits it need not be chosen."""
    suitable = _suitable(measure, properties)
    if of is None and len(suitable) == 1:
        of = suitable[0]
    kind = column_filters.kind_of(_as_column(measure, of, properties))
    return part.change(lambda condition: condition_json.with_measure(condition, measure, of, kind))


def _suitable(measure: str, properties: Mapping[str, Column]) -> list[str]:
    return [name for name, column in properties.items() if MEASURES[measure].suits(column.kind)]


def _as_column(measure: str, of: str | None, properties: Mapping[str, Column]) -> Column | None:
    """The measure as the column it would be; None while its property is to be chosen, or is unknown."""
    row = MEASURES[measure]
    if not row.kinds:
        return Column.of_measure(row, measure)
    column = properties.get(of or "")
    if column is None or row.gives is Gives.VALUE:
        return column
    return Column.of_measure(row, f"{measure} {of}")
