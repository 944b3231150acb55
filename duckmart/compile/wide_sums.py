"""Sums and averages with more digits than a DECIMAL has: whole parts and fractions are compared apart.

sum(price) > 9000000000000000000.5    sum(floor(price)) + floor(f) > 9000000000000000000, or equal and
                                      f - floor(f) > 0.5, where f = sum(price - floor(price))
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import floor
from typing import Any

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile.comparison import certain
from duckmart.compile.query import value
from duckmart.spec.operators import Operator
from duckmart.spec.segment import EventFilter, EventMeasure

# The digits of the widest DECIMAL of DuckDB, Spark, Snowflake and others.
DIGITS = 38
# The SQL may be copied to a system with this many times more events.
_GROWTH = 1000
WIDEST = "DECIMAL(38, 0)"

Compare = Callable[[exp.Expr, exp.Expr], exp.Expr]


def _binary(operator: type[exp.Binary]) -> Compare:
    return lambda one, other: operator(this=one, expression=other)


# How whole parts that differ are compared, and how fractions are where the whole parts are the same.
_ORDERS: dict[Operator, tuple[Compare, Compare]] = {
    Operator.GT: (_binary(exp.GT), _binary(exp.GT)),
    Operator.GTE: (_binary(exp.GT), _binary(exp.GTE)),
    Operator.LT: (_binary(exp.LT), _binary(exp.LT)),
    Operator.LTE: (_binary(exp.LT), _binary(exp.LTE)),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """A number as its integer part and a fraction from 0 to below 1."""

    integer: exp.Expr
    fraction: exp.Expr

    @classmethod
    def of_sum(cls, integers: exp.Expr, fractions: exp.Expr | None) -> "Parts":
        """A total, from that of the whole parts and that of the fractions, if there are any."""
        if fractions is None:
            return cls(integers, exp.Literal.number(0))
        carried = exp.Add(this=integers, expression=_floor(fractions))
        return cls(carried, exp.Sub(this=fractions.copy(), expression=_floor(fractions.copy())))

    @classmethod
    def of_number(cls, number: int | Decimal, times: exp.Expr | None) -> "Parts":
        """A number of the spec, or so many times that number."""
        integer, fraction = floor(number), _fraction(number)
        if times is None:
            return cls(value(integer), value(fraction))
        integers = exp.Mul(this=value(integer), expression=exp.cast(times.copy(), WIDEST))
        if not fraction:
            return cls(integers, exp.Literal.number(0))
        return cls.of_sum(integers, exp.paren(exp.Mul(this=value(fraction), expression=times.copy())))


def is_wide(node: EventMeasure, catalog: Catalog) -> bool:
    """Whether a sum, or what it is compared with, may have more digits than one number has room for.

    Beside another measure, or ranked, none is: the check refuses those with too many digits in the data.
    """
    if not node.row.is_added_up or not isinstance(node, EventFilter) or node.than is not None or node.ranks:
        return False
    column = catalog.properties[node.measure.property or ""]
    events = max(catalog.event_total, 1) * _GROWTH
    bounds = node.compared_with if isinstance(node.compared_with, tuple) else (node.compared_with,)
    largest = max(map(size, bounds)) * (events if node.row.is_divided else 1)
    scale = max(map(decimals, bounds))
    if column.floating:  # a sum of these is a float, and compared as one
        return node.row.is_divided and digits(largest) + scale > DIGITS
    largest = max(largest, max(size(column.low), size(column.high)) * events)
    return digits(largest) + max(scale, decimals(column.low), decimals(column.high)) > DIGITS


def has_fractions(column: Column) -> bool:
    return not column.whole and not column.floating


def comparison(operator: Operator, total: Parts, thresholds: Any, times: exp.Expr | None) -> exp.Expr:
    """A total compared with one bound or two, or with `times` as much; NULL where the total is."""
    if operator is Operator.BETWEEN:
        low, high = thresholds
        pair = comparison(Operator.GTE, total, low, times), comparison(Operator.LTE, total, high, times)
        return exp.and_(*pair, copy=False)
    threshold = Parts.of_number(thresholds, times)
    same = exp.EQ(this=total.integer.copy(), expression=threshold.integer)
    if operator in (Operator.EQ, Operator.NE):
        fractions = exp.EQ(this=total.fraction.copy(), expression=threshold.fraction)
        equal = exp.and_(same, fractions, copy=False)
        return equal if operator is Operator.EQ else exp.not_(certain(equal, never_null=False), copy=False)
    of_integers, of_fractions = _ORDERS[operator]
    beyond = of_integers(total.integer.copy(), threshold.integer.copy())
    tie = exp.and_(same, of_fractions(total.fraction.copy(), threshold.fraction), copy=False)
    return exp.or_(beyond, tie, copy=False)


def _floor(number: exp.Expr) -> exp.Expr:
    return exp.Floor(this=number.copy())


def _fraction(number: int | Decimal) -> int | Decimal:
    """The number minus its integer part, exact: arithmetic of Decimals rounds to 28 digits."""
    scale = decimals(number)
    numerator, denominator = number.as_integer_ratio()
    rest = numerator * 10**scale // denominator % 10**scale
    return Decimal((0, tuple(map(int, str(rest))), -scale)) if rest else 0


def size(number: Any) -> int:
    """A whole number at least as far from 0; floats count as 0."""
    if not isinstance(number, int | Decimal):
        return 0
    return abs(int(number)) + 1


def digits(number: int) -> int:
    return len(str(number))


def decimals(number: Any) -> int:
    if not isinstance(number, Decimal):
        return 0
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
