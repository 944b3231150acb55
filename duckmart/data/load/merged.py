"""The columns and rows of served data and of new files, put together as one.

A column gets the type that a load of all files together would give it, unless an old value would not survive
that: then text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from duckmart.data.load import columns, parquet, tables
from duckmart.data.load.cells import NUMBERS, WHOLE_DIGITS, LoadedColumn, column_type
from duckmart.data.load.columns import with_type
from duckmart.data.load.header import REQUIRED
from duckmart.data.load.lists import TEXTS
from duckmart.data.load.measured import Cells, Steps, kinds
from duckmart.data.load.overrides import TypeOverride
from duckmart.data.load.source import Source

OLD = {kind: f"old.{table}" for kind, table in tables.TABLES.items()}

WIDER = {
    "INTEGER": ("BIGINT", "DECIMAL", "DOUBLE"),
    "BIGINT": ("DECIMAL",),
    "DECIMAL": ("DECIMAL",),
    "DATE": ("TIMESTAMP",),
}
"""For a type: those that hold each of its values unchanged, besides text."""


@dataclass(frozen=True)
class Merged:
    """A column of the next generation: `before` is its type so far, `column` where the new files have it."""

    name: str
    type: str
    before: str
    column: LoadedColumn | None


def merged_columns(
    con: DuckDBPyConnection, kind: str, sources: Sequence[Source], types: Sequence[TypeOverride]
) -> list[Merged]:
    """The optional columns of old and new, the old ones first; letter case does not make two of one."""
    old = con.table(OLD[kind])
    columns_now = columns.typed_columns(con, kind, sources, types) if sources else []
    new = {column.name.lower(): column for column in columns_now}
    before = {
        name: str(type_)
        for name, type_ in zip(old.columns, old.types, strict=True)
        if name not in REQUIRED[kind]
    }
    shared = {name: new.pop(name.lower(), None) for name in before}
    held = held_values(old, [name for name, column in shared.items() if column])
    steps = {
        column.raw_name: merge((name, before[name]), column, held[name])
        for name, column in shared.items()
        if column
    }
    merged = Cells(con, kind).run(steps)
    both = [
        merged[column.raw_name] if column else Merged(name, before[name], before[name], None)
        for name, column in shared.items()
    ]
    return both + [Merged(column.name, column.type, "", column) for column in new.values()]


def held_values(old: DuckDBPyRelation, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of each old column: how many values it has, the lowest and the highest."""
    if not names:
        return {}
    aggregates = [
        FunctionExpression(what, ColumnExpression(name)) for name in names for what in ("count", "min", "max")
    ]
    (facts,) = old.aggregate(aggregates).fetchall()
    return {
        name: dict(zip(("filled", "low", "high"), facts[place : place + 3], strict=True))
        for name, place in zip(names, range(0, len(facts), 3), strict=True)
    }


def merge(old: tuple[str, str], new: LoadedColumn, old_values: Mapping[str, Any]) -> Steps[Merged]:
    name, before = old
    column = yield from merged_column(before, new, old_values)
    return Merged(name, column.type, before, replace(column, name=name))


def merged_column(before: str, new: LoadedColumn, old_values: Mapping[str, Any]) -> Steps[LoadedColumn]:
    """The new column, with the type that a column which was of the type `before` gets."""
    if old_values["filled"] == 0:
        return new
    if before == "VARCHAR" or (new.overridden and new.type == "VARCHAR"):
        return replace(new, type="VARCHAR", spelling="", doubt="")
    # The old values tell the kind, so few of the new ones are enough to tell how it is written.
    if new.type == "VARCHAR":
        new = yield from told_by_old(new, before)
    if is_list(before) or is_list(new.type):
        return retyped(new, of_both_lists(before, new.type))
    counts = yield from kinds(new.spelling, new.unit)
    return retyped(new, widened(before, column_type(together(as_measured(before, old_values), counts))))


def is_list(type_: str) -> bool:
    return type_.endswith("[]")


def of_both_lists(before: str, new: str) -> str:
    """The type of lists that holds all elements of both; text where one column holds no lists."""
    if before == new:
        return before
    if TEXTS in (before, new) or not (is_list(before) and is_list(new)):
        return "VARCHAR"
    one, other = before.removesuffix("[]"), new.removesuffix("[]")
    decimals = [of_decimal(type_) for type_ in (one, other)]
    if "DOUBLE" in (one, other):
        # A whole number or a decimal of many digits may have none of its own among doubles.
        return "VARCHAR"
    whole, fraction = (max(sizes) for sizes in zip(*decimals, strict=True))
    return f"DECIMAL({whole + fraction},{fraction})[]"


def of_decimal(type_: str) -> tuple[int, int]:
    """The digits before and after the point that an exact type of numbers holds."""
    precision, _, scale = type_.removeprefix("DECIMAL(").rstrip(")").partition(",")
    return (int(precision) - int(scale), int(scale)) if scale else (WHOLE_DIGITS, 0)


def told_by_old(column: LoadedColumn, before: str) -> Steps[LoadedColumn]:
    """The new cells as the old values say they are meant."""
    if before == "BOOLEAN":
        return replace(column, spelling="from_yes_no", doubt="")
    return (yield from with_type(column, share=0.0))


def retyped(column: LoadedColumn, type_: str) -> LoadedColumn:
    if type_ == "VARCHAR":
        return replace(column, type=type_, spelling="")
    return replace(column, type=type_, doubt="")


def widened(before: str, new: str) -> str:
    """The new type if it holds all values of the one before, that one if it holds all new values, or text."""
    old, new_family = (name.partition("(")[0] for name in (before, new))
    if new_family in WIDER.get(old, ()) or before == new:
        return new
    return before if old in WIDER.get(new_family, ()) else "VARCHAR"


def as_measured(kind: str, old_values: Mapping[str, Any]) -> dict[str, Any]:
    """What the macro `measure` would say of the old column, told by its type and its ends."""
    # The macro would read millions of old cells as text again. A test compares both over the same cells.
    family, _, size = kind.partition("(")
    cells, low, high = old_values["filled"], old_values["low"], old_values["high"]
    numbers = cells if family in NUMBERS else 0
    exact = numbers and family != "DOUBLE"
    digits, fraction = 0, 0
    if family == "DECIMAL":
        precision, _, scale = size.rstrip(")").partition(",")
        digits, fraction = int(precision) - int(scale), int(scale)
    elif family == "DOUBLE":
        fraction = 1000
    elif numbers:
        digits = max(len(str(abs(end))) for end in (low, high))
    return {
        "filled": cells,
        "no_numbers": 0,
        "codes": 0,
        "booleans": cells if family == "BOOLEAN" else 0,
        "no_values": 0,
        "numbers": numbers,
        "long": 0,
        "infinite": 0,
        "whole": digits if numbers else None,
        "fraction": fraction if numbers else None,
        "powers": numbers if family == "DOUBLE" else 0,
        "low": int(low) if exact else None,
        "high": int(high) if exact else None,
        "dates": cells if family == "DATE" else 0,
        "timestamps": cells if family in ("DATE", "TIMESTAMP") else 0,
    }


def together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What `measure` would say of both columns put into one."""
    ends = {"whole": max, "fraction": max, "low": min, "high": max}
    totals = {}
    for name, value in one.items():
        values = [each for each in (value, other[name]) if each is not None]
        totals[name] = ends.get(name, sum)(values) if values else None
    return totals


def merged_users(
    con: DuckDBPyConnection, new_users: DuckDBPyRelation, merged: Sequence[Merged], id_type: str
) -> DuckDBPyRelation:
    """The old users, those with a new row replaced by it, and the new users."""
    old = con.table(OLD["users"]).select(
        cast("user_id", id_type).alias("old_id"),
        *(old_value(one).alias(f"old{place}") for place, one in enumerate(merged) if one.before),
    )
    new = new_users.select(
        ColumnExpression("user_id").alias("new_id"),
        *(ColumnExpression(one.name).alias(f"new{place}") for place, one in enumerate(merged) if one.column),
    )
    ids = CoalesceOperator(ColumnExpression("new_id"), ColumnExpression("old_id")).alias("user_id")
    values = (merged_value(place, one).alias(one.name) for place, one in enumerate(merged))
    return old.join(new, "old_id = new_id", how="outer").select(ids, *values)


def merged_value(place: int, one: Merged) -> Expression:
    old, new = ColumnExpression(f"old{place}"), ColumnExpression(f"new{place}")
    if not one.before or not one.column:
        return new if one.column else old
    return CaseExpression(ColumnExpression("new_id").isnotnull(), new).otherwise(old)


def merged_events(
    con: DuckDBPyConnection, new_events: DuckDBPyRelation, merged: Sequence[Merged], id_type: str
) -> DuckDBPyRelation:
    """All old and all new events."""
    name = FunctionExpression("as_event_name", cast("event_name", "VARCHAR")).alias("event_name")
    old = con.table(OLD["events"]).select(
        cast("user_id", id_type).alias("user_id"),
        name,
        ColumnExpression("timestamp"),
        *(old_value(one).alias(one.name) if one.before else no_value(one) for one in merged),
    )
    new = new_events.select(
        *map(ColumnExpression, REQUIRED["events"]),
        *(cast(one.name, one.type).alias(one.name) if one.column else no_value(one) for one in merged),
    )
    return old.union(new)


def old_value(one: Merged) -> Expression:
    """The served value in its new type; a list that becomes text is written as a file has it."""
    if is_list(one.before) and one.type == "VARCHAR":
        return FunctionExpression(parquet.as_text(one.before), ColumnExpression(one.name))
    return cast(one.name, one.type)


def no_value(one: Merged) -> Expression:
    return ConstantExpression(None).cast(duckdb.sqltype(one.type)).alias(one.name)


def cast(name: str, type_: str) -> Expression:
    return ColumnExpression(name).cast(duckdb.sqltype(type_))
