"""Whether an operator and its value suit the column that they compare."""

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
from duckmart.errors import Problem, did_you_mean, nearest, phrase
from duckmart.spec.operators import USER_OPERATORS, Operator, OperatorRow, Takes
from duckmart.spec.paths import PROBLEMS_PER_LIST, Path, problem
from duckmart.spec.segment import ColumnFilter, EventFilter
from duckmart.spec.values import MAX_DAYS, MAX_YEARLY_DAYS, quote


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a spec is checked against: the data, the zone of its days, and the moment it counts back from."""

    catalog: Catalog
    zone: ZoneInfo
    as_of: datetime


def unknown_column(path: Path, name: str, columns: Mapping[str, Column], what: str) -> Problem:
    """The problem that there is no such column; its hint names the columns that there are."""
    all_names = f"known: {', '.join(columns)}" if columns else f"the data has no {what} that fits"
    hint = did_you_mean(name, columns) or all_names
    return problem(path, f"unknown_{what}", f"unknown {what} {quote(name)}", hint, nearest(name, columns))


def comparison_problems(
    path: Path,
    node: ColumnFilter | EventFilter,
    column: Column,
    operators: Mapping[Operator, OperatorRow],
    zone: ZoneInfo,
) -> Iterator[Problem]:
    """Why a column, or a measure as a column, cannot be compared with a value as `node` says."""
    problems = list(operator_problems(path, node, column, operators))
    yield from problems
    if not any(one.code == "unsuited_operator" for one in problems):
        yield from _values((*path, "value"), node.value, operators[node.operator], column, zone)


def operator_problems(
    path: Path, node: ColumnFilter | EventFilter, column: Column, operators: Mapping[Operator, OperatorRow]
) -> Iterator[Problem]:
    """Why a column's operator does not suit it, or has a key that it does not take."""
    row = operators.get(node.operator)
    if row is None or column.kind not in row.kinds:
        suitable = tuple(other for other, facts in operators.items() if column.kind in facts.kinds)
        message = phrase(
            "{operator} does not suit {name!r}, a {kind} field",
            operator=node.operator,
            name=column.name,
            kind=column.kind,
        )
        hint = phrase("one of: {operators}", operators=suitable)
        yield problem((*path, "operator"), "unsuited_operator", message, hint)
        return
    if node.case_sensitive and row.takes is not Takes.FRAGMENT:
        suitable = tuple(other for other, facts in USER_OPERATORS.items() if facts.takes is Takes.FRAGMENT)
        message = phrase("{operator} compares letters as they are", operator=node.operator)
        hint = phrase("remove it; it suits {operators}", operators=suitable)
        yield problem((*path, "case_sensitive"), "wrong_key", message, hint)


def _values(path: Path, value: Any, row: OperatorRow, column: Column, zone: ZoneInfo) -> Iterator[Problem]:
    many = isinstance(value, tuple)

    def wrong(code: str, template: str, hint: str, **terms: object) -> Problem:
        return problem(path, code, phrase(template, operator=row.operator, **terms), hint)

    match row.takes:
        case Takes.NOTHING:
            if value is not None:
                yield wrong("wrong_key", "{operator} takes no value", "remove it")
        case _ if value is None:
            yield wrong("missing", "{operator} needs a value", f"add {_SHAPES[row.takes]}")
        case Takes.LIST | Takes.PAIR if not many:
            of_list = phrase("write [{value}]", value=quote(value))
            hint = of_list if row.takes is Takes.LIST else "write [low, high]"
            yield wrong("wrong_value", "{operator} takes {shape}", hint, shape=_SHAPES[row.takes])
        case Takes.PAIR if len(value) != 2:
            message = "{operator} takes two values, not {count}"
            yield wrong("wrong_value", message, "[low, high]", count=len(value))
        case Takes.LIST | Takes.PAIR:
            yield from _each(path, value, row, column, zone)
        case _ if many:
            hint = phrase("write one value, or use {one} or {other}", one=Operator.IN, other=Operator.NOT_IN)
            yield wrong("wrong_value", "{operator} takes one value", hint)
        case Takes.DAYS | Takes.RANK | Takes.PERCENT:
            yield from _SIZES[row.takes](path, value, row)
        case _:
            yield from filter(None, [_value(path, value, row, column)])


_SHAPES = {
    Takes.ONE: "one value",
    Takes.PAIR: "a low and a high value",
    Takes.LIST: "a list",
    Takes.PATTERN: "a pattern",
    Takes.FRAGMENT: "a text",
    Takes.DAYS: "a number of days",
    Takes.RANK: "a number of users",
    Takes.PERCENT: "a percentage",
}


_ORDER_INSTEAD = phrase(
    "write a whole number, or use {gt}, {gte}, {lt} or {lte}",
    gt=Operator.GT,
    gte=Operator.GTE,
    lt=Operator.LT,
    lte=Operator.LTE,
)


def _each(
    path: Path, cells: Iterable[Any], row: OperatorRow, column: Column, zone: ZoneInfo
) -> Iterator[Problem]:
    cells = tuple(cells)
    bad = (_value((*path, place), cell, row, column) for place, cell in enumerate(cells))
    problems = list(islice(filter(None, bad), PROBLEMS_PER_LIST))
    yield from problems
    # Two bounds are compared only if both are values of the column.
    if row.takes is Takes.PAIR and not problems:
        low, high = cells
        dated = column.kind.is_dated
        if instants.is_reversed(low, high, zone) if dated else low > high:
            yield reversed_bounds(path)


def _days(path: Path, cell: Any, row: OperatorRow) -> Iterator[Problem]:
    # An anniversary may be today, but the last 0 days are no time.
    fewest, most = (0, MAX_YEARLY_DAYS) if row.yearly else (1, MAX_DAYS)
    # In Python, True is an int.
    is_integer = isinstance(cell, int) and not isinstance(cell, bool)
    if not is_integer or not fewest <= cell <= most:
        hint = f"write a whole number from {fewest} to {most:,}"
        yield problem(path, "wrong_value", f"{quote(cell)} is not a number of days", hint)


def _rank(path: Path, cell: Any, row: OperatorRow) -> Iterator[Problem]:
    if not isinstance(cell, int) or isinstance(cell, bool) or cell < 1:
        hint = "write a whole number, at least 1"
        yield problem(path, "wrong_value", f"{quote(cell)} is not a number of users", hint)


def _percent(path: Path, cell: Any, row: OperatorRow) -> Iterator[Problem]:
    if not isinstance(cell, int | Decimal) or isinstance(cell, bool) or not 0 < cell <= 100:
        hint = "write a number above 0, up to 100"
        yield problem(path, "out_of_range", f"{quote(cell)} is not a percentage", hint)


_SIZES = {Takes.DAYS: _days, Takes.RANK: _rank, Takes.PERCENT: _percent}


def _value(path: Path, cell: object, row: OperatorRow, column: Column) -> Problem | None:
    """Why a value cannot be compared with the column, if it cannot."""
    name, kind = column.name, column.kind
    if not kind.holds(cell):
        message = phrase(
            "{name!r} is a {kind} field, {cell} is not a {element}",
            name=name,
            kind=kind,
            element=kind.element or kind,
            cell=quote(cell),
        )
        return problem(path, "wrong_type", message, kind.advice_for(cell, quote(cell)))
    if kind.is_dated:
        return _date(path, str(cell), column)
    # `age > 17.5` makes sense on whole numbers, `age = 17.5` never holds.
    if column.whole and isinstance(cell, Decimal) and not row.orders:
        message = phrase("{name!r} holds whole numbers, {cell} is none", name=name, cell=cell)
        return problem(path, "wrong_value", message, _ORDER_INSTEAD)
    return None


def _date(path: Path, cell: str, column: Column) -> Problem | None:
    try:
        value: date = instants.parse(cell)
    except ValueError:
        hint = "write 2026-11-22" + (" or 2026-11-22T09:30:00Z" if column.kind.has_time else "")
        message = f"{quote(cell)} is not a date that {column.name!r} could hold"
        return problem(path, "wrong_value", message, hint)
    if not column.kind.has_time and isinstance(value, datetime):
        message = f"{column.name!r} holds dates, {quote(cell)} is a time"
        return problem(path, "wrong_value", message, "write the date alone")
    return None
