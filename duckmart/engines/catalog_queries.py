"""What engines share when they ask their tables what is in them."""

from typing import Any

from sqlglot import exp

from duckmart.compile.query import identifier


def select(table: str, **columns: exp.Expr) -> exp.Select:
    """The columns of a table, by the names that they get."""
    expressions = (exp.alias_(column, name) for name, column in columns.items())
    return exp.select(*expressions).from_(identifier(table))


def has_value(name: str) -> exp.Expr:
    """The condition that a column is not NULL."""
    return exp.column(identifier(name)).is_(exp.null()).not_()


def boolean_counts(true: int, false: int) -> list[tuple[Any, int]]:
    """The rows that are true and false, where there are any, most frequent first."""
    # False comes first where there are as many of both.
    rows = [(value, rows) for value, rows in ((False, int(false)), (True, int(true))) if rows]
    return sorted(rows, key=lambda row: -row[1])
