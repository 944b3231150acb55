"""The condition of an event filter that compares one measure with another, and how many digits it takes.

sum(a) > 2 * sum(b)
avg(a) > 2 * sum(b)     sum(a) > 2 * sum(b) * count(a), as a quotient would be rounded
"""

from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile import summaries
from duckmart.compile.comparison import COMPARE, certain, or_zero
from duckmart.compile.events import value_of
from duckmart.compile.plan import Aggregate, EventCte, EventSummary
from duckmart.compile.planner import compared_aggregate
from duckmart.compile.query import value
from duckmart.compile.volumes import events_of
from duckmart.compile.wide_sums import WIDEST, decimals, digits, size
from duckmart.spec.measures import Gives
from duckmart.spec.operators import THAN_OPERATORS
from duckmart.spec.segment import EventFilter, EventMeasure, event_names
from duckmart.spec.spans import Moment

_DAY_MICROSECONDS = 86_400_000_000
# The calendar has fewer microseconds.
_MOST_MICROSECONDS = 10**18


@dataclass(frozen=True, slots=True)
class Quotient:
    """A measure as a number over a divisor, which is multiplied with the other side instead."""

    number: exp.Expr
    divisor: exp.Expr | None = None


def condition(
    node: EventFilter,
    left: EventCte | EventSummary,
    right: EventCte | EventSummary,
    catalog: Catalog,
    moment: Moment,
) -> exp.Expr:
    """Whether a measure compares with `times` as much of another one; NULL where either has no value.

    For an operator that negates another one, it is never NULL.
    """
    own, other = (
        _quotient(side, cte, catalog, moment)
        for (_, side), cte in zip(node.sides, (left, right), strict=True)
    )
    if all(side.row.gives is Gives.AGE for _, side in node.sides):  # both are in microseconds
        own, other = Quotient(own.number), Quotient(other.number)
    one = _product(own.number, other.divisor)
    another = _product(*_times(node, other.number, catalog), own.divisor)
    if is_floating(node, catalog):
        one, another = exp.cast(one, exp.DType.DOUBLE), exp.cast(another, exp.DType.DOUBLE)
    negated = THAN_OPERATORS[node.operator].negates
    comparison = COMPARE[negated or node.operator](one, another)
    return exp.not_(certain(comparison, never_null=False), copy=False) if negated else comparison


def _quotient(node: EventMeasure, cte: EventCte | EventSummary, catalog: Catalog, moment: Moment) -> Quotient:
    row = node.row
    number: exp.Expr
    if isinstance(cte, EventSummary):
        number = summaries.value_of(node, cte)
    else:
        number = value_of(compared_aggregate(node, moment, catalog), cte)
    if row.gives is Gives.AGE:
        microsecond = exp.var("MICROSECOND")
        ago = exp.DateDiff(this=value(moment.as_of), expression=number, unit=microsecond)
        return Quotient(ago, exp.cast(exp.Literal.number(_DAY_MICROSECONDS), WIDEST))
    if row.is_divided:
        assert isinstance(cte, EventCte)  # noqa: S101 - summaries have no averages
        known = value_of(Aggregate("known", node.measure.property), cte)
        return Quotient(number, exp.cast(known, WIDEST))
    return Quotient(or_zero(number) if row.with_zero else number)


def _times(node: EventFilter, number: exp.Expr, catalog: Catalog) -> tuple[exp.Expr, ...]:
    """The factors of so many times a number."""
    if node.times == 1 or node.than is None:
        return (number,)
    of = _property(node.than, catalog)
    if node.than.row.gives is Gives.AGE or (node.than.row.gives is Gives.VALUE and of and of.whole):
        number = exp.cast(number, WIDEST)  # its own type has no room for the product
    return value(node.times), number


def _product(*factors: exp.Expr | None) -> exp.Expr:
    present = (factor for factor in factors if factor is not None)
    return reduce(lambda one, other: exp.Mul(this=one, expression=other), present)


def is_floating(node: EventFilter, catalog: Catalog) -> bool:
    """Whether one of the two measures is made of binary fractions, so that both are compared as such."""
    return any(_is_floating(side, catalog) for _, side in node.sides)


def _is_floating(node: EventMeasure, catalog: Catalog) -> bool:
    of = _property(node, catalog)
    return of is not None and of.floating and node.row.gives is not Gives.COUNT


def _property(node: EventMeasure, catalog: Catalog) -> Column | None:
    return None if node.measure.property is None else catalog.properties[node.measure.property]


def most_digits(node: EventFilter, catalog: Catalog) -> int:
    """The digits that comparing two measures may take with this data; 0 where they are binary fractions."""
    if node.than is None or is_floating(node, catalog):
        return 0
    own, than = (_Size.of(side, catalog) for _, side in node.sides)
    if own.divisor == than.divisor == _DAY_MICROSECONDS:
        own, than = _Size(own.number), _Size(than.number)
    one, other = own.number * than.divisor, size(node.times) * than.number * own.divisor
    return digits(max(one, other)) + max(own.decimals, than.decimals + decimals(node.times))


@dataclass(frozen=True, slots=True)
class _Size:
    """How large a measure may be: its number and its divisor at most, and the decimals of the number."""

    number: int
    divisor: int = 1
    decimals: int = 0

    @classmethod
    def of(cls, node: EventMeasure, catalog: Catalog) -> "_Size":
        row, of = node.row, _property(node, catalog)
        events = max(1, events_of(event_names(node.event_name), catalog))
        if row.gives is Gives.AGE:
            return cls(_MOST_MICROSECONDS, _DAY_MICROSECONDS)
        if row.gives is Gives.COUNT or of is None:
            return cls(events)
        largest = max(size(of.low), size(of.high))
        scale = max(decimals(of.low), decimals(of.high))
        if row.is_added_up:
            return cls(largest * events, events if row.is_divided else 1, scale)
        # A median has one decimal more than its property.
        return cls(largest, 1, scale + row.lies_between)
