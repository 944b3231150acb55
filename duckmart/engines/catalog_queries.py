"""What engines share when they ask their tables what is in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlglot import exp

from duckmart.compile.query import identifier
from duckmart.spec.kinds import Kind
from duckmart.spec.values import as_written


def select(table: str, **columns: exp.Expr) -> exp.Select:
    """The columns of a table, by the names that they get."""
    expressions = (exp.alias_(column, name) for name, column in columns.items())
    return exp.select(*expressions).from_(identifier(table))


def has_value(name: str) -> exp.Expr:
    """The condition that a column is not NULL."""
    return exp.column(identifier(name)).is_(exp.null()).not_()


def listed(kind: Kind, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Any, int]]:
    """The values of a column with their rows, as a spec writes them."""
    if kind.element is None or not kind.element.is_number:
        return [(row["value"], row["rows"]) for row in rows]
    return [(as_written(row["value"]), row["rows"]) for row in rows]


def boolean_counts(true: int, false: int) -> list[tuple[Any, int]]:
    """The rows that are true and false, where there are any, most frequent first."""
    # False comes first where there are as many of both.
    rows = [(value, rows) for value, rows in ((False, int(false)), (True, int(true))) if rows]
    return sorted(rows, key=lambda row: -row[1])


def element_counts(name: str, table: str) -> exp.Select:
    """Each element of lists with the rows that have it, most frequent first."""
    elements = exp.Unnest(expressions=[exp.ArrayDistinct(this=exp.column(identifier(name)))])
    cells = exp.select(exp.alias_(elements, identifier(name))).from_(identifier(table))
    attribute = exp.column(identifier(name))
    columns = exp.alias_(attribute, "value"), exp.alias_(exp.Count(this=exp.Star()), "rows")
    query = exp.select(*columns).from_(cells.subquery("cells"))
    return query.group_by(attribute).order_by(exp.column("rows").desc(), attribute)
