"""Whether an operator and its value suit the column that they are about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from duckmart import instants
from duckmart.catalog import Catalog, Column
from duckmart.check.keys import reversed_bounds
from duckmart.errors import Problem, did_you_mean, nearest
from duckmart.spec.operators import USER_OPERATORS, Operator, Row, Takes
from duckmart.spec.segment import PROBLEMS_PER_LIST, ColumnFilter, EventFilter, Path, problem
from duckmart.spec.values import MAX_DAYS, shown


@dataclass(frozen=True, slots=True)
class Against:
    """What a spec is checked against: the data, the zone of its days, and the moment it counts back from."""

    catalog: Catalog
    zone: ZoneInfo
    as_of: datetime


def known_column(path: Path, name: str, columns: Mapping[str, Column], what: str) -> Problem:
    """That there is no such column, and which there are."""
    known = f"known: {', '.join(columns)}" if columns else f"the data has no {what} that fits"
    hint = did_you_mean(name, columns) or known
    return problem(path, f"unknown_{what}", f"unknown {what} {shown(name)}", hint, nearest(name, columns))


def compared(
    path: Path,
    node: ColumnFilter | EventFilter,
    column: Column,
    operators: Mapping[Operator, Row],
    zone: ZoneInfo,
) -> Iterator[Problem]:
    """What keeps a column (or a measure, as the column it would be) from being compared as `node` says."""
    row = operators.get(node.operator)
    if row is None or column.kind not in row.kinds:
        suited = ", ".join(other for other, facts in operators.items() if column.kind in facts.kinds)
        message = f"{node.operator!s} does not suit {column.name!r}, a {column.kind} field"
        yield problem((*path, "operator"), "unsuited_operator", message, f"one of: {suited}")
        return
    if node.case_sensitive and row.takes is not Takes.FRAGMENT:
        fitting = ", ".join(other for other, facts in USER_OPERATORS.items() if facts.takes is Takes.FRAGMENT)
        message = f"{node.operator!s} compares letters as they are"
        yield problem((*path, "case_sensitive"), "wrong_key", message, f"remove it; it suits {fitting}")
    yield from _values((*path, "value"), node.value, row, column, zone)


def _values(path: Path, value: Any, row: Row, column: Column, zone: ZoneInfo) -> Iterator[Problem]:
    many = isinstance(value, tuple)
    match row.takes:
        case Takes.NOTHING:
            if value is not None:
                yield problem(path, "wrong_key", f"{row.operator!s} takes no value", "remove it")
        case _ if value is None:
            yield problem(path, "missing", f"{row.operator!s} needs a value", f"add {_SHAPES[row.takes]}")
        case Takes.LIST | Takes.PAIR if not many:
            hint = f"write [{shown(value)}]" if row.takes is Takes.LIST else "write [low, high]"
            yield problem(path, "wrong_value", f"{row.operator!s} takes {_SHAPES[row.takes]}", hint)
        case Takes.PAIR if len(value) != 2:
            yield problem(
                path, "wrong_value", f"{row.operator!s} takes two values, not {len(value)}", "[low, high]"
            )
        case Takes.LIST | Takes.PAIR:
            yield from _each(path, value, row, column, zone)
        case _ if many:
            hint = "write one value, or use in or not_in"
            yield problem(path, "wrong_value", f"{row.operator!s} takes one value", hint)
        case Takes.DAYS:
            yield from _days(path, value)
        case _:
            yield from filter(None, [_value(path, value, row, column)])


_SHAPES = {
    Takes.ONE: "one value",
    Takes.PAIR: "a low and a high value",
    Takes.LIST: "a list",
    Takes.PATTERN: "a pattern",
    Takes.FRAGMENT: "a text",
    Takes.DAYS: "a number of days",
}


def _each(path: Path, cells: Iterable[Any], row: Row, column: Column, zone: ZoneInfo) -> Iterator[Problem]:
    cells = tuple(cells)
    bad = (_value((*path, place), cell, row, column) for place, cell in enumerate(cells))
    found = list(islice(filter(None, bad), PROBLEMS_PER_LIST))
    yield from found
    if row.takes is Takes.PAIR and not found:
        low, high = cells
        dated = column.kind.is_dated
        if instants.is_reversed(low, high, zone) if dated else low > high:
            yield reversed_bounds(path)


def _days(path: Path, cell: Any) -> Iterator[Problem]:
    whole = isinstance(cell, int) and not isinstance(cell, bool)
    if not whole or not 1 <= cell <= MAX_DAYS:
        hint = f"write a whole number from 1 to {MAX_DAYS:,}"
        yield problem(path, "wrong_value", f"{shown(cell)} is not a number of days", hint)


def _value(path: Path, cell: object, row: Row, column: Column) -> Problem | None:
    """What keeps a value from being compared with the column."""
    name, kind = column.name, column.kind
    if not kind.holds(cell):
        message = f"{name!r} is a {kind} field, {shown(cell)} is not a {kind}"
        return problem(path, "wrong_type", message, kind.advice_for(cell, shown(cell)))
    if kind.is_dated:
        return _date(path, str(cell), column)
    if column.whole and isinstance(cell, Decimal) and not row.orders:
        hint = "write a whole number, or use gt, gte, lt or lte"
        return problem(path, "wrong_value", f"{name!r} holds whole numbers, {cell} is none", hint)
    return None


def _date(path: Path, cell: str, column: Column) -> Problem | None:
    try:
        parsed: date = instants.parse(cell)
    except ValueError:
        hint = "write 2026-11-22" + (" or 2026-11-22T09:30:00Z" if column.kind.has_time else "")
        message = f"{shown(cell)} is not a date that {column.name!r} could hold"
        return problem(path, "wrong_value", message, hint)
    if not column.kind.has_time and isinstance(parsed, datetime):
        message = f"{column.name!r} holds dates, {shown(cell)} is a time"
        return problem(path, "wrong_value", message, "write the date alone")
    return None
