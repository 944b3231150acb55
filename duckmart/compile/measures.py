"""The condition of an event filter on the aggregates of its CTE."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlglot import exp

from duckmart.catalog import Catalog, Column
from duckmart.compile import summaries, wide_sums
from duckmart.compile.comparison import COMPARE, Comparison, certain, or_zero
from duckmart.compile.events import value_of
from duckmart.compile.plan import Aggregate, EventCte, EventSummary
from duckmart.compile.planner import compared_aggregate, fraction_aggregate
from duckmart.compile.query import value
from duckmart.spec.measures import Gives
from duckmart.spec.operators import Operator
from duckmart.spec.segment import EventFilter, EventMeasure
from duckmart.spec.spans import Moment

_DAY_MICROSECONDS = 86_400_000_000
# A user's count of events times a whole number up to this one fits into 64 bits.
_SAFE = 10**9


def condition(node: EventFilter, cte: EventCte | EventSummary, catalog: Catalog, moment: Moment) -> exp.Expr:
    """An event filter's condition on the aggregates of its CTE; NULL where the measure has no value."""
    row, name = node.row, node.measure.property
    comparison = Comparison(node.operator, node.compared_with, node.case_sensitive)
    if isinstance(cte, EventSummary):
        aggregate = summaries.value_of(node, cte)
    else:
        aggregate = value_of(compared_aggregate(node, moment, catalog), cte)
    if row.gives is Gives.AGE:
        return _since(comparison, aggregate, moment)
    if isinstance(cte, EventSummary):
        return _count(node, comparison, aggregate, moment)
    if wide_sums.is_wide(node, catalog):
        return _wide(node, aggregate, cte, catalog)
    if row.is_divided:
        return _average(comparison, aggregate, value_of(Aggregate("known", name), cte))
    if name is not None and not row.with_zero:
        return comparison.of(aggregate, catalog.properties[name], moment)
    return _count(node, comparison, aggregate, moment)


def _count(node: EventFilter, comparison: Comparison, aggregate: exp.Expr, moment: Moment) -> exp.Expr:
    # Users who never did it have no row in the CTE, and did it 0 times.
    number = or_zero(aggregate)
    if node.operator is Operator.NE:
        return exp.NEQ(this=number, expression=value(node.compared_with))
    return comparison.of(number, Column.of_measure(node.row, node.row.measure), moment)


def has_no_value(
    node: EventMeasure, cte: EventCte | EventSummary, moment: Moment, catalog: Catalog
) -> exp.Expr:
    """Whether a user has no value for the measure; not for measures that are 0 without events."""
    if isinstance(cte, EventSummary):
        return summaries.value_of(node, cte).is_(exp.null())
    return value_of(compared_aggregate(node, moment, catalog), cte).is_(exp.null())


def _wide(node: EventFilter, total: exp.Expr, cte: EventCte, catalog: Catalog) -> exp.Expr:
    """A sum or an average whose digits do not fit into one number."""
    of = Aggregate("known", node.measure.property)
    count = value_of(of, cte) if node.row.is_divided else None
    if count is not None and catalog.properties[node.measure.property or ""].floating:
        return _average(Comparison(node.operator, node.compared_with), total, count, as_float=True)
    more = fraction_aggregate(node, catalog)
    fractions: exp.Expr | None = None if more is None else value_of(more, cte)
    if count is None:  # a user who never did it has a sum of 0
        total = or_zero(total)
        fractions = fractions and or_zero(fractions)
    parts = wide_sums.Parts.of_sum(total, fractions)
    return wide_sums.comparison(node.operator, parts, node.compared_with, count)


def _average(comparison: Comparison, total: exp.Expr, count: exp.Expr, *, as_float: bool = False) -> exp.Expr:
    """SUM compared with threshold * count, which is exact; SUM / COUNT would round."""

    def times(threshold: Any) -> exp.Expr:
        factor = count.copy()
        if as_float:
            return exp.Mul(this=exp.cast(value(threshold), exp.DType.DOUBLE), expression=factor)
        if isinstance(threshold, int) and abs(threshold) > _SAFE:
            factor = exp.cast(factor, "DECIMAL(38, 0)")
        return exp.Mul(this=value(threshold), expression=factor)

    if comparison.operator is Operator.BETWEEN:
        low, high = map(times, comparison.value)
        return exp.Between(this=total, low=low, high=high)
    if comparison.operator is Operator.NE:
        equal = exp.EQ(this=total, expression=times(comparison.value))
        return exp.not_(certain(equal, never_null=False), copy=False)
    return COMPARE[comparison.operator](total, times(comparison.value))


def _since(comparison: Comparison, time: exp.Expr, moment: Moment) -> exp.Expr:
    """Days since a time as a comparison of the time itself: more days are an earlier time."""
    as_of = moment.as_of
    match comparison.operator:
        case Operator.BETWEEN:
            low, high = comparison.value
            return exp.and_(
                exp.LTE(this=time.copy(), expression=value(_ago(as_of, low, up=True))),
                exp.GTE(this=time.copy(), expression=value(_ago(as_of, high))),
                copy=False,
            )
        case Operator.GTE:
            return exp.LTE(this=time, expression=value(_ago(as_of, comparison.value, up=True)))
        case Operator.GT:
            return exp.LT(this=time, expression=value(_ago(as_of, comparison.value)))
        case Operator.LTE:
            return exp.GTE(this=time, expression=value(_ago(as_of, comparison.value)))
        case Operator.LT:
            return exp.GT(this=time, expression=value(_ago(as_of, comparison.value, up=True)))
    exact = _ago(as_of, comparison.value)
    # Times are whole microseconds, so no age equals a number of days that is not.
    equal = exp.false() if exact != _ago(as_of, comparison.value, up=True) else time.eq(value(exact))
    if comparison.operator is Operator.EQ:
        return equal
    return exp.not_(certain(equal, never_null=False), copy=False)


def _ago(as_of: datetime, days: int | Decimal, *, up: bool = False) -> datetime:
    """The moment this many days of 24 hours before `as_of`; rounds the length to whole microseconds."""
    numerator, denominator = days.as_integer_ratio()
    length = numerator * _DAY_MICROSECONDS
    microseconds = -(-length // denominator) if up else length // denominator
    try:
        return as_of - timedelta(microseconds=microseconds)
    except OverflowError:
        return datetime.min
