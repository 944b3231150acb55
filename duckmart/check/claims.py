"""Claims: the values that a condition admits of its subject, beside those that the data can have.

They show which conditions contradict each other, and which always or never hold.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, assert_never

from duckmart import instants
from duckmart.catalog import Column
from duckmart.check import field_order
from duckmart.check.intervals import HIGHEST, LOWEST, End, Values, beside, end_at, points, union
from duckmart.check.keys import measure_column
from duckmart.check.kinds import CheckContext
from duckmart.spec import anniversaries
from duckmart.spec.measures import MEASURES, Gives
from duckmart.spec.operators import USER_OPERATORS, Operator, OperatorRow, Takes
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    ColumnFilter,
    EventFilter,
    EventMeasure,
    Group,
    PropertyFilter,
    SegmentFilter,
    SequenceFilter,
    Step,
    UserFilter,
    event_names,
)
from duckmart.spec.spans import Moment

# Longer lists are ids from a file: comparing them takes time, and people do not write them by hand.
LONGEST_LIST = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a condition says of its subject: the `values` it admits, and the `domain` the data allows."""

    subject: Hashable
    values: Values
    domain: Values

    @property
    def never_holds(self) -> bool:
        return not self.values & self.domain

    @property
    def always_holds(self) -> bool:
        return not ~self.values & self.domain


def claim(node: Child | PropertyFilter, context: CheckContext) -> Claim | None:
    """The claim of a condition without problems; None for patterns and other text comparisons."""
    catalog = context.catalog
    match node:
        case UserFilter():
            return _of_filter(node, catalog.attributes, context)
        case PropertyFilter():
            return _of_filter(node, catalog.properties, context)
        case EventFilter() if node.than is not None:
            return _of_pair(node, node.than, context)
        case EventFilter():
            return _of_measure(node, context)
        case SequenceFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator == "did")
        case SegmentFilter():
            return _yes_or_no(identity(node)[1:], yes=node.operator is Operator.IN)
        case Group():
            return _yes_or_no(identity(node)[1:], yes=not node.negate)
        case _:
            assert_never(node)


def holds_for_never(node: EventFilter, context: CheckContext) -> bool:
    """Whether the condition holds for users who never did it."""
    own = claim(node, context)
    if own is None:
        return USER_OPERATORS[node.operator].holds_for_unknown
    if MEASURES[node.measure.measure].with_zero:
        return bool(own.values & points([0], discrete=False))
    return own.values.unknown


def identity(node: Child | ColumnFilter | Step) -> tuple[Any, ...]:
    """A key that is equal for equal conditions, whatever the order of their lists.

    Its first part is the only one in which a condition differs from its complement.
    """
    match node:
        case ColumnFilter():
            return node.operator, node.field, _unordered(node.value), node.other_field, node.case_sensitive
        case EventFilter():
            if node.than is not None:
                return node.operator, _side(node), _side(node.than), node.times
            comparison = _unordered(node.compared_with), node.case_sensitive
            return node.operator, _events(node), node.measure, *comparison
        case SequenceFilter():
            steps = tuple(map(identity, node.steps))
            return node.operator, steps, node.within, node.window
        case Step():
            return node.absent, _unordered(node.event_name), frozenset(map(identity, node.where))
        case SegmentFilter():
            return node.operator, node.segment
        case Group():
            # A Counter and not a set: each of two equal children counts towards AT_LEAST.
            children = frozenset(Counter(map(identity, node.children)).items())
            return node.negate, node.logic_operator, node.at_least, children
        case _:
            assert_never(node)


def _side(node: EventMeasure) -> Hashable:
    return _events(node), node.measure


def _events(node: EventMeasure) -> Hashable:
    """The events that a condition is about, with its window."""
    where = frozenset(map(identity, node.where))
    return _unordered(node.event_name), where, node.window


def _unordered(value: Any) -> Hashable:
    hashable: Hashable = frozenset(value) if isinstance(value, tuple) else value
    return hashable


def _yes_or_no(subject: Hashable, *, yes: bool) -> Claim:
    return Claim(subject, points([yes], discrete=True), points([False, True], discrete=True))


def _of_filter(node: ColumnFilter, columns: Mapping[str, Column], context: CheckContext) -> Claim | None:
    column = columns[node.field]
    if node.other_field is not None:
        return Claim(*field_order.claim(node.operator, column, columns[node.other_field]))
    values = _admissible(node.operator, node.value, column, context)
    return None if values is None else Claim(node.field, values, column_values(column))


def _of_measure(node: EventFilter, context: CheckContext) -> Claim | None:
    column = _as_column(node, context)
    values = _admissible(node.operator, node.compared_with, column, context)
    if values is None:
        return None
    return Claim((_events(node), node.measure), values, _measurable(node, column, context))


def _as_column(node: EventMeasure, context: CheckContext) -> Column:
    """A measure as the column that it would be."""
    if node.measure.property is not None and node.row.gives is Gives.VALUE:
        return context.catalog.properties[node.measure.property]
    return measure_column(node.measure) or Column.of_measure(node.row, "count")


def _of_pair(node: EventFilter, than: EventMeasure, context: CheckContext) -> Claim:
    """The claim of two measures is about what is left of one without `times` the other."""
    values = ~_SIGNS[Operator.EQ] if node.operator is Operator.NE else _SIGNS[node.operator]
    subject = _side(node), _side(than), node.times
    return Claim(subject, values, _difference(node, than, context))


_ZERO = end_at(0)
# What a difference is, by how its two sides compare.
_SIGNS = {
    Operator.EQ: union([(_ZERO, _ZERO)], discrete=False),
    Operator.GT: union([(beside(_ZERO, 1), HIGHEST)], discrete=False),
    Operator.GTE: union([(_ZERO, HIGHEST)], discrete=False),
    Operator.LT: union([(LOWEST, beside(_ZERO, -1))], discrete=False),
    Operator.LTE: union([(LOWEST, _ZERO)], discrete=False),
}


def _difference(node: EventFilter, than: EventMeasure, context: CheckContext) -> Values:
    own, other = (_measurable(side, _as_column(side, context), context) for side in (node, than))
    unknown = own.unknown or other.unknown
    if not own.spans or not other.spans:
        return Values((), unknown)
    if _side(node) == _side(than) and node.times == 1:
        return union([(_ZERO, _ZERO)], discrete=False, unknown=unknown)
    low = _minus(own.spans[0][0], node.times, other.spans[-1][1], LOWEST)
    high = _minus(own.spans[-1][1], node.times, other.spans[0][0], HIGHEST)
    return union([(low, high)], discrete=False, unknown=unknown)


def _minus(end: End, times: int | Decimal, other: End, unbounded: End) -> End:
    if any(one in (LOWEST, HIGHEST) for one in (end, other)):
        return unbounded
    # Fractions, as ends may be decimals and floats.
    return end_at(Fraction(end[1]) - Fraction(times) * Fraction(other[1]))


def _admissible(operator: Operator, value: Any, column: Column, context: CheckContext) -> Values | None:
    row = USER_OPERATORS[operator]
    if row.negates is not None:
        # A negative operator is the complement of its positive one, for users without a value too.
        positive = _admissible(row.negates, value, column, context)
        return None if positive is None else ~positive
    discrete = _is_discrete(column)
    if operator is Operator.IS_NULL:
        return Values((), unknown=True, discrete=discrete)
    cells = value if isinstance(value, tuple) else (value,)
    if row.takes is Takes.DAYS:
        return (_yearly if row.yearly else _near)(row, value, column, context)
    # LIKE and the like admit texts that no interval describes.
    if operator not in _SPANS or len(cells) > LONGEST_LIST:
        return None
    ends = [_ends(cell, column, context) for cell in cells]
    return union(_SPANS[operator](ends), discrete=discrete)


# The interval that an operator admits, from the first and the last instant of each of its values.
_SPANS: dict[Operator, Any] = {
    Operator.EQ: lambda ends: ends,
    Operator.IN: lambda ends: ends,
    Operator.GT: lambda ends: [(beside(ends[0][1], 1), HIGHEST)],
    Operator.GTE: lambda ends: [(ends[0][0], HIGHEST)],
    Operator.LT: lambda ends: [(LOWEST, beside(ends[0][0], -1))],
    Operator.LTE: lambda ends: [(LOWEST, ends[0][1])],
    Operator.BETWEEN: lambda ends: [(ends[0][0], ends[1][1])],
}


def _ends(cell: Any, column: Column, context: CheckContext) -> tuple[End, End]:
    """A value as an interval: compared with a time, a date stands for its whole local day."""
    if column.kind.has_time:
        first, last = instants.first_moment(cell, context.zone), instants.moment(cell, context.zone)
        return end_at(first), end_at(last)
    end = end_at(column.kind.literal(cell))
    return end, end


def _near(row: OperatorRow, days: int, column: Column, context: CheckContext) -> Values:
    """The days until `as_of`, or after it."""
    moment = context.as_of
    around: tuple[date, date] = instants.days_before(moment, days), instants.days_after(moment, days)
    middle: date = moment
    if not column.kind.has_time:
        middle = instants.local_day(moment, context.zone)
        around = instants.shifted(middle, -days), instants.shifted(middle, days)
    start, end = (middle, around[1]) if row.ahead else (around[0], middle)
    return union([(beside(end_at(start), 1), end_at(end))], discrete=True)


def _yearly(row: OperatorRow, days: int, column: Column, context: CheckContext) -> Values | None:
    """The days that have an anniversary in the days up to `as_of` or from it on, in the years of the data."""
    if not isinstance(column.low, date) or not isinstance(column.high, date):
        return None
    # In its time zone, a time may be in another year.
    years = range(max(column.low.year - 1, date.min.year), min(column.high.year + 1, date.max.year) + 1)
    if len(years) > LONGEST_LIST:
        return None
    today = instants.local_day(context.as_of, context.zone)
    parts = anniversaries.parts(*anniversaries.window(today, days, ahead=row.ahead))
    pairs = filter(None, (part.days_in(year) for part in parts for year in years))
    ends = ([_ends(str(day), column, context) for day in pair] for pair in pairs)
    return union(((first[0], last[1]) for first, last in ends), discrete=True)


@lru_cache(1024)
def column_values(column: Column) -> Values:
    """The values that a column can have in the data, as far as the catalog knows."""
    discrete, unknown = _is_discrete(column), column.missing > 0
    # What is compared with values of a list is never a value itself.
    if column.complete and column.kind.element is None:
        cells = (str(cell) if column.kind.is_text else cell for cell, _ in column.values)
        return Values(points(cells, discrete).spans, unknown, discrete)
    # The catalog does not list all values of this column, so any other value is possible too.
    if not column.kind.is_ordered:
        return Values(((LOWEST, HIGHEST),), unknown, discrete)
    if column.low is None or column.high is None:
        return Values((), unknown, discrete)
    low = end_at(column.low) if _is_finite(column.low) else LOWEST
    high = end_at(column.high) if _is_finite(column.high) else HIGHEST
    return Values(((low, high),), unknown, discrete)


def _measurable(node: EventMeasure, column: Column, context: CheckContext) -> Values:
    """The values that a measure can have: users who never did it have 0, or no value."""
    row, catalog = node.row, context.catalog
    of = catalog.properties[node.measure.property] if node.measure.property else None
    if row.gives is Gives.VALUE and of is not None:
        return Values(column_values(of).spans, True, _is_discrete(column))
    low, high = end_at(0), HIGHEST
    match row.gives:
        case Gives.COUNT if row.is_plain_count:
            high = end_at(_most_often(node, context))
        case Gives.COUNT if of is None:
            high = end_at(_days(node, context))
        case Gives.COUNT if of is not None and of.complete:
            high = end_at(len(of.values))
        case Gives.AGE if catalog.oldest_event is not None:
            high = end_at((context.as_of - catalog.oldest_event).days + 1)
        # An average or a median lies between the smallest and the largest value of its property.
        case Gives.NUMBER if row.lies_between and of is not None:
            return Values(column_values(of).spans, True, _is_discrete(column))
        case Gives.NUMBER if not row.is_added_up:
            low = LOWEST
        case Gives.NUMBER if of is not None and of.low is not None and of.high is not None:
            # A sum has the sign of its values; how large it gets depends on how many there are.
            low = end_at(0) if of.low >= 0 else LOWEST  # type: ignore[operator]
            high = end_at(0) if of.high <= 0 else HIGHEST  # type: ignore[operator]
        case Gives.NUMBER:
            low = LOWEST
    return union([(low, high)], _is_discrete(column), unknown=not row.with_zero)


def _most_often(node: EventMeasure, context: CheckContext) -> int:
    names = event_names(node.event_name)
    # No user can have more events than there are.
    if ANY_EVENT in names:
        return context.catalog.event_total
    return sum(context.catalog.events.get(name, 0) for name in names)


def _days(node: EventMeasure, context: CheckContext) -> int:
    """The most local days that events of a window can be on."""
    span = node.window.span(Moment(context.as_of, context.zone))
    length = span.until - span.start(context.catalog.oldest_event)
    # The first and the last day may be cut, and clock changes make a short day fit in besides.
    days = max(length.days, 0) + 2
    if span.anchor is None:
        return days
    anchored = context.catalog.attributes[span.anchor.field].kind
    return min(days, span.anchor.days + (2 if anchored.has_time else 0))


def _is_discrete(column: Column) -> bool:
    return column.whole or column.kind.is_dated or column.kind.is_boolean


def _is_finite(cell: Any) -> bool:
    return not isinstance(cell, float) or math.isfinite(cell)
