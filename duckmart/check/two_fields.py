"""Whether a column can be compared with another one."""

from collections.abc import Iterator, Mapping

from duckmart.catalog import Column
from duckmart.check.kinds import operator_problems, unknown_column
from duckmart.errors import Problem, phrase
from duckmart.spec.operators import USER_OPERATORS
from duckmart.spec.paths import Path, problem
from duckmart.spec.segment import ColumnFilter


def problems(
    path: Path, node: ColumnFilter, column: Column, columns: Mapping[str, Column], what: str
) -> Iterator[Problem]:
    """Why the two columns of a filter cannot be compared; `what` is a column's name: field or property."""
    here, name = (*path, "other_field"), node.other_field or ""
    yield from operator_problems(path, node, column, USER_OPERATORS)
    if node.value is not None:
        message = "a field is compared with a value or with another field, not with both"
        yield problem(here, "wrong_key", message, "remove one of the two")
    row = USER_OPERATORS[node.operator]
    if not row.compares_fields:
        suitable = tuple(other for other, facts in USER_OPERATORS.items() if facts.compares_fields)
        message = phrase("{operator} does not compare two fields", operator=node.operator)
        hint = phrase("remove it; it suits {operators}", operators=suitable)
        yield problem(here, "wrong_key", message, hint)
    other = columns.get(name)
    if other is None:
        same_kind = {key: one for key, one in columns.items() if one.kind is column.kind and one != column}
        yield unknown_column(here, name, same_kind or columns, what)
    elif other == column:
        yield problem(here, "wrong_value", "is the same field twice", "pick another field")
    elif other.kind is not column.kind:
        message = phrase(
            "{name!r} is a {kind} field, {other!r} is a {other_kind} field",
            name=column.name,
            kind=column.kind,
            other=other.name,
            other_kind=other.kind,
        )
        yield problem(here, "unsuited_field", message, f"pick a {column.kind} field")
