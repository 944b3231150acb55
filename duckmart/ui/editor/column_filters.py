"""The widgets of a comparison: a column, an operator that suits it, and the value that the operator takes."""

from collections.abc import Mapping

import streamlit as st

from duckmart.catalog import Column
from duckmart.spec import condition_json
from duckmart.spec.condition_json import with_field
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.kinds import Kind
from duckmart.spec.operators import (
    COUNT_OPERATORS,
    PROPERTY_OPERATORS,
    USER_OPERATORS,
    Operator,
    OperatorRow,
    Takes,
)
from duckmart.ui import formatting
from duckmart.ui.editor import value_inputs
from duckmart.ui.editor.row_widgets import remove_button, select, words
from duckmart.ui.widgets.binding import Part
from duckmart.ui.widgets.captions import box_width


def show(
    part: Part,
    condition: JsonObject,
    columns: Mapping[str, Column],
    noun: str,
    operators: Mapping[Operator, OperatorRow] = USER_OPERATORS,
) -> None:
    """Column, operator, value: `Filter 1 attribute`, `Filter 1 operator`, `Filter 1 value`.

    `noun` is what the page calls such a column: attribute or property.
    """
    name = condition["field"]
    select(
        f"{part.label} {noun}",
        columns,
        name,
        part.at("field").edits(
            name,
            lambda field: part.change(lambda row: with_field(row, field, kind_of(columns.get(field)))),
        ),
        placeholder=f"Choose {'an' if noun == 'attribute' else 'a'} {noun}",
        width=160,
    )
    if name is None:
        return
    column = columns.get(name)
    if column is None:
        # The data has no such column, so nothing tells which widget its value would need.
        st.markdown(
            f"{formatting.markdown(str(condition['operator']))} {_value_text(condition.get('value'))}"
        )
        return
    if "other_field" in condition:
        _show_other(part, condition, column, columns, noun)
    else:
        show_value(part, condition, column, "value", operators)


def comparable(column: Column, columns: Mapping[str, Column]) -> list[str]:
    """The other columns that a column can be compared with."""
    if not any(row.compares_fields and column.kind in row.kinds for row in USER_OPERATORS.values()):
        return []
    return [name for name, other in columns.items() if other.kind is column.kind and name != column.name]


def _show_other(
    part: Part, condition: JsonObject, column: Column, columns: Mapping[str, Column], noun: str
) -> None:
    """Operator and another column: `Filter 1 operator`, `Filter 1 other attribute`."""
    suitable = [
        name for name, row in USER_OPERATORS.items() if row.compares_fields and column.kind in row.kinds
    ]
    _select_operator(part, condition, suitable, USER_OPERATORS, column)
    other = condition["other_field"]
    select(
        f"{part.label} other {noun}",
        comparable(column, columns),
        other,
        part.at("other_field").edits(
            other, lambda name: part.change(lambda row: condition_json.with_key(row, "other_field", name))
        ),
        placeholder=f"Choose another {noun}",
        width=190,
    )


def show_value(
    part: Part, condition: JsonObject, column: Column, key: str, operators: Mapping[Operator, OperatorRow]
) -> None:
    """Operator and value; the value is at `key`. A measure comes as the column that it would be."""
    suitable = [name for name, row in operators.items() if column.kind in row.kinds]
    _select_operator(part, condition, suitable, operators, column)
    operator = Operator(condition["operator"])
    row = operators.get(operator)
    value = condition.get(key)
    if row is None or operator not in suitable or not value_inputs.suits(value, row.takes, column):
        st.markdown(_value_text(value))
    elif key == "count" and row.takes is Takes.ONE:
        value_inputs.whole_number(part.at(key, label="count"), value, "times")
    else:
        value_inputs.show(part.at(key, label="value"), value, row.takes, column)


def _select_operator(
    part: Part,
    condition: JsonObject,
    suitable: list[Operator],
    operators: Mapping[Operator, OperatorRow],
    column: Column,
) -> None:
    operator = Operator(condition["operator"])
    is_of_column = operators is not COUNT_OPERATORS
    label = _operator_label(operators.get(operator), operator, column)
    with_operator = condition_json.with_operator if is_of_column else condition_json.with_count_operator
    select(
        f"{part.label} operator",
        suitable,
        operator,
        part.at("operator").edits(
            operator,
            lambda name: part.change(lambda row: with_operator(row, str(name))),
            kind=column.name,
        ),
        format_func=lambda name: _operator_label(operators.get(name), name, column),
        width=max(132 if is_of_column else 106, box_width(label)),
    )


def show_properties(part: Part, condition: JsonObject, columns: Mapping[str, Column]) -> None:
    """The conditions on properties of an event, a line each."""
    for place, row in enumerate(condition.get("where", ())):
        here = part.at("where", place, label=f"property {place + 1}")
        with st.container(horizontal=True, gap="xsmall", key=f"within-{here.key}"):
            words("with" if place == 0 else "and", 42)
            show(here, row, columns, "property", PROPERTY_OPERATORS)
            remove_button(here)


def kind_of(column: Column | None) -> Kind | None:
    return column.kind if column else None


def _operator_label(row: OperatorRow | None, name: Operator, column: Column) -> str:
    if row is None:
        return str(name)
    return row.date_words.removeprefix("is ") if row.date_words and column.kind.is_dated else row.label


def _value_text(value: Json) -> str:
    """A value as text, where no widget can show it."""
    cells = [] if value is None else value if isinstance(value, list | tuple) else [value]
    return formatting.markdown(", ".join(map(str, cells)))
